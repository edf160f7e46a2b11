"""Calls of reps as iCalendar: read back by the library, as a calendar would."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar
from sqlalchemy.orm import Session

from bot.followups.calendar import calendar
from crm_store import followups
from crm_store.tables import FollowUp
from tests.factories import NOW, make_follow_up

SECRET = b"of this shop"


def read(*promises: FollowUp, secret: bytes = SECRET) -> Calendar:
    return Calendar.from_ical(calendar([(one, "Ada Okafor") for one in promises], secret=secret, now=NOW))


def test_a_call_is_an_event_in_the_customers_time(session: Session) -> None:
    due_at = datetime(2026, 12, 3, 20, 0, tzinfo=UTC)
    call = make_follow_up(
        session, due_at=due_at, timezone="America/New_York", contact="+12125550123", note="Ridge; 29\nsize, M"
    )
    made = read(call)
    [event] = made.events
    assert made["method"] == "PUBLISH"
    assert event["summary"] == "Call Ada Okafor"
    assert event["dtstart"].params["TZID"] == "America/New_York"
    assert event.start == due_at and event.start.hour == 15
    assert event.end - event.start == timedelta(minutes=30)
    assert "+12125550123" in event["description"] and "Ridge; 29\nsize, M" in event["description"]
    assert [zone["tzid"] for zone in made.timezones] == ["America/New_York"]


def test_a_moved_call_keeps_its_id_and_counts_up(session: Session) -> None:
    call = make_follow_up(session)
    [before] = read(call).events
    followups.move(session, call, NOW + timedelta(days=3), "minute")
    [after] = read(call).events
    assert before["uid"] == after["uid"]
    assert (before["sequence"], after["sequence"]) == (0, 1)
    [of_other_shop] = read(call, secret=b"of another").events
    assert of_other_shop["uid"] != after["uid"]


def test_a_cancelled_call_is_taken_out(session: Session) -> None:
    call = followups.cancel(session, make_follow_up(session))
    made = read(call)
    assert (made["method"], made.events[0]["status"]) == ("CANCEL", "CANCELLED")
    both = read(call, make_follow_up(session))
    assert both["method"] == "PUBLISH"
    assert [event["status"] for event in both.events] == ["CANCELLED", "CONFIRMED"]


def test_a_promise_for_a_day_is_a_whole_day_and_one_for_the_afternoon_four_hours(session: Session) -> None:
    [day] = read(make_follow_up(session, grain="day")).events
    assert (day.start, day.end) == (date(2026, 11, 24), date(2026, 11, 25))
    [afternoon] = read(make_follow_up(session, grain="afternoon")).events
    assert afternoon.end - afternoon.start == timedelta(hours=4)


def test_a_call_over_the_change_of_the_clocks_stays_at_its_moment(session: Session) -> None:
    due_at = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # the second 1:30 of that night in London
    [event] = read(make_follow_up(session, due_at=due_at)).events
    assert event.start == due_at
    [first] = read(make_follow_up(session, due_at=due_at - timedelta(hours=1))).events
    assert first.start.astimezone(UTC) == due_at - timedelta(hours=1)
