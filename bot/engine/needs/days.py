"""Days as people say them: "by friday", "下周二", "in two weeks", "the 24th"."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import date, timedelta

from dateutil.relativedelta import relativedelta

from bot.engine.needs.feasts import FEAST, feast_after
from bot.engine.needs.numbers import value_of

_DAYS_EN = {
    "monday": 0, "mon": 0, "tuesday": 1, "tues": 1, "tue": 1, "wednesday": 2, "weds": 2, "wed": 2, "thursday": 3,
    "thurs": 3, "thur": 3, "thu": 3, "friday": 4, "fri": 4, "saturday": 5, "sat": 5, "sunday": 6, "sun": 6,
}  # fmt: skip
_DAYS_ZH = {
    "一": 0,
    "二": 1,
    "三": 2,
    "四": 3,
    "五": 4,
    "六": 5,
    "日": 6,
    "天": 6,
    "末": 5,
    "1": 0,
    "2": 1,
    "3": 2,
    "4": 3,
    "5": 4,
    "6": 5,
}
_MONTHS = {
    name: number
    for number, names in enumerate(
        ("january jan", "february feb", "march mar", "april apr", "may", "june jun", "july jul", "august aug",
         "september sept sep", "october oct", "november nov", "december dec"), start=1,
    )
    for name in names.split()
}  # fmt: skip
_DAY = "|".join(_DAYS_EN)
_MONTH = "|".join(_MONTHS)
COUNT = r"(?:\d{1,3}|an?|one|two|three|four|five|six|seven|eight|nine|ten|twelve|a couple of|a few)"
# "weekend trails" are no weekend.
_NO_NOUN = r"(?!s)(?!\s(?!please|if|and|or|at|so|but|when|because|thanks|is|i|we)[a-z])"
COUNT_ZH = r"(?:\d{1,3}|[一二两三四五六七八九十]{1,3}|几|半)"

Rule = tuple[re.Pattern[str], Callable[[re.Match[str], date], tuple[date, str] | None]]


def days_in(text: str, today: date) -> Iterator[tuple[int, int, date, str]]:
    """Yield (start, end, day, grain); where two rules read the same words, the first of them counts."""
    taken: list[tuple[int, int]] = []
    for pattern, read in _DAY_RULES:
        for match in pattern.finditer(text):
            if any(begin < match.end() and stop > match.start() for begin, stop in taken):
                continue
            if found := read(match, today):
                taken.append(match.span())
                yield (*match.span(), *found)


def _calendar_day(match: re.Match[str], today: date) -> tuple[date, str] | None:
    """A day of the month, with or without month and year: the next one that there is."""
    parts = match.groupdict()
    month_text = (parts.get("month") or "").casefold().rstrip(".")
    month = _MONTHS.get(month_text) or (int(month_text) if month_text.isdigit() else None)
    day = int(value_of(parts["day"]) or 0)
    if parts.get("year"):
        return _valid(int(parts["year"]), month or today.month, day)
    if month is None:
        candidates = [today + relativedelta(months=n) for n in range(3)]
        dates = (_valid(c.year, c.month, day) for c in candidates)
    else:
        dates = (_valid(year, month, day) for year in (today.year, today.year + 1))
    return next((found for found in dates if found and found[0] >= today), None)


def _valid(year: int, month: int, day: int) -> tuple[date, str] | None:
    try:
        return date(year, month, day), "day"
    except ValueError:
        return None


def _weekday(match: re.Match[str], today: date) -> tuple[date, str] | None:
    which = (match["which"] or "").casefold().strip()
    name = match["day"].casefold()
    weekday = _DAYS_EN.get(name, _DAYS_ZH.get(name, 0))
    monday = today - timedelta(days=today.weekday())
    weeks = {
        "next": 1,
        "the following": 1,
        "下": 1,
        "下个": 1,
        "下下": 2,
        "下下个": 2,
        "last": -1,
        "上": -1,
        "上个": -1,
    }.get(which)
    if weeks is not None:
        return monday + timedelta(days=weekday, weeks=weeks), "day"
    day = monday + timedelta(days=weekday)
    this_week = which in ("this", "这", "本", "这个")
    if day < today or (day == today and not this_week):
        day += timedelta(weeks=1)
    return day, "day"


def _weekend(match: re.Match[str], today: date) -> tuple[date, str]:
    saturday = today - timedelta(days=today.weekday()) + timedelta(days=5)
    which = (match["which"] or "").casefold()
    if which in ("next",) or which.startswith("下"):
        return saturday + timedelta(weeks=1), "day"
    return max(saturday, today), "day"


def _later(unit: str, count: float) -> relativedelta | None:
    whole = int(count)
    return {
        "day": relativedelta(days=whole), "天": relativedelta(days=whole), "日": relativedelta(days=whole),
        "week": relativedelta(weeks=whole), "周": relativedelta(weeks=whole), "星期": relativedelta(weeks=whole),
        "礼拜": relativedelta(weeks=whole), "fortnight": relativedelta(weeks=2 * whole),
        "month": relativedelta(months=whole), "月": relativedelta(months=whole),
    }.get(unit)  # fmt: skip


def _in_days(match: re.Match[str], today: date) -> tuple[date, str] | None:
    delta = _later(match["unit"].casefold(), count_of(match["count"]))
    return (today + delta, "day") if delta else None


def count_of(text: str) -> float:
    """What a count says: "a couple of" is 2, "半" a half."""
    text = text.casefold()
    special = {"a": 1, "an": 1, "a couple of": 2, "a few": 3, "几": 3, "半": 0.5}
    return special.get(text) or value_of(text) or 1


def _plus(days: int) -> Callable[[re.Match[str], date], tuple[date, str]]:
    return lambda match, today: (today + timedelta(days=days), "day")


def _next_week(match: re.Match[str], today: date) -> tuple[date, str]:
    weeks = 2 if match.group().startswith("下下") else 1
    return today - timedelta(days=today.weekday()) + timedelta(weeks=weeks), "week"


def _end_of_week(match: re.Match[str], today: date) -> tuple[date, str]:
    next_week = "next" in match.group().casefold()
    return today - timedelta(days=today.weekday()) + timedelta(days=6, weeks=next_week), "day"


def _next_month(match: re.Match[str], today: date) -> tuple[date, str]:
    return today.replace(day=1) + relativedelta(months=1), "month"


def _end_of_month(match: re.Match[str], today: date) -> tuple[date, str]:
    after = 2 if re.search("next|下", match.group(), re.IGNORECASE) else 1
    return today.replace(day=1) + relativedelta(months=after) - timedelta(days=1), "day"


def _feast(match: re.Match[str], today: date) -> tuple[date, str] | None:
    day = feast_after(match.group(), today)
    return (day, "day") if day else None


def _rule(pattern: str, read: Callable[[re.Match[str], date], tuple[date, str] | None]) -> Rule:
    return re.compile(pattern, re.IGNORECASE), read


def _slashed_day(match: re.Match[str], today: date) -> tuple[date, str] | None:
    """ "27/11": of day first and month first the one that there is, and of two the nearer: people speak of soon."""
    first, second = (int(match[name] or match[f"{name}2"]) for name in ("first", "second"))
    days = []
    for day, month in ((first, second), (second, first)):
        for year in (today.year, today.year + 1):
            if (found := _valid(year, month, day)) and found[0] >= today:
                days.append(found)
                break
    return min(days, default=None)


def _chinese_day(match: re.Match[str], today: date) -> tuple[date, str] | None:
    month, day = value_of(match["month"]), value_of(match["day"])
    if not month or not day:
        return None
    dates = (_valid(year, int(month), int(day)) for year in (today.year, today.year + 1))
    return next((found for found in dates if found and found[0] >= today), None)


def _sure_weekday(match: re.Match[str], today: date) -> tuple[date, str] | None:
    """ "sat", "sun" and "wed" are words of their own: days only after a word that asks for one."""
    if match["day"].casefold() in ("sat", "sun", "wed", "mon") and match.group().casefold() == match["day"].casefold():
        return None
    return _weekday(match, today)


def _any_weekend(match: re.Match[str], today: date) -> tuple[date, str]:
    saturday = today - timedelta(days=today.weekday()) + timedelta(days=5)
    which = (match["which"] or match["which2"] or "").casefold()
    return (saturday + timedelta(weeks=1) if which == "next" else max(saturday, today)), "day"


_DAY_RULES: tuple[Rule, ...] = (
    _rule(r"(?<!\d)(?P<year>20\d\d)[-/.年](?P<month>\d{1,2})[-/.月](?P<day>\d{1,2})[日号]?(?!\d)", _calendar_day),
    _rule(
        rf"\b(?P<month>{_MONTH})\.? (?:the )?(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?:,? (?P<year>20\d\d))?(?![\d:]|\s?[ap]m)",
        _calendar_day,
    ),
    _rule(
        rf"\b(?P<day>\d{{1,2}})(?:st|nd|rd|th)?(?: of)? (?P<month>{_MONTH})\b\.?(?:,? (?P<year>20\d\d))?", _calendar_day
    ),
    _rule(
        r"(?P<month>\d{1,2}|[一二三四五六七八九十]{1,2})月(?P<day>\d{1,2}|[一二三四五六七八九十]{1,3})[日号]?",
        _chinese_day,
    ),
    _rule(
        r"(?<=\b(?:on|by|me) )(?P<first>\d{1,2})/(?P<second>\d{1,2})(?![\d/])|(?<=before )(?P<first2>\d{1,2})/(?P<second2>\d{1,2})(?![\d/])",
        _slashed_day,
    ),
    _rule(r"\bthe (?P<day>\d{1,2})(?:st|nd|rd|th)\b(?! (?:one|bike|item|product|option|pair))", _calendar_day),
    _rule(r"(?<![\d第])(?P<day>\d{1,2})号(?=前|之前|以前|到|上午|下午|早上|晚上|要|用|送|给|打)", _calendar_day),
    _rule(r"\b(?:the )?day after tomorrow\b|大?后天", lambda m, t: _plus(3 if m.group().startswith("大") else 2)(m, t)),
    _rule(r"\b(?:tomorrow|tomorow|tommorow|tommorrow|tmrw|tmr)\b|明天|明日|明(?=早|晚)", _plus(1)),
    _rule(r"\b(?:today|tonight)\b|今天|今日|今(?=早|晚)", _plus(0)),
    _rule(r"\byesterday\b|昨天", _plus(-1)),
    _rule(
        rf"\b(?:(?P<which>next|this|the following|last)(?: week)?(?:'s)? |(?:on|by|before|until|coming) )?(?P<day>{_DAY})s?\b(?! (?:morning )?rides?\b)",
        _sure_weekday,
    ),
    _rule(
        r"(?P<which>下下个?|下个?|这个?|本|上个?)?(?:周|星期|礼拜)(?P<day>[一二三四五六日天]|[1-6](?!\d))(?![个本])",
        _weekday,
    ),
    _rule(r"\b(?:end of (?:the|this|next) week)\b", _end_of_week),
    _rule(
        rf"\b(?:for|by|before|on|until|during|over) (?P<which>the|this|next)? ?weekend\b{_NO_NOUN}|\b(?P<which2>this|next) weekend\b",
        _any_weekend,
    ),
    _rule(r"(?P<which>下个?|这个?|本)周末|周末(?=之?前)", _weekend),
    _rule(
        rf"\b(?:in|within|in the next) (?P<count>{COUNT}) (?P<unit>day|week|month|fortnight)s?(?:'s)?(?: time)?\b",
        _in_days,
    ),
    _rule(rf"\b(?P<count>{COUNT}) (?P<unit>day|week|month)s? (?:from now|from today|later)\b", _in_days),
    _rule(
        rf"(?P<count>{COUNT_ZH})个?(?P<unit>天|日|周|星期|礼拜|月)(?:之?内|以内|之?后|以后|(?:之|以)?前(?=要|到))",
        _in_days,
    ),
    _rule(r"\bend of (?:the|this|next) month\b|(?:这个?|本|下个?)?月底", _end_of_month),
    _rule(r"\bnext week\b|下下个?(?:周|星期|礼拜)|下个?(?:周|星期|礼拜)", _next_week),
    _rule(r"\bnext month\b|下个?月", _next_month),
    _rule(FEAST, _feast),
)
