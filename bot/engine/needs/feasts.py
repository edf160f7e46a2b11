"""Feast days that people count towards: "before christmas", "春节之前"."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, timedelta
from functools import cache

from dateutil.easter import easter
from holidays import country_holidays

_CHINESE = {
    "spring": "Chinese New Year (Spring Festival)",
    "dragon boat": "Dragon Boat Festival",
    "mid autumn": "Mid-Autumn Festival",
}


def _fixed(month: int, day: int) -> Callable[[int], date]:
    return lambda year: date(year, month, day)


def _nth_weekday(month: int, weekday: int, nth: int) -> Callable[[int], date]:
    def day(year: int) -> date:
        first = date(year, month, 1)
        return first + timedelta(days=(weekday - first.weekday()) % 7, weeks=nth - 1)

    return day


@cache
def _china(year: int) -> dict[str, date]:
    """The first day of each feast of the moon calendar."""
    named = country_holidays("CN", years=[year], language="en_US")
    found: dict[str, date] = {}
    for day, names in sorted(named.items()):
        for feast, name in _CHINESE.items():
            if name in names:
                found.setdefault(feast, day)
    return found


def _chinese(feast: str, fallback: tuple[int, int]) -> Callable[[int], date]:
    return lambda year: _china(year).get(feast, date(year, *fallback))


_FEASTS: tuple[tuple[str, Callable[[int], date]], ...] = (
    (r"christmas eve|xmas eve|平安夜", _fixed(12, 24)),
    (r"boxing day", _fixed(12, 26)),
    (r"christmas(?: day)?|xmas|x-mas|圣诞节?", _fixed(12, 25)),
    (r"new year'?s? eve|跨年", _fixed(12, 31)),
    (r"chinese new year|lunar new year|spring festival|春节|过年", _chinese("spring", (2, 10))),
    (r"new year(?:'?s)?(?: day)?|元旦|新年", _fixed(1, 1)),
    (r"valentine'?s?(?: day)?|情人节", _fixed(2, 14)),
    (r"easter(?: sunday)?|复活节", easter),
    (r"mother'?s day|母亲节", _nth_weekday(5, 6, 2)),
    (r"children'?s day|儿童节|六一", _fixed(6, 1)),
    (r"father'?s day|父亲节", _nth_weekday(6, 6, 3)),
    (r"dragon boat festival|端午节?", _chinese("dragon boat", (6, 15))),
    (r"mid-?autumn(?: festival)?|中秋节?", _chinese("mid autumn", (9, 20))),
    (r"national day|国庆节?|十一(?=前|之前|放假|假期|长假)", _fixed(10, 1)),
    (r"halloween|万圣节", _fixed(10, 31)),
    (r"black friday|黑色星期五|黑五", lambda year: _nth_weekday(11, 3, 4)(year) + timedelta(days=1)),
    (r"thanksgiving|感恩节", _nth_weekday(11, 3, 4)),
    (r"双十一|双11", _fixed(11, 11)),
)
FEAST = "|".join(rf"(?<![a-z])(?:{names})(?![a-z])" for names, _ in _FEASTS)


def feast_after(name: str, today: date) -> date | None:
    """The next day of that feast, today included; None for a name that is none."""
    for names, day_of in _FEASTS:
        if re.fullmatch(names, name, re.IGNORECASE):
            return next(day for year in (today.year, today.year + 1) if (day := day_of(year)) >= today)
    return None
