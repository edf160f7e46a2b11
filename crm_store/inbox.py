"""What the channels ask of the log: which messages still wait, and what came up without being asked for.

Channels that are sent updates keep each of them here under its own id before they acknowledge it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from crm_store.database import insert_new
from crm_store.leads import lead_of
from crm_store.tables import (
    ChannelAddress,
    ChannelIdentity,
    Conversation,
    Direction,
    InboundUpdate,
    Message,
    MessageState,
    UpdateState,
)
from crm_store.tables.base import HIGHEST_ID
from crm_store.text import one_line, storable_json

FORGOTTEN = "forgotten:"  # begins the id of an address that is kept for one last reply


def waiting_messages(session: Session, conversation_id: str, up_to: int) -> Sequence[Message]:
    """Inbound messages of a conversation that nobody has handled, oldest first, up to and with id `up_to`."""
    waiting = (
        select(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.INBOUND,
            Message.state == MessageState.RECEIVED,
            Message.id <= up_to,
        )
        .order_by(Message.id)
    )
    return session.scalars(waiting).all()


def pushed_messages(session: Session, conversation_id: str, after: int, limit: int = 100) -> Sequence[Message]:
    """Outbound messages that answer no request, such as follow-ups and a rep's words, oldest first."""
    pushed = (
        select(Message)
        .where(
            Message.conversation_id == conversation_id,
            Message.direction == Direction.OUTBOUND,
            Message.reply_to.is_(None),
            Message.id > min(after, HIGHEST_ID),
        )
        .order_by(Message.id)
        .limit(limit)
    )
    return session.scalars(pushed).all()


def newest_message_id(session: Session) -> int:
    """The highest message id of the store, 0 when it has none: cheap enough to ask every second."""
    return session.scalar(select(func.max(Message.id))) or 0


def waiting_conversations(session: Session, channel: str) -> Sequence[str]:
    """The conversations of a channel that have messages nobody has handled, the longest waiting first."""
    waiting = (
        select(Message.conversation_id)
        .join(ChannelAddress, ChannelAddress.conversation_id == Message.conversation_id)
        .where(
            ChannelAddress.channel == channel,
            Message.direction == Direction.INBOUND,
            Message.state == MessageState.RECEIVED,
        )
        .group_by(Message.conversation_id)
        .order_by(func.min(Message.id))
    )
    return session.scalars(waiting).all()


def stored_as(session: Session, conversation_id: str, external_id: str) -> Message | None:
    """The message that was stored under the channel's own id."""
    return session.scalar(
        select(Message).where(Message.conversation_id == conversation_id, Message.external_id == external_id)
    )


# Updates ----------------------------------------------------------------------------------------


def keep_updates(
    session: Session, channel: str, account: str, updates: Iterable[tuple[int, Mapping[str, Any]]], now: datetime
) -> list[int]:
    """Keep updates, given as (the channel's own count, payload); returns the counts of those that are new.

    `account` is whose count it is, such as the bot's id: updates of two accounts may have the same number.
    """
    rows = {
        position: {
            "channel": channel,
            "external_id": f"{account}:{position}",
            "account": account,
            "position": position,
            "state": UpdateState.WAITING,
            "payload": storable_json(payload),
            "received_at": now,
        }
        for position, payload in sorted(updates, key=lambda update: update[0])
    }
    if not rows:
        return []
    kept = insert_new(session, InboundUpdate).values(list(rows.values())).returning(InboundUpdate.position)
    return sorted(session.scalars(kept))


def waiting_updates(session: Session, channel: str, account: str, limit: int = 100) -> Sequence[InboundUpdate]:
    """Updates that were kept and not read yet, in the channel's own order."""
    return session.scalars(
        select(InboundUpdate)
        .where(
            InboundUpdate.channel == channel,
            InboundUpdate.account == account,
            InboundUpdate.state == UpdateState.WAITING,
        )
        .order_by(InboundUpdate.position)
        .limit(limit)
    ).all()


def last_read(session: Session, channel: str, account: str) -> int | None:
    """The highest count of an update that was read, None before the first one."""
    return session.scalar(
        select(func.max(InboundUpdate.position)).where(
            InboundUpdate.channel == channel,
            InboundUpdate.account == account,
            InboundUpdate.state != UpdateState.WAITING,
        )
    )


def settle_update(session: Session, kept: InboundUpdate, *, readable: bool) -> None:
    """The update is read, and what it said is in the log; one that cannot be read keeps its payload."""
    kept.state = UpdateState.READ if readable else UpdateState.UNREADABLE
    if readable:
        kept.payload = {}
    session.flush()


def forget_updates(session: Session, channel: str, before: datetime) -> None:
    """Delete what was settled so long ago that no channel delivers it again."""
    session.execute(
        delete(InboundUpdate).where(
            InboundUpdate.channel == channel,
            InboundUpdate.state != UpdateState.WAITING,
            InboundUpdate.received_at < before,
        )
    )


# Where people are reached -----------------------------------------------------------------------


def address_of(session: Session, conversation_id: str) -> ChannelAddress | None:
    """Where the person of a conversation is reached; None on the web, where they come to us."""
    return session.get(ChannelAddress, conversation_id)


def find_address(session: Session, channel: str, external_id: str) -> ChannelAddress | None:
    """The conversation that a channel knows by this id."""
    return session.scalar(
        select(ChannelAddress).where(ChannelAddress.channel == channel, ChannelAddress.external_id == external_id)
    )


def addresses_in(session: Session, channel: str, prefix: str) -> Sequence[ChannelAddress]:
    """All addresses of a channel whose id begins with `prefix`: everybody in one group, say."""
    return session.scalars(
        select(ChannelAddress).where(
            ChannelAddress.channel == channel, ChannelAddress.external_id.startswith(prefix, autoescape=True)
        )
    ).all()


def add_address(
    session: Session, conversation: Conversation, external_id: str, address: Mapping[str, Any]
) -> ChannelAddress:
    """From now on, what is said to this conversation is delivered there."""
    made = ChannelAddress(
        conversation_id=conversation.id,
        channel=conversation.channel,
        external_id=external_id,
        address=dict(address),
    )
    session.add(made)
    session.flush()
    return made


def set_blocked(session: Session, addresses: Iterable[ChannelAddress], since: datetime | None) -> None:
    """Note since when nothing gets through to these people; None when it does again."""
    for one in addresses:
        if since is None or one.blocked_at is None:
            one.blocked_at = since
    session.flush()


def forget_addresses(session: Session, conversation_ids: Iterable[str], *, after_reply: bool) -> int:
    """Forget how these people are reached, and their updates that could not be read; returns how many were known.

    With `after_reply` the address is kept until the reply that says so is out; either way, who writes again is
    somebody new.
    """
    found = [one for id in conversation_ids if (one := session.get(ChannelAddress, id)) is not None]
    unreadable = session.scalars(select(InboundUpdate).where(InboundUpdate.state == UpdateState.UNREADABLE)).all()
    for one in found:
        for kept in unreadable:
            if _names(kept.payload, one.address.get("user")):
                kept.payload = {}
        one.external_id = f"{FORGOTTEN}{one.conversation_id}"
        if not after_reply:
            session.delete(one)
    session.flush()
    return len(found)


def _names(payload: Any, user: Any) -> bool:
    """Whether this id of a person stands anywhere in an update: nothing else is known of its form."""
    if isinstance(payload, dict):
        return any(_names(part, user) for part in payload.values())
    if isinstance(payload, list):
        return any(_names(part, user) for part in payload)
    return user is not None and str(payload) == str(user)


def customer_known_as(session: Session, channel: str, external_id: str) -> int | None:
    """The id of the customer whom a channel knows by this id of a person."""
    return session.scalar(
        select(ChannelIdentity.customer_id).where(
            ChannelIdentity.channel == channel, ChannelIdentity.external_id == external_id
        )
    )


def remember_identity(session: Session, conversation: Conversation, external_id: str) -> None:
    """Once the conversation has a customer, its channel knows them by this id, whatever conversation comes next."""
    if conversation.customer_id is None or customer_known_as(session, conversation.channel, external_id):
        return
    identity = ChannelIdentity(
        customer_id=conversation.customer_id, channel=conversation.channel, external_id=external_id
    )
    session.add(identity)
    session.flush()


def came_from(session: Session, conversation: Conversation, source: str) -> None:
    """Where the person came from this time; a lead whose source is known keeps it."""
    conversation.source = one_line(source, 120)
    lead = lead_of(session, conversation.id)
    if lead is not None and conversation.source and lead.source == conversation.channel:
        lead.source = conversation.source
    session.flush()


def still_waits(session: Session, message_id: int) -> bool:
    """Whether nobody has handled this message."""
    return session.scalar(select(Message.state).where(Message.id == message_id)) is MessageState.RECEIVED


def last_said(session: Session, conversation_id: str) -> Message | None:
    """The newest message to the customer, whatever it answers."""
    return session.scalar(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.direction == Direction.OUTBOUND)
        .order_by(Message.id.desc())
        .limit(1)
    )


def move_chat(session: Session, channel: str, old: str, new: str, address: Mapping[str, Any]) -> None:
    """A group has got another id: everybody in it is reached under the new one."""
    for one in addresses_in(session, channel, f"{old}:"):
        moved = f"{new}:{one.external_id.partition(':')[2]}"
        if find_address(session, channel, moved) is None:
            one.external_id = moved
        one.address = {**one.address, **address}
    session.flush()
