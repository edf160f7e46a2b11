"""The main job, through every process: a customer's words become an order, a lead and a promise."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.shop import current_shop
from crm_store.tables import FollowUp, Lead, LeadStage, Message, Order, Variant
from tests.fake_telegram.customer import TelegramCustomer
from tests.fake_telegram.people import Person
from tests.fake_telegram.server import FakeTelegram
from tests.stack import Customer, Stack

TIMEZONE = "Europe/London"

ENGLISH = {
    "opening": {"language": "en", "timezone": TIMEZONE, "source": "spring-campaign"},
    "need": "I'm after a mountain bike for weekend trails, not red, up to 2 grand",
    "cheaper": "anything cheaper?",
    "medium": "is the second one in stock in a medium?",
    "take": "ok i'll take it, and a helmet",
    "delivery": ("how long does delivery take?", "working days"),
    "checkout": "checkout",
    "name": "Anna Schmidt",
    "bad_email": ("anna@nowhere", "anna@nowhere"),
    "email": "anna.schmidt@example.org",
    "address": "14 Mill Lane, Bath BA1 2XY",
    "confirm": "yes please",
    "call": "can someone call me next tuesday afternoon?",
    "where": "where is my order?",
    "hello": "hi",
}
CHINESE = {
    "opening": {"language": "zh", "timezone": "Asia/Shanghai"},
    "hello": "你好",
    "need": "我想买一辆周末骑的山地车，不要红色，一万五以内",
    "cheaper": "有便宜一点的吗",
    "medium": "第二款有中号的吗",
    "take": "好的，就要这个，再加一个头盔",
    "delivery": ("送货要多久？", "工作日"),
    "checkout": "结账",
    "name": "李雷",
    "bad_email": ("lilei@", "lilei@"),
    "email": "lilei@example.org",
    "address": "上海市长宁区延安西路100号3栋502室",
    "confirm": "确认",
    "call": "下周二下午能给我打个电话吗",
    "where": "我的订单到哪了？",
}


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["english", "chinese"])
def test_a_conversation_becomes_an_order_a_lead_and_a_promise(stack: Stack, store: Session, words: dict) -> None:
    with Customer(stack.address, **words["opening"]) as customer:
        buy(customer, store, words)


@pytest.mark.parametrize(("words", "number"), [(ENGLISH, 31), (CHINESE, 32)], ids=["english", "chinese"])
def test_the_same_conversation_in_telegram(
    stack: Stack, telegram: FakeTelegram, store: Session, words: dict, number: int
) -> None:
    language = "zh-hans" if words is CHINESE else "en-GB"
    customer = TelegramCustomer(Person(telegram, number, language=language), store)
    customer.says(f"/start {words['opening'].get('source', '')}".strip())
    here = {"timezone": current_shop(store).timezone, "source": words["opening"].get("source", "telegram")}
    buy(customer, store, words | {"opening": here})


def test_in_telegram_one_press_gives_the_phone_number(stack: Stack, telegram: FakeTelegram, store: Session) -> None:
    customer = TelegramCustomer(Person(telegram, 33), store)
    for words in ("a helmet under 200 in black", "i'll take the first one", "checkout", "Ann Lee"):
        customer.says(words)
    assert customer.share_button == "Share my phone number"
    customer.shares_number("447911123456")
    assert customer.share_button is None and customer.received[-1].markup == {"remove_keyboard": True}
    customer.says("3 Park Road, Leeds LS1 2AB")
    customer.presses("Yes, place the order")
    (order,) = orders_of(store, customer.id)
    assert order.phone == "+447911123456"


def buy(customer: Customer | TelegramCustomer, store: Session, words: dict) -> None:
    """The conversation, from the first message to the order and what comes after it."""
    customer.says(words["hello"])
    customer.says(words["need"])
    shown = customer.cards
    assert 2 <= len(shown) <= 3
    assert all("Red" not in card["name"] and "红" not in card["name"] for card in shown)
    customer.says(words["cheaper"])
    cheaper = customer.cards
    assert Decimal(cheaper[0]["price"]) < min(Decimal(card["price"]) for card in shown)
    assert len(cheaper) >= 2
    customer.says(words["medium"])
    taken = customer.says(words["take"])
    assert "$" in taken
    question, answer = words["delivery"]
    assert answer in customer.says(question)
    customer.says(words["checkout"])
    customer.says(words["name"])
    bad, named = words["bad_email"]
    assert named in customer.says(bad)
    customer.says(words["email"])
    summary = customer.says(words["address"])
    assert words["name"] in summary and words["address"][:6] in summary
    assert orders_of(store, customer.id) == []
    before = stocks(store)
    placed = customer.says(words["confirm"])
    (order,) = orders_of(store, customer.id)
    assert order.number in placed
    customer.says(words["call"])
    assert order.number in customer.says(words["where"])
    check_store(store, customer.id, order, cheaper[1]["sku"], before, words)


def check_store(
    store: Session, conversation_id: str, order: Order, bike_sku: str, before: dict[str, int | None], words: dict
) -> None:
    bike, helmet = order.lines
    assert bike.variant.product.code == store.scalars(select(Variant).where(Variant.sku == bike_sku)).one().product.code
    assert bike.variant.size == "M" and bike.variant.color != "Red"
    assert helmet.variant.product.category.name == "Helmets"
    assert [line.quantity for line in order.lines] == [1, 1]
    assert order.total == sum(line.unit_price for line in order.lines) + order.delivery_fee
    assert order.email == words["email"] and order.name == words["name"]
    after = stocks(store)
    for line in order.lines:
        sku = line.variant.sku
        assert after[sku] == before[sku] - 1
    (lead,) = store.scalars(select(Lead).where(Lead.conversation_id == conversation_id))
    assert lead.stage is LeadStage.CONVERTED
    assert lead.source == words["opening"].get("source", "web")
    (promise,) = store.scalars(select(FollowUp).where(FollowUp.conversation_id == conversation_id))
    zone = ZoneInfo(words["opening"]["timezone"])
    today = datetime.now(UTC).astimezone(zone).date()
    monday = today - timedelta(days=today.weekday())
    assert promise.due_at.astimezone(zone).date() == monday + timedelta(days=8)
    assert promise.due_at.astimezone(zone).hour == 14 and promise.kind == "call"


def orders_of(store: Session, conversation_id: str) -> list[Order]:
    store.rollback()  # ends the view of before, so that what the assistant wrote since is seen
    return list(store.scalars(select(Order).where(Order.conversation_id == conversation_id)))


def stocks(store: Session) -> dict[str, int | None]:
    store.rollback()  # ends the view of before, so that what the assistant wrote since is seen
    return dict(store.execute(select(Variant.sku, Variant.stock)).all())


def test_the_same_message_twice_gives_the_same_answer_and_one_effect(stack: Stack, store: Session) -> None:
    with Customer(stack.address) as customer:
        body = {"text": "hi", "client_message_id": "same"}
        first, second = (
            customer.http.post(f"/api/v1/conversations/{customer.id}/messages", json=body).json() for _ in range(2)
        )
        assert first == second
        received = select(Message).where(Message.conversation_id == customer.id, Message.external_id == "same")
        assert len(store.scalars(received).all()) == 1


def test_the_inner_servers_answer_nobody_without_the_token(stack: Stack) -> None:
    engine = f"http://127.0.0.1:{stack.environment['SALESCLERK_ENGINE_PORT']}"
    actions = f"http://127.0.0.1:{stack.environment['SALESCLERK_ACTIONS_PORT']}"
    message = {"sender": "x", "message": "hi", "metadata": {"message_id": 1}}
    assert httpx.post(f"{engine}/webhooks/salesclerk/webhook", json=message).status_code == 401
    assert httpx.get(f"{engine}/conversations/x/tracker").status_code == 401
    assert httpx.post(f"{actions}/webhook", json={"next_action": "action_greet"}).status_code == 401
