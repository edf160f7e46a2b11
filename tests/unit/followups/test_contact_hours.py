"""The hours at which customers may be written to, in every time zone and on days when the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from crm_store.contact_hours import ContactHours

ZONES = (
    "Europe/London", "America/New_York", "Asia/Shanghai", "Asia/Kathmandu", "Australia/Lord_Howe", "Pacific/Apia",
    "America/St_Johns", "Africa/Casablanca", "Pacific/Kiritimati", "America/Santiago",
)  # fmt: skip
OFFICE = ContactHours(9, 20, frozenset(range(6)))

seconds = st.integers(0, 4 * 366 * 86_400)
moments = seconds.map(lambda number: datetime(2024, 1, 1, tzinfo=UTC) + timedelta(seconds=number))
hours = st.tuples(st.integers(0, 23), st.integers(1, 24)).filter(lambda pair: pair[0] < pair[1])
days = st.sets(st.integers(0, 6), min_size=1).map(frozenset)


@settings(max_examples=300, deadline=None)
@given(moments, st.sampled_from(ZONES), hours, days)
def test_the_next_moment_is_allowed_and_none_before_it_is(
    moment: datetime, zone: str, open_hours: tuple[int, int], open_days: frozenset[int]
) -> None:
    allowed = ContactHours(*open_hours, open_days)
    found = allowed.next(moment, zone)
    local = found.astimezone(ZoneInfo(zone))
    assert found >= moment
    assert local.weekday() in open_days and open_hours[0] <= local.hour < open_hours[1]
    if found > moment:
        assert not allowed.allow(found - timedelta(microseconds=1), zone)
        step = (found - moment) / 97
        assert not any(allowed.allow(moment + step * number, zone) for number in range(97))


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-23T12:00", "2026-11-23T12:00"),  # Monday noon
        ("2026-11-23T22:00", "2026-11-24T09:00"),  # in the night
        ("2026-11-28T20:00", "2026-11-30T09:00"),  # Saturday evening: Sunday is closed
        ("2026-03-28T23:00", "2026-03-30T08:00"),  # over the night in which the clocks go forward: 9:00 is 8:00 UTC
        ("2026-10-24T21:00", "2026-10-26T09:00"),  # and back
    ],
)
def test_over_the_night_the_sunday_and_the_change_of_the_clocks(moment: str, expected: str) -> None:
    at = datetime.fromisoformat(f"{moment}+00:00")
    assert OFFICE.next(at, "Europe/London") == datetime.fromisoformat(f"{expected}+00:00")


def test_an_hour_that_the_clocks_leave_out_is_the_next_days() -> None:
    early = ContactHours(1, 2, frozenset(range(7)))
    assert early.next(datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "Europe/London") == datetime(
        2026, 3, 30, 0, 0, tzinfo=UTC
    )


def test_a_zone_nobody_knows_counts_as_utc() -> None:
    night = datetime(2026, 11, 23, 3, tzinfo=UTC)
    assert OFFICE.next(night, "Mars/Olympus") == datetime(2026, 11, 23, 9, tzinfo=UTC)


@settings(max_examples=300, deadline=None)
@given(moments, st.sampled_from(ZONES), hours, days)
def test_the_last_moment_is_allowed_and_no_other_hour_is_between(
    moment: datetime, zone: str, open_hours: tuple[int, int], open_days: frozenset[int]
) -> None:
    allowed = ContactHours(*open_hours, open_days)
    found = allowed.last(moment, zone)
    assert found <= moment and allowed.allow(found, zone)
    if found < moment:
        after = found + timedelta(hours=1)
        step = (moment - after) / 97
        assert not any(allowed.allow(after + step * number, zone) for number in range(98) if after < moment)


@pytest.mark.parametrize(
    ("moment", "expected"),
    [
        ("2026-11-23T12:30", "2026-11-23T12:30"),
        ("2026-11-24T08:00", "2026-11-23T19:00"),
        ("2026-11-29T12:00", "2026-11-28T19:00"),  # Sunday is closed
        ("2026-03-29T12:00", "2026-03-28T19:00"),
        ("2026-03-30T07:00", "2026-03-28T19:00"),
    ],
)
def test_the_last_hour_before_a_night_or_a_sunday(moment: str, expected: str) -> None:
    at = datetime.fromisoformat(f"{moment}+00:00")
    assert OFFICE.last(at, "Europe/London") == datetime.fromisoformat(f"{expected}+00:00")
