"""Budgets: limits, ranges and "about", in the currency named or the shop's own."""

from __future__ import annotations

import re
from typing import Any

from bot.engine.needs.numbers import NUMBER, value_of

CURRENCIES = {
    "USD": ("$", "usd", "us dollars", "dollars", "dollar", "bucks", "buck", "美元", "美金", "刀"),
    "EUR": ("€", "eur", "euros", "euro", "欧元"),
    "GBP": ("£", "gbp", "pounds", "pound", "quid", "英镑"),
    "CNY": ("¥", "cny", "rmb", "yuan", "人民币", "元", "块钱", "块"),
    "JPY": ("yen", "日元"),
    "HKD": ("hkd", "港币", "港元"),
}
_CODES = {name: code for code, names in CURRENCIES.items() for name in names}
_SYMBOL = r"[$€£¥]"
_UNIT = "|".join(re.escape(n) for n in sorted(_CODES, key=len, reverse=True) if n not in "$€£¥")


def _amount(prefix: str = "") -> str:
    """The pattern of an amount whose groups are named `{prefix}before`, `{prefix}number` and `{prefix}after`."""
    before, number, after = (f"?P<{prefix}{part}>" for part in ("before", "number", "after"))
    return rf"({before}{_SYMBOL})?\s?({number}{NUMBER})\s?({after}{_SYMBOL}|(?:{_UNIT})(?![a-z]))?"


# After these words a number is a measure, not money.
_MEASURE = r"(?!\s?(?:kg|kilos?|g|grams?|lbs?|litres?|liters?|l|ml|people|persons?|men|inch|inches|cm|mm|m|km|miles?|" \
    r"days?|weeks?|months?|hours?|minutes?|years?|stars?|%|percent|degrees?|watts?|lumens?|pairs?|pieces?|of\b|" \
    r"公斤|斤|克|升|人|寸|厘米|天|周|个|小时|岁|年|号|码|副|件|条|双|顶|辆)(?![a-z]))"

_MOST_BEFORE = r"(?:under|below|up to|upto|less than|cheaper than|no more than|not more than|not over|at most|within|" \
    r"max(?:imum)?(?: of)?|tops?|limit(?: is| of)?|budget(?:'s| is| of|:)?(?: about| around| up to| under)?|" \
    r"(?:i )?(?:can |want to |wanna )?spend(?: up to| about| around| max)?|i(?:'ve| have) (?:got )?|" \
    r"不超过|不要超过|最多|低于|小于|少于|预算(?:是|在|大概|大约|只有)?|控制在|顶多)"
_LEAST_BEFORE = r"(?:over|above|more than|at least|min(?:imum)?(?: of)?|starting (?:at|from)|from|高于|大于|至少|超过|起码)"
_ABOUT_BEFORE = r"(?:around|about|roughly|approximately|approx\.?|circa|~|大概|大约|差不多)"
_MOST_AFTER = r"(?:or less|or under|or below|max(?:imum)?|tops|at most|以内|以下|之内|内|不到|封顶)"
_LEAST_AFTER = r"(?:or more|and up|plus|minimum|以上|起)"
_ABOUT_AFTER = r"(?:-?ish|or so|左右|上下|的样子)"
_TO = r"(?:to|-|–|~|and|until|到|至)"

_ONE = _amount()
_RANGE = re.compile(rf"(?P<between>between|from)?\s?{_amount('low')}\s?{_TO}\s?{_amount('high')}{_MEASURE}\s?(?P<zh>之间)?", re.I)
_PATTERNS = (
    ("about", re.compile(rf"(?:{_ABOUT_BEFORE})\s?{_ONE}{_MEASURE}", re.I)),
    ("about", re.compile(rf"{_ONE}\s?{_ABOUT_AFTER}", re.I)),
    ("max", re.compile(rf"{_ONE}\s?{_MOST_AFTER}", re.I)),
    ("min", re.compile(rf"{_ONE}\s?{_LEAST_AFTER}", re.I)),
    ("max", re.compile(rf"(?<![a-z])(?:{_MOST_BEFORE})\s?(?:a |of )?{_ONE}{_MEASURE}", re.I)),
    ("min", re.compile(rf"(?<![a-z])(?:{_LEAST_BEFORE})\s?{_ONE}{_MEASURE}", re.I)),
)
_ABOUT_MARGIN = 0.2
_UNLIKELY = 10_000_000  # a phone or order number, not a price


def find_budget(text: str, currency: str) -> tuple[dict[str, Any], list[tuple[int, int]]]:
    """Return the budget and the places in the text that say it; both empty when none is said.

    "around 500" is 400 to 600; a named currency is given by its ISO code.
    """
    if match := _find_range(text):
        low, high = value_of(match["lownumber"]), value_of(match["highnumber"])
        if low is not None and high is not None:
            low = _scaled_like(match["lownumber"], match["highnumber"], low, high)
            code = _currency(match, ("low", "high")) or currency
            if low < high < _UNLIKELY:
                return {"min": low, "max": high, "currency": code}, [match.span()]
    for meaning, pattern in _PATTERNS:
        for match in pattern.finditer(text):
            amount = value_of(match["number"])
            if amount is None or not 0 < amount < _UNLIKELY:
                continue
            code = _currency(match, ("",)) or currency
            limits = {meaning: amount}
            if meaning == "about":
                limits = {"min": round(amount * (1 - _ABOUT_MARGIN), 2), "max": round(amount * (1 + _ABOUT_MARGIN), 2)}
            return {**limits, "currency": code}, [match.span()]
    return {}, []


def _find_range(text: str) -> re.Match[str] | None:
    """A range counts when it says between, a currency, or amounts that nothing else could be."""
    for match in _RANGE.finditer(text):
        named = any(match[name] for name in ("between", "zh", "lowbefore", "lowafter", "highbefore", "highafter"))
        if named or re.search(r"[kK百千万]|grand|thousand", match["highnumber"]):
            return match
    return None


def _scaled_like(low_text: str, high_text: str, low: float, high: float) -> float:
    """"3-5百" is 300 to 500, "1-2k" 1000 to 2000: the scale is said once."""
    scale = re.search(r"[百千万]|k|grand|thousand|hundred", high_text, re.I)
    if scale and not re.search(r"[百千万]|k|grand|thousand|hundred", low_text, re.I) and low < 10 <= high:
        return low * {"百": 100, "千": 1000, "万": 10000, "hundred": 100}.get(scale.group().lower(), 1000)
    return low


def _currency(match: re.Match[str], prefixes: tuple[str, ...]) -> str | None:
    for prefix in prefixes:
        for part in ("before", "after"):
            if name := match[f"{prefix}{part}"]:
                return _CODES.get(name.casefold())
    return None
