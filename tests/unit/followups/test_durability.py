"""Every promise is kept once: killed at any moment, by two processes on one store, and soon after a restart."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from crm_store import followups
from crm_store.database import reading, writing
from crm_store.home import Home
from crm_store.tables import Conversation, FollowUp, FollowUpStatus, Message
from tests.factories import make_conversation, make_shop

REPOSITORY = Path(__file__).parents[3]
SOON = 2.0  # seconds after a start within which what is due is said


class Processes:
    """Processes that keep promises, started ready and killed at once."""

    def __init__(self, loaded: subprocess.Popen[str]) -> None:
        self._loaded = loaded

    @contextmanager
    def started(self, store: str, home: Path) -> Iterator[None]:
        assert self._loaded.stdin is not None and self._loaded.stdout is not None
        begun = Home(home, store).followups_url
        self._loaded.stdin.write(f"{store} {begun}\n")
        self._loaded.stdin.flush()
        number = int(self._loaded.stdout.readline())
        try:
            yield
        finally:
            os.kill(number, signal.SIGKILL)


@pytest.fixture(scope="module")
def processes() -> Iterator[Processes]:
    command = [sys.executable, "-m", "tests.unit.followups.small_process"]
    pipe = subprocess.PIPE
    with subprocess.Popen(command, cwd=REPOSITORY, stdin=pipe, stdout=pipe, text=True) as loaded:
        yield Processes(loaded)
        loaded.kill()


def eventually(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.01)


def promise(sessions: sessionmaker[Session], count: int, over: float = 0.0) -> None:
    """Book reminders that fall due one after the other over so many seconds from now."""
    now = datetime.now(UTC)
    with writing(sessions) as session:
        make_shop(session, timezone="Europe/London")
        chat = session.scalar(select(Conversation)) or make_conversation(session)
        for number in range(count):
            due_at = now + timedelta(seconds=over * number / count)
            followups.book(
                session, chat, kind="message", due_at=due_at, grain="minute", timezone=chat.timezone, contact=None,
                note=f"number {number}", idempotency_key=f"promise-{number}", now=now - timedelta(minutes=1),
            )  # fmt: skip


def texts(sessions: sessionmaker[Session]) -> list[str]:
    with reading(sessions) as session:
        return list(session.scalars(select(Message.text).order_by(Message.id)))


def check_each_once(sessions: sessionmaker[Session], count: int) -> None:
    assert Counter(texts(sessions)) == {f'Here is the reminder you asked for: "number {n}"': 1 for n in range(count)}
    with reading(sessions) as session:
        kept = session.scalars(select(FollowUp)).all()
        assert {one.status for one in kept} == {FollowUpStatus.DONE}
        assert len({one.message_id for one in kept}) == count


def test_killed_at_any_moment_every_promise_is_kept_once(
    sessions: sessionmaker[Session], database_url: str, tmp_path: Path, processes: Processes
) -> None:
    chance = random.Random(7)
    count, kills = 50, 4
    promise(sessions, count, over=2.0)
    for _ in range(kills):
        before = len(texts(sessions))
        with processes.started(database_url, tmp_path):
            eventually(lambda before=before: len(texts(sessions)) > before)
            time.sleep(chance.uniform(0.0, 0.1))
    with processes.started(database_url, tmp_path):
        eventually(lambda: len(texts(sessions)) >= count)
    check_each_once(sessions, count)


def test_what_fell_due_while_nobody_ran_is_said_within_two_seconds_of_the_start(
    sessions: sessionmaker[Session], database_url: str, tmp_path: Path, processes: Processes
) -> None:
    promise(sessions, 20)
    with processes.started(database_url, tmp_path):
        eventually(lambda: len(texts(sessions)) >= 20, seconds=SOON)
    check_each_once(sessions, 20)


def test_two_processes_on_one_store_keep_each_promise_once(
    sessions: sessionmaker[Session], database_url: str, tmp_path: Path, processes: Processes
) -> None:
    with processes.started(database_url, tmp_path), processes.started(database_url, tmp_path):
        promise(sessions, 40, over=0.5)
        eventually(lambda: len(texts(sessions)) >= 40)
        promise(sessions, 40)  # the same keys again: nothing new
        with reading(sessions) as session:
            assert len(session.scalars(select(FollowUp)).all()) == 40
    check_each_once(sessions, 40)
