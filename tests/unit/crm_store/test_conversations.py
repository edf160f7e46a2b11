"""The log of a chat."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session, sessionmaker

from crm_store import conversations
from crm_store.database import writing
from crm_store.errors import ConversationNotFound
from crm_store.tables import MessageState
from tests.factories import NOW, make_conversation, make_message


def test_conversation_ids_name_the_channel_and_cannot_be_guessed(session: Session) -> None:
    first, second = make_conversation(session), make_conversation(session)
    assert first.id.startswith("web-")
    assert first.id != second.id
    assert len(first.id) > 20
    assert conversations.get_conversation(session, first.id) is first
    assert conversations.get_conversation(session, "web-unknown") is None


def test_the_same_message_twice_is_one_message(session: Session) -> None:
    chat = make_conversation(session)
    first, new = conversations.receive(session, chat.id, text="hi", external_id="m1", now=NOW)
    again, new_again = conversations.receive(session, chat.id, text="hi", external_id="m1", now=NOW)
    assert (new, new_again) == (True, False)
    assert again.id == first.id


def test_the_same_message_from_two_processes_is_one_message(sessions: sessionmaker[Session]) -> None:
    with writing(sessions) as session:
        chat = make_conversation(session).id
    ids = set()
    for _ in range(2):
        with writing(sessions) as session:
            ids.add(conversations.receive(session, chat, text="hi", external_id="m1", now=NOW)[0].id)
    assert len(ids) == 1


def test_a_long_external_id_is_told_apart_by_its_end(session: Session) -> None:
    chat = make_conversation(session)
    a, _ = conversations.receive(session, chat.id, text="hi", external_id="x" * 500 + "a", now=NOW)
    b, new = conversations.receive(session, chat.id, text="hi", external_id="x" * 500 + "b", now=NOW)
    assert new and a.id != b.id
    assert a.external_id is not None and len(a.external_id) <= 128


def test_text_that_no_database_stores_loses_only_that(session: Session) -> None:
    message = make_message(session, make_conversation(session), "red\x00 bike \ud83d")
    assert message.text == "red bike "


def test_a_message_to_an_unknown_conversation_is_refused(session: Session) -> None:
    with pytest.raises(ConversationNotFound):
        conversations.receive(session, "web-nobody", text="hi", external_id="m1", now=NOW)


def test_replies_belong_to_their_message_and_keep_their_order(session: Session) -> None:
    chat = make_conversation(session)
    question = make_message(session, chat, "hi")
    for text in ("hello", "what can I do for you?"):
        conversations.add_reply(session, question, {"text": text, "products": []}, NOW)
    later = make_message(session, chat, "bikes")
    assert [reply.text for reply in conversations.replies_to(session, question.id)] == [
        "hello",
        "what can I do for you?",
    ]
    assert conversations.replies_to(session, later.id) == []
    assert [reply.text for reply in conversations.last_replies(session, chat.id, before=later.id)] == [
        "hello",
        "what can I do for you?",
    ]


def test_history_goes_on_after_a_message(session: Session) -> None:
    chat = make_conversation(session)
    messages = [make_message(session, chat, text) for text in "abcd"]
    make_message(session, make_conversation(session), "elsewhere")
    page = conversations.history(session, chat.id, after=messages[0].id, limit=2)
    assert [message.text for message in page] == ["b", "c"]


def test_a_handled_message_keeps_what_was_understood(session: Session) -> None:
    chat = make_conversation(session)
    message = make_message(session, chat, "我想买一辆山地车")
    conversations.mark_handled(
        session,
        message,
        intent="state_need",
        confidence=0.9,
        needs={"category": "Mountain Bikes"},
        mentions={},
        language="zh",
    )
    assert message.state is MessageState.HANDLED
    assert message.needs == {"category": "Mountain Bikes"}
    assert chat.language == "zh"


def test_a_button_works_only_in_its_own_conversation(session: Session) -> None:
    chat, other = make_conversation(session), make_conversation(session)
    button = conversations.make_button(session, chat.id, "Checkout", "place_order", {})
    assert button.id.startswith("b_")
    assert conversations.find_button(session, chat.id, button.id) is button
    assert conversations.find_button(session, other.id, button.id) is None


def test_asking_for_a_person_twice_is_one_open_request(session: Session) -> None:
    chat = make_conversation(session)
    first = conversations.request_handoff(session, chat, "asked", "wants a bike", NOW)
    again = conversations.request_handoff(session, chat, "complaint", "is cross", NOW)
    assert (again.id, again.reason) == (first.id, "complaint")
    first.closed_at = NOW
    assert conversations.request_handoff(session, chat, "asked", "", NOW).id != first.id


def test_a_message_makes_the_conversation_the_latest(session: Session) -> None:
    chat = make_conversation(session)
    conversations.receive(session, chat.id, text="hi", external_id="1", now=NOW + timedelta(hours=1))
    assert chat.updated_at == NOW + timedelta(hours=1)
