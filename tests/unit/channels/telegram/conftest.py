"""The app with its Telegram channel on, over a Bot API server on loopback."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

import httpx
import pytest

from bot.channels.settings import Settings
from tests.fake_telegram.people import Person
from tests.fake_telegram.server import TOKEN, FakeTelegram
from tests.unit.channels.conftest import served

Served = Callable[..., AbstractContextManager[httpx.Client]]


@pytest.fixture
def fake() -> Iterator[FakeTelegram]:
    server = FakeTelegram()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def on_telegram(make_settings: Callable[..., Settings], fake: FakeTelegram) -> Served:
    """Runs the app with the channel on until the block ends; arguments are settings."""

    @contextmanager
    def running(**changes: Any) -> Iterator[httpx.Client]:
        usual = {
            "telegram_token": TOKEN,
            "telegram_api": fake.url,
            "telegram_timeout": 2.0,
            "telegram_wait": 1.0,
            "patience": 30.0,
        }
        with served(make_settings(**usual | changes)) as client:
            yield client

    return running


@pytest.fixture
def bot(on_telegram: Served) -> Iterator[httpx.Client]:
    """The app with the channel on."""
    with on_telegram() as client:
        yield client


@pytest.fixture
def ada(fake: FakeTelegram) -> Person:
    return Person(fake)
