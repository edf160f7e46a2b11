"""The log of every chat: what was said, what was understood, and what was answered."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from crm_store.errors import ConversationNotFound
from crm_store.tables import Button, Conversation, Direction, Handoff, Message, MessageState
from crm_store.tables.base import HIGHEST_ID
from crm_store.text import one_line, storable, storable_json

_LONGEST_EXTERNAL_ID = 128


def start_conversation(
    session: Session,
    *,
    channel: str,
    language: str,
    timezone: str,
    source: str | None = None,
    rep_name: str | None = None,
    customer_id: int | None = None,
    identified: bool = True,
    now: datetime,
) -> Conversation:
    """A new conversation whose id cannot be guessed; `rep_name` only from a signed-in session.

    So is `customer_id`, or else `identified` is False: a customer whom a channel remembers is not proven.
    """
    conversation = Conversation(
        id=f"{channel}-{secrets.token_urlsafe(16)}",
        channel=channel,
        language=language[:8],
        timezone=timezone[:64],
        source=one_line(source, 120),
        rep_name=one_line(rep_name, 120),
        customer_id=customer_id,
        identified=identified and customer_id is not None,
        # Set here, so that it reads the same before and after it is stored.
        needs={},
        asked=[],
        questions_in_row=0,
        shown=[],
        rejected=[],
        pending={},
        created_at=now,
        updated_at=now,
    )
    session.add(conversation)
    session.flush()
    return conversation


def get_conversation(session: Session, id: str) -> Conversation | None:
    """The conversation with this id, or None."""
    return session.get(Conversation, id)


def locked(session: Session, id: str) -> Conversation:
    """The conversation as it is now, which nobody else changes until this transaction ends.

    Raises ConversationNotFound.
    """
    session.flush()  # what this transaction changed already must not be read over
    found = session.get(Conversation, id, populate_existing=True, with_for_update={"key_share": True})
    if found is None:
        raise ConversationNotFound(id)
    return found


def existing_conversation(session: Session, id: str) -> Conversation:
    """The conversation with this id; raises ConversationNotFound."""
    conversation = session.get(Conversation, id)
    if conversation is None:
        raise ConversationNotFound(id)
    return conversation


def receive(
    session: Session, conversation_id: str, *, text: str, external_id: str | None, now: datetime
) -> tuple[Message, bool]:
    """Log what a customer wrote: (message, is_new); the same external id again returns the first message."""
    key = _external_key(external_id)
    conversation = locked(session, conversation_id)  # so that its messages are numbered in the order they appear
    if key is not None and (first := _received_as(session, conversation_id, key)):
        return first, False
    message = Message(
        conversation_id=conversation_id,
        direction=Direction.INBOUND,
        state=MessageState.RECEIVED,
        external_id=key,
        text=storable(text),
        at=now,
    )
    try:
        with session.begin_nested():
            session.add(message)
    except IntegrityError:
        # Another process stored the same message first.
        first = _received_as(session, conversation_id, key) if key is not None else None
        if first is None:
            raise
        return first, False
    conversation.updated_at = max(now, conversation.updated_at)
    session.flush()
    return message, True


def _external_key(external_id: str | None) -> str | None:
    """The client's id as it fits the column; a longer one is replaced by its hash."""
    if external_id is None:
        return None
    key = storable(external_id)
    if len(key) <= _LONGEST_EXTERNAL_ID:
        return key
    return "sha256:" + hashlib.sha256(key.encode()).hexdigest()


def _received_as(session: Session, conversation_id: str, key: str) -> Message | None:
    return session.scalar(select(Message).where(Message.conversation_id == conversation_id, Message.external_id == key))


def add_reply(session: Session, message: Message, payload: dict[str, Any], now: datetime) -> Message:
    """Log one reply to a message; `payload` is what the channel sends, its "text" is the text of the log."""
    return _say(session, message.conversation_id, payload, now, reply_to=message.id)


def push(session: Session, conversation_id: str, payload: dict[str, Any], now: datetime) -> Message:
    """Log a message that answers none; channels bring it to the person like any reply."""
    return _say(session, conversation_id, payload, now, reply_to=None)


def _say(
    session: Session, conversation_id: str, payload: dict[str, Any], now: datetime, *, reply_to: int | None
) -> Message:
    clean: Any = storable_json(payload)
    message = Message(
        conversation_id=conversation_id,
        direction=Direction.OUTBOUND,
        state=MessageState.SENT,
        reply_to=reply_to,
        text=clean.get("text") or "",
        payload=clean,
        at=now,
    )
    session.add(message)
    session.flush()
    return message


def replies_to(session: Session, message_id: int) -> list[Message]:
    """The replies to one message, in the order they were given."""
    return list(session.scalars(select(Message).where(Message.reply_to == message_id).order_by(Message.id)))


def last_replies(session: Session, conversation_id: str, before: int) -> list[Message]:
    """The replies to the last message that was answered before the message with id `before`."""
    answered = session.scalar(
        select(func.max(Message.reply_to)).where(Message.conversation_id == conversation_id, Message.reply_to < before)
    )
    return [] if answered is None else replies_to(session, answered)


def history(session: Session, conversation_id: str, after: int = 0, limit: int = 200) -> list[Message]:
    """Up to `limit` messages of a conversation that came after the message with id `after`, oldest first."""
    return list(
        session.scalars(
            select(Message)
            .where(Message.conversation_id == conversation_id, Message.id > min(after, HIGHEST_ID))
            .order_by(Message.id)
            .limit(limit)
        )
    )


def mark_handled(
    session: Session,
    message: Message,
    *,
    intent: str | None,
    confidence: float | None,
    needs: dict[str, Any],
    mentions: dict[str, Any],
    language: str | None = None,
) -> None:
    """Keep what was understood of a message, and that it is answered; `language` becomes the chat's."""
    clean_needs: Any = storable_json(needs)
    clean_mentions: Any = storable_json(mentions)
    message.state = MessageState.HANDLED
    message.intent = one_line(intent, 60)
    message.confidence = confidence
    message.needs = clean_needs
    message.mentions = clean_mentions
    if language:
        session.get_one(Conversation, message.conversation_id).language = language[:8]
    session.flush()


def make_button(session: Session, conversation_id: str, title: str, intent: str, arguments: dict[str, Any]) -> Button:
    """A quick reply of this conversation; what it means stays here, the client gets only the id."""
    clean: Any = storable_json(arguments)
    button = Button(
        id=f"b_{secrets.token_urlsafe(12)}",
        conversation_id=conversation_id,
        title=one_line(title, 200) or "",
        intent=intent,
        arguments=clean,
    )
    session.add(button)
    session.flush()
    return button


def find_button(session: Session, conversation_id: str, id: str) -> Button | None:
    """The button with this id if it was made for this conversation."""
    return session.scalar(select(Button).where(Button.id == id, Button.conversation_id == conversation_id))


def request_handoff(session: Session, conversation: Conversation, reason: str, summary: str, now: datetime) -> Handoff:
    """Ask for a person; while a request is open, asking again renews it instead of adding one."""
    handoff = session.scalar(
        select(Handoff)
        .where(Handoff.conversation_id == conversation.id, Handoff.closed_at.is_(None))
        .order_by(Handoff.id)
        .limit(1)
    )
    if handoff is None:
        handoff = Handoff(conversation_id=conversation.id, requested_at=now)
        session.add(handoff)
    handoff.reason = reason[:40]
    handoff.summary = storable(summary)
    session.flush()
    return handoff
