"""Conversations: the log of messages and the state of the sale that goes with each."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import ForeignKey, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.tables.base import Base, text_enum


class Direction(StrEnum):
    INBOUND = "inbound"
    OUTBOUND = "outbound"


class MessageState(StrEnum):
    RECEIVED = "received"
    HANDLED = "handled"
    SENT = "sent"


class Conversation(Base):
    """One chat of one person on one channel, and the sale as it stands in it."""

    __tablename__ = "conversations"

    id: Mapped[str] = mapped_column(String(64), primary_key=True)  # minted by the server, "web-..." "terminal-..."
    channel: Mapped[str] = mapped_column(String(20))
    source: Mapped[str | None] = mapped_column(String(120))  # where the customer came from: a page, a campaign
    language: Mapped[str] = mapped_column(String(8), default="en")
    timezone: Mapped[str] = mapped_column(String(64))
    customer_id: Mapped[int | None] = mapped_column(ForeignKey("customers.id"), index=True)
    # Whether the customer is proven: signed in with the shop. An address typed into an order proves nothing.
    identified: Mapped[bool] = mapped_column(default=False)
    rep_name: Mapped[str | None] = mapped_column(String(120))  # set by a signed-in session, never by a message
    needs: Mapped[dict[str, Any]] = mapped_column(default=dict)  # as in LANGUAGE, added up over the turns
    asked: Mapped[list[str]] = mapped_column(default=list)  # facets asked about or answered, not to be asked again
    questions_in_row: Mapped[int] = mapped_column(default=0)
    shown: Mapped[list[str]] = mapped_column(default=list)  # SKUs last shown, in the order shown
    rejected: Mapped[list[str]] = mapped_column(default=list)  # product codes the customer turned down
    focus_sku: Mapped[str | None] = mapped_column(String(64))  # what "it" means
    pending: Mapped[dict[str, Any]] = mapped_column(default=dict)  # the question waiting for an answer
    created_at: Mapped[datetime]
    updated_at: Mapped[datetime] = mapped_column(index=True)


class Message(Base):
    __tablename__ = "messages"
    __table_args__ = (UniqueConstraint("conversation_id", "external_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    direction: Mapped[Direction] = mapped_column(text_enum(Direction))
    state: Mapped[MessageState] = mapped_column(text_enum(MessageState))
    external_id: Mapped[str | None] = mapped_column(String(128))  # the client's own id of an inbound message
    reply_to: Mapped[int | None] = mapped_column(ForeignKey("messages.id"), index=True)
    text: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)  # a reply as the channel gets it
    intent: Mapped[str | None] = mapped_column(String(60), index=True)
    confidence: Mapped[float | None]
    needs: Mapped[dict[str, Any]] = mapped_column(default=dict)
    mentions: Mapped[dict[str, Any]] = mapped_column(default=dict)
    at: Mapped[datetime]


class Button(Base):
    """A quick reply: the client holds an opaque id, the server knows what it means."""

    __tablename__ = "buttons"

    id: Mapped[str] = mapped_column(String(40), primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    title: Mapped[str] = mapped_column(String(200))
    intent: Mapped[str] = mapped_column(String(60))
    arguments: Mapped[dict[str, Any]] = mapped_column(default=dict)


class Handoff(Base):
    """A customer wants a person."""

    __tablename__ = "handoffs"

    id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    reason: Mapped[str] = mapped_column(String(40))  # asked, complaint, erasure
    summary: Mapped[str] = mapped_column(Text, default="")
    requested_at: Mapped[datetime]
    taken_by: Mapped[str | None] = mapped_column(String(120))
    closed_at: Mapped[datetime | None]
