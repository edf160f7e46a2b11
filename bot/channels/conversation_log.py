"""The conversation log as the channels use it: each call is one transaction, and blocks.

Async callers run these in a thread.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from bot.channels import customer_text
from crm_store import conversations, inbox
from crm_store.database import reading, writing
from crm_store.shop import current_shop
from crm_store.tables import Conversation, Direction, Message, MessageState


@dataclass(frozen=True, slots=True)
class Waiting:
    """One message for the engine: its id in the store, what Rasa gets, when and where it was said."""

    id: int
    for_engine: str
    at: datetime
    timezone: str


class ConversationLog:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def start(
        self, *, language: str | None, timezone: str | None, source: str | None, customer_id: int | None = None
    ) -> Conversation:
        """A new web conversation, of a proven customer or of anybody; ShopNotSetUp when there is no shop yet."""
        with writing(self._sessions, alone=False) as session:
            return conversations.start_conversation(
                session,
                channel="web",
                language=language or "en",
                timezone=timezone or current_shop(session).timezone,
                source=source,
                customer_id=customer_id,
                now=datetime.now(UTC),
            )

    def find(self, conversation_id: str) -> Conversation | None:
        with reading(self._sessions) as session:
            return conversations.get_conversation(session, conversation_id)

    def receive(self, conversation_id: str, *, text: str | None, button: str | None, external_id: str) -> Message:
        """The inbound message under the client's own id: stored now, or the one stored under it before."""
        with writing(self._sessions, alone=False) as session:
            if button is not None:
                known = conversations.find_button(session, conversation_id, button)
                text = known.title if known else ""
            message, new = conversations.receive(
                session,
                conversation_id,
                text=customer_text.kept(text or ""),
                external_id=external_id,
                now=datetime.now(UTC),
            )
            if new and button is not None:
                message.payload = {"button": button}
            return message

    def waiting(self, conversation_id: str, up_to: int) -> list[Waiting]:
        """What the engine still has to handle, oldest first: `up_to` itself and anything left before it."""
        with reading(self._sessions) as session:
            conversation = conversations.get_conversation(session, conversation_id)
            if conversation is None:
                return []
            messages = inbox.waiting_messages(session, conversation_id, up_to)
            return [_for_engine(message, conversation.timezone) for message in messages]

    def handled(self, message_id: int) -> Message | None:
        """The inbound message once its turn is over, else None."""
        with reading(self._sessions) as session:
            message = session.get(Message, message_id)
            return message if message and message.state is not MessageState.RECEIVED else None

    def replies(self, message_id: int) -> list[dict[str, Any]]:
        with reading(self._sessions) as session:
            return [as_reply(message) for message in conversations.replies_to(session, message_id)]

    def history(self, conversation_id: str, after: int, limit: int) -> list[dict[str, Any]]:
        with reading(self._sessions) as session:
            return _as_shown(conversations.history(session, conversation_id, after=after, limit=limit))

    def pushed(self, conversation_id: str, after: int, limit: int) -> list[dict[str, Any]]:
        with reading(self._sessions) as session:
            return _as_shown(inbox.pushed_messages(session, conversation_id, after, limit))

    def newest_id(self) -> int:
        with reading(self._sessions) as session:
            return inbox.newest_message_id(session)


def as_reply(message: Message) -> dict[str, Any]:
    """A message as the HTTP API shows it."""
    shown = {"text": message.text, "quick_replies": [], "products": []}
    if message.direction is Direction.OUTBOUND:
        shown |= message.payload
    else:
        shown["client_message_id"] = message.external_id
    sender = "customer" if message.direction is Direction.INBOUND else "shop"
    return shown | {"id": message.id, "from": sender, "reply_to": message.reply_to, "at": message.at}


def _as_shown(messages: Sequence[Message]) -> list[dict[str, Any]]:
    return [as_reply(message) for message in messages]


def _for_engine(message: Message, timezone: str) -> Waiting:
    button = message.payload.get("button")
    text = customer_text.pressed(button) if button else customer_text.for_engine(message.text)
    return Waiting(message.id, text, message.at, timezone)
