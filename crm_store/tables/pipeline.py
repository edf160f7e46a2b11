"""The sales pipeline: leads, opportunities, touchpoints and promises."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.tables.base import Base, text_enum


class LeadStage(StrEnum):
    NEW = "new"
    CONTACTED = "contacted"
    QUALIFIED = "qualified"
    CONVERTED = "converted"
    LOST = "lost"


class Lead(Base):
    """Somebody who may buy: what they want, where they came from, how to reach them."""

    __tablename__ = "leads"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), unique=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    stage: Mapped[LeadStage] = mapped_column(text_enum(LeadStage), index=True)
    source: Mapped[str] = mapped_column(String(120))
    wants: Mapped[dict[str, Any]] = mapped_column(default=dict)
    summary: Mapped[str] = mapped_column(String(500), default="")
    name: Mapped[str | None] = mapped_column(String(200))
    email: Mapped[str | None] = mapped_column(String(254))
    phone: Mapped[str | None] = mapped_column(String(32))
    assigned_to: Mapped[str | None] = mapped_column(String(120))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class OpportunityStage(StrEnum):
    OPEN = "open"
    QUOTED = "quoted"
    WON = "won"
    LOST = "lost"


class Opportunity(Base):
    """A sale in sight: opened by a cart or a quote, won by an order."""

    __tablename__ = "opportunities"

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int] = mapped_column(ForeignKey("leads.id"), index=True)
    stage: Mapped[OpportunityStage] = mapped_column(text_enum(OpportunityStage), index=True)
    amount: Mapped[Decimal]
    currency: Mapped[str] = mapped_column(String(3))
    quote_id: Mapped[int | None] = mapped_column(ForeignKey("quotes.id"))
    order_id: Mapped[int | None] = mapped_column(ForeignKey("orders.id"))
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime]


class Touchpoint(Base):
    """One contact between the shop and a person."""

    __tablename__ = "touchpoints"

    id: Mapped[int] = mapped_column(primary_key=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    kind: Mapped[str] = mapped_column(String(40))  # chat, call, email, visit, order, quote
    summary: Mapped[str] = mapped_column(Text)
    rep_name: Mapped[str | None] = mapped_column(String(120))
    at: Mapped[datetime]


class FollowUpKind(StrEnum):
    """What is promised: the first three are what a customer asks for, the others follow from what happened."""

    CALL = "call"
    EMAIL = "email"
    MESSAGE = "message"  # a reminder in the chat
    QUOTE_EXPIRING = "quote_expiring"
    BASKET_LEFT = "basket_left"
    ORDER_SHIPPED = "order_shipped"
    ORDER_DELIVERED = "order_delivered"
    HOW_WAS_IT = "how_was_it"
    BACK_IN_STOCK = "back_in_stock"
    BUY_AGAIN = "buy_again"


class FollowUpStatus(StrEnum):
    WAITING = "waiting"  # for something to happen; `due_at` is when we stop waiting
    PLANNED = "planned"
    DUE = "due"  # a person has to act now
    DONE = "done"
    CANCELLED = "cancelled"
    DROPPED = "dropped"  # no longer sensible; `reason` says why


class FollowUp(Base):
    """A promise: what, how and when, in the customer's own time zone."""

    __tablename__ = "follow_ups"
    __table_args__ = (Index("ix_follow_ups_status_due_at", "status", "due_at"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str | None] = mapped_column(ForeignKey("conversations.id"), index=True)
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    lead_id: Mapped[int | None] = mapped_column(ForeignKey("leads.id"), index=True)
    idempotency_key: Mapped[str | None] = mapped_column(String(80), unique=True)
    kind: Mapped[str] = mapped_column(String(20))  # a FollowUpKind
    status: Mapped[FollowUpStatus] = mapped_column(text_enum(FollowUpStatus), index=True)
    due_at: Mapped[datetime] = mapped_column(index=True)
    grain: Mapped[str] = mapped_column(String(20))  # how exact the promise is: minute, hour, afternoon, day ...
    timezone: Mapped[str] = mapped_column(String(64))
    contact: Mapped[str | None] = mapped_column(String(254))  # the number or address to use
    note: Mapped[str] = mapped_column(Text, default="")
    about: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what it is about: quote, order, cart or sku
    assigned_to: Mapped[str | None] = mapped_column(String(120))  # the rep who has to act
    reason: Mapped[str | None] = mapped_column(String(200))  # why it was dropped, put off, or is late
    sequence: Mapped[int] = mapped_column(default=0)  # how often it was moved
    message_id: Mapped[int | None] = mapped_column(index=True, unique=True)  # what was said, an id of `messages`
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
