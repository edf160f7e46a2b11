"""From updates to the conversation log: each call is one transaction, and blocks."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session, sessionmaker

from bot.channels import customer_text
from bot.channels.inbox import ANSWER
from bot.channels.letters import mark_gone
from bot.channels.telegram.client import CHANNEL, read_update
from bot.channels.telegram.reading import (
    Commanded,
    Edited,
    Meaning,
    Membership,
    Moved,
    Pressed,
    Reader,
    Said,
    Shown,
    Who,
)
from bot.channels.telegram.words import phrase
from crm_store import conversations, inbox
from crm_store.database import reading, wait_for, writing
from crm_store.errors import SalesError
from crm_store.shop import current_shop
from crm_store.tables import Conversation, InboundUpdate, Message

log = logging.getLogger(__name__)

UPDATES_AT_ONCE = 20  # read in one transaction, in which nobody else can write
KEPT_DAYS = 14  # Telegram itself forgets updates after a day
INTENTS = {
    "start": "greet",
    "help": "ask_capabilities",
    "cart": "view_cart",
    "orders": "track_order",
    "human": "talk_to_human",
    "stop": "opt_out",
}
COMMANDS = frozenset(INTENTS) | {"language", "privacy"}
# Buttons whose meaning the channel knows and no action does.
GONE = "b_gone"
SAY = "channel_say"
SPEAK = "channel_language"


@dataclass(slots=True)
class Settled:
    """What came of the updates: conversations with something to handle, and presses in groups to be answered."""

    arrived: list[str] = field(default_factory=list)
    presses: list[tuple[str, str | None]] = field(default_factory=list)  # query, and what to say to who pressed
    wait: float | None = None  # seconds until the next one may be read


class UpdateLog:
    def __init__(self, sessions: sessionmaker[Session], bot_id: int) -> None:
        self._sessions = sessions
        self._account = str(bot_id)

    def keep(self, updates: Iterable[Mapping[str, Any]]) -> int:
        """Store updates as they came, before they are acknowledged; returns how many are new."""
        numbered = [(int(update["update_id"]), update) for update in updates]
        with writing(self._sessions, alone=False) as session:
            return len(inbox.keep_updates(session, CHANNEL, self._account, numbered, datetime.now(UTC)))

    def settle(self, reader: Reader, hold: float) -> Settled:
        """Put what is kept into the log, in Telegram's order; one that came before its time waits `hold` seconds."""
        settled = Settled()
        with reading(self._sessions) as session:  # mostly nothing waits, and then nobody need be kept from writing
            if not inbox.waiting_updates(session, CHANNEL, self._account, limit=1):
                return settled
        with writing(self._sessions, alone=False) as session:
            wait_for(session, f"updates of {CHANNEL} {self._account}")
            now = datetime.now(UTC)
            last = inbox.last_read(session, CHANNEL, self._account)
            for kept in inbox.waiting_updates(session, CHANNEL, self._account, limit=UPDATES_AT_ONCE):
                early = hold - (now - kept.received_at).total_seconds()
                if early > 0 and (last is None or kept.position > last + 1):
                    settled.wait = early
                    break
                self._settle_one(session, kept, reader, settled)
                last = max(kept.position, last or 0)
            else:
                settled.wait = 0.0 if inbox.waiting_updates(session, CHANNEL, self._account, limit=1) else None
        return settled

    def address(self, conversation_id: str) -> dict[str, Any]:
        with reading(self._sessions) as session:
            found = inbox.address_of(session, conversation_id)
            return dict(found.address) if found else {}

    def link_customer(self, conversation_id: str) -> None:
        """Once an order has told who it is, the person in Telegram is that customer in later conversations too."""
        with reading(self._sessions) as session:
            user = _linkable(session, conversation_id)
        if user is not None:
            with writing(self._sessions) as session:
                inbox.remember_identity(session, session.get_one(Conversation, conversation_id), user)

    def move_chat(self, old: int, new: int) -> None:
        with writing(self._sessions) as session:
            inbox.move_chat(session, CHANNEL, str(old), str(new), {"chat": new})

    def forget_old(self) -> None:
        with writing(self._sessions) as session:
            inbox.forget_updates(session, CHANNEL, datetime.now(UTC) - timedelta(days=KEPT_DAYS))

    def _settle_one(self, session: Session, kept: InboundUpdate, reader: Reader, settled: Settled) -> None:
        update = read_update(kept.payload)
        try:
            with session.begin_nested():
                meaning = reader.meaning(update) if update else None
                if meaning is not None:
                    _Keeping(session, kept, settled, datetime.now(UTC)).keep(meaning)
        except (OperationalError, InterfaceError, SalesError):
            raise  # not this update's fault: it waits
        except Exception:  # the edge of one update: the others must go on, and this one is kept to look at
            log.exception("update %s cannot be read", kept.external_id)
            update = None
        inbox.settle_update(session, kept, readable=update is not None)


def _linkable(session: Session, conversation_id: str) -> str | None:
    conversation = conversations.get_conversation(session, conversation_id)
    address = inbox.address_of(session, conversation_id)
    if conversation is None or conversation.customer_id is None or address is None:
        return None
    user = str(address.address.get("user"))
    return None if inbox.customer_known_as(session, CHANNEL, user) else user


class _Keeping:
    """Writes down what one update means."""

    def __init__(self, session: Session, kept: InboundUpdate, settled: Settled, now: datetime) -> None:
        self._session = session
        self._key = kept.external_id
        self._settled = settled
        self._now = now

    def keep(self, meaning: Meaning) -> None:
        match meaning:
            case Said():
                self._receive(self._conversation(meaning.who), meaning.who, meaning.message, meaning.text)
            case Commanded():
                self._command(meaning)
            case Pressed():
                self._press(meaning)
            case Edited():
                self._edit(meaning)
            case Shown():
                conversation = self._conversation(meaning.who)
                answer = {"text": phrase(meaning.what, conversation.language)}
                self._receive(conversation, meaning.who, meaning.message, f"[{meaning.what}]", answer=answer)
            case Membership():
                self._membership(meaning)
            case Moved():
                inbox.move_chat(self._session, CHANNEL, str(meaning.old), str(meaning.new), {"chat": meaning.new})

    def _conversation(self, who: Who) -> Conversation:
        """The conversation of this person in this chat, begun when they are new."""
        address = inbox.find_address(self._session, CHANNEL, who.key)
        if address is not None:
            inbox.set_blocked(self._session, [address], None)
            return self._session.get_one(Conversation, address.conversation_id)
        # In a group everybody reads along: what the shop knows of a customer is not for them.
        known = None if who.group else inbox.customer_known_as(self._session, CHANNEL, str(who.user))
        conversation = conversations.start_conversation(
            self._session,
            channel=CHANNEL,
            language=who.language,
            timezone=current_shop(self._session).timezone,
            customer_id=known,
            identified=False,  # it comes of an address that was typed into an order
            now=self._now,
        )
        where = {"chat": who.chat, "user": who.user, "group": who.group}
        inbox.add_address(self._session, conversation, who.key, where)
        return conversation

    def _receive(
        self,
        conversation: Conversation,
        who: Who,
        message_id: int,
        text: str,
        *,
        key: str | None = None,
        button: str | None = None,
        answer: Mapping[str, Any] | None = None,
    ) -> Message:
        """Log a message and have it handled: by the engine, or with the answer that the channel has for it."""
        message, new = conversations.receive(
            self._session,
            conversation.id,
            text=customer_text.kept(text),
            external_id=key or self._key,
            now=self._now,
        )
        if new:
            payload: dict[str, Any] = {"telegram": {"message": message_id, "thread": who.thread}}
            if button is not None:
                payload["button"] = button
            if answer is not None:
                payload[ANSWER] = {"quick_replies": [], "products": [], **answer}
            message.payload = payload
            self._settled.arrived.append(conversation.id)
        return message

    def _command(self, said: Commanded) -> None:
        conversation = self._conversation(said.who)
        if said.name == "start" and said.rest:
            inbox.came_from(self._session, conversation, said.rest)
        typed = f"/{said.name}"
        if said.name == "language":
            answer = self._language_question(conversation)
        elif said.name == "privacy":
            answer = self._privacy(conversation)
        else:
            button = self._button(conversation, typed, INTENTS[said.name])
            self._receive(conversation, said.who, said.message, typed, button=button["payload"])
            return
        self._receive(conversation, said.who, said.message, typed, answer=answer)

    def _language_question(self, conversation: Conversation) -> dict[str, Any]:
        offered = [
            self._button(conversation, title, SPEAK, language=language)
            for title, language in (("English", "en"), ("中文", "zh"))
        ]
        return {"text": phrase("language", conversation.language), "quick_replies": offered}

    def _privacy(self, conversation: Conversation) -> dict[str, Any]:
        erase = self._button(conversation, phrase("erase", conversation.language), "erase_my_data")
        return {"text": phrase("privacy", conversation.language), "quick_replies": [erase]}

    def _press(self, pressed: Pressed) -> None:
        who = pressed.who
        conversation = self._conversation(who)
        button = conversations.find_button(self._session, conversation.id, pressed.button)
        if who.group:
            stranger = phrase("not_yours", conversation.language) if button is None else None
            self._settled.presses.append((pressed.query, stranger))
        if button is None and who.group:
            return
        if button is not None and button.intent == SPEAK:
            conversation.language = button.arguments["language"]
            answer = {"text": phrase("language_set", conversation.language)}
            self._receive(conversation, who, pressed.message, button.title, answer=answer)
        elif button is not None and button.intent == SAY:
            # One key for all presses: the new words are taken once.
            self._receive(conversation, who, pressed.message, button.arguments["text"], key=button.arguments["key"])
        else:
            # An id that we never gave is as good as one that is gone; what else it says must not reach the engine.
            self._receive(
                conversation, who, pressed.message, button.title if button else "", button=button.id if button else GONE
            )

    def _edit(self, edited: Edited) -> None:
        """A correction has no effect by itself: the customer is told so, and may have the new words taken."""
        conversation = self._conversation(edited.who)
        take = self._button(
            conversation,
            phrase("take_edited", conversation.language),
            SAY,
            text=edited.text,
            key=f"{self._key}:taken",
        )
        answer = {"text": phrase("edited", conversation.language), "quick_replies": [take]}
        self._receive(conversation, edited.who, edited.message, edited.text, answer=answer)

    def _membership(self, membership: Membership) -> None:
        if membership.user is None:
            addresses = inbox.addresses_in(self._session, CHANNEL, f"{membership.chat}:")
            inbox.set_blocked(self._session, addresses, None if membership.reachable else self._now)
            return
        address = inbox.find_address(self._session, CHANNEL, f"{membership.chat}:{membership.user}")
        if address is None:
            return
        if membership.reachable:
            inbox.set_blocked(self._session, [address], None)
        else:
            mark_gone(self._session, address.conversation_id, self._now)

    def _button(self, conversation: Conversation, title: str, intent: str, **arguments: Any) -> dict[str, str]:
        made = conversations.make_button(self._session, conversation.id, title, intent, arguments)
        return {"title": made.title, "payload": made.id}
