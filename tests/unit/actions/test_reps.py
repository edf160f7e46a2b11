"""What a rep is told of customers who wait for a person."""

from __future__ import annotations

import pytest

from crm_store import after_sale, conversations
from crm_store.database import writing
from crm_store.tables import RequestKind
from tests import factories


@pytest.mark.parametrize(
    ("language", "asked", "due", "nobody"),
    [
        (
            "en",
            "h1: wants a person, since Monday, 23 November 2026 12:00",
            "s1: return SC-7KQ2MX, since",
            "nobody waits",
        ),
        ("zh", "h1：要求人工服务，自2026年11月23日星期一 12:00", "s1：退货 SC-7KQ2MX，自", "没有客户在等人工处理"),
    ],
)
def test_a_rep_who_asks_what_is_due_hears_who_waits_for_a_person(
    language, asked, due, nobody, shop, open_chat, sessions, now
):
    rep = open_chat(rep_name="Sam", language=language)
    assert nobody in rep.says("what is due", "rep_due_followups")
    customer = open_chat()
    customer.says("a person please, I am Ada, ada@example.org", "talk_to_human")
    with writing(sessions) as session:
        chat = customer.conversation(session)
        order = factories.make_order(session, number="SC-7KQ2MX")
        after_sale.open_request(session, RequestKind.RETURN, order, chat, "it is too small for Ada", now)
    told = rep.says("what is waiting?", "rep_due_followups")
    assert asked in told
    assert due in told
    assert "Ada" not in told  # it would stay in the rep's chat when she is forgotten


@pytest.mark.parametrize(
    ("words", "taken_for"),
    [("what is waiting?", "ask_repeat"), ("有什么在等人工处理？", "talk_to_human"), ("谁在等？", "bot_challenge")],
)
def test_a_rep_who_asks_what_waits_is_understood_whatever_it_was_taken_for(words, taken_for, chat, open_chat):
    chat.says("a person please", "talk_to_human")
    rep = open_chat(rep_name="Sam")
    assert "h1: wants a person" in rep.says(words, taken_for)
    assert "h1" not in chat.says(words, taken_for)  # a customer is none


@pytest.mark.parametrize("kind", ["asked", "complaint", "erasure", *RequestKind])
def test_every_kind_of_request_has_a_name(kind, chat, open_chat, sessions, now):
    rep = open_chat(rep_name="Sam", language="zh")
    with writing(sessions) as session:
        there = chat.conversation(session)
        if kind in set(RequestKind):
            after_sale.open_request(session, kind, None, there, "", now)
        else:
            conversations.request_handoff(session, there, kind, "", now)
    assert str(kind) not in rep.says("what is waiting?", "rep_due_followups")
