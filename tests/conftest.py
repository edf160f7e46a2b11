"""A real store for every test: a migrated SQLite file made once, copied for each test."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import Engine
from sqlalchemy.orm import Session, sessionmaker

from crm_store.database import connect, fold_log_in, migrate
from crm_store.database import sessions as make_sessions
from tests.stack import Stack


@pytest.fixture(scope="session")
def migrated_database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database file with every table and nothing in it; copy it, do not use it."""
    path = tmp_path_factory.mktemp("store") / "migrated.db"
    engine = connect(f"sqlite:///{path}")
    migrate(engine)
    fold_log_in(engine)
    engine.dispose()
    return path


@pytest.fixture
def database_url(migrated_database: Path, tmp_path: Path) -> str:
    path = tmp_path / "salesclerk.db"
    shutil.copyfile(migrated_database, path)
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
def stack(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """The whole assistant with the demo shop, started once: it takes a minute to train and start."""
    stack = Stack.prepare(tmp_path_factory.mktemp("stack") / "home")
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
