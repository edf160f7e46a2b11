"""A chat with the real actions and a real database: only the engine's reading of each message is given."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import pytest
from rasa_sdk import Tracker
from rasa_sdk.executor import CollectingDispatcher
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from actions.dialogue import Dialogue
from actions.registry import connect_actions
from actions.sales_action import SalesAction
from actions.wording import Wording
from crm_store import carts, conversations
from crm_store.database import writing
from crm_store.tables import Conversation, Message, OrderStatus, Variant
from tests import factories
from tests.unit.actions.moments import THURSDAY_3PM

WORDING = Wording.from_domain()


@dataclass
class Chat:
    """Sends messages as Rasa would hand them to the action server."""

    sessions: sessionmaker[Session]
    conversation_id: str
    actions: dict[str, SalesAction]
    now: datetime
    sent: int = 0
    events: list[dict[str, Any]] = field(default_factory=list)
    replies: list[Message] = field(default_factory=list)

    def says(self, text: str, intent: str, confidence: float = 0.9, message_id: int | None = None, **read: Any) -> str:
        """Send a message that the engine read so; returns the answer's text, keeps events and replies."""
        self.sent += 1
        if message_id is None:
            with writing(self.sessions) as session:
                message, _ = conversations.receive(
                    session, self.conversation_id, text=text, external_id=f"m{self.sent}", now=self.now
                )
                message_id = message.id
        return self._run(message_id, text, intent, confidence, read)

    def presses(self, title: str) -> str:
        """Press the quick reply or card button of this title in the last answer."""
        cards = [card for reply in self.replies for card in reply.payload["products"]]
        offered = [b for reply in self.replies for b in reply.payload["quick_replies"]]
        offered += [b for card in cards for b in card["actions"]]
        button = next(b["payload"] for b in offered if b["title"] == title)
        entities = [{"entity": "button", "value": button}]
        return self.says("", "press_button", 1.0, entities=entities)

    def _run(self, message_id: int, text: str, intent: str, confidence: float, read: dict[str, Any]) -> str:
        latest = {
            "text": text,
            "intent": {"name": intent, "confidence": confidence},
            "metadata": {"message_id": message_id},
            "entities": [],
            **read,
        }
        tracker = Tracker(self.conversation_id, {}, latest, [], False, None, {}, None)
        dispatcher = CollectingDispatcher()
        self.events = asyncio.run(self.actions[intent].run(dispatcher, tracker, {}))
        with self.sessions() as session:
            self.replies = conversations.replies_to(session, message_id)
        self.last_message_id = message_id
        return "\n".join(reply.text for reply in self.replies)

    @property
    def outcome(self) -> str:
        return next(event["value"] for event in self.events if event["name"] == "outcome")

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [card for reply in self.replies for card in reply.payload["products"]]

    @property
    def titles(self) -> list[str]:
        return [quick["title"] for reply in self.replies for quick in reply.payload["quick_replies"]]

    def conversation(self, session: Session) -> Conversation:
        return session.get_one(Conversation, self.conversation_id)


@pytest.fixture
def open_chat(sessions: sessionmaker[Session], now: datetime):
    """Return a function that opens a chat in an existing shop."""

    def open_one(**columns: Any) -> Chat:
        with writing(sessions) as session:
            conversation_id = factories.make_conversation(session, now=now, **columns).id
        dialogue = Dialogue(sessions, WORDING, clock=lambda: now)
        actions = {action.intent: action for action in connect_actions(dialogue)}
        return Chat(sessions, conversation_id, actions, now)

    return open_one


@pytest.fixture
def chat(shop: None, open_chat) -> Chat:
    """A chat in English with the bike shop below."""
    return open_chat()


@pytest.fixture
def shop(sessions: sessionmaker[Session]) -> None:
    """A small bike shop: six mountain bikes, two helmets, one pair of gloves sold out."""
    with writing(sessions) as session:
        factories.make_shop(session, delivery_fee=5, free_delivery_from=1000)
        bikes = factories.make_category(session, "Bikes", name_zh="自行车")
        factories.make_category(session, "Mountain Bikes", name_zh="山地车", parent=bikes)
        factories.make_category(session, "Helmets", name_zh="头盔")
        for name, price, color, weight in (
            ("Kestrel 500", 1900, "Black", 12500),
            ("Kestrel 300", 1500, "Blue", 13200),
            ("Torva 2", 1200, "Green", 13900),
            ("Torva 1", 900, "Black", 14500),
            ("Moraine X", 650, "Silver", 15100),
            ("Moraine R", 1700, "Red", 12900),
        ):
            factories.make_product(
                session,
                name,
                brand=name.split()[0],
                uses=["weekend trails"] if price > 1000 else ["commuting"],
                attributes={"weight_g": str(weight)},
                variants=[
                    {
                        "sku": f"{name}-{size}".replace(" ", "-"),
                        "color": color,
                        "size": size,
                        "price": price,
                        "stock": 4,
                    }
                    for size in ("S", "M", "L")
                ],
            )
        factories.make_product(
            session,
            "Bramble Lid",
            category="Helmets",
            variants=[{"sku": "LID-M", "size": "M", "price": 60, "stock": 1}],
        )
        factories.make_product(
            session, "Thornbury", category="Helmets", variants=[{"sku": "THO-M", "size": "M", "price": 90, "stock": 0}]
        )


BIKES = {"category": "Mountain Bikes", "budget": {"max": 2000.0}}


@pytest.fixture
def goods(shop, sessions):
    """Beside the bikes: two tents, a sleeping bag, a kettle burner, gloves and helmets in sizes."""
    with writing(sessions) as session:
        for name, kind, price, sizes in (
            ("Firefly 600", "Tents", 120, (None,)),
            ("Cairn Two", "Tents", 200, (None,)),
            ("Doze Plus", "Sleeping Bags", 80, (None,)),
            ("Kettle Burner", "Stoves", 40, (None,)),
            ("Grip", "Gloves", 30, ("M", "L")),
            ("Kite Urban", "City Helmets", 70, ("M", "L")),
            ("Kite Road", "City Helmets", 75, ("M", "L")),
        ):
            variants = [
                {"sku": f"{name}-{size or 'ONE'}".replace(" ", "-"), "size": size, "price": price, "stock": 20}
                for size in sizes
            ]
            factories.make_product(session, name, category=kind, variants=variants)


@pytest.fixture
def cart(chat, sessions, now):
    """Return a function that tells what is in the chat's cart: SKU -> how many."""

    def contents() -> dict[str, int]:
        with sessions() as session:
            lines = carts.cart_of(session, chat.conversation_id, now).lines
            return {line.variant.sku: line.quantity for line in lines}

    return contents


@pytest.fixture
def bikes(chat):
    chat.says("a bike", "state_need", needs=BIKES)
    return [card["name"] for card in chat.cards]


@pytest.fixture
def tent(chat, goods):
    """A chat with one Firefly in the cart."""
    chat.says("add the firefly 600", "add_to_cart", mentions={"products": ["Firefly 600"]})
    return "Firefly-600-ONE"


@pytest.fixture
def order_number(chat, sessions):
    """An order of this very conversation."""
    with writing(sessions) as session:
        variant = session.scalars(select(Variant).where(Variant.sku == "LID-M")).one()
        conversation = session.get_one(Conversation, chat.conversation_id)
        order = factories.make_order(
            session,
            lines=[(variant, 1)],
            conversation=conversation,
            email="anna@example.org",
            name="Anna Schmidt",
            status=OrderStatus.PLACED,
        )
        return order.number


@pytest.fixture
def stranger(order_number, open_chat):
    """Somebody in another conversation, who has shown the order to be theirs."""
    chat = open_chat()
    mentions = {"order_number": order_number}
    assert order_number in chat.says(f"where is {order_number}, anna@example.org", "track_order", mentions=mentions)
    return chat


@pytest.fixture
def booked(chat):
    """A chat with a call on Thursday at 15:00."""
    chat.says("call me on thursday 3pm on 020 7946 0123", "book_followup", mentions=THURSDAY_3PM)
    return chat
