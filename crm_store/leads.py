"""Leads: who may buy what, how far that is, and every contact on the way."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.customers import find_customer
from crm_store.errors import LeadNotFound
from crm_store.tables import (
    Conversation,
    Customer,
    Lead,
    LeadStage,
    Opportunity,
    OpportunityStage,
    Order,
    Quote,
    Touchpoint,
)
from crm_store.text import one_line, storable, storable_json
from crm_store.wants import merged_wants, wants_sentence

_SETTLED = (LeadStage.CONVERTED, LeadStage.LOST)


def capture_lead(session: Session, conversation: Conversation, *, wants: Mapping[str, Any], now: datetime) -> Lead:
    """The conversation's lead, with these wants (needs as in LANGUAGE) merged into what it wanted before."""
    lead = lead_of(session, conversation.id)
    if lead is None:
        lead = Lead(
            conversation_id=conversation.id,
            stage=LeadStage.NEW,
            source=conversation.source or conversation.channel,
            wants={},
            created_at=now,
        )
        session.add(lead)
    clean: Any = storable_json(wants)
    lead.wants = merged_wants(lead.wants, clean)
    lead.summary = wants_sentence(lead.wants)
    lead.customer_id = lead.customer_id or conversation.customer_id
    lead.updated_at = now
    session.flush()
    return lead


def lead_of(session: Session, conversation_id: str) -> Lead | None:
    """The lead that came of this conversation, or None."""
    return session.scalar(select(Lead).where(Lead.conversation_id == conversation_id))


def add_contact(
    session: Session,
    conversation: Conversation,
    name: str | None = None,
    email: str | None = None,
    phone: str | None = None,
    *,
    now: datetime,
) -> Lead:
    """Note how to reach the conversation's lead (valid contacts); what is None stays as it was.

    The conversation is not linked to a customer of that contact: typing an address does not prove it yours.
    """
    lead = capture_lead(session, conversation, wants={}, now=now)
    lead.name = one_line(name, 200) or lead.name
    lead.email = one_line(email, 254) or lead.email
    lead.phone = one_line(phone, 32) or lead.phone
    if lead.customer_id is None and (customer := find_customer(session, lead.email, lead.phone)):
        lead.customer_id = customer.id
    session.flush()
    return lead


def record_opportunity(
    session: Session,
    conversation: Conversation,
    amount: Decimal,
    currency: str,
    now: datetime,
    quote: Quote | None = None,
) -> Opportunity:
    """The open opportunity of the conversation's lead at this amount; one that has a quote is QUOTED."""
    lead = capture_lead(session, conversation, wants={}, now=now)
    opportunity = _open_opportunity(session, lead)
    if opportunity is None:
        opportunity = Opportunity(lead_id=lead.id, stage=OpportunityStage.OPEN, created_at=now)
        session.add(opportunity)
    opportunity.amount = amount
    opportunity.currency = currency
    opportunity.updated_at = now
    if quote is not None:
        opportunity.stage = OpportunityStage.QUOTED
        opportunity.quote_id = quote.id
    session.flush()
    return opportunity


def win(session: Session, conversation: Conversation, order: Order, now: datetime) -> Lead:
    """What an order means for the pipeline: lead converted, opportunity won, touchpoint logged."""
    lead = capture_lead(session, conversation, wants=conversation.needs, now=now)
    lead.stage = LeadStage.CONVERTED
    lead.customer_id = order.customer_id
    lead.name, lead.email, lead.phone = (
        order.name or lead.name,
        order.email or lead.email,
        order.phone or lead.phone,
    )
    opportunity = record_opportunity(session, conversation, order.total, order.currency, now)
    opportunity.stage = OpportunityStage.WON
    opportunity.order_id = order.id
    log_touchpoint(
        session,
        kind="order",
        summary=f"Order {order.number} placed: {order.total} {order.currency}.",
        now=now,
        conversation=conversation,
        lead=lead,
    )
    return lead


def open_leads(session: Session) -> Sequence[Lead]:
    """Leads that are neither converted nor lost, the latest active first."""
    return session.scalars(
        select(Lead).where(Lead.stage.not_in(_SETTLED)).order_by(Lead.updated_at.desc(), Lead.id.desc())
    ).all()


def move_stage(session: Session, lead_id: int, stage: LeadStage, now: datetime) -> Lead:
    """Set how far a lead is; raises LeadNotFound."""
    lead = session.get(Lead, lead_id)
    if lead is None:
        raise LeadNotFound(lead_id)
    lead.stage = stage
    lead.updated_at = now
    session.flush()
    return lead


def log_touchpoint(
    session: Session,
    *,
    kind: str,
    summary: str,
    now: datetime,
    conversation: Conversation | None = None,
    lead: Lead | None = None,
    customer: Customer | None = None,
    customer_id: int | None = None,
    rep_name: str | None = None,
) -> Touchpoint:
    """Note one contact; the customer is taken from the lead or the conversation when not given."""
    known = (
        customer.id if customer else customer_id,
        lead.customer_id if lead else None,
        conversation.customer_id if conversation else None,
    )
    touchpoint = Touchpoint(
        lead_id=lead.id if lead else None,
        customer_id=next((id for id in known if id is not None), None),
        conversation_id=conversation.id if conversation else (lead.conversation_id if lead else None),
        kind=kind[:40],
        summary=storable(summary),
        rep_name=one_line(rep_name, 120),
        at=now,
    )
    session.add(touchpoint)
    session.flush()
    return touchpoint


def _open_opportunity(session: Session, lead: Lead) -> Opportunity | None:
    return session.scalar(
        select(Opportunity)
        .where(
            Opportunity.lead_id == lead.id,
            Opportunity.stage.in_([OpportunityStage.OPEN, OpportunityStage.QUOTED]),
        )
        .order_by(Opportunity.id.desc())
        .limit(1)
    )
