"""Follow-ups: promises to call or write, with a time in the customer's own time zone."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crm_store.leads import lead_of
from crm_store.tables import Conversation, FollowUp, FollowUpStatus, Handoff, Lead
from crm_store.text import one_line, storable


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
        kind=kind,
        status=FollowUpStatus.PLANNED,
        due_at=due_at,
        grain=grain,
        timezone=timezone,
        contact=one_line(contact, 254),
        note=storable(note),
        created_at=now,
    )
    session.add(follow_up)
    session.flush()
    return follow_up


def planned(session: Session, conversation_id: str) -> list[FollowUp]:
    """The promises to this conversation that are still to be kept, the next one first."""
    return list(
        session.scalars(
            select(FollowUp)
            .where(FollowUp.conversation_id == conversation_id, FollowUp.status == FollowUpStatus.PLANNED)
            .order_by(FollowUp.due_at, FollowUp.id)
        )
    )


def move(session: Session, follow_up: FollowUp, due_at: datetime, grain: str) -> FollowUp:
    """Keep the promise at another time."""
    follow_up.due_at = due_at
    follow_up.grain = grain
    session.flush()
    return follow_up


def reach_at(session: Session, follow_up: FollowUp, contact: str) -> FollowUp:
    """Keep the promise at another number or address (valid)."""
    follow_up.contact = one_line(contact, 254)
    session.flush()
    return follow_up


def person_awaited(session: Session, conversation_id: str) -> bool:
    """Whether a person was asked for in this conversation and has not closed the request."""
    open_one = select(Handoff.id).where(Handoff.conversation_id == conversation_id, Handoff.closed_at.is_(None))
    return session.scalar(open_one.limit(1)) is not None


def cancel(session: Session, follow_up: FollowUp) -> FollowUp:
    """Drop the promise because the customer no longer wants it."""
    follow_up.status = FollowUpStatus.CANCELLED
    session.flush()
    return follow_up


def due_followups(session: Session, now: datetime, rep: str | None = None) -> Sequence[FollowUp]:
    """Planned follow-ups whose time has come, oldest first; with `rep`, only those of their leads."""
    query = select(FollowUp).where(FollowUp.status == FollowUpStatus.PLANNED, FollowUp.due_at <= now)
    if rep is not None:
        query = (
            query.outerjoin(Lead, Lead.id == FollowUp.lead_id)
            .outerjoin(Conversation, Conversation.id == FollowUp.conversation_id)
            .where(or_(Lead.assigned_to == rep, Conversation.rep_name == rep))
        )
    return session.scalars(query.order_by(FollowUp.due_at, FollowUp.id)).all()
