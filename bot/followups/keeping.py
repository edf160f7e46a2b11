"""A follow-up that has fallen due is settled: in one transaction of the store, so that it has one effect.

The row is the lock and the proof. Who settles it takes the row, looks whether it is still planned, and in the same
transaction puts the message into the log and marks the row. However often and by however many processes this is
tried, only the first finds it planned; and a process killed in the middle has done nothing.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Session

from bot.followups.deciding import Drop, HandOver, PutOff, Say, WaitOn, decide, is_late, lateness
from bot.followups.wording import Wording
from crm_store import followup_outcomes as outcomes
from crm_store import followups
from crm_store.followup_facts import Facts
from crm_store.followup_times import put_off
from crm_store.tables import FollowUp, FollowUpStatus

NOTHING, SAID, HANDED_OVER, PUT_OFF, WAITS, DROPPED = "nothing", "said", "handed over", "put off", "waits", "dropped"


def keep(session: Session, follow_up_id: int, now: datetime) -> str:
    """Settle a follow-up if it is due and nobody has; returns what became of it."""
    follow_up = followups.take(session, follow_up_id)
    if follow_up is None or follow_up.status is not FollowUpStatus.PLANNED or follow_up.due_at > now:
        return NOTHING
    facts = Facts(session, follow_up)
    match decide(follow_up, facts, now):
        case Say():
            return _say(session, follow_up, facts, now)
        case HandOver():
            return _hand_over(session, follow_up, facts, now)
        case PutOff(until, reason):
            put_off(session, follow_up, until, reason)
            return PUT_OFF
        case WaitOn():
            outcomes.wait_on(session, follow_up, now)
            return WAITS
        case Drop(reason):
            outcomes.drop(session, follow_up, reason, now)
            return DROPPED


def _say(session: Session, follow_up: FollowUp, facts: Facts, now: datetime) -> str:
    assert facts.conversation is not None
    late = is_late(follow_up, now)
    payload = Wording(session, follow_up, facts, facts.conversation).message(late)
    outcomes.said(session, follow_up, facts.conversation, payload, now)
    if late:
        follow_up.reason = f"{_minutes(follow_up, now)} minutes late"
    return SAID


def _hand_over(session: Session, follow_up: FollowUp, facts: Facts, now: datetime) -> str:
    """A person has to act: it is theirs now, and the rep it is assigned to is told where they talk to us."""
    minutes = _minutes(follow_up, now) if is_late(follow_up, now) else 0
    outcomes.due_for_person(session, follow_up, f"{minutes} minutes late" if minutes else None)
    chat = outcomes.chat_of_rep(session, follow_up.assigned_to)
    if chat is not None and follow_up.kind in followups.FOR_PERSON:
        outcomes.tell_rep(session, follow_up, chat, Wording(session, follow_up, facts, chat).for_rep(minutes), now)
    return HANDED_OVER


def give_up(session: Session, follow_up: FollowUp, fault: str) -> None:
    """A fault of ours keeps us from settling it: a person has to look."""
    outcomes.due_for_person(session, follow_up, f"it could not be settled ({fault}): please see to it")


def _minutes(follow_up: FollowUp, now: datetime) -> int:
    return int(lateness(follow_up, now).total_seconds() // 60)
