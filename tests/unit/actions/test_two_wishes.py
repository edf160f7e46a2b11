"""A message with two wishes: the second is answered too, or waits as a button."""

from __future__ import annotations

from sqlalchemy import select

from crm_store.tables import Order, OrderStatus

SHIPPING = {"text": "do you ship to canada", "intent": "ask_delivery", "confidence": 0.9, "needs": {}, "mentions": {}}
CART = {"text": "show me my cart", "intent": "view_cart", "confidence": 0.9, "needs": {}, "mentions": {}}
CANCEL = {"text": "cancel my order", "intent": "cancel_order", "confidence": 0.9, "needs": {}, "mentions": {}}


def test_a_question_beside_another_is_answered(chat):
    answer = chat.says("any deals? and do you ship to canada?", "ask_promotion", wishes=[SHIPPING])
    assert "deliver" in answer.lower()
    assert len(chat.replies) == 2


def test_a_change_beside_a_question_waits_for_a_press(chat, order_number):
    answer = chat.says("how long is the warranty? and cancel my order", "ask_warranty", wishes=[CANCEL])
    assert "You also wrote" in answer
    assert order_number in chat.presses("cancel my order")


def test_a_first_answer_that_asks_something_is_not_talked_over(chat, order_number):
    answer = chat.says("cancel my order. do you ship to canada?", "cancel_order", wishes=[SHIPPING])
    assert "You also wrote" in answer
    assert "deliver" in chat.presses("do you ship to canada").lower()


def test_the_same_wish_twice_is_answered_once(chat):
    chat.says("do you ship to canada? to canada?", "ask_delivery", wishes=[SHIPPING])
    assert len(chat.replies) == 1


def test_a_yes_answers_our_question_and_the_wish_beside_it_is_met(chat, order_number, sessions):
    chat.says("cancel my order", "cancel_order")
    answer = chat.says("yes, cancel it. and show me my cart", "affirm", wishes=[CART])
    assert "is cancelled" in answer
    assert "empty" in answer
    with sessions() as session:
        assert session.scalars(select(Order.status)).one() is OrderStatus.CANCELLED


def test_a_no_cancels_nothing_whatever_stands_beside_it(chat, order_number, sessions):
    chat.says("cancel my order", "cancel_order")
    chat.says("no! i did not say cancel my order", "deny", wishes=[CANCEL])
    with sessions() as session:
        assert session.scalars(select(Order.status)).one() is OrderStatus.PLACED


def test_a_question_of_ours_that_was_interrupted_does_not_hold_back_the_second_answer(chat, order_number):
    chat.says("cancel my order", "cancel_order")
    answer = chat.says("how long is the warranty? and do you ship to canada?", "ask_warranty", wishes=[SHIPPING])
    assert "working days" in answer
