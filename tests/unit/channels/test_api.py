from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.settings import Settings
from bot.channels.tokens import ConversationTokens
from crm_store.conversations import get_conversation
from crm_store.database import connect, migrate, reading
from tests.unit.channels.conftest import Chat, served
from tests.unit.channels.fake_engine import FakeEngine


def assert_problem(answer: httpx.Response, status: int) -> dict[str, object]:
    assert answer.status_code == status, answer.text
    assert answer.headers["Content-Type"] == "application/problem+json"
    body = answer.json()
    assert body["status"] == status
    assert body["title"]
    assert body["detail"]
    assert "Traceback" not in answer.text
    return body


def test_a_conversation_starts_with_the_shop_s_settings(client: httpx.Client, store: sessionmaker[Session]) -> None:
    answer = client.post("/api/v1/conversations")
    assert answer.status_code == 201
    with reading(store) as session:
        conversation = get_conversation(session, answer.json()["id"])
    assert conversation is not None
    assert (conversation.channel, conversation.language) == ("web", "en")
    assert (conversation.timezone, conversation.rep_name) == ("Europe/London", None)


def test_a_conversation_keeps_language_zone_and_source(client: httpx.Client, store: sessionmaker[Session]) -> None:
    chat = Chat(client, language="zh-CN", timezone="Asia/Shanghai", source="camp_spring")
    with reading(store) as session:
        conversation = get_conversation(session, chat.id)
    assert conversation is not None
    assert (conversation.language, conversation.timezone) == ("zh", "Asia/Shanghai")
    assert conversation.source == "camp_spring"


@pytest.mark.parametrize(
    "body",
    [{"language": 5}, {"language": "../en"}, {"timezone": "Mars/Base"}, {"source": "x" * 121}, [], "hello"],
)
def test_a_conversation_that_cannot_be_is_refused_readably(client: httpx.Client, body: object) -> None:
    assert_problem(client.post("/api/v1/conversations", json=body), 422)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"text": "hi"}, "client_message_id"),
        ({"text": "hi", "client_message_id": ""}, "client_message_id"),
        ({"text": "hi", "client_message_id": "x" * 129}, "client_message_id"),
        ({"text": "hi", "client_message_id": "a\x00b"}, "client_message_id"),
        ({"text": "hi", "client_message_id": 7}, "client_message_id"),
        ({"client_message_id": "1"}, "body"),
        ({"text": "hi", "payload": "b_1", "client_message_id": "1"}, "body"),
        ({"text": "x" * 20_001, "client_message_id": "1"}, "text"),
        ({"payload": "add_to_cart", "client_message_id": "1"}, "payload"),
        ({"payload": '/inform{"a": 1}', "client_message_id": "1"}, "payload"),
        ({"payload": "b_1\n", "client_message_id": "1"}, "payload"),
        ({"payload": "b_" + "x" * 61, "client_message_id": "1"}, "payload"),
    ],
)
def test_a_message_that_cannot_be_is_refused_with_the_field(
    chat: Chat, engine: FakeEngine, body: dict[str, object], field: str
) -> None:
    problem = assert_problem(chat.send(**body), 422)
    assert field in str(problem["errors"])
    assert engine.requests == []


@pytest.mark.parametrize("length", [10_000, 20_000])
def test_a_long_message_is_taken(chat: Chat, engine: FakeEngine, length: int) -> None:
    assert chat.say("车" * length, "1").status_code == 200
    assert len(engine.messages[0]) == 10_000


def test_a_body_beyond_all_measure_is_refused(client: httpx.Client, chat: Chat) -> None:
    path = f"{chat.path}/messages"
    announced = client.post(path, headers=chat.headers, content=b"x" * 300_000)
    assert_problem(announced, 413)
    in_pieces = client.post(path, headers=chat.headers, content=(b"x" * 50_000 for _ in range(8)))
    assert_problem(in_pieces, 413)


@pytest.mark.parametrize("content", [b"", b"{", b"\xff\xfe", b"[" * 5000, b'{"text": "\\ud800"}'])
def test_what_is_not_json_is_refused_readably(client: httpx.Client, chat: Chat, content: bytes) -> None:
    headers = chat.headers | {"Content-Type": "application/json"}
    answer = client.post(f"{chat.path}/messages", headers=headers, content=content)
    assert_problem(answer, 400 if answer.status_code == 400 else 422)


@pytest.mark.parametrize("authorization", [None, "", "Bearer", "Bearer nonsense", "Basic eDp5", "Bearer a.b.c"])
def test_without_a_valid_token_there_is_no_way_in(client: httpx.Client, chat: Chat, authorization: str | None) -> None:
    headers = {} if authorization is None else {"Authorization": authorization}
    for call in ("messages", "events"):
        assert_problem(client.get(f"{chat.path}/{call}", headers=headers), 401)
    body = {"text": "hi", "client_message_id": "1"}
    assert_problem(client.post(f"{chat.path}/messages", headers=headers, json=body), 401)


def test_a_token_signed_with_another_secret_is_not_valid(client: httpx.Client, chat: Chat) -> None:
    forged = ConversationTokens(b"a guess").sign(chat.id)
    answer = client.get(f"{chat.path}/messages", headers={"Authorization": f"Bearer {forged}"})
    assert_problem(answer, 401)


def test_a_token_opens_its_own_conversation_only(client: httpx.Client, chat: Chat) -> None:
    other = Chat(client)
    assert_problem(client.get(f"{chat.path}/messages", headers=other.headers), 403)
    assert_problem(client.get("/api/v1/conversations/web-unknown/messages", headers=other.headers), 403)


def test_a_conversation_that_is_gone_is_not_found(client: httpx.Client, make_settings: Callable[..., Settings]) -> None:
    token = ConversationTokens(make_settings().secret).sign("web-gone")
    headers = {"Authorization": f"Bearer {token}"}
    assert_problem(client.get("/api/v1/conversations/web-gone/messages", headers=headers), 404)


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing", 404), ("DELETE", "/healthz", 405)])
def test_a_wrong_address_is_a_problem(client: httpx.Client, method: str, path: str, status: int) -> None:
    assert_problem(client.request(method, path), status)


@pytest.mark.parametrize("after", ["-1", "x", str(2**70)])
def test_history_after_a_strange_id_is_refused(client: httpx.Client, chat: Chat, after: str) -> None:
    answer = client.get(f"{chat.path}/messages", headers=chat.headers, params={"after": after})
    assert_problem(answer, 422)


def test_history_shows_both_sides_after_an_id(chat: Chat) -> None:
    chat.say("hello", "1")
    chat.say("bye", "2")
    everything = chat.history()
    assert [(message["from"], message["text"]) for message in everything] == [
        ("customer", "hello"),
        ("shop", "You said: hello"),
        ("customer", "bye"),
        ("shop", "You said: bye"),
    ]
    assert everything[0]["client_message_id"] == "1"
    assert everything[1]["reply_to"] == everything[0]["id"]
    assert chat.history(after=everything[2]["id"]) == everything[3:]


def test_pages_of_other_sites_may_talk_only_when_allowed(make_settings: Callable[..., Settings]) -> None:
    with served(make_settings(allowed_origins=("https://shop.example",))) as client:
        path = "/api/v1/conversations"
        friend = client.post(path, headers={"Origin": "https://shop.example"})
        stranger = client.post(path, headers={"Origin": "https://evil.example"})
        asking = {"Origin": "https://shop.example", "Access-Control-Request-Method": "POST"}
        preflight = client.options(path, headers=asking | {"Access-Control-Request-Headers": "authorization"})
    assert friend.headers["Access-Control-Allow-Origin"] == "https://shop.example"
    assert "Access-Control-Allow-Origin" not in stranger.headers
    assert preflight.status_code == 200


@pytest.mark.parametrize("path", ["/", "/api/v1/products", "/nothing"])
def test_every_answer_carries_the_security_headers(client: httpx.Client, path: str) -> None:
    headers = client.get(path).headers
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "unsafe-inline" not in headers["Content-Security-Policy"]
    assert "frame-ancestors 'self'" in headers["Content-Security-Policy"]


def test_alive_and_ready_tell_what_is_missing(
    client: httpx.Client, engine: FakeEngine, make_settings: Callable[..., Settings]
) -> None:
    assert client.get("/healthz").json() == {"status": "ok"}
    untrained = client.get("/readyz")
    assert untrained.status_code == 503
    assert untrained.json()["models"] == "no model has been trained"
    make_settings().live_model.touch()
    assert client.get("/readyz").json() == {"ready": True} | dict.fromkeys(
        ("database", "engine", "actions", "models"), "ok"
    )
    engine.stop()
    assert client.get("/readyz").json()["engine"] == "the engine does not answer"


def test_measures_count_turns_and_requests_but_name_no_conversation(client: httpx.Client, chat: Chat) -> None:
    chat.say("hello", "1")
    chat.say("hello", "1")
    measures = client.get("/metrics").text
    assert 'salesclerk_turns_total{intent="greet"} 1.0' in measures
    assert "salesclerk_turn_seconds_count 1.0" in measures
    assert '/{conversation_id}/messages",status="200"} 2.0' in measures
    assert chat.id not in measures


def test_the_api_describes_itself(client: httpx.Client) -> None:
    described = client.get("/openapi.json").json()
    assert {"/api/v1/conversations", "/api/v1/conversations/{conversation_id}/events"} <= set(described["paths"])
    assert "example" in described["components"]["schemas"]["ShownMessage"]
    sorry = described["paths"]["/api/v1/conversations/{conversation_id}/messages"]["post"]["responses"]["503"]
    assert sorry["content"]["application/problem+json"]["schema"]["title"] == "Problem"
    assert "HTTPValidationError" not in described["components"]["schemas"]


def test_a_shop_that_is_not_set_up_says_so(tmp_path: Path, make_settings: Callable[..., Settings]) -> None:
    empty = f"sqlite:///{tmp_path / 'empty.db'}"
    database = connect(empty)
    migrate(database)
    database.dispose()
    with served(make_settings(database_url=empty)) as client:
        assert_problem(client.post("/api/v1/conversations"), 503)
        assert client.get("/readyz").status_code == 503
