"""Two processes on one store: one serves Telegram, and one that loses this right stops until it has it again."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
from sqlalchemy import Engine, text

from crm_store.database import connect
from crm_store.lease import lease
from tests.fake_telegram.people import Person, eventually
from tests.fake_telegram.server import FakeTelegram
from tests.unit.channels.telegram.conftest import Served


@pytest.fixture
def database_url(postgresql_url: str) -> str:
    """On PostgreSQL, where a connection and with it the lease can be lost while the process lives."""
    return postgresql_url


@contextmanager
def taken_over(server: Engine) -> Iterator[None]:
    """The connection that holds the lease breaks, and another process is quicker to take it."""
    other = lease(server, "telegram")
    pid = "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND classid = 369128 AND granted"
    deadline = time.monotonic() + 10
    while not other.hold() and time.monotonic() < deadline:
        with server.connect() as connection:
            connection.execute(text(f"SELECT pg_terminate_backend(pid) FROM ({pid}) AS holder"))
    assert other.hold()
    yield
    other.release()


def test_who_loses_the_lease_stops_and_begins_again_when_it_is_free(
    on_telegram: Served, fake: FakeTelegram, ada: Person, database_url: str
) -> None:
    server = connect(database_url)
    with on_telegram():
        ada.says("hello")
        eventually(lambda: fake.texts(7) == ["You said: hello"])
        with taken_over(server):
            time.sleep(2.5)  # it looks every second
            ada.says("anybody?")
            time.sleep(1.5)
            assert fake.texts(7) == ["You said: hello"]
        eventually(lambda: fake.texts(7) == ["You said: hello", "You said: anybody?"])
    server.dispose()
