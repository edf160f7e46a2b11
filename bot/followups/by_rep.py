"""What a rep does with a follow-up: moves it, cancels it, has done it, gives it to somebody."""

from __future__ import annotations

from datetime import UTC, datetime

from sqlalchemy.orm import Session

from bot.followups.wording import Wording, sentences
from crm_store import followups
from crm_store.contact_hours import zone_of
from crm_store.conversations import push
from crm_store.errors import SalesError
from crm_store.followup_facts import Facts
from crm_store.tables import FollowUp


class MomentNotUsable(SalesError):
    """A moment that cannot be read, does not exist or is over."""

    code = "moment_not_usable"

    def __init__(self, text: str, why: str) -> None:
        super().__init__(f"{text!r} {why}.", text=text)


def move(session: Session, id: int, to: str, now: datetime) -> FollowUp:
    """Keep it at another time, said in the customer's time zone; who asked for it is told."""
    follow_up = followups.open_one(session, id)
    due_at = moment(to, follow_up.timezone, now)
    followups.move(session, follow_up, due_at, "minute")
    _tell(session, follow_up, "follow_up_moved", due_at, now)
    return follow_up


def cancel(session: Session, id: int, now: datetime) -> FollowUp:
    """It will not be kept; who asked for it is told."""
    follow_up = followups.open_one(session, id)
    followups.cancel(session, follow_up, "cancelled by the shop")
    _tell(session, follow_up, "follow_up_cancelled", follow_up.due_at, now)
    return follow_up


def finish(session: Session, id: int, now: datetime) -> FollowUp:
    """A person has kept it."""
    return followups.finish(session, followups.open_one(session, id), now)


def moment(text: str, timezone: str, now: datetime) -> datetime:
    """The moment that "2026-12-03 15:00" is in a time zone; raises MomentNotUsable."""
    try:
        said = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise MomentNotUsable(text, 'is no date and time such as "2026-12-03 15:00"') from error
    if ":" not in text:
        raise MomentNotUsable(text, 'says no time of day: "2026-12-03 15:00"')
    zone = zone_of(timezone)
    local = said.tzinfo is None
    said = said.replace(tzinfo=zone) if local else said
    try:
        there = said.astimezone(UTC).astimezone(zone)
    except OverflowError as error:
        raise MomentNotUsable(text, "is out of range") from error
    if local and there.replace(tzinfo=None) != said.replace(tzinfo=None):
        raise MomentNotUsable(text, f"does not exist in {timezone}: the clocks are put forward there")
    if said <= now:
        raise MomentNotUsable(text, "is over already")
    return said


def _tell(session: Session, follow_up: FollowUp, response: str, at: datetime, now: datetime) -> None:
    facts = Facts(session, follow_up)
    if follow_up.kind not in followups.ASKED_FOR or facts.conversation is None or facts.refusal:
        return
    wording = Wording(session, follow_up, facts, facts.conversation)
    text = sentences.say(response, wording.language, when=wording.when_there(at))
    push(session, facts.conversation.id, {"text": text, "quick_replies": [], "products": []}, now)
