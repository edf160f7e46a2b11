"""A message with two wishes: the second is answered too, or waits as a button."""

from __future__ import annotations

SHIPPING = {"text": "do you ship to canada", "intent": "ask_delivery", "confidence": 0.9, "needs": {}, "mentions": {}}
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
