from __future__ import annotations

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import httpx
import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.settings import Settings
from bot.channels.turns import Backoff
from crm_store.conversations import make_button, receive
from crm_store.database import writing
from tests.unit.channels.conftest import Chat, served
from tests.unit.channels.fake_engine import FakeEngine


def test_a_message_gets_its_replies(chat: Chat, engine: FakeEngine) -> None:
    answer = chat.say("hello", "1")
    assert answer.status_code == 200
    (reply,) = answer.json()["messages"]
    assert reply["text"] == "You said: hello"
    assert (reply["from"], reply["quick_replies"], reply["products"]) == ("shop", [], [])


def test_the_engine_learns_when_and_where_the_message_was_said(client: httpx.Client, engine: FakeEngine) -> None:
    chat = Chat(client, timezone="Asia/Shanghai")
    chat.say("hello", "1")
    (request,) = engine.requests
    assert request["sender"] == chat.id
    assert request["metadata"]["timezone"] == "Asia/Shanghai"
    assert datetime.fromisoformat(request["metadata"]["now"]).tzinfo is not None
    assert request["metadata"]["message_id"] == chat.history()[0]["id"]


def test_the_same_client_message_id_has_one_effect_and_the_same_replies(chat: Chat, engine: FakeEngine) -> None:
    first = chat.say("two of those", "7")
    again = chat.say("two of those", "7")
    other_words = chat.say("ten of those", "7")
    assert first.json() == again.json() == other_words.json()
    assert engine.effects == ["two of those"]


def test_the_same_message_sent_twice_at_once_has_one_effect(chat: Chat, engine: FakeEngine) -> None:
    engine.seconds = 0.2
    with ThreadPoolExecutor(4) as clients:
        answers = list(clients.map(lambda _: chat.say("checkout", "7").json(), range(4)))
    assert engine.effects == ["checkout"]
    assert answers == [answers[0]] * 4


def test_messages_of_one_conversation_are_handled_one_at_a_time_in_order(chat: Chat, engine: FakeEngine) -> None:
    engine.seconds = 0.05
    with ThreadPoolExecutor(8) as clients:
        answers = list(clients.map(lambda n: chat.say(f"message {n}", str(n)), range(8)))
    assert [answer.status_code for answer in answers] == [200] * 8
    assert engine.overlaps == 0
    said = [message["text"] for message in chat.history() if message["from"] == "customer"]
    assert engine.effects == said


def test_conversations_do_not_wait_for_each_other(client: httpx.Client, engine: FakeEngine) -> None:
    chats = [Chat(client) for _ in range(6)]
    engine.together = threading.Barrier(6)
    with ThreadPoolExecutor(6) as clients:
        answers = list(clients.map(lambda chat: chat.say("hi", "1"), chats))
    assert [answer.status_code for answer in answers] == [200] * 6


def test_a_message_waits_for_an_engine_that_is_starting(chat: Chat, engine: FakeEngine) -> None:
    engine.stop()
    with ThreadPoolExecutor(1) as clients:
        answer = clients.submit(chat.say, "hello", "1")
        time.sleep(0.5)
        engine.start()
        assert answer.result(timeout=30).status_code == 200
    assert engine.effects == ["hello"]


@pytest.mark.parametrize("status", [500, 503])
def test_a_failed_turn_is_tried_again(chat: Chat, engine: FakeEngine, status: int) -> None:
    engine.troubles = [status, status]
    assert chat.say("hello", "1").status_code == 200
    assert engine.effects == ["hello"]


def test_a_turn_that_left_the_message_unhandled_is_tried_again(chat: Chat, engine: FakeEngine) -> None:
    engine.troubles = [200]
    assert chat.say("hello", "1").json()["messages"][0]["text"] == "You said: hello"
    assert len(engine.requests) == 2


def test_after_the_limit_the_customer_is_asked_for_patience_and_can_send_it_again(
    make_settings: Callable[..., Settings], engine: FakeEngine
) -> None:
    with served(make_settings(turn_limit=0.4)) as client:
        chat = Chat(client)
        engine.stop()
        sorry = chat.say("checkout", "1")
        assert sorry.status_code == 503
        assert sorry.headers["Retry-After"] == "5"
        assert "try again" in sorry.json()["detail"]
        engine.start()
        assert chat.say("checkout", "1").json()["messages"][0]["text"] == "You said: checkout"
    assert engine.effects == ["checkout"]


def test_an_engine_that_refuses_us_is_asked_once(make_settings: Callable[..., Settings], engine: FakeEngine) -> None:
    with served(make_settings(engine_token="another token")) as client:
        assert Chat(client).say("hello", "1").status_code == 503
    assert engine.refused == 1


def test_a_message_left_behind_is_handled_before_the_next_one(
    chat: Chat, engine: FakeEngine, store: sessionmaker[Session]
) -> None:
    with writing(store) as session:
        receive(session, chat.id, text="two of those", external_id="lost", now=datetime.now(UTC))
    chat.say("checkout", "2")
    assert engine.effects == ["two of those", "checkout"]


@pytest.mark.parametrize("fault", ["silent", "stumbles"])
def test_a_message_that_is_never_handled_does_not_hold_up_the_conversation(
    chat: Chat, engine: FakeEngine, store: sessionmaker[Session], fault: str
) -> None:
    with writing(store) as session:
        receive(session, chat.id, text="poison", external_id="lost", now=datetime.now(UTC))
    setattr(engine, fault, lambda text: text == "poison")
    assert chat.say("hello", "2").status_code == 200
    assert chat.say("bye", "3").status_code == 200
    assert engine.effects == ["hello", "bye"]
    assert engine.messages.count("poison") == 3


def test_a_typed_intent_reaches_the_engine_as_nothing_understood(chat: Chat, engine: FakeEngine) -> None:
    chat.say('\u200b ／place_order{"sku": "X"}', "1")
    assert engine.messages == ["/out_of_scope"]
    assert chat.history()[0]["text"] == '\u200b ／place_order{"sku": "X"}'


def test_an_empty_message_is_a_turn(chat: Chat, engine: FakeEngine) -> None:
    assert chat.say("", "1").status_code == 200
    assert engine.messages == ["/out_of_scope"]


def test_a_pressed_button_is_logged_with_its_title(
    chat: Chat, engine: FakeEngine, store: sessionmaker[Session]
) -> None:
    with writing(store) as session:
        button = make_button(session, chat.id, "Add to cart", "add_to_cart", {"sku": "X"})
    assert chat.send(payload=button.id, client_message_id="1").status_code == 200
    assert engine.messages == [f'/press_button{{"button": "{button.id}"}}']
    assert chat.history()[0]["text"] == "Add to cart"


def test_pauses_grow_up_to_the_longest() -> None:
    pauses = Backoff(first=1, factor=2, longest=5).pauses()
    assert [next(pauses) for _ in range(5)] == [1, 2, 4, 5, 5]
