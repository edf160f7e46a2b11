"""Numbers as people write them: 1,299.99, 1.5k, two grand, half a dozen, 一万五, 3千."""

from __future__ import annotations

import re

import cn2an

UNITS = {
    w: i
    for i, w in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen
        seventeen eighteen nineteen""".split()
    )
}
TENS = {w: 10 * i for i, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}
SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000, "k": 1000, "million": 1_000_000}

_WORD = "|".join([*UNITS, *TENS])
ENGLISH = rf"(?:\d+(?:,\d{{3}})+(?:\.\d+)?|\d+(?:\.\d+)?)(?:\s?(?:k|grand|thousand|hundred)\b)?|" \
    rf"(?:(?:an?|{_WORD})(?:[ -](?:and )?(?:{_WORD}))*)(?:\s(?:hundred|thousand|grand)\b)" \
    rf"(?:\s(?:and\s)?(?:{_WORD})(?:[ -](?:{_WORD}))*(?:\shundred\b)?)*|" \
    rf"(?:{_WORD})(?:[ -](?:{_WORD}))*"
CHINESE = r"(?:\d+(?:\.\d+)?\s?[百千万]|[零一二两三四五六七八九十百千万]+(?:\.\d+)?)"
NUMBER = rf"(?:{ENGLISH}|{CHINESE})"


def value_of(text: str) -> float | None:
    """The number a text says, or None."""
    text = text.casefold().strip()
    if re.search(r"[零一二两三四五六七八九十百千万]", text):
        try:
            return float(cn2an.cn2an(text.replace(" ", ""), "smart"))
        except ValueError:
            return None
    if match := re.fullmatch(r"(\d[\d,]*(?:\.\d+)?)\s?(k|grand|thousand|hundred)?", text):
        return float(match[1].replace(",", "")) * SCALES.get(match[2] or "", 1)
    return _words_value(re.split(r"[\s-]+", text))


def _words_value(words: list[str]) -> float | None:
    total = group = 0
    said = False
    for word in words:
        if word in ("a", "an"):
            group = group or 1
        elif word in UNITS or word in TENS:
            group += UNITS.get(word, 0) + TENS.get(word, 0)
            said = True
        elif word in SCALES:
            said = True
            group = max(group, 1) * SCALES[word]
            if SCALES[word] >= 1000:
                total, group = total + group, 0
        elif word != "and":
            return None
    return float(total + group) if said else None
