"""A real store for every test: a migrated SQLite file made once, copied for each test.

With SALESCLERK_TEST_STORE=postgresql it is a database of a PostgreSQL server instead.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from benchmarks.chaos_run.wire import CALM, WildTelegram
from crm_store.database import connect, fold_log_in, migrate
from crm_store.database import sessions as make_sessions
from tests.fake_telegram.server import TOKEN
from tests.postgresql import PostgresServer, running_postgresql
from tests.stack import Stack

ON_POSTGRESQL = os.environ.get("SALESCLERK_TEST_STORE") == "postgresql"


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with every table and nothing in it; copy it, do not use it."""
    path = tmp_path_factory.mktemp("store") / "migrated.db"
    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    fold_log_in(engine)
    engine.dispose()
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[PostgresServer]:
    """A PostgreSQL server for all tests that ask for it."""
    with running_postgresql() as server:
        yield server


@pytest.fixture
def postgresql_url(postgresql: PostgresServer) -> Iterator[str]:
    """The address of a store on PostgreSQL, with every table and nothing in it."""
    url = postgresql.new_database()
    yield url
    postgresql.drop(url)


@pytest.fixture
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if ON_POSTGRESQL:
        return request.getfixturevalue("postgresql_url")
    path = tmp_path / "salesclerk.db"
    shutil.copyfile(request.getfixturevalue("migrated_database"), path)
    return f"sqlite:///{path}"


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    engine = connect(database_url)
    yield engine
    engine.dispose()


@pytest.fixture
def sessions(engine: Engine) -> sessionmaker[Session]:
    """What an edge of the system opens its transactions with."""
    return make_sessions(engine)


@pytest.fixture
def session(sessions: sessionmaker[Session]) -> Iterator[Session]:
    """One session; commit what another connection must see."""
    with sessions() as session:
        yield session


@pytest.fixture
def now() -> datetime:
    """The time at which every test happens: a Monday noon."""
    return datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def telegram() -> Iterator[WildTelegram]:
    """The Telegram in which the whole assistant is, calm until a test disturbs it."""
    server = WildTelegram(seed=7, disturbance=CALM, keeps_calls=True)
    server.start()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def stack(tmp_path_factory: pytest.TempPathFactory, telegram: WildTelegram) -> Iterator[Stack]:
    """The whole assistant with the demo shop, started once: it takes a minute to train and start."""
    on_telegram = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": telegram.url, "TELEGRAM_SPEED": "20"}
    stack = Stack.prepare(tmp_path_factory.mktemp("stack") / "home", **on_telegram)
    stack.start()
    yield stack
    stack.stop()


@pytest.fixture
def store(stack: Stack) -> Iterator[Session]:
    """A session on the running assistant's own store, to look at what a conversation left there."""
    engine = connect(stack.database_url)
    with make_sessions(engine)() as session:
        yield session
    engine.dispose()
