"""How many: "two helmets", "a dozen", "两副", and never an order number, a size or a person count."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from bot.engine.needs.matching import Found
from bot.engine.needs.numbers import value_of
from bot.engine.needs.words import Reading

_COUNT = r"\d{1,3}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|fifteen|twenty|thirty|fifty|a hundred"
_MEASURE_ZH = "个(?!人)|只|件|辆|台|双|副|顶|把|条|支|套|瓶|罐|包|盒|根|张|本|块(?!钱)|对|份|袋|款|箱|打|枚"
# What is sold in pairs: "a pair of gloves" is one.
_IN_PAIRS = re.compile(
    r"glove|shoe|boot|sock|short|pant|tight|trouser|jean|legging|glass|goggle|sandal|slipper|mitten|earring|sneaker|trainer|legging",
    re.I,
)

_EN = re.compile(
    rf"(?<![a-zA-Z0-9_$€£#-])(?<!\d[.,])(?:(?P<sets>half a dozen|half dozen|a dozen|a couple(?: of)?|couple of)|(?P<count>{_COUNT})(?![a-wyz\d]))"
    rf"(?P<times> ?x)?(?: (?P<unit>pairs?|sets?|pieces?|pcs|packs?|units|bottles?|boxes|copies|more|of))?(?: of)?(?![\d%]|[.,:]\d|\s?[-–]\s?\d)",
    re.IGNORECASE,
)
_X_BEFORE = re.compile(
    r"(?<![\w])x ?(?P<count>\d{1,3})\b|\bqty:? ?(?P<qty>\d{1,3})\b|\bquantity:? ?(?:of )?(?P<quantity>\d{1,3})\b",
    re.IGNORECASE,
)
_PAIR_OF = re.compile(r"\ba pair of\b", re.IGNORECASE)
_ZH = re.compile(
    rf"(?<![第\d前后])(?<!\d[.,])(?P<count>\d{{1,3}}|[一二两三四五六七八九十百]{{1,3}}|几)(?P<measure>{_MEASURE_ZH})(?![天月周星小号人])"
)
_NO_COUNT_AFTER = re.compile(
    r"\s?-?(?:people|persons?|men|man|women|kids|children|adults|inch(?:es)?|in(?!\s*[a-z])|cm|mm|m\b|km|miles?|days?|weeks?|months?|years?|hours?|minutes?|litres?|"
    r"liters?|l\b|kg|g\b|lbs?|speed|gears?|watts?|lumens?|stars?|%|percent|bucks|dollars?|euros?|pounds?|usd|grand|thousand|hundred|k\b|am\b|pm\b|"
    r"wheel|season|ply|way|layer|burner|door|seat(?:er)?|star|level|th\b|nd\b|rd\b|st\b|year|of us|times)",
    re.IGNORECASE,
)
_POINTED = re.compile(
    r"\s*(?:of )?(?:them|those|these|the (?:first|second|third|last)|that|this|it|the same|each|please|in total|$|[.!,?])",
    re.IGNORECASE,
)
_NOT_LEFT = re.compile(r"(?:size|sizes|number|option|no\.|the|top|at|level|version|model|first|last|type|between|under|over|than|to|for|about|around|spend|budget|is|"
                       r"year|or|and|page|least|most)\s?$", re.IGNORECASE)  # fmt: skip
_YET_COUNTS = re.compile(
    r"\b(?:and|or|the|(?:look(?:ing)?|search(?:ing)?|after|shopping|quote|price|ask(?:ing)?|hunting) for)\s?$",
    re.IGNORECASE,
)
_LOOK_BACK = 30  # characters before a number that say what it is
_LINK = re.compile(
    r"\s*(?:(?:of|more|new|extra|the|those|these|different|good|cheap|nice|spare|matching|more of|decent|-|x)\s*)*",
    re.IGNORECASE,
)


def find_quantity(reading: Reading, found: Sequence[Found], taken: Sequence[tuple[int, int]]) -> int | None:
    """Return how many are wanted, or None when the message does not say it."""
    text = reading.text
    if match := _X_BEFORE.search(text):
        return int(match["count"] or match["qty"] or match["quantity"])
    for match in _ZH.finditer(text):
        if _touches(match.span(), taken):
            continue
        count = value_of(match["count"])
        if match["measure"] in ("对", "双") and match["count"] == "一":
            continue
        # "一辆" is the article of Chinese; "1辆" is a count.
        if count and match["count"] != "一" and match["count"] != "几":
            return int(count) * (12 if match["measure"] == "打" else 1)
    starts = [reading.places[one.start][0] for one in found if one.kind not in ("use", "recipient", "priority")]
    if match := _PAIR_OF.search(text):
        thing = text[match.end() : match.end() + 40]
        if not _IN_PAIRS.search(thing):
            return 2
    for match in _EN.finditer(text):
        if _touches(match.span(), taken) or _NO_COUNT_AFTER.match(text, match.end()):
            continue
        left = text[max(0, match.start() - _LOOK_BACK) : match.start()]
        bare = match["count"] and match["unit"] is None and not match["times"]
        if bare and _NOT_LEFT.search(left) and not _YET_COUNTS.search(left):
            continue
        count = {"half a dozen": 6, "half dozen": 6, "a dozen": 12}.get((match["sets"] or "").casefold(), 2)
        if match["count"]:
            count = int(value_of(match["count"]) or 0)
        if count and (_counts_something(match, text, starts)):
            return count
    return None


def _counts_something(match: re.Match[str], text: str, starts: Sequence[int]) -> bool:
    end = match.end()
    link = _LINK.match(text, end)
    stop = link.end() if link else end
    near = any(end <= start <= stop + 1 for start in starts)
    if (
        near
        or match["times"]
        or (match["unit"] or "").casefold() in ("pairs", "pieces", "pcs", "units", "sets", "packs")
    ):
        return True
    # "2 waterproof jackets": a word or two may stand between.
    if any(
        end < start <= end + 24 and re.fullmatch(r"\s*(?:[a-z'-]+\s){1,2}", text[end:start], re.I) for start in starts
    ):
        return True
    pointed = _POINTED.match(text, end)
    return bool(pointed) and bool(
        re.search(
            r"(?:\b(?:take|want|need|have|get|add|order|buy|make it|make that|give me|i'll do|x|just|only|of|ok|yes|qty|like)\s*)$",
            text[max(0, match.start() - _LOOK_BACK) : match.start()],
            re.I,
        )
        or re.match(
            r"\s*(?:of )?(?:them|those|these|the (?:first|second|third|last)|that one|each|please|in total)",
            text[end:],
            re.I,
        )
    )


def _touches(span: tuple[int, int], taken: Sequence[tuple[int, int]]) -> bool:
    return any(begin < span[1] and stop > span[0] for begin, stop in taken)


_COUNT_BEFORE = re.compile(
    rf"(?:\b(?P<count>{_COUNT}|an?|one)|(?P<sets>half a dozen|a dozen|a couple of))(?:\s?x)?\s(?:pairs? of |of the |of |more |x )?"
    rf"(?:(?!(?:persons?|people|man|inch|season|litre|liter)\b)[a-z'-]+\s){{0,2}}$|(?P<zh>\d{{1,3}}|[一二两三四五六七八九十]{{1,3}})(?:{_MEASURE_ZH})\S{{0,3}}$",
    re.IGNORECASE,
)
_COUNT_BEHIND = re.compile(
    rf"\s*(?:的)?(?:我?要|来|买|拿|各)?(?P<zh>\d{{1,3}}|[一二两三四五六七八九十]{{1,3}})(?:{_MEASURE_ZH})|\s*[x×*]\s?(?P<count>\d{{1,3}})\b",
    re.IGNORECASE,
)


def counted_things(text: str, things: Sequence[tuple[dict[str, Any], tuple[int, int]]]) -> list[dict[str, Any]]:
    """Each thing named or pointed at with its own count, in reading order; empty when no count stands with any.

    "2 Doze Plus and a burner" gives `[{"product": "Doze Plus", "quantity": 2}, {"category": "Stoves", "quantity": 1}]`.
    """
    ordered = sorted(things, key=lambda thing: thing[1])
    counted, said = [], False
    for place, (thing, (start, end)) in enumerate(ordered):
        begin = ordered[place - 1][1][1] if place else 0
        stop = ordered[place + 1][1][0] if place + 1 < len(ordered) else len(text)
        before = _COUNT_BEFORE.search(text[max(begin, start - _LOOK_BACK) : start])
        behind = _COUNT_BEHIND.match(text[end:stop])
        number = _first_count(behind) or _first_count(before)
        said = said or number is not None
        counted.append({**thing, "quantity": number or 1})
    return counted if said else []


def _first_count(match: re.Match[str] | None) -> int | None:
    if match is None:
        return None
    groups = match.groupdict()
    if sets := groups.get("sets"):
        return {"half a dozen": 6, "a dozen": 12}.get(sets.casefold(), 2)
    said = groups.get("zh") or groups.get("count") or ""
    # "a helmet" is named, not counted.
    return None if said.casefold() in ("a", "an", "one") else int(value_of(said) or 1)
