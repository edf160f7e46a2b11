"""Moments as people say them, in the customer's own time: a day, a time of day, both, or so long from now."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from bot.engine.needs.clock import nearest_time, times_in
from bot.engine.needs.days import COUNT, COUNT_ZH, count_of, days_in

_SOON = re.compile(
    rf"\b(?:in|within) (?P<count>{COUNT}|half an) (?P<unit>hour|hr|minute|min)s?(?:'s)?(?: time)?\b"
    rf"|(?P<count2>{COUNT_ZH})个?(?P<unit2>小时|分钟|钟头)(?:之?后|以后|之?内|以内)",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Moment:
    """A point in the customer's local time, how exact it was said, and the stretch of text that says it.

    `grain` is minute, hour, morning, noon, afternoon, evening, day, week or month.
    """

    at: datetime
    grain: str
    start: int
    end: int


def find_moments(text: str, now: datetime) -> list[Moment]:
    """Return the days and times a text names, in reading order; `now` is the customer's local time, naive.

    Weeks start on Monday: "next friday" and "下周五" are in the next week, a bare "friday" is the coming one.
    """
    days = list(days_in(text, now.date()))
    times = list(times_in(text, days))
    moments = []
    for start, end, day, grain in days:
        clock = nearest_time(times, start, end)
        if clock is None:
            moments.append(Moment(datetime.combine(day, datetime.min.time()), grain, start, end))
        else:
            times.remove(clock)
            begin, stop, minutes, exact = clock
            at = datetime.combine(day, datetime.min.time()) + timedelta(minutes=minutes)
            # "friday at 5" said on a Friday morning is today.
            if day == now.date() + timedelta(days=7) and at - timedelta(days=7) > now and _is_bare_day(text[start:end]):
                at -= timedelta(days=7)
            moments.append(Moment(at, exact, min(start, begin), max(end, stop)))
    for begin, stop, minutes, exact in times:
        at = datetime.combine(now.date(), datetime.min.time()) + timedelta(minutes=minutes)
        moments.append(Moment(at if at > now else at + timedelta(days=1), exact, begin, stop))
    moments += _spans_from_now(text, now)
    return sorted(moments, key=lambda moment: moment.start)


def _is_bare_day(said: str) -> bool:
    return not re.search(r"next|following|下", said, re.IGNORECASE)


def _spans_from_now(text: str, now: datetime) -> Iterator[Moment]:
    for match in _SOON.finditer(text):
        said = match["count"] or match["count2"]
        count = 0.5 if said.casefold() == "half an" else count_of(said)
        unit = (match["unit"] or match["unit2"]).casefold()
        is_hours = unit in ("hour", "hr", "小时", "钟头")
        at = now + (timedelta(hours=count) if is_hours else timedelta(minutes=count))
        yield Moment(at.replace(second=0, microsecond=0), "minute", *match.span())
