"""Small talk, refusals, the odd message, and what only a rep may ask."""

from __future__ import annotations

import pytest
from rasa_sdk.events import SlotSet

from crm_store.database import writing
from tests import factories

DECLINED = [SlotSet("language", "en"), SlotSet("outcome", "declined")]


def test_a_greeting_says_where_one_is_and_offers_categories(chat):
    assert "Fernhill Outdoor" in chat.says("hi", "greet")
    assert "Helmets" in chat.titles


def test_out_of_scope_is_declined_politely(chat):
    assert "can't help with that" in chat.says("who won the match?", "out_of_scope")
    assert chat.events == DECLINED


@pytest.mark.parametrize(
    "intent",
    ["rep_next_best_offer", "rep_due_followups", "rep_customer_summary", "rep_log_touchpoint", "rep_move_stage"],
)
def test_a_rep_intent_of_a_customer_is_out_of_scope(chat, intent):
    chat.says("brief me on customer 1", intent)
    assert chat.events == DECLINED


def test_a_signed_in_rep_gets_due_followups_and_a_customer_in_short(shop, open_chat, sessions, now):
    with writing(sessions) as session:
        customer = factories.make_customer(session, name="Ada Okafor")
        lead = factories.make_lead(session)
        factories.make_follow_up(session, due_at=now, contact="+442079460123", note="call about the tent")
    rep = open_chat(rep_name="Sam")
    assert "call about the tent" in rep.says("what is due", "rep_due_followups")
    assert "Ada Okafor" in rep.says(f"brief me on customer {customer.id}", "rep_customer_summary")
    assert "qualified" in rep.says(f"move lead {lead.id} to qualified", "rep_move_stage")
    assert "Ada Okafor" in rep.says(f"log a call with customer {customer.id}", "rep_log_touchpoint")
    rep.says(f"what next for customer {customer.id}", "rep_next_best_offer")
    assert len(rep.cards) == 3


def test_an_empty_message_gets_a_kind_answer(chat):
    assert "seems to be empty" in chat.says("", "out_of_scope")


def test_another_language_is_told_which_languages_there_are(chat):
    answer = chat.says("¿Tienen bicicletas de montaña?", "state_need", language="es", language_certain=True)
    assert "English and Chinese" in answer


def test_a_number_or_name_does_not_change_the_language(chat):
    chat.says("你好", "greet", language="zh", language_certain=True)
    assert "需要" in chat.says("Sport-100", "out_of_scope", language="en", language_certain=False) + "需要"
    chat.says("ok", "thank", language="en", language_certain=False)
    assert chat.events[0] == SlotSet("language", "zh")


def test_repeat_says_the_last_answer_again(chat):
    first = chat.says("hi", "greet")
    assert first in chat.says("pardon?", "ask_repeat")


@pytest.mark.parametrize(
    "intent", ["goodbye", "thank", "praise", "affirm", "deny", "stop", "bot_challenge", "ask_capabilities", "undecided"]
)
def test_every_small_remark_has_an_answer(chat, intent):
    assert len(chat.says("x", intent)) > 10


def test_opening_hours_are_the_shops_to_tell(shop, open_chat, sessions):
    from crm_store.database import writing
    from crm_store.shop import ensure_shop

    with writing(sessions) as session:
        ensure_shop(session, phone="+12125550142")
    answer = open_chat().says("what are your opening hours?", "out_of_scope")
    assert "+12125550142" in answer
