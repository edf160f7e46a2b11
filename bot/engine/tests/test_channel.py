from __future__ import annotations

import asyncio
import json
from types import SimpleNamespace

import pytest
from bot.engine.channel import SalesclerkChannel
from rasa.core.channels.channel import UserMessage, register
from sanic import Sanic
from sanic.compat import Header
from sanic.request import Request

AUTHORISED = {"Authorization": "Bearer secret-token"}


class Turns:
    """Stands for the agent behind the channel: it records what reaches it, and fails when told to."""

    def __init__(self) -> None:
        self.messages: list[UserMessage] = []
        self.fails = False

    async def handle_message(self, message: UserMessage) -> None:
        if self.fails:
            raise RuntimeError("the turn failed")
        self.messages.append(message)

    def is_ready(self) -> bool:
        return True


async def _call(app: Sanic, method: str, path: str, body: object, headers: dict) -> SimpleNamespace:
    """Runs one request through the application's router, without a socket."""
    request = Request(path.encode(), _headers(headers), "1.1", method, None, app)
    request.body = json.dumps(body).encode() if not isinstance(body, bytes) else body
    route, handler, arguments = app.router.get(path, method, None)
    answer = await handler(request, **arguments)
    return SimpleNamespace(status=answer.status, body=json.loads(answer.body))


def _headers(headers: dict) -> Header:
    return Header({name.lower(): value for name, value in headers.items()})


@pytest.fixture
def turns() -> Turns:
    return Turns()


@pytest.fixture
def post(turns: Turns):
    app = _app(turns)

    def _post(body: object, headers: dict = AUTHORISED) -> SimpleNamespace:
        return asyncio.run(_call(app, "POST", "/webhooks/salesclerk/webhook", body, headers))

    return _post


def _app(turns: Turns | None) -> Sanic:
    app = Sanic(f"channel-{id(turns)}-{len(Sanic._app_registry)}", configure_logging=False)
    app.ctx.agent = turns
    register([SalesclerkChannel("secret-token")], app, "/webhooks/")
    app.router.finalize()
    return app


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer wrong"}, {"Authorization": "secret-token"}])
def test_a_message_without_the_token_is_refused(post, turns: Turns, headers: dict) -> None:
    assert post({"sender": "c_1", "message": "hi"}, headers).status == 401
    assert turns.messages == []


def test_a_message_reaches_the_agent_with_its_metadata_and_is_confirmed(post, turns: Turns) -> None:
    answer = post({"sender": "c_1", "message": "hi", "metadata": {"message_id": 7}})
    assert (answer.status, answer.body) == (200, {"handled": True})
    assert [(message.sender_id, message.text, message.metadata) for message in turns.messages] == [
        ("c_1", "hi", {"message_id": 7})
    ]


@pytest.mark.parametrize(
    "body", [[], {}, {"sender": "c_1"}, {"sender": "", "message": "x"}, {"sender": {}, "message": 3}]
)
def test_what_is_no_message_is_refused(post, turns: Turns, body: object) -> None:
    assert post(body).status == 400
    assert turns.messages == []


def test_a_turn_that_failed_is_not_confirmed(post, turns: Turns) -> None:
    turns.fails = True
    answer = post({"sender": "c_1", "message": "hi"})
    assert (answer.status, answer.body) == (500, {"handled": False})


@pytest.mark.parametrize(("agent", "status", "word"), [(Turns(), 200, "ok"), (None, 503, "loading")])
def test_readiness_follows_the_model(agent: Turns | None, status: int, word: str) -> None:
    answer = asyncio.run(_call(_app(agent), "GET", "/webhooks/salesclerk/", None, {}))
    assert (answer.status, answer.body) == (status, {"status": word})


def test_a_channel_without_a_token_is_not_made() -> None:
    with pytest.raises(ValueError, match="SALESCLERK_ENGINE_TOKEN"):
        SalesclerkChannel.from_credentials({"token": "${SALESCLERK_ENGINE_TOKEN}"})
