from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime

import httpx
from httpx_sse import EventSource, ServerSentEvent
from sqlalchemy.orm import Session, sessionmaker

from crm_store.database import writing
from crm_store.tables import Direction, Message, MessageState
from tests.unit.channels.conftest import Chat


def push(store: sessionmaker[Session], conversation_id: str, text: str) -> int:
    """A follow-up: an outbound message that answers no request."""
    with writing(store) as session:
        message = pushed(conversation_id, text)
        session.add(message)
        session.flush()
        return message.id


def pushed(conversation_id: str, text: str, **more: int) -> Message:
    return Message(
        conversation_id=conversation_id,
        direction=Direction.OUTBOUND,
        state=MessageState.SENT,
        text=text,
        payload={"text": text, "quick_replies": [], "products": []},
        at=datetime.now(UTC),
        **more,
    )


@contextmanager
def stream(client: httpx.Client, chat: Chat, last_event_id: int | None = None) -> Iterator[Iterator[ServerSentEvent]]:
    headers = dict(chat.headers)
    if last_event_id is not None:
        headers["Last-Event-ID"] = str(last_event_id)
    with client.stream("GET", f"{chat.path}/events", headers=headers) as response:
        assert response.status_code == 200
        yield EventSource(response).iter_sse()


def test_a_follow_up_reaches_an_open_page(client: httpx.Client, chat: Chat, store: sessionmaker[Session]) -> None:
    with stream(client, chat) as events:
        timer = threading.Timer(0.3, push, (store, chat.id, "Your tent is back in stock"))
        timer.start()
        event = next(events)
    timer.join()
    message = json.loads(event.data)
    assert message["text"] == "Your tent is back in stock"
    assert event.id == str(message["id"])
    assert message["from"] == "shop"


def test_a_page_that_comes_back_gets_what_it_missed_and_nothing_twice(
    client: httpx.Client, chat: Chat, store: sessionmaker[Session]
) -> None:
    seen = push(store, chat.id, "seen")
    push(store, chat.id, "missed")
    with stream(client, chat, last_event_id=seen) as events:
        assert json.loads(next(events).data)["text"] == "missed"


def test_a_message_that_becomes_visible_after_a_later_one_comes_too(
    client: httpx.Client, chat: Chat, store: sessionmaker[Session]
) -> None:
    late, later = push(store, chat.id, "slow"), push(store, chat.id, "quick")
    with writing(store) as session:
        session.delete(session.get_one(Message, late))
    with stream(client, chat, last_event_id=later) as events:
        with writing(store) as session:
            session.add(pushed(chat.id, "slow", id=late))
        push(store, chat.id, "third")
        assert {json.loads(next(events).data)["text"] for _ in range(2)} == {"slow", "third"}


def test_replies_to_requests_and_other_conversations_are_not_in_the_stream(
    client: httpx.Client, chat: Chat, store: sessionmaker[Session]
) -> None:
    other = Chat(client)
    chat.say("hello", "1")
    push(store, other.id, "not yours")
    push(store, chat.id, "yours")
    with stream(client, chat, last_event_id=0) as events:
        assert json.loads(next(events).data)["text"] == "yours"


def test_a_strange_last_event_id_is_refused(client: httpx.Client, chat: Chat) -> None:
    headers = chat.headers | {"Last-Event-ID": "x"}
    assert client.get(f"{chat.path}/events", headers=headers).status_code == 422


def test_the_app_goes_on_answering_while_streams_are_open(client: httpx.Client, chat: Chat) -> None:
    with stream(client, chat), stream(client, chat):
        assert client.get("/healthz").status_code == 200
        assert "salesclerk_event_streams 2.0" in client.get("/metrics").text
