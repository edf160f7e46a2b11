"""What is to be changed about an order, and what is wrong with it, is recorded for the order it is about."""

from __future__ import annotations

import re

import pytest
from sqlalchemy import select

from crm_store.tables import Order, RequestKind, ServiceRequest
from tests.unit.actions.test_checkout import go_to_confirmation

ADDRESS = "6 Low St, Derby DE1 1AA"


@pytest.mark.parametrize(
    ("text", "address"),
    [
        (f"change the address to {ADDRESS}", ADDRESS),
        (f"deliver it to {ADDRESS} instead please", ADDRESS),
        (f"can you send it to {ADDRESS}?", ADDRESS),
        ("地址改成武汉市江汉区解放大道688号", "武汉市江汉区解放大道688号"),
        ("麻烦送到武汉市江汉区解放大道688号吧", "武汉市江汉区解放大道688号"),
    ],
)
@pytest.mark.parametrize("intent", ["give_contact_details", "out_of_scope", "change_order", "state_need"])
def test_a_new_address_after_an_order_is_for_that_order(chat, order_number, sessions, text, address, intent):
    answer = chat.says(text, intent)
    assert f"noted the new address for order {order_number}: {address}." in answer
    with sessions() as session:
        assert f"New address: {address}" in session.scalars(select(ServiceRequest)).one().details


@pytest.mark.parametrize(
    "text",
    [
        "change the phone number to +44 7400 123456",
        "the name should be Peter Smith",
        "my email is wrong, it should be ann@example.com",
        "电话改成13812345678",
        "can I change the number to 020 7946 0999",
    ],
)
def test_another_detail_after_an_order_is_for_that_order(chat, order_number, text):
    assert f"noted that for order {order_number}" in chat.says(text, "give_contact_details")


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        ("is it still arriving on thursday?", "out_of_scope", "being prepared"),
        ("is it still arriving on thursday?", "ask_delivery", "being prepared"),
        ("did you cancel it?", "cancel_order", "being prepared"),
        ("did you cancel it?", "out_of_scope", "being prepared"),
        ("can you swap it for a size L?", "refine_need", "noted that"),
        ("can you swap it for a size L?", "ask_availability", "noted that"),
        ("actually just one of them", "accept_offer", "noted that"),
        ("actually just one of them", "change_order", "noted that"),
        ("I want my money back", "out_of_scope", "not been sent yet"),
        ("周四还能到吗", "out_of_scope", "being prepared"),
        ("取消了吗", "out_of_scope", "being prepared"),
        ("能换成L码吗", "refine_need", "noted that"),
        ("其实只要一件就够了", "out_of_scope", "noted that"),
        ("把钱退给我", "out_of_scope", "not been sent yet"),
    ],
)
def test_an_order_looked_up_is_remembered(stranger, text, intent, expected):
    assert expected in stranger.says(text, intent)


@pytest.mark.parametrize("text", ["I want one", "I need two", "我要两个"])
def test_wanting_some_is_no_change_of_the_order(stranger, text):
    assert "noted that" not in stranger.says(text, "add_to_cart")


def test_goods_shown_after_the_order_are_what_it_means(stranger):
    stranger.says("show me mountain bikes", "state_need", needs={"category": "Mountain Bikes"})
    assert "noted that for order" not in stranger.says("can you swap it for a size L?", "refine_need")


@pytest.mark.parametrize("intent", ["track_order", "request_refund", "complaint", "out_of_scope"])
@pytest.mark.parametrize("words", ["my order arrived broken", "我收到的是坏的", "I received the wrong item"])
def test_who_has_it_already_is_not_told_it_was_not_sent(order_number, open_chat, sessions, intent, words):
    chat = open_chat()
    text = f"{words}, order {order_number} anna@example.org"
    answer = chat.says(text, intent, mentions={"order_number": order_number})
    assert "sorry" in answer and "not been sent" not in answer and "being prepared" not in answer
    with sessions() as session:
        request, order = session.scalars(select(ServiceRequest)).one(), session.scalars(select(Order)).one()
        assert (request.kind, request.order_id) == (RequestKind.COMPLAINT, order.id)


@pytest.mark.parametrize("intent", ["change_order", "request_refund", "track_order"])
def test_what_follows_a_complaint_is_part_of_it(order_number, open_chat, sessions, intent):
    chat = open_chat()
    chat.says("I have a complaint", "complaint")
    text = f"the courier threw my parcel over the fence, order {order_number}"
    assert "added" in chat.says(text, intent, mentions={"order_number": order_number})
    with sessions() as session:
        assert "over the fence" in session.scalars(select(ServiceRequest)).one().details


@pytest.mark.parametrize(
    ("text", "details"),
    [
        ("change the delivery address to 9 Hill Street, Oxford OX2 2BB", "New address: 9 Hill Street, Oxford OX2 2BB"),
        ("我想把地址改成武汉市江汉区解放大道688号", "New address: 武汉市江汉区解放大道688号"),
        ("change the size to L", "change the size to L"),
        ("尺码换成L", "尺码换成L"),
    ],
)
def test_a_wish_in_the_same_sentence_is_recorded_at_once(chat, order_number, sessions, text, details):
    assert "noted" in chat.says(text, "change_order")
    with sessions() as session:
        request = session.scalars(select(ServiceRequest)).one()
        assert request.kind is RequestKind.CHANGE and details in request.details


def test_the_wish_is_kept_while_the_order_is_looked_up(order_number, open_chat, sessions):
    chat = open_chat()
    chat.says("change the address to 9 Hill Street, Oxford OX2 2BB", "change_order")
    text = f"{order_number}, anna@example.org"
    assert "9 Hill Street" in chat.says(text, "track_order", mentions={"order_number": order_number})


@pytest.mark.parametrize(
    "text",
    ["I need to change my order", "can I make a change to my order", "send it to another address", "我想改一下订单"],
)
def test_what_to_change_is_asked_when_it_was_not_said(chat, order_number, text):
    assert "What would you like to change" in chat.says(text, "change_order")


def test_a_complaint_is_filed_under_the_order_it_names_and_cancels_nothing(order_number, open_chat, sessions):
    chat = open_chat()
    chat.says("your service is terrible", "complaint")
    answer = chat.says(f"order {order_number}", "cancel_order", mentions={"order_number": order_number})
    assert "added" in answer and "really cancel" not in answer
    with sessions() as session:
        request, order = session.scalars(select(ServiceRequest)).one(), session.scalars(select(Order)).one()
        assert (request.kind, request.order_id) == (RequestKind.COMPLAINT, order.id)


def test_angry_words_taken_for_a_cancellation_are_a_complaint(chat, order_number, sessions):
    answer = chat.says(f"{order_number} is a disgrace", "cancel_order", mentions={"order_number": order_number})
    assert "sorry" in answer and "really cancel" not in answer


@pytest.mark.parametrize(
    ("text", "intent", "expected"),
    [
        ("怎么退货", "request_refund", "send back anything unused"),
        ("how do returns work", "request_refund", "send back anything unused"),
        ("能开发票吗", "ask_invoice", "you can have an invoice"),
        ("can I get an invoice?", "ask_invoice", "you can have an invoice"),
        ("进口关税谁付", "ask_invoice", "import duties"),
        ("who pays the import duty?", "ask_delivery", "import duties"),
        ("我要退货", "request_refund", "What is the order number"),
        ("I want to return my order", "request_refund", "What is the order number"),
    ],
)
def test_a_question_about_terms_asks_for_no_order(chat, text, intent, expected):
    assert expected in chat.says(text, intent)


def test_the_number_after_such_an_answer_goes_on_with_the_wish(order_number, open_chat):
    chat = open_chat()
    chat.says("how do i cancel an order", "cancel_order")
    text = f"{order_number} anna@example.org"
    assert "really cancel" in chat.says(text, "track_order", mentions={"order_number": order_number})


def test_something_broken_gets_sympathy_before_the_question(chat):
    answer = chat.says("my bike arrived broken, I want my money back", "request_refund")
    assert answer.startswith("I'm very sorry")


@pytest.mark.parametrize(
    ("text", "expected"),
    [("cancel it", "really cancel order SC-"), (f"change the address to {ADDRESS}", f"order SC-.*: {ADDRESS}")],
)
def test_an_order_just_placed_can_be_cancelled_and_changed(chat, text, expected):
    go_to_confirmation(chat)
    assert "SC-" in chat.says("yes", "affirm")
    chat.says("thanks", "thank")
    assert re.search(expected, chat.says(text, "give_contact_details"))
