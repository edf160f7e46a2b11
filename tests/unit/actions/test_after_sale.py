"""Orders are found, cancelled and returned only by the person they belong to."""

from __future__ import annotations

import pytest
from rasa_sdk.events import SlotSet
from sqlalchemy import select

from crm_store.database import writing
from crm_store.tables import Conversation, Order, OrderStatus, RequestKind, ServiceRequest, Variant
from tests import factories


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


def test_the_customer_of_the_conversation_hears_where_the_order_is(chat, order_number):
    answer = chat.says("where is my order?", "track_order")
    assert order_number in answer and "Bramble Lid" in answer
    assert chat.events == [SlotSet("language", "en"), SlotSet("outcome", "order_found")]


def test_a_stranger_with_the_number_alone_is_asked_for_a_contact_and_told_nothing(order_number, open_chat):
    stranger = open_chat()
    asked = stranger.says(f"where is {order_number}", "track_order", mentions={"order_number": order_number})
    assert "which e-mail address or phone number" in asked
    wrong = stranger.says("eve@example.org", "give_contact_details")
    assert "can't find an order" in wrong and "Bramble" not in wrong


def test_number_and_contact_find_the_order_from_another_conversation(order_number, open_chat):
    elsewhere = open_chat()
    elsewhere.says("where is my order", "track_order")
    elsewhere.says(order_number, "out_of_scope", mentions={"order_number": order_number})
    assert order_number in elsewhere.says("anna@example.org", "give_contact_details")


def test_guessing_numbers_ends_after_five_tries(order_number, open_chat):
    stranger = open_chat()
    for _ in range(5):
        stranger.says("order SC-222222", "track_order", mentions={"order_number": "SC-222222"})
        stranger.says("anna@example.org", "give_contact_details")
    stranger.says("order", "track_order", mentions={"order_number": order_number})
    assert "can't find an order" in stranger.says("anna@example.org", "give_contact_details")


def test_cancelling_asks_first_and_puts_the_stock_back(chat, order_number, sessions):
    assert "really cancel" in chat.says("cancel my order", "cancel_order")
    assert "cancelled" in chat.presses("Yes, cancel it")
    with sessions() as session:
        assert session.scalars(select(Order.status)).one() is OrderStatus.CANCELLED


def test_not_confirming_keeps_the_order(chat, order_number, sessions):
    chat.says("cancel my order", "cancel_order")
    assert "stays as it is" in chat.says("no", "deny")
    with sessions() as session:
        assert session.scalars(select(Order.status)).one() is not OrderStatus.CANCELLED


def test_an_order_not_yet_sent_is_to_be_cancelled_not_returned(chat, order_number):
    assert "not been sent yet" in chat.says("I want to return it", "request_refund")


@pytest.mark.parametrize(
    ("intent", "kind"), [("change_order", RequestKind.CHANGE), ("request_refund", RequestKind.RETURN)]
)
def test_a_change_or_return_is_recorded_with_the_customers_words(chat, order_number, sessions, intent, kind):
    if kind is RequestKind.RETURN:
        with writing(sessions) as session:
            session.scalars(select(Order)).one().status = OrderStatus.DELIVERED
    chat.says("about my order", intent)
    chat.says("it is too small", "out_of_scope")
    with sessions() as session:
        request = session.scalars(select(ServiceRequest)).one()
        assert (request.kind, request.details) == (kind, "it is too small")


@pytest.mark.parametrize(
    ("intent", "expected"),
    [
        ("ask_delivery", "working days"),
        ("ask_return_policy", "days"),
        ("ask_payment_methods", "pay by"),
        ("ask_warranty", "months"),
        ("payment_issue", "colleague"),
        ("ask_invoice", "order number"),
        ("track_refund", "order number"),
    ],
)
def test_questions_about_terms_are_answered_from_the_shops_settings(chat, intent, expected):
    assert expected in chat.says("a question", intent)
