"""The app is killed while it works: nothing is lost, nothing has two effects, and order is kept."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path

from tests.fake_telegram.people import Person, eventually
from tests.fake_telegram.server import TOKEN as BOT_TOKEN
from tests.fake_telegram.server import FakeTelegram
from tests.unit.channels.conftest import free_port
from tests.unit.channels.fake_engine import TOKEN, FakeEngine

PEOPLE, MESSAGES, KILLS = 6, 10, 3


@contextmanager
def app(tmp_path: Path, database_url: str, engine: FakeEngine, fake: FakeTelegram) -> Iterator[subprocess.Popen[bytes]]:
    environment = os.environ | {
        "SALESCLERK_HOME": str(tmp_path),
        "DATABASE_URL": database_url,
        "SALESCLERK_ENGINE_PORT": engine.url.rpartition(":")[2],
        "SALESCLERK_ENGINE_TOKEN": TOKEN,
        "TELEGRAM_BOT_TOKEN": BOT_TOKEN,
        "TELEGRAM_API_URL": fake.url,
    }
    command = [sys.executable, "-m", "bot.app", "--port", str(free_port())]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        yield process
        process.kill()


def test_killed_at_any_moment_it_loses_and_doubles_nothing(
    tmp_path: Path, database_url: str, engine: FakeEngine, fake: FakeTelegram
) -> None:
    chance = random.Random(5)
    engine.seconds = 0.02
    people = [Person(fake, 100 + number) for number in range(PEOPLE)]
    said = {person.id: [f"{person.id} says {number}" for number in range(MESSAGES)] for person in people}
    updates = [people[number % PEOPLE].message(text=said[people[number % PEOPLE].id][number // PEOPLE])
               for number in range(PEOPLE * MESSAGES)]  # fmt: skip
    share = len(updates) // (KILLS + 1)
    for kill in range(KILLS + 1):
        for update in updates[kill * share : (kill + 1) * share]:
            fake.happens(*[update] * chance.choice((1, 1, 2)))
        before = len(fake.sent())
        with app(tmp_path, database_url, engine, fake) as process:
            if kill < KILLS:
                eventually(lambda before=before: len(fake.sent()) > before, seconds=30)
                time.sleep(chance.uniform(0.0, 0.3))
                process.kill()
            else:
                eventually(lambda: len(set(fake.texts())) == len(updates), seconds=60)

    assert sorted(engine.effects) == sorted(text for texts in said.values() for text in texts)
    assert engine.overlaps == 0
    for person in people:
        assert [text for text in engine.effects if text in said[person.id]] == said[person.id]
        arrived = fake.texts(person.id)
        assert [text for text, _ in groupby(arrived)] == [f"You said: {text}" for text in said[person.id]]
        assert len(arrived) <= MESSAGES + KILLS, "a kill repeats at most the one on the wire"
