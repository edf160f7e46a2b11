"""What a web conversation knows of its customer: each call is one transaction, and blocks."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from bot.channels.consent_wording import WORDING
from crm_store import carts, consents, conversations, identity
from crm_store.database import reading, writing


class CustomerRecords:
    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions

    def state(self, conversation_id: str) -> dict[str, Any]:
        """Where the sale stands, as far as a page shows it beside the messages."""
        with reading(self._sessions) as session:
            conversation = conversations.existing_conversation(session, conversation_id)
            last = consents.latest_consent(session, conversation, consents.DETAILS)
            return {
                "language": conversation.language,
                "cart_items": carts.items_in(session, conversation_id),
                "details_expected": consents.details_expected(conversation),
                "details_agreed": last is not None and last.granted,
            }

    def speak(self, conversation_id: str, language: str) -> None:
        """The customer wants to be spoken to in this language from now on."""
        with writing(self._sessions) as session:
            conversations.existing_conversation(session, conversation_id).language = language

    def sign_in(self, conversation_id: str, key: str) -> None:
        """Raises CustomerNotFound or ConversationTaken."""
        with writing(self._sessions) as session:
            conversation = conversations.existing_conversation(session, conversation_id)
            customer = identity.customer_vouched_for(session, key)
            identity.sign_in(session, conversation, customer, datetime.now(UTC))

    def customer_id(self, key: str) -> int:
        """Our number of the customer whom the shop calls so; raises CustomerNotFound."""
        with reading(self._sessions) as session:
            return identity.customer_vouched_for(session, key).id

    def consents(self, conversation_id: str, language: str) -> list[dict[str, Any]]:
        """Each purpose, in which words it is asked for, and the last word on it."""
        with reading(self._sessions) as session:
            conversation = conversations.existing_conversation(session, conversation_id)
            listed = []
            for purpose, wording in WORDING.items():
                last = consents.latest_consent(session, conversation, purpose)
                listed.append(
                    {
                        "purpose": purpose,
                        "wording": wording[language],
                        "granted": last and last.granted,
                        "at": last and last.at,
                    }
                )
            return listed

    def record_consent(self, conversation_id: str, purpose: str, granted: bool, language: str) -> None:
        """Keep the customer's word, beside our own wording: what a browser says we asked is not evidence."""
        with writing(self._sessions) as session:
            conversation = conversations.existing_conversation(session, conversation_id)
            wording = WORDING[purpose][language]
            last = consents.latest_consent(session, conversation, purpose)
            if last is None or (last.granted, last.wording) != (granted, wording):  # pressed twice is said once
                consents.record_consent(session, conversation, purpose, granted, wording, datetime.now(UTC))
