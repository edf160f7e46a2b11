"""The app on a real port over a real temporary database, and an engine that speaks the real protocol."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
import uvicorn
from sqlalchemy.orm import Session, sessionmaker

from bot.app import create_app
from bot.channels.settings import Settings
from crm_store.database import connect, sessions, writing
from tests.factories import make_shop
from tests.unit.channels.fake_engine import TOKEN, FakeEngine
from tests.unit.channels.outboxes import Recorder


@pytest.fixture
def store(database_url: str) -> Iterator[sessionmaker[Session]]:
    database = connect(database_url)
    factory = sessions(database)
    with writing(factory) as session:
        make_shop(session, currency="GBP", timezone="Europe/London")
    yield factory
    database.dispose()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def engine(store: sessionmaker[Session]) -> Iterator[FakeEngine]:
    fake = FakeEngine(store, free_port())
    fake.start()
    yield fake
    fake.stop()


@pytest.fixture
def make_settings(database_url: str, engine: FakeEngine, tmp_path: Path) -> Callable[..., Settings]:
    def make(**changes: Any) -> Settings:
        usual = {
            "database_url": database_url,
            "secret": b"a secret of the tests",
            "live_model": tmp_path / "live.tar.gz",
            "engine_url": engine.url,
            "actions_url": engine.url,
            "engine_token": TOKEN,
            "turn_limit": 5.0,
            "poll_seconds": 0.05,
        }
        return Settings(**usual | changes)

    return make


@contextmanager
def served(settings: Settings) -> Iterator[httpx.Client]:
    """A client of the app, which runs in a thread until the block ends."""
    port = free_port()
    config = uvicorn.Config(
        create_app(settings), port=port, log_level="error", timeout_graceful_shutdown=1, lifespan="on"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    deadline = time.monotonic() + 60
    while not server.started and time.monotonic() < deadline:
        time.sleep(0.01)
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=60) as client:
            yield client
    finally:
        server.should_exit = True
        thread.join(timeout=10)


@pytest.fixture
def client(make_settings: Callable[..., Settings]) -> Iterator[httpx.Client]:
    with served(make_settings()) as client:
        yield client


class Chat:
    """One conversation over HTTP."""

    def __init__(self, client: httpx.Client, **wanted: str) -> None:
        self._client = client
        answer = client.post("/api/v1/conversations", json=wanted)
        assert answer.status_code == 201, answer.text
        self.id = answer.json()["id"]
        self.headers = {"Authorization": f"Bearer {answer.json()['token']}"}
        self.path = f"/api/v1/conversations/{self.id}"

    def say(self, text: str, client_message_id: str) -> httpx.Response:
        return self.send(text=text, client_message_id=client_message_id)

    def send(self, **body: Any) -> httpx.Response:
        return self._client.post(f"{self.path}/messages", headers=self.headers, json=body)

    def history(self, after: int = 0) -> list[dict[str, Any]]:
        answer = self._client.get(f"{self.path}/messages", headers=self.headers, params={"after": after})
        assert answer.status_code == 200, answer.text
        return answer.json()["messages"]


@pytest.fixture
def chat(client: httpx.Client) -> Chat:
    return Chat(client)


@pytest.fixture
def channel() -> Recorder:
    return Recorder()
