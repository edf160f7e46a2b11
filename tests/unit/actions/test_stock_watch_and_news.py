"""A customer is told of goods that come back, and says whether they may be written to unasked."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from crm_store.consents import latest_consent
from crm_store.database import reading
from crm_store.tables import Conversation, FollowUp, FollowUpStatus

THORNBURY = {"products": ["Thornbury"]}


def watches(chat):
    with reading(chat.sessions) as session:
        return [(one.kind, one.status, one.about) for one in session.scalars(select(FollowUp))]


def agreed(chat):
    with reading(chat.sessions) as session:
        word = latest_consent(session, session.get_one(Conversation, chat.conversation_id), "marketing")
        return None if word is None else (word.granted, word.wording)


def test_sold_out_goods_can_be_waited_for(chat):
    chat.says("is the Thornbury there?", "ask_availability", mentions=THORNBURY)
    assert "as soon as Thornbury" in chat.presses("Tell me when it is back")
    [(kind, status, about)] = watches(chat)
    assert (kind, status) == ("back_in_stock", FollowUpStatus.WAITING)
    assert about["sku"]


def test_so_can_what_was_wanted_in_the_cart(chat):
    chat.says("add the Thornbury", "add_to_cart", mentions=THORNBURY)
    assert "as soon as Thornbury" in chat.presses("Tell me when it is back")


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("let me know when it's back in stock please", "book_followup"),
        ("can you notify me when it is available again", "out_of_scope"),
        ("到货了通知我", "book_followup"),
        ("有货了告诉我一声", "state_need"),
    ],
)
def test_or_in_words_whatever_they_are_taken_for(chat, text, intent):
    chat.says("is the Thornbury there?", "ask_availability", mentions=THORNBURY)
    chat.says(text, intent, mentions={"it": True})
    chat.says(text, intent, mentions={"it": True})
    assert len(watches(chat)) == 1


def test_what_is_in_stock_is_not_waited_for(chat):
    answer = chat.says("tell me when the Torva 2 is back in stock", "book_followup", mentions={"products": ["Torva 2"]})
    assert "in stock now" in answer
    assert watches(chat) == []


@pytest.mark.parametrize(("button", "granted"), [("Yes, please", True), ("No, thank you", False)])
def test_who_leaves_a_basket_is_asked_once_and_their_word_is_kept(chat, button, granted):
    chat.says("add the Torva 2", "add_to_cart", mentions={"products": ["Torva 2"]})
    assert "May I write to you here" in chat.says("bye", "goodbye")
    chat.presses(button)
    kept, wording = agreed(chat)
    assert kept is granted and wording.startswith("May I write to you here")
    assert "May I write" not in chat.says("bye", "goodbye")


def test_a_yes_in_words_counts_and_another_message_is_no_answer(chat):
    chat.says("add the Torva 2", "add_to_cart", mentions={"products": ["Torva 2"]})
    chat.says("bye", "goodbye")
    chat.says("what does delivery cost?", "ask_delivery")
    assert agreed(chat) is None
    chat.says("bye", "goodbye")
    chat.says("yes please", "affirm")
    assert agreed(chat)[0] is True


def test_who_has_nothing_in_the_cart_or_wants_no_messages_is_not_asked(chat):
    assert "May I write" not in chat.says("bye", "goodbye")
    chat.says("add the Torva 2", "add_to_cart", mentions={"products": ["Torva 2"]})
    chat.says("unsubscribe", "opt_out")
    assert "May I write" not in chat.says("bye", "goodbye")
