"""Orders are found, cancelled and returned only by the person they belong to."""

from __future__ import annotations

import pytest
from rasa_sdk.events import SlotSet
from sqlalchemy import select

from crm_store import carts
from crm_store.database import writing
from crm_store.tables import Order, OrderStatus, RequestKind, ServiceRequest, Variant


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


def test_denying_never_cancels_an_order(chat, order_number, sessions):
    for text, intent in (
        ("别取消", "cancel_order"),
        ("等等，先不取消", "affirm"),
        ("don't cancel it", "cancel_order"),
        ("no wait", "stop"),
    ):
        chat.says("cancel my order", "cancel_order")
        assert "stays as it is" in chat.says(text, intent), text
    assert "stays as it is" in chat.says("别取消我的订单", "cancel_order")
    with sessions() as session:
        assert session.scalars(select(Order.status)).one() is OrderStatus.PLACED


@pytest.mark.parametrize(
    ("text", "intent"),
    [("yes", "affirm"), ("yes, cancel it", "cancel_order"), ("取消", "stop"), ("确定取消", "affirm")],
)
def test_a_clear_yes_cancels(chat, order_number, text, intent):
    chat.says("cancel my order", "cancel_order")
    assert "is cancelled" in chat.says(text, intent)


def test_a_question_does_not_cancel(chat, order_number):
    chat.says("cancel my order", "cancel_order")
    assert "is cancelled" not in chat.says("will i get my money back if i cancel", "affirm")


def test_a_question_in_between_is_answered_and_ours_asked_again(chat, order_number):
    chat.says("cancel my order", "cancel_order")
    answer = chat.says("how long does delivery take?", "ask_delivery")
    assert "working days" in answer and "shall I cancel it, yes or no?" in answer
    chat.says("which payments do you take?", "ask_payment_methods")
    assert "is cancelled" in chat.says("yes", "affirm")


def test_a_question_waits_for_two_messages_only(chat, order_number):
    chat.says("cancel my order", "cancel_order")
    for _ in range(3):
        answer = chat.says("how long does delivery take?", "ask_delivery")
    assert "yes or no" not in answer
    assert "is cancelled" not in chat.says("yes", "affirm")


def test_a_yes_after_another_question_cancels_nothing(chat, order_number):
    chat.says("hello", "greet")
    first = chat.titles[0]
    replies = chat.replies
    chat.says("cancel my order", "cancel_order")
    chat.replies = replies
    chat.presses(first)
    assert "is cancelled" not in chat.says("yes", "affirm")


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        ("cancel it", "cancel_order", "really cancel"),
        ("cancel", "stop", "really cancel"),
        ("取消", "stop", "really cancel"),
        ("cancel that please", "remove_from_cart", "really cancel"),
        ("I'd like to return it", "request_refund", "not been sent"),
        ("what did I pay?", "ask_price", "$60"),
        ("收件地址是哪里", "out_of_scope", "1 Hill Road"),
        ("催一下", "track_order", "being prepared"),
        ("change the address to 9 Hill Street, Oxford OX2 2BB", "change_order", "9 Hill Street"),
    ],
)
def test_an_order_looked_up_is_meant_by_what_follows(stranger, text, intent, expected):
    assert expected in stranger.says(text, intent)


def test_an_order_is_remembered_over_other_turns(stranger):
    stranger.says("how long is the warranty?", "ask_warranty")
    stranger.says("hello", "greet")
    assert "really cancel" in stranger.says("cancel my order", "cancel_order")


def test_a_bare_cancel_long_after_an_order_still_means_it_while_nothing_is_in_the_cart(stranger):
    stranger.says("hello", "greet")
    assert "really cancel" in stranger.says("cancel", "stop")


def test_a_bare_cancel_with_a_cart_is_no_cancelling_of_an_older_order(stranger):
    stranger.says("hello", "greet")
    with writing(stranger.sessions) as session:
        item = session.scalars(select(Variant).where(Variant.sku == "Torva-1-M")).one()
        carts.add(session, stranger.conversation_id, item.sku, 1, stranger.now)
    assert "really cancel" not in stranger.says("cancel", "stop")


@pytest.mark.parametrize(
    "text", ["cancel it", "ok cancel everything", "Can you cancel it?", "取消吧", "好的，全部取消"]
)
@pytest.mark.parametrize("intent", ["stop", "deny", "affirm", "remove_from_cart", "out_of_scope"])
def test_cancel_it_means_the_order_whatever_was_said_in_between(stranger, text, intent):
    stranger.says("thanks", "thank")
    stranger.says("how long is the warranty?", "ask_warranty")
    assert "really cancel order SC-" in stranger.says(text, intent)


@pytest.mark.parametrize("intent", ["give_contact_details", "out_of_scope", "track_order", "state_need"])
def test_number_and_contact_are_looked_up_whatever_the_intent(order_number, open_chat, intent):
    text = f"order number {order_number.lower()} email anna@example.org where is it"
    assert "being prepared" in open_chat().says(text, intent, mentions={"order_number": order_number})


def test_a_failed_look_up_can_be_tried_again(order_number, open_chat):
    chat = open_chat()
    mentions = {"order_number": order_number}
    assert "can't find" in chat.says(f"{order_number} eve@example.org", "out_of_scope", mentions=mentions)
    assert "being prepared" in chat.says("sorry, anna@example.org", "give_contact_details")


def test_number_and_contact_in_one_message_count_as_tries_too(order_number, open_chat):
    chat = open_chat()
    for _ in range(5):
        chat.says("SC-222222 anna@example.org", "track_order", mentions={"order_number": "SC-222222"})
    text = f"{order_number} anna@example.org"
    assert "can't find" in chat.says(text, "track_order", mentions={"order_number": order_number})


def test_a_number_is_understood_without_its_beginning(order_number, open_chat):
    chat = open_chat()
    assert "order number" in chat.says("where is my order", "track_order")
    assert "e-mail address or phone" in chat.says(order_number.removeprefix("SC-").lower(), "out_of_scope")
    assert "being prepared" in chat.says("anna@example.org", "give_contact_details")
