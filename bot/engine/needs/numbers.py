"""Numbers as people write them: 1,299.99, 1.5k, two grand, half a dozen, 一万五, 3千."""

from __future__ import annotations

import re

import cn2an

_UNITS = {
    word: number
    for number, word in enumerate(
        """zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen
    sixteen seventeen eighteen nineteen""".split()
    )
}
_TENS = {w: 10 * i for i, w in enumerate("twenty thirty forty fifty sixty seventy eighty ninety".split(), start=2)}
_SCALES = {"hundred": 100, "thousand": 1000, "grand": 1000, "k": 1000, "million": 1_000_000}
_ZH_SCALES = {"百": 100, "千": 1000, "万": 10_000}

_WORD = "|".join([*_UNITS, *_TENS])
_DIGITS = r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?"
_LONGEST = 60  # a longer number is none that anybody wrote down for its value
_ZH_DIGIT = "零〇一二两三四五六七八九"
# In order: digits with a scale, words that end in a scale, plain words, Chinese.
PATTERN = (
    rf"(?:{_DIGITS})(?:\s?(?:k|grand|thousand|hundred|million)(?![a-z])|\s?[百千万][\d{_ZH_DIGIT}]?)?"
    rf"|(?:(?:an?|{_WORD})(?:[ -](?:and )?(?:{_WORD}))*)(?:\s(?:hundred|thousand|grand|million)(?![a-z]))"
    rf"(?:\s(?:and\s)?(?:{_WORD})(?:[ -](?:{_WORD}))*(?:\s(?:hundred|thousand)(?![a-z]))?)*"
    rf"|(?:{_WORD})(?:[ -](?:{_WORD}))*(?![a-z])"
    rf"|[{_ZH_DIGIT}十百千万]+"
)
# A number that is not a part of a longer one, of a word or of a code.
NUMBER = re.compile(rf"(?<![a-z0-9#_])(?<!\d[.,])(?:{PATTERN})(?![0-9]|[.,]\d)", re.IGNORECASE)
_ZH_EITHER = re.compile(rf"([{_ZH_DIGIT[1:]}])([{_ZH_DIGIT[1:]}])([十百千万])")


def value_of(text: str) -> float | None:
    """The number a text says, or None: "two grand" is 2000, "一万五" 15000."""
    text = text.casefold().strip()
    if len(text) > _LONGEST:
        return None
    if re.search(r"[零〇一二两三四五六七八九十百千万]", text):
        try:
            return float(cn2an.cn2an(text.replace(" ", "").replace("〇", "零"), "smart"))
        except (ValueError, OverflowError):
            return None
    if match := re.fullmatch(r"(\d[\d,]*(?:\.\d+)?)\s?(k|grand|thousand|hundred|million)?", text):
        return float(match[1].replace(",", "")) * _SCALES.get(match[2] or "", 1)
    return _words_value(re.split(r"[\s-]+", text))


def either_of(text: str) -> tuple[float, float] | None:
    """The two numbers of "七八百" (700 or 800) and "一两千", None for anything else."""
    if match := _ZH_EITHER.fullmatch(text.strip()):
        low, high = (value_of(f"{digit}{match[3]}") for digit in match.groups()[:2])
        return (low, high) if low is not None and high is not None and low < high else None
    return None


def scale_of(text: str) -> int:
    """The scale a number ends with: 100 for "5百", 1000 for "2k" and "two grand", 1 for none."""
    match = re.search(r"([百千万])$|(k|grand|thousand|hundred|million)$", text.casefold().strip())
    if not match:
        return 1
    return _ZH_SCALES[match[1]] if match[1] else _SCALES[match[2]]


def _words_value(words: list[str]) -> float | None:
    total = group = 0
    said = False
    for word in words:
        if word in ("a", "an"):
            group = group or 1
        elif word in _UNITS or word in _TENS:
            # "one fifty" is 150, "twenty five" 25.
            group = group * 100 if word in _TENS and 0 < group < 10 else group
            group += _UNITS.get(word, 0) + _TENS.get(word, 0)
            said = True
        elif word in _SCALES:
            said = True
            group = max(group, 1) * _SCALES[word]
            if _SCALES[word] >= 1000:
                total, group = total + group, 0
        elif word != "and":
            return None
    return float(total + group) if said else None
