"""Calls and e-mails that reps have to make, as iCalendar (RFC 5545)."""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Iterable
from datetime import UTC, datetime, timedelta

from icalendar import Alarm, Calendar, Event

from crm_store.contact_hours import zone_of
from crm_store.tables import FollowUp, FollowUpKind, FollowUpStatus

PRODUCT = "-//Salesclerk//Follow-ups//EN"
WHOLE_DAY = frozenset({"day", "week", "month"})
_HOURS = {"morning": 3, "afternoon": 4, "evening": 3}  # of a promise for a part of the day
_CALL = timedelta(minutes=30)
_REMINDED = timedelta(minutes=-10)
_VERBS = {FollowUpKind.CALL: "Call", FollowUpKind.EMAIL: "E-mail"}


def calendar(promises: Iterable[tuple[FollowUp, str | None]], *, secret: bytes, now: datetime) -> bytes:
    """A calendar of (follow-up, name of the customer); `secret` makes the ids this shop's own.

    An event keeps its id however often it is moved, so that a calendar that takes the file again has it once; one that
    was cancelled says so, and a file with nothing else in it takes it out of the calendar.
    """
    entries = list(promises)
    only_cancelled = bool(entries) and all(one.status is FollowUpStatus.CANCELLED for one, _ in entries)
    made = Calendar()
    made.add("prodid", PRODUCT)
    made.add("version", "2.0")
    made.add("method", "CANCEL" if only_cancelled else "PUBLISH")
    for follow_up, name in entries:
        made.add_component(_event(follow_up, name, secret, now))
    made.add_missing_timezones()
    return made.to_ical()


def _event(follow_up: FollowUp, name: str | None, secret: bytes, now: datetime) -> Event:
    event = Event()
    event.add("uid", _uid(follow_up, secret))
    event.add("dtstamp", now.astimezone(UTC))
    event.add("created", follow_up.created_at.astimezone(UTC))
    event.add("sequence", follow_up.sequence)
    event.add("summary", f"{_VERBS[FollowUpKind(follow_up.kind)]} {name or follow_up.contact or 'a customer'}")
    event.add("status", "CANCELLED" if follow_up.status is FollowUpStatus.CANCELLED else "CONFIRMED")
    event.add("description", _description(follow_up))
    event.add("categories", [follow_up.kind])
    _add_time(event, follow_up)
    if follow_up.status is not FollowUpStatus.CANCELLED:
        event.add_component(_alarm(event["summary"]))
    return event


def _uid(follow_up: FollowUp, secret: bytes) -> str:
    shop = hmac.new(secret, b"salesclerk.calendar", hashlib.sha256).hexdigest()[:16]
    return f"follow-up-{follow_up.id}@{shop}.salesclerk"


def _add_time(event: Event, follow_up: FollowUp) -> None:
    local = follow_up.due_at.astimezone(zone_of(follow_up.timezone))
    if follow_up.grain in WHOLE_DAY:
        event.add("dtstart", local.date())
        event.add("dtend", local.date() + timedelta(days=1))
        return
    hours = _HOURS.get(follow_up.grain)
    length = timedelta(hours=hours) if hours else _CALL
    # The hour that comes twice when the clocks go back means the first in a calendar: the second is written in UTC.
    zone = UTC if local.fold else local.tzinfo
    event.add("dtstart", follow_up.due_at.astimezone(zone))
    event.add("dtend", (follow_up.due_at + length).astimezone(zone))


def _description(follow_up: FollowUp) -> str:
    lines = [
        f"Contact: {follow_up.contact or '—'}",
        f"Assigned to: {follow_up.assigned_to or 'nobody yet'}",
        f"Customer's time zone: {follow_up.timezone}",
        follow_up.note,
    ]
    return "\n".join(line for line in lines if line)


def _alarm(summary: str) -> Alarm:
    alarm = Alarm()
    alarm.add("action", "DISPLAY")
    alarm.add("description", summary)
    alarm.add("trigger", _REMINDED)
    return alarm
