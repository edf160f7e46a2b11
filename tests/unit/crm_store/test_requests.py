"""What waits for a person, on either database; the command is tested in tests/unit/cli."""

from __future__ import annotations

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from crm_store import after_sale, conversations, privacy
from crm_store.database import writing
from crm_store.erasing.rows import erase_customer, erase_person
from crm_store.requests import (
    CustomerNotReachable,
    RequestClosed,
    RequestNotFound,
    answer,
    close,
    described,
    listed,
    waiting,
)
from crm_store.tables import Conversation, RequestKind, ServiceRequest, Touchpoint
from tests.factories import NOW, make_conversation, make_customer, make_lead, make_message, make_order, make_shop

LATER = NOW + timedelta(minutes=1)


@pytest.fixture
def chat(session: Session) -> Conversation:
    """Ada, who is known to the shop, asks for a person (h1), and a minute later for an invoice (s1)."""
    make_shop(session)
    ada = make_customer(session, email="ada@example.org", phone="+447700900123")
    chat = make_conversation(session, customer_id=ada.id, identified=True)
    make_message(session, chat, "a person please")
    make_lead(session, conversation=chat, customer_id=ada.id, phone="+442079460123")
    order = make_order(session, conversation=chat, customer=ada, number="SC-7KQ2MX")
    conversations.request_handoff(session, chat, "asked", "a person please", NOW)
    after_sale.open_request(session, RequestKind.INVOICE, order, chat, "invoice please", LATER)
    session.commit()
    return chat


def test_handoffs_and_service_requests_are_one_list(session: Session, chat: Conversation) -> None:
    assert waiting(session) == (2, NOW)
    first, second = listed(session)
    assert (first.number, first.kind, first.order, first.about) == ("h1", "asked", None, "a person please")
    assert (second.number, second.kind, second.order) == ("s1", "invoice", "SC-7KQ2MX")
    assert (first.name, first.contact) == ("Ada Okafor", "+442079460123, ada@example.org, +447700900123")
    assert described(session, "s1") == second
    with pytest.raises(RequestNotFound):
        described(session, "s2")


def test_closed_is_closed(session: Session, chat: Conversation) -> None:
    close(session, "h1", None, LATER)
    assert [one.number for one in listed(session)] == ["s1"]
    assert waiting(session) == (1, LATER)
    with pytest.raises(RequestClosed):
        close(session, "h1", None, LATER)
    close(session, "s1", "sent", LATER)
    assert waiting(session) == (0, None)
    assert {one.is_open for one in listed(session, everything=True)} == {False}


def test_a_request_without_a_chat_is_closed_but_not_answered(session: Session, chat: Conversation) -> None:
    session.get_one(ServiceRequest, 1).conversation_id = None
    with pytest.raises(CustomerNotReachable):
        answer(session, "s1", "hello", LATER)
    assert listed(session)[1].name is None
    close(session, "s1", None, LATER)


def test_a_customer_who_asks_again_while_it_is_being_closed_waits_again(
    chat: Conversation, sessions: sessionmaker[Session]
) -> None:
    def ask_again() -> str:
        with writing(sessions, alone=False) as session:
            conversations.request_handoff(session, conversations.locked(session, chat.id), "asked", "hello?", LATER)
            return " ".join(one.number for one in listed(session))

    with ThreadPoolExecutor(1) as pool:
        with writing(sessions, alone=False) as session:
            close(session, "h1", None, LATER)
            asked = pool.submit(ask_again)
            time.sleep(0.3)
        assert asked.result() == "h2 s1"


@pytest.mark.parametrize("happens", [erase_person, privacy.opt_out])
def test_who_writes_again_may_be_answered(happens, session: Session, chat: Conversation) -> None:
    happens(session, chat, LATER)
    with pytest.raises(CustomerNotReachable):
        answer(session, "h1", "hello", LATER)
    later = LATER + timedelta(minutes=1)
    conversations.receive(session, chat.id, text="and my pump?", external_id="later", now=later)
    assert answer(session, "h1", "hello", later).text == "hello"


def test_somebody_who_only_spoke_of_who_was_forgotten_may_be_answered(session: Session, chat: Conversation) -> None:
    other = make_conversation(session, customer_id=make_customer(session, name="Bo Lind").id, identified=True)
    make_message(session, other, "a person please")
    make_message(session, other, "and tell ada@example.org")
    conversations.request_handoff(session, other, "asked", "a person please", LATER)
    erase_customer(session, chat.customer_id, LATER)
    assert answer(session, "h2", "hello", LATER).text == "hello"


def test_erasing_empties_what_was_answered_and_why_it_was_closed(session: Session, chat: Conversation) -> None:
    message = answer(session, "h1", "Dear Ada, a new pump is coming", LATER)
    close(session, "h1", "Ada is happy", LATER)
    erase_customer(session, chat.customer_id, LATER)
    session.refresh(message)
    assert (message.text, message.payload) == ("", {})
    assert {touchpoint.summary for touchpoint in session.scalars(select(Touchpoint))} == {""}
