"""Follow-ups: promises to call or write, with a time in the customer's own time zone.

What falls due is settled by the running app (bot/followups). To have something said in a conversation at a moment,
once, whatever is killed in between:

    book(session, conversation, kind="message", due_at=moment, grain="minute", timezone=conversation.timezone,
         contact=None, note="what to remind of", idempotency_key="any-unique-key", now=now)
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from crm_store.errors import SalesError
from crm_store.leads import lead_of
from crm_store.tables import Conversation, Customer, FollowUp, FollowUpKind, FollowUpStatus, Handoff, Lead
from crm_store.tables.base import HIGHEST_ID
from crm_store.text import one_line, storable

FOR_PERSON = frozenset({FollowUpKind.CALL, FollowUpKind.EMAIL})  # a person has to act
ASKED_FOR = FOR_PERSON | {FollowUpKind.MESSAGE}  # the customer named the time
LONGEST_WAIT = timedelta(days=180)  # for goods to come back
PROMISED_AT = "promised_at"  # in `about`, of what was put off: the moment for which it was planned first
OPEN = (FollowUpStatus.WAITING, FollowUpStatus.PLANNED, FollowUpStatus.DUE)
_TO_BE_KEPT = (FollowUpStatus.PLANNED, FollowUpStatus.DUE)


class FollowUpNotFound(SalesError):
    """No follow-up has this number."""

    code = "follow_up_not_found"

    def __init__(self, id: int) -> None:
        super().__init__(f"There is no follow-up {id}.", id=id)


class FollowUpSettled(SalesError):
    """What is done, cancelled or dropped cannot be moved, cancelled or done again."""

    code = "follow_up_settled"

    def __init__(self, id: int, status: str) -> None:
        super().__init__(f"Follow-up {id} is {status} already.", id=id, status=status)


def book(
    session: Session,
    conversation: Conversation,
    *,
    kind: str,
    due_at: datetime,
    grain: str,
    timezone: str,
    contact: str | None,
    note: str,
    idempotency_key: str | None,
    now: datetime,
    about: dict[str, Any] | None = None,
    status: FollowUpStatus = FollowUpStatus.PLANNED,
) -> FollowUp:
    """Promise a call, a message or an e-mail (`kind`) at `due_at`; the same key returns the first promise."""
    key = idempotency_key[:80] if idempotency_key else None
    if key and (first := session.scalar(select(FollowUp).where(FollowUp.idempotency_key == key))):
        return first
    lead = lead_of(session, conversation.id)
    follow_up = FollowUp(
        conversation_id=conversation.id,
        customer_id=conversation.customer_id or (lead.customer_id if lead else None),
        lead_id=lead.id if lead else None,
        idempotency_key=key,
        kind=str(kind),
        status=status,
        due_at=due_at,
        grain=grain,
        timezone=timezone,
        contact=one_line(contact, 254),
        note=storable(note),
        about=about or {},
        created_at=now,
    )
    if kind in FOR_PERSON:
        follow_up.assigned_to = rep_for(session, lead)
    session.add(follow_up)
    session.flush()
    return follow_up


def rep_for(session: Session, lead: Lead | None) -> str | None:
    """Who has to act for a customer: the rep of the lead, else who has least to do; None when there is no rep."""
    return lead.assigned_to if lead and lead.assigned_to else _least_busy_rep(session)


def _least_busy_rep(session: Session) -> str | None:
    """The rep with the fewest open follow-ups among those who have leads or talk to the assistant."""
    names = set(session.scalars(select(Lead.assigned_to).distinct()))
    names.update(session.scalars(select(Conversation.rep_name).distinct()))
    open_ones = dict(
        session.execute(
            select(FollowUp.assigned_to, func.count())
            .where(FollowUp.status.in_(_TO_BE_KEPT), FollowUp.assigned_to.is_not(None))
            .group_by(FollowUp.assigned_to)
        ).all()
    )
    return min((name for name in names if name), key=lambda name: (open_ones.get(name, 0), name), default=None)


def planned(session: Session, conversation_id: str) -> list[FollowUp]:
    """The promises that this customer asked for and that are still to be kept, the next one first."""
    return list(
        session.scalars(
            select(FollowUp)
            .where(
                FollowUp.conversation_id == conversation_id,
                FollowUp.status.in_(_TO_BE_KEPT),
                FollowUp.kind.in_(ASKED_FOR),
            )
            .order_by(FollowUp.due_at, FollowUp.id)
        )
    )


def is_open(follow_up: FollowUp) -> bool:
    """Whether it can still be moved or cancelled."""
    return follow_up.status in OPEN


def move(session: Session, follow_up: FollowUp, due_at: datetime, grain: str) -> FollowUp:
    """Keep the promise at another time; one that fell due at this very moment is kept again then."""
    _lock(session, follow_up)
    start_anew(follow_up, due_at)
    follow_up.grain = grain
    follow_up.sequence += 1
    follow_up.message_id = follow_up.reason = follow_up.settled_at = None
    session.flush()
    return follow_up


def start_anew(follow_up: FollowUp, due_at: datetime) -> None:
    """Plan it for a moment from which on its lateness counts, whatever it was put off from."""
    follow_up.status = FollowUpStatus.PLANNED
    follow_up.due_at = due_at
    follow_up.about = {name: value for name, value in follow_up.about.items() if name != PROMISED_AT}


def reach_at(session: Session, follow_up: FollowUp, contact: str) -> FollowUp:
    """Keep the promise at another number or address (valid)."""
    follow_up.contact = one_line(contact, 254)
    session.flush()
    return follow_up


def person_awaited(session: Session, conversation_id: str) -> bool:
    """Whether a person was asked for in this conversation and has not closed the request."""
    open_one = select(Handoff.id).where(Handoff.conversation_id == conversation_id, Handoff.closed_at.is_(None))
    return session.scalar(open_one.limit(1)) is not None


def cancel(session: Session, follow_up: FollowUp, reason: str | None = None) -> FollowUp:
    """Drop the promise because the customer no longer wants it, or a rep says so."""
    _lock(session, follow_up)
    follow_up.status = FollowUpStatus.CANCELLED
    follow_up.reason = reason
    follow_up.sequence += 1
    session.flush()
    return follow_up


def finish(session: Session, follow_up: FollowUp, now: datetime) -> FollowUp:
    """A person has kept the promise."""
    _lock(session, follow_up)
    follow_up.status = FollowUpStatus.DONE
    follow_up.settled_at = now
    session.flush()
    return follow_up


def open_one(session: Session, id: int) -> FollowUp:
    """The open follow-up with this number, locked; raises FollowUpNotFound or FollowUpSettled."""
    follow_up = take(session, id)
    if follow_up is None:
        raise FollowUpNotFound(id)
    if not is_open(follow_up):
        raise FollowUpSettled(id, follow_up.status.value)
    return follow_up


def take(session: Session, id: int) -> FollowUp | None:
    """The follow-up as it is now; until the transaction ends no other one can change it."""
    if id > HIGHEST_ID:
        return None
    return session.get(FollowUp, id, with_for_update=True, populate_existing=True)


def _lock(session: Session, follow_up: FollowUp) -> None:
    session.flush()
    session.refresh(follow_up, with_for_update=True)


def due_followups(session: Session, now: datetime, rep: str | None = None) -> Sequence[FollowUp]:
    """Follow-ups whose time has come and that are not kept yet, oldest first; with `rep`, only theirs."""
    query = select(FollowUp).where(FollowUp.status.in_(_TO_BE_KEPT), FollowUp.due_at <= now)
    if rep is not None:
        query = (
            query.outerjoin(Lead, Lead.id == FollowUp.lead_id)
            .outerjoin(Conversation, Conversation.id == FollowUp.conversation_id)
            .where(or_(FollowUp.assigned_to == rep, Lead.assigned_to == rep, Conversation.rep_name == rep))
        )
    return session.scalars(query.order_by(FollowUp.due_at, FollowUp.id)).all()


def listed(session: Session, *, due_by: datetime | None = None, everything: bool = False) -> Sequence[FollowUp]:
    """Open follow-ups, the next one first: only those due by a moment, or with `everything` also settled ones."""
    query = select(FollowUp).order_by(FollowUp.due_at, FollowUp.id)
    if due_by is not None:
        query = query.where(FollowUp.status.in_(_TO_BE_KEPT), FollowUp.due_at <= due_by)
    elif not everything:
        query = query.where(FollowUp.status.in_(OPEN))
    return session.scalars(query).all()


def for_people(session: Session, id: int | None = None) -> Sequence[FollowUp]:
    """Calls and e-mails that people have to make, and those that were cancelled, the next one first; or only one."""
    query = select(FollowUp).where(
        FollowUp.kind.in_(FOR_PERSON), FollowUp.status.in_([*_TO_BE_KEPT, FollowUpStatus.CANCELLED])
    )
    if id is not None:
        query = query.where(FollowUp.id == id)
    return session.scalars(query.order_by(FollowUp.due_at, FollowUp.id)).all()


def assign(session: Session, follow_up: FollowUp, rep: str) -> FollowUp:
    """Give it to a rep."""
    follow_up.assigned_to = one_line(rep, 120)
    session.flush()
    return follow_up


def name_of(session: Session, follow_up: FollowUp) -> str | None:
    """The name of the customer, if they have said it."""
    customer = session.get(Customer, follow_up.customer_id) if follow_up.customer_id else None
    lead = session.get(Lead, follow_up.lead_id) if follow_up.lead_id else None
    return (customer.name if customer else None) or (lead.name if lead else None)
