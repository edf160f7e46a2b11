from __future__ import annotations

from datetime import datetime

import pytest
from bot.engine.needs.dates import find_moments

WEDNESDAY = datetime(2026, 11, 25, 10, 0)


@pytest.mark.parametrize(
    ("text", "at", "grain"),
    [
        ("call me next tuesday afternoon", "2026-12-01T14:00:00", "afternoon"),
        ("by friday", "2026-11-27T00:00:00", "day"),
        ("on wednesday", "2026-12-02T00:00:00", "day"),
        ("before christmas", "2026-12-25T00:00:00", "day"),
        ("tomorrow at 5", "2026-11-26T17:00:00", "hour"),
        ("make it thursday 3pm", "2026-11-26T15:00:00", "hour"),
        ("monday at 10:30", "2026-11-30T10:30:00", "minute"),
        ("within 3 days", "2026-11-28T00:00:00", "day"),
        ("in two weeks", "2026-12-09T00:00:00", "day"),
        ("in an hour", "2026-11-25T11:00:00", "minute"),
        ("by the 24th", "2026-12-24T00:00:00", "day"),
        ("june 3rd", "2027-06-03T00:00:00", "day"),
        ("end of next month", "2026-12-31T00:00:00", "day"),
        ("next week", "2026-11-30T00:00:00", "week"),
        ("last friday", "2026-11-20T00:00:00", "day"),
        ("下周五之前", "2026-12-04T00:00:00", "day"),
        ("下周二下午给我打电话", "2026-12-01T14:00:00", "afternoon"),
        ("明早九点半", "2026-11-26T09:30:00", "minute"),
        ("周三晚上8点", "2026-11-25T20:00:00", "hour"),
        ("12月24号之前", "2026-12-24T00:00:00", "day"),
        ("三天内要", "2026-11-28T00:00:00", "day"),
        ("月底前", "2026-11-30T00:00:00", "day"),
        ("春节前", "2027-02-06T00:00:00", "day"),
    ],
)
def test_a_day_or_time_is_read(text: str, at: str, grain: str) -> None:
    (moment,) = find_moments(text, WEDNESDAY)
    assert (moment.at.isoformat(), moment.grain) == (at, grain)


@pytest.mark.parametrize(
    "text", ["for weekend trails", "周末骑行", "便宜一点的", "sat on it", "two of those", "size 42", "大一点"]
)
def test_what_is_no_day_is_none(text: str) -> None:
    assert find_moments(text, WEDNESDAY) == []


def test_a_time_later_today_on_a_bare_weekday_is_today() -> None:
    (moment,) = find_moments("wednesday at 5pm", WEDNESDAY)
    assert moment.at == datetime(2026, 11, 25, 17, 0)
