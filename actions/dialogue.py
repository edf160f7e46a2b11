"""From an understood message to its stored answer: the one transaction of a turn."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from actions import pending
from actions.browsing.needs import says_not_sold, takes_amount
from actions.browsing.stock_watch import offer_to_watch
from actions.cart import changes as cart_changes
from actions.checkout import steps as checkout
from actions.replies import Reply
from actions.turn import Turn, Understood
from actions.wording import LANGUAGES, Wording
from crm_store import conversations
from crm_store.catalog_cache import CatalogCache
from crm_store.database import writing
from crm_store.errors import OutOfStock, SalesError
from crm_store.shop import current_shop
from crm_store.tables import Message, MessageState
from models.live import LiveModels

if TYPE_CHECKING:
    from actions.sales_action import SalesAction

logger = logging.getLogger(__name__)

BUTTON_INTENT = "press_button"
FALLBACK_INTENT = "out_of_scope"
# A second wish of these kinds is answered at once: it orders, books and cancels nothing. Others wait as buttons.
ANSWERED_BESIDE = frozenset(
    """state_need ask_promotion view_cart track_order track_refund ask_delivery ask_return_policy ask_payment_methods
    ask_invoice ask_warranty""".split()
)
MOST_BESIDE = 2
# Buttons that answer the question waiting; any other button says all by itself.
ANSWER_BUTTONS = frozenset({"affirm", "deny", "no_preference", "stop"})


class UnknownMessage(LookupError):
    """The engine was sent a message that no channel stored."""


@dataclass(frozen=True)
class Handled:
    texts: list[str]
    language: str
    outcome: str


class Dialogue:
    """Handles each stored message once: the same message again gives the same answer and has no second effect."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        wording: Wording,
        clock: Callable[[], datetime] = lambda: datetime.now(UTC),
        models: LiveModels | None = None,
    ) -> None:
        self._sessions = sessions
        self._wording = wording
        self._clock = clock
        self._models = models
        self._catalog = CatalogCache()
        self._actions: dict[str, SalesAction] = {}

    def use(self, actions: Mapping[str, SalesAction]) -> None:
        """Set the action that answers each intent."""
        self._actions = dict(actions)

    def handle(self, message_id: int, understood: Understood) -> Handled:
        try:
            with writing(self._sessions, alone=False) as session:
                return self._handle_once(session, message_id, understood, self._take_turn)
        except (UnknownMessage, OperationalError):
            raise  # not this turn's fault: the channel sends the message again
        except Exception:  # the edge of a turn: the customer gets a sentence, the log the reason
            logger.exception("message %s could not be answered", message_id)
            with writing(self._sessions, alone=False) as session:
                return self._handle_once(session, message_id, understood, _say_technical_problem)

    def _handle_once(
        self, session: Session, message_id: int, understood: Understood, take: Callable[[Turn], None]
    ) -> Handled:
        message = session.get(Message, message_id, with_for_update=True)
        if message is None:
            raise UnknownMessage(f"message {message_id} is not in the store")
        conversation = conversations.locked(session, message.conversation_id)
        if message.state is MessageState.HANDLED:
            texts = [reply.text for reply in conversations.replies_to(session, message.id)]
            return Handled(texts, conversation.language, "repeated")
        shop, now = current_shop(session), self._clock()
        learned = self._models.current() if self._models else None
        turn = Turn(session, conversation, message, understood, shop, self._wording, self._catalog, now, learned)
        take(turn)
        return self._store(turn)

    def _take_turn(self, turn: Turn) -> None:
        pressed = turn.intent == BUTTON_INTENT
        if pressed and not self._press(turn):
            turn.say("utter_button_gone")
            return
        if not turn.text:
            turn.say("utter_empty_message")
            return
        self._settle_language(turn)
        _settle_authority(turn)
        try:
            with turn.session.begin_nested():
                waiting = turn.question
                self._answer(turn, free=not pressed or turn.intent in ANSWER_BUTTONS)
                if not turn.checkout:  # there names and addresses are written, not wishes
                    self._answer_beside(turn, asks=pending.is_new(turn.question, waiting))
        except SalesError as error:
            turn.session.refresh(turn.conversation)
            turn.replies = [Reply()]
            say_refusal(turn, error)
            turn.outcome = error.code

    def _answer(self, turn: Turn, free: bool) -> None:
        if pending.button_decides(turn):
            return
        if free and cart_changes.takes_quantity(turn):
            checkout.remind(turn)
            return
        if free and pending.answers_question(turn):
            return
        if free and pending.words_decide(turn):
            checkout.remind(turn)
            pending.remind(turn)
            return
        if free and checkout.takes_answer(turn):
            return
        if free and (takes_amount(turn) or says_not_sold(turn)):
            return
        if turn.understood.language not in (None, *LANGUAGES) and turn.understood.language_certain:
            turn.say("utter_other_language")
        else:
            action = self._actions.get(turn.intent) or self._actions[FALLBACK_INTENT]
            action.answer(turn)
        checkout.remind(turn)
        pending.remind(turn)

    def _answer_beside(self, turn: Turn, asks: bool) -> None:
        """Answer what else the message asked, or keep it as a button: `asks` when the first answer is a question."""
        main = turn.understood
        for wish in main.wishes[:MOST_BESIDE]:
            if wish["intent"] == main.intent or wish["intent"] not in self._actions:
                continue
            turn.new_reply()
            if asks or wish["intent"] not in ANSWERED_BESIDE:
                turn.say("utter_also_said")
                turn.offer(wish["text"], wish["intent"], needs=wish["needs"], mentions=wish["mentions"])
                continue
            turn.understood = replace(
                main, intent=wish["intent"], confidence=wish["confidence"],
                needs=wish["needs"], mentions=wish["mentions"],
            )  # fmt: skip
            self._actions[wish["intent"]].answer(turn)
        turn.understood = main

    def _press(self, turn: Turn) -> bool:
        """Put the meaning of a pressed button in the place of the words; False when the button is not known here."""
        button_id = turn.understood.button or ""
        button = conversations.find_button(turn.session, turn.conversation.id, button_id)
        if button is None:
            return False
        turn.message.text = button.title
        turn.understood = replace(
            turn.understood,
            intent=button.intent,
            confidence=1.0,
            arguments={name: value for name, value in button.arguments.items() if name not in ("needs", "mentions")},
            needs=button.arguments.get("needs") or {},
            mentions=button.arguments.get("mentions") or {},
        )
        return True

    def _settle_language(self, turn: Turn) -> None:
        spoken = turn.understood.language
        if turn.understood.language_certain and spoken in LANGUAGES and not turn.conversation.pending.get("checkout"):
            turn.conversation.language = spoken

    def _store(self, turn: Turn) -> Handled:
        spoken = [reply for reply in turn.replies if reply.paragraphs or reply.products]
        if spoken:
            spoken[-1].asks = checkout.asked_for(turn)
        for reply in spoken:
            conversations.add_reply(turn.session, turn.message, reply.payload(), turn.now)
        conversations.mark_handled(
            turn.session,
            turn.message,
            intent=turn.intent,
            confidence=turn.understood.confidence,
            needs=dict(turn.understood.needs),
            mentions=dict(turn.understood.mentions),
        )
        turn.conversation.updated_at = turn.now
        return Handled([r.payload()["text"] for r in spoken], turn.language, turn.outcome)


def _settle_authority(turn: Turn) -> None:
    """What only reps may ask is out of scope for anybody else, in the checkout too, whatever the words."""
    if turn.intent.startswith("rep_") and turn.conversation.rep_name is None:
        turn.understood = replace(turn.understood, intent=FALLBACK_INTENT)


def say_refusal(turn: Turn, error: SalesError) -> None:
    """Say why something cannot be done; a reason among the facts may have a sentence of its own."""
    response = f"utter_error_{error.code}"
    special = f"{response}_{error.facts.get('reason')}"
    turn.say(special if turn.wording.has(special) else response, **error.facts)
    if error.code == OutOfStock.code and not error.facts["available"]:
        offer_to_watch(turn, error.facts["sku"])


def _say_technical_problem(turn: Turn) -> None:
    turn.say("utter_technical_problem")
    turn.outcome = "failed"
