"""What a chat on the shop's own machine takes from the store: a rep's session, and what was understood.

Apart from the rest because it is needed for `--rep` and `--verbose` only, and takes a second to import.
"""

from __future__ import annotations

from datetime import UTC, datetime

from bot.channels.tokens import ConversationTokens
from bot.cli.places import store
from crm_store.conversations import start_conversation
from crm_store.customers import customer_by_key
from crm_store.database import reading, writing
from crm_store.home import Home
from crm_store.shop import current_shop
from crm_store.tables import Message


def start_signed_in(home: Home, language: str, rep: str | None, customer: str | None) -> tuple[str, str]:
    """Id and token of a rep's or a customer's conversation: who can read the home's secret is the shop, and may say
    who somebody is."""
    with store(home) as sessions, writing(sessions) as session:
        known = customer_by_key(session, customer) if customer else None
        conversation = start_conversation(
            session,
            channel="terminal",
            language=language,
            timezone=current_shop(session).timezone,
            rep_name=rep,
            customer_id=known.id if known else None,
            now=datetime.now(UTC),
        )
    return conversation.id, ConversationTokens(home.secret()).sign(conversation.id)


def logged(home: Home, message_id: int) -> Message | None:
    """A message as the store keeps it, with what was understood of it."""
    with store(home) as sessions, reading(sessions) as session:
        return session.get(Message, message_id)
