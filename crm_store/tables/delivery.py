"""What channels keep beside the log: updates as they came, where a person is reached, and replies on their way."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import BigInteger, ForeignKey, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from crm_store.tables.base import Base, text_enum


class UpdateState(StrEnum):
    WAITING = "waiting"  # kept and acknowledged, not read yet
    READ = "read"  # its message is in the log, or there was nothing for us in it
    UNREADABLE = "unreadable"  # reading it failed; its payload is kept


class InboundUpdate(Base):
    """One update of a channel; the same one delivered again stops at its unique key."""

    __tablename__ = "inbound_updates"
    __table_args__ = (
        UniqueConstraint("channel", "external_id"),
        Index("ix_inbound_updates_state", "channel", "state"),
        Index("ix_inbound_updates_position", "channel", "account", "position"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(128))  # namespaced by the account: two bots count alike
    account: Mapped[str] = mapped_column(String(64))
    position: Mapped[int] = mapped_column(BigInteger)  # the channel's own count, which gives the order
    state: Mapped[UpdateState] = mapped_column(text_enum(UpdateState))
    payload: Mapped[dict[str, Any]] = mapped_column(default=dict)  # emptied once it is read
    received_at: Mapped[datetime] = mapped_column(index=True)


class ChannelAddress(Base):
    """Where the person of a conversation is reached, for channels to which we deliver."""

    __tablename__ = "channel_addresses"
    __table_args__ = (UniqueConstraint("channel", "external_id"),)

    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), primary_key=True)
    channel: Mapped[str] = mapped_column(String(20))
    external_id: Mapped[str] = mapped_column(String(128))  # e.g. "chat:user" of Telegram
    address: Mapped[dict[str, Any]] = mapped_column(default=dict)  # what the channel needs to send there
    blocked_at: Mapped[datetime | None]  # since when nothing gets through


class DeliveryState(StrEnum):
    WAITING = "waiting"
    SENT = "sent"
    DEAD = "dead"  # given up: a person may look at it and send it again
    DROPPED = "dropped"  # no longer worth sending


class Delivery(Base):
    """One reply on its way to a customer; the message itself is in the log."""

    __tablename__ = "deliveries"
    __table_args__ = (Index("ix_deliveries_due", "state", "conversation_id", "message_id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    message_id: Mapped[int] = mapped_column(ForeignKey("messages.id"), unique=True)
    conversation_id: Mapped[str] = mapped_column(ForeignKey("conversations.id"), index=True)
    channel: Mapped[str] = mapped_column(String(20))
    state: Mapped[DeliveryState] = mapped_column(text_enum(DeliveryState))
    tries: Mapped[int] = mapped_column(default=0)
    parts_sent: Mapped[int] = mapped_column(default=0)  # a long reply is several messages of the channel
    next_at: Mapped[datetime]  # not before
    error: Mapped[str | None] = mapped_column(String(300))
    created_at: Mapped[datetime]
    settled_at: Mapped[datetime | None]
