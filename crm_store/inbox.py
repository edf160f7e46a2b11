"""What the channels ask of the log: which messages still wait, and what came up without being asked for."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_store.tables import Direction, Message, MessageState


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
            Message.id > after,
        )
        .order_by(Message.id)
        .limit(limit)
    )
    return session.scalars(pushed).all()


def newest_message_id(session: Session) -> int:
    """The highest message id of the store, 0 when it has none: cheap enough to ask every second."""
    return session.scalar(select(func.max(Message.id))) or 0
