"""Every lead with all that happened around it and when, so that it can be looked at as of any moment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm_store.tables import (
    Direction,
    FollowUp,
    Handoff,
    Lead,
    LeadStage,
    Message,
    Opportunity,
    Order,
    OrderStatus,
    Touchpoint,
)

Happening = tuple[str, datetime]  # what and when
_BATCH = 10_000


@dataclass(frozen=True, slots=True)
class Said:
    """One message of the customer, as it was understood."""

    intent: str | None
    needs: dict[str, Any]
    at: datetime


@dataclass(slots=True)
class LeadRecord:
    """A lead as it stands now, and everything about it that has a time, oldest first."""

    id: int
    stage: LeadStage
    source: str
    wants: dict[str, Any]
    summary: str
    name: str | None
    email: str | None
    phone: str | None
    assigned_to: str | None
    customer_id: int | None
    conversation_id: str | None
    created_at: datetime
    updated_at: datetime
    touchpoints: list[Happening] = field(default_factory=list)
    messages: list[Said] = field(default_factory=list)
    carts: list[datetime] = field(default_factory=list)  # when an opportunity was opened
    promises: list[datetime] = field(default_factory=list)
    handoffs: list[Happening] = field(default_factory=list)
    orders: list[tuple[datetime, float]] = field(default_factory=list)  # of its customer, not cancelled, with total
    own_order_at: datetime | None = None  # the first order placed in its own conversation

    @property
    def is_won(self) -> bool:
        return self.stage is LeadStage.CONVERTED

    @property
    def is_open(self) -> bool:
        return self.stage not in (LeadStage.CONVERTED, LeadStage.LOST)


def lead_records(session: Session, *, only_open: bool = False) -> list[LeadRecord]:
    """All leads, or the open ones, in the order of their ids."""
    columns = (
        Lead.id, Lead.stage, Lead.source, Lead.wants, Lead.summary, Lead.name, Lead.email, Lead.phone, Lead.assigned_to,
        Lead.customer_id, Lead.conversation_id, Lead.created_at, Lead.updated_at,
    )  # fmt: skip
    query = select(*columns).order_by(Lead.id)
    if only_open:
        query = query.where(Lead.stage.not_in((LeadStage.CONVERTED, LeadStage.LOST)))
    records = [LeadRecord(*row) for row in _rows(session, query)]
    _add_pipeline(session, {record.id: record for record in records})
    _add_conversations(session, {record.conversation_id: record for record in records if record.conversation_id})
    _add_orders(session, records)
    return records


def _rows(session: Session, query: Select[Any]) -> Sequence[Any]:
    return session.execute(query.execution_options(yield_per=_BATCH)).all()


def _add_pipeline(session: Session, leads: dict[int, LeadRecord]) -> None:
    touchpoints = select(Touchpoint.lead_id, Touchpoint.kind, Touchpoint.at).where(Touchpoint.lead_id.is_not(None))
    for lead_id, kind, at in _rows(session, touchpoints.order_by(Touchpoint.at, Touchpoint.id)):
        if lead := leads.get(lead_id):
            lead.touchpoints.append((kind, at))
    opened = select(Opportunity.lead_id, Opportunity.created_at).order_by(Opportunity.created_at)
    for lead_id, at in _rows(session, opened):
        if lead := leads.get(lead_id):
            lead.carts.append(at)
    promised = select(FollowUp.lead_id, FollowUp.created_at).where(FollowUp.lead_id.is_not(None))
    for lead_id, at in _rows(session, promised.order_by(FollowUp.created_at)):
        if lead := leads.get(lead_id):
            lead.promises.append(at)


def _add_conversations(session: Session, leads: dict[str, LeadRecord]) -> None:
    if not leads:
        return
    said = (
        select(Message.conversation_id, Message.intent, Message.needs, Message.at)
        .join(Lead, Lead.conversation_id == Message.conversation_id)
        .where(Message.direction == Direction.INBOUND)
        .order_by(Message.id)
    )
    for conversation_id, intent, needs, at in _rows(session, said):
        if lead := leads.get(conversation_id):
            lead.messages.append(Said(intent, needs, at))
    asked = select(Handoff.conversation_id, Handoff.reason, Handoff.requested_at).order_by(Handoff.requested_at)
    for conversation_id, reason, at in _rows(session, asked):
        if lead := leads.get(conversation_id):
            lead.handoffs.append((reason, at))
    placed = select(Order.conversation_id, Order.placed_at).where(Order.conversation_id.is_not(None))
    for conversation_id, at in _rows(session, placed.order_by(Order.placed_at)):
        lead = leads.get(conversation_id)
        if lead and lead.own_order_at is None:
            lead.own_order_at = at


def _add_orders(session: Session, records: Sequence[LeadRecord]) -> None:
    of_customer: dict[int, list[tuple[datetime, float]]] = defaultdict(list)
    placed = (
        select(Order.customer_id, Order.placed_at, Order.total)
        .where(
            Order.customer_id.in_(select(Lead.customer_id).where(Lead.customer_id.is_not(None))),
            Order.status != OrderStatus.CANCELLED,
        )
        .order_by(Order.placed_at)
    )
    for customer_id, at, total in _rows(session, placed):
        of_customer[customer_id].append((at, float(total)))
    for record in records:
        if record.customer_id is not None:
            record.orders = of_customer[record.customer_id]
