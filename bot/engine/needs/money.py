"""Budgets: limits, ranges and "about", in the currency named or the shop's own."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.engine.needs.numbers import NUMBER, PATTERN, either_of, scale_of, value_of

_CURRENCY_NAMES = {
    "USD": ("$", "us$", "usd", "us dollars", "dollars", "dollar", "bucks", "buck", "美元", "美金", "美刀", "刀"),
    "EUR": ("€", "eur", "euros", "euro", "欧元"),
    "GBP": ("£", "gbp", "pounds", "pound", "quid", "英镑"),
    "CNY": ("cny", "rmb", "yuan", "人民币", "块钱", "元钱", "元", "块", "大洋"),
    "JPY": ("jpy", "yen", "日元", "日币"),
    "HKD": ("hk$", "hkd", "港币", "港元", "港纸"),
}
_CODES = {name: code for code, names in _CURRENCY_NAMES.items() for name in names} | {"¥": "CNY"}
_NAMES = "|".join(re.escape(name) for name in sorted(_CODES, key=len, reverse=True))
_BEFORE_AMOUNT = re.compile(rf"(?<![a-z])({_NAMES})\s?$", re.IGNORECASE)
_AFTER_AMOUNT = re.compile(rf"\s?({_NAMES})(?![a-z])", re.IGNORECASE)

# After these words a number is a measure, a count or a time, not money.
_MEASURE = re.compile(
    r"\s?-?(?:kg|kilos?|g|grams?|lbs?|oz|litres?|liters?|l|ml|people|persons?|men|man|women|inch(?:es)?|in(?!\s*[a-z])|cm|mm|m|km|"
    r"miles?|mi|days?|weeks?|wks?|months?|hours?|hrs?|h|minutes?|mins?|years?|yrs?|yo|stars?|percent|degrees?|watts?|w|"
    r"lumens?|pairs?|pieces?|pcs|speed|gears?|am|pm|th|st|nd|rd|of|x|times|or so of)(?![a-z])"
    r"|\s?(?:%|°|\"|'|公斤|斤|克|升|毫升|个?人|寸|英寸|厘米|公分|毫米|米|公里|天|周(?!边)|个|小时|分钟|岁|年|号|码|副|件|条|双|顶|辆"
    r"|把|台|只|支|瓶|套|点|月|日|位|星|倍|楼|次|款)",
    re.IGNORECASE,
)
_MONTH_BEFORE = re.compile(
    r"(?:jan|feb|mar|apr|may|june?|july?|aug|sept?|oct|nov|dec)[a-z]*\.?\s?$"
    r"|(?:size|sizes|number|no\.?|option|item|order|model|version|unit|at|page|room|code|year|since|in)\s?$"
    r"|(?:第|码|号|尺码)\s?$",
    re.IGNORECASE,
)

_MOST_LEFT = re.compile(
    r"(?:under|below|underneath|up to|upto|less than|cheaper than|lower than|no more than|not more than|not over|"
    r"nothing over|not above|nothing above|at most|within|inside|maximum|max|max\.|maximum of|max of|tops?|cap(?:ped)? at|"
    r"limit(?:ed)?(?: is| of| to| at)?|budget(?:'s|s| is| of|:| =)?(?: about| around| up to| under| only| roughly| max)?|"
    r"spend(?: up to| about| around| max| more than| over| at most)?|spending|afford|"
    r"(?:i|we)(?:'ve| have|'ve got| have got| got| only have)(?: about| around| only| up to)?|"
    r"exceed(?:ing)?|go over|over than|don't want to spend over|keep it under|stay under|<=?|≤|"
    r"不超过|不要超过|别超过|不能超过|不高于|不超出|最多|最高|至多|低于|小于|少于|不到|预算(?:是|在|大概|大约|只有|就|也就|有|为|最多|:)*|"
    r"控制在|顶多|只有|就|上限(?:是)?|封顶)"
    r"[\s:]*(?:(?:a|about|of|around|roughly|the|just|only|like|maybe|say|是|在|大概|大约)\s?)*$",
    re.IGNORECASE,
)
_LEAST_LEFT = re.compile(
    r"(?:over|above|more than|at least|minimum|min|min\.|minimum of|min of|starting at|starting from|from|upwards of|"
    r"north of|not less than|no less than|not under|not below|>=?|≥|高于|大于|至少|超过|起码|最低|最少|不低于|不少于|多于)[\s:]*$",
    re.IGNORECASE,
)
_NOT_LEAST = re.compile(
    r"(?:not|no|nothing|n't|never|don't go|without going|不要?|别|不能)\s*\S{0,6}\s*$", re.IGNORECASE
)
_ABOUT_LEFT = re.compile(
    r"(?:around|about|roughly|approximately|approx\.?|circa|something like|~|≈|close to|大概|大约|差不多|约|价位)"
    r"(?:\s?(?:the|是|在|要|花))*\s?$",
    re.IGNORECASE,
)
_MOST_RIGHT = re.compile(
    r"\s?(?:(?:or|and) (?:less|under|below|cheaper|lower)|max(?:imum)?(?![a-z])|tops(?![a-z])|at (?:the )?most|limit|budget|"
    r"is my (?:max|limit|budget)|以内|以下|之内|之下|内(?!胎)|封顶|的?预算|为上限|上限|打住)",
    re.IGNORECASE,
)
_LEAST_RIGHT = re.compile(
    r"\s?(?:or (?:more|above|over|up)|and (?:up|above|over)|\+|plus(?![a-z])|minimum|以上|往上|起(?!来)|多)", re.I
)
_ABOUT_RIGHT = re.compile(
    r"\s?(?:-?ish(?![a-z])|or so|or thereabouts|give or take|左右|上下|的样子|这样|附近|价位)", re.IGNORECASE
)
_RANGE_JOINT = re.compile(r"\s?(?:to|-|–|—|~|～|and|until|till|or|到|至)\s?", re.IGNORECASE)
_BETWEEN_LEFT = re.compile(r"(?:between|from|anywhere from|range(?: of)?|介于|在)\s?$", re.IGNORECASE)

_BARE = re.compile(
    rf"\s*(?:maybe|say|like|ok|um+|er+|嗯|大概|就)?,?\s*(?P<number>{PATTERN})\s*(?:please|pls|吧|的)?\s*[.!?。！？]*\s*",
    re.I,
)

_ABOUT_MARGIN = 0.2
_UNLIKELY = 10_000_000  # a phone or order number, not a price


@dataclass(frozen=True)
class Amount:
    """A number in the text and what stands around it."""

    start: int  # of the number or of the currency before it
    end: int  # after the number or the currency behind it
    said: str
    value: float
    currency: str | None
    left: str
    right: str


@dataclass(frozen=True)
class Budget:
    """What was said, as the needs give it, where it stands, and whether words of a limit were with it."""

    limits: dict[str, Any]
    place: tuple[int, int]
    explicit: bool


def find_budget(text: str, currency: str, taken: Iterable[tuple[int, int]] = ()) -> Budget | None:
    """Return the budget a text says, None when it says none; `taken` are stretches that mean something else.

    "around 500" is 400 to 600; a bare "$500" is the most to spend; a named currency is given by its ISO code.
    """
    amounts = list(_amounts(text, list(taken)))
    for low, high in zip(amounts, amounts[1:], strict=False):
        if limits := _range(low, high, text):
            code = high.currency or low.currency or currency
            return Budget({**limits, "currency": code}, (low.start, high.end), True)
    best: Budget | None = None
    for amount in amounts:
        found = _limits(amount)
        if found is None:
            continue
        limits, explicit = found
        budget = Budget({**limits, "currency": amount.currency or currency}, (amount.start, amount.end), explicit)
        # Of several, words of a limit count more than a bare price, and the last word more than the first.
        if best is None or budget.explicit >= best.explicit:
            best = budget
    return best


def bare_amount(text: str) -> float | None:
    """The number that is the whole message, "500" or "maybe 500?": it may answer a question about the budget."""
    match = _BARE.fullmatch(text)
    value = value_of(match["number"]) if match else None
    return _plain(value) if value is not None and 0 < value < _UNLIKELY else None


def _amounts(text: str, taken: list[tuple[int, int]]) -> Iterator[Amount]:
    for match in NUMBER.finditer(text):
        start, end = match.span()
        said = match.group()
        if any(begin < end and stop > start for begin, stop in taken):
            continue
        either = either_of(said)
        value = either[1] if either else value_of(said)
        if value is None or not 0 < value < _UNLIKELY:
            continue
        before = _BEFORE_AMOUNT.search(text[max(0, start - 12) : start])
        after = _AFTER_AMOUNT.match(text, end)
        name = (after or before) and (after or before)[1].casefold()
        start = start - len(before.group()) if before else start
        end = after.end() if after else end
        left, right = text[max(0, start - 40) : start], text[end : end + 20]
        if not name and (_MEASURE.match(right) or _MONTH_BEFORE.search(left)):
            continue
        yield Amount(start, end, said, value, _CODES.get(name) if name else None, left, right)


def _range(low: Amount, high: Amount, text: str) -> dict[str, float] | None:
    """ "between 40 and 60", "$40-60", "3-5百": a range says between, a currency, a scale or a limit."""
    joint = text[low.end : high.start]
    if not _RANGE_JOINT.fullmatch(joint):
        return None
    least, most = low.value, high.value
    if scale_of(high.said) > 1 and scale_of(low.said) == 1 and least < most / scale_of(high.said):
        least *= scale_of(high.said)  # "1-2k": the scale is said once
    says_between = _BETWEEN_LEFT.search(low.left) or re.match(r"\s?(?:之间|的?预算|价位)", high.right)
    is_money = low.currency or high.currency or scale_of(high.said) > 1 or _MOST_LEFT.search(low.left)
    is_joined = joint.strip().casefold() not in ("and", "or")
    if least >= most or not (says_between or (is_money and is_joined) or (is_joined and least >= 50)):
        return None
    return {"min": _plain(least), "max": _plain(most)}


def _plain(value: float) -> float:
    """Whole amounts without a decimal point."""
    return int(value) if value == int(value) else round(value, 2)


def _limits(amount: Amount) -> tuple[dict[str, float], bool] | None:
    if pair := either_of(amount.said):
        return {"min": _plain(pair[0]), "max": _plain(pair[1])}, True
    value = _plain(amount.value)
    if _ABOUT_RIGHT.match(amount.right) or (_ABOUT_LEFT.search(amount.left) and not _MOST_RIGHT.match(amount.right)):
        return {"min": _plain(value * (1 - _ABOUT_MARGIN)), "max": _plain(value * (1 + _ABOUT_MARGIN))}, True
    if _MOST_RIGHT.match(amount.right):
        return {"max": value}, True
    least = _LEAST_LEFT.search(amount.left)
    if least and _NOT_LEAST.search(amount.left[: least.start()]):
        return {"max": value}, True
    if _MOST_LEFT.search(amount.left):
        return {"max": value}, True
    if _LEAST_RIGHT.match(amount.right) or least:
        return ({"min": value}, True) if value >= 10 or amount.currency else None
    if amount.currency or (scale_of(amount.said) > 1 and value >= 100):
        return {"max": value}, False
    return None
