"""What it is for, for whom, and what matters most, in the customer's own words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.engine.needs.matching import Found
from bot.engine.needs.numbers import value_of
from bot.engine.needs.words import Reading

_FOR_WHOM_EN = re.compile(
    r"(?:\b(?:for|to give|gift|present|my|our|his|her|their)\b[^,.;!?]{0,25}|'s )$", re.IGNORECASE
)
_SAYS_ONLY = re.compile(
    r"\s*(?:'s)?\s*(?:told|says?|said|recommended|suggested|has one|bought|sent me|works|推荐的?你|说|告诉|介绍|在你们|上次)",
    re.IGNORECASE,
)
_AGE = re.compile(
    r"\b(?:my |our |an? )?(?P<who>(?:\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)[- ]?"
    r"(?:year|yr)s?[- ]olds?(?: (?:son|daughter|boy|girl|kid|child|nephew|niece|grandson|granddaughter))?)\b"
    r"|(?P<who_zh>\d{1,2}岁(?:的)?(?:孩子|小孩|男孩|女孩|儿子|女儿|宝宝|小朋友)?)",
    re.IGNORECASE,
)
# "for" and a purpose: a doing word, with what it is done to, in or on.
_FOR_DOING = re.compile(
    r"\b(?:for|to go|going|go|when|while|use (?:it|them) (?:for|on|in))\s+(?P<use>(?:(?:long|short|daily|night|winter|summer|weekend|easy|hard|"
    r"solo|family|multi-?day|long-?distance|off-?road|cold|hot|wet) )?(?!looking|something|anything|buying|paying|being|having|getting|"
    r"doing|nothing|everything|king|wedding|making|taking|using|sharing|answering|asking|helping|sale|letting)[a-z]{3,}ing"
    r"(?P<tail> (?:in|on|to|at|around|through) (?:the |my |a )?(?:bad |cold |wet |deep |big )?(?!size|stock|general|case|time|least|all)[a-z]+)?)",
    re.IGNORECASE,
)
_TO_DO = re.compile(
    r"\b(?:to|i(?:'ll| will|'m going to)?|we) (?P<use>(?:commute|camp|hike|run|ride|ski|climb|fish|race|tour|travel|cycle|swim)"
    r"(?: (?:to|in|on) (?:the |my )?[a-z]+)?)\b",
    re.IGNORECASE,
)
_FOR_THING = re.compile(
    r"\bfor (?:(?:a|an|the|my|our|some|his|her) )?(?P<use>(?:[a-z]+[- ]){0,2}(?:trips?|trails?|rides?|walks?|hikes?|holidays?|journeys?|races?|"
    r"commutes?|treks?|tours?|adventures?|vacations?|party|parties|wedding|marathons?|triathlons?|expeditions?|winters?|summers?|"
    r"rain|snow|weather|mountains?|city|town|roads?|gravel|beach|garden|office|gym|school|work|home|kitchen|bedroom|birthday|"
    r"festivals?|nights? out|interviews?))\b(?! old)",
    re.IGNORECASE,
)
_YEARS = re.compile(
    r"\b(?P<age>\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve)[- ]?(?:years?|yrs?|yo)\b(?![- ](?:warranty|guarantee))"
    r"|\b(?:he'?s|she'?s|he is|she is|aged?|turning|turns) (?P<age2>\d{1,2})\b(?!\s?(?:cm|kg|kilos|ft|feet|inch))"
    r"|(?P<age3>\d{1,2}|[一二三四五六七八九十]{1,3})岁",
    re.IGNORECASE,
)
_WHOSE = re.compile(r"^(?:我的?|咱|my |our )")
_WEAK_LEAD = re.compile(r"^(?:the|my|our|a|an|some|this|that|these|next|his|her|new|good)\s+", re.IGNORECASE)


def find_use(reading: Reading, found: Sequence[Found], blocked: set[int]) -> str | None:
    """What the thing is for; the longest of the phrases that say it."""
    text = reading.text
    named = {i for one in found if one.kind != "use" for i in range(one.start, one.end)}
    phrases = [
        reading.span_text(one.start, one.end) for one in found if one.kind == "use" and _is_purpose(reading, one)
    ]
    for pattern in (_FOR_DOING, _FOR_THING, _TO_DO):
        for match in pattern.finditer(text):
            start, end = match.span("use")
            if match.groupdict().get("tail") and reading.words_in(*match.span("tail")) & named:
                end = match.start("tail")  # "hiking in black": the colour is not a part of the purpose
            if not reading.words_in(start, end) & blocked:
                phrases.append(_WEAK_LEAD.sub("", text[start:end]))
    if not phrases:
        return None
    return max(phrases, key=lambda phrase: (len(phrase), phrase)).strip().casefold()


def find_recipient(reading: Reading, found: Sequence[Found]) -> str | None:
    """Whom it is for, when not the customer: "my daughter", "送女朋友"."""
    for one in found:
        if one.kind != "recipient":
            continue
        begin, stop = reading.places[one.start][0], reading.places[one.end - 1][1]
        if _SAYS_ONLY.match(reading.text[stop : stop + 14]):
            continue
        said = reading.span_text(one.start, one.end)
        is_chinese = bool(re.search(r"[\u4e00-\u9fff]", said))
        if is_chinese or _FOR_WHOM_EN.search(reading.text[max(0, begin - 40) : begin]):
            return _WHOSE.sub("", said.casefold())
    if age := _AGE.search(reading.text):
        return (age["who"] or age["who_zh"]).casefold()
    return None


def find_age(text: str) -> int | None:
    """How old the one is whom it is for: "my 7 year old", "hes 10", "8岁"."""
    match = _YEARS.search(text)
    number = value_of(match["age"] or match["age2"] or match["age3"]) if match else None
    return int(number) if number and number < 100 else None


def find_priority(found: Sequence[Found], unwanted: set[Found]) -> str | None:
    """What matters most; the last word on it counts."""
    said = [one.value for one in found if one.kind == "priority" and one not in unwanted]
    return said[-1] if said else None


def _is_purpose(reading: Reading, one: Found) -> bool:
    """Whether a purpose is told and not only a thing: "at work" in a story is none."""
    begin = reading.places[one.start][0]
    left = reading.text[max(0, begin - 24) : begin].casefold()
    if re.search(r"[\u4e00-\u9fff]", reading.span_text(one.start, one.end)):
        return True
    return not re.search(r"(?:\bi am|\bi'm|\bhate|\blove|\bno|n't)\s$", left)
