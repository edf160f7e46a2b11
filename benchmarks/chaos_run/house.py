"""A home of its own for a run: the demo shop with plenty in stock, a trained engine, one of two databases."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import psutil
from sqlalchemy import update

from bot import live_model
from bot.cli.ground import ensure_model, ensure_shop
from bot.cli.places import prepare, store
from crm_store.database import writing
from crm_store.home import Home
from crm_store.tables import Variant
from tests.fake_telegram.server import TOKEN
from tests.postgresql import running_postgresql
from tests.stack import Stack

PLENTY = 1_000_000  # so that what a customer gets does not depend on who came before
SPEED = "40"  # times Telegram's usual limits: they are not what is measured


@contextmanager
def database(kind: str, folder: Path) -> Iterator[str]:
    """The address of an empty database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'home' / 'salesclerk.db'}"
        return
    with running_postgresql() as server:
        yield server.new_database(empty=True)


def on_telegram(address: str) -> dict[str, str]:
    """The settings with which the assistant is in the Telegram at this address."""
    settings = {"TELEGRAM_BOT_TOKEN": TOKEN, "TELEGRAM_API_URL": address, "TELEGRAM_SPEED": SPEED}
    return settings | {"TELEGRAM_WEBHOOK_URL": ""}


def ready_home(folder: Path, trained: Path, database_url: str, **settings: str) -> Stack:
    """A home with a shop and a model, not started; the model is that of the home `trained` when it can be used."""
    stack = Stack.prepare(folder / "home", **settings)
    stack.environment["DATABASE_URL"] = database_url
    _take_over(trained, stack.home)
    home = Home.from_environment(stack.environment)
    prepare(home)
    os.environ["SALESCLERK_HOME"] = str(stack.home)
    with store(home) as sessions:
        ensure_shop(sessions)
        with writing(sessions) as session:
            session.execute(update(Variant).values(stock=PLENTY))
        ensure_model(home, sessions, may_train=True)
    return stack


@contextmanager
def running(stack: Stack) -> Iterator[None]:
    """The stack started, and stopped whatever happens, while it starts too; raises RuntimeError when it does not."""
    try:
        stack.start()
        yield
    finally:
        if stack.process is not None:
            _stop(stack)


def _stop(stack: Stack) -> None:
    try:
        stack.stop()
    except subprocess.TimeoutExpired as error:
        with suppress(psutil.NoSuchProcess):
            up = psutil.Process(stack.process.pid)
            for process in [up, *up.children(recursive=True)]:
                with suppress(psutil.NoSuchProcess):
                    process.kill()
        raise RuntimeError(f"the assistant did not stop within {error.timeout:.0f} s and was killed") from error


def _take_over(trained: Path, home: Path) -> None:
    """Copy what was learned, from messages and from sales, when this code can use it."""
    there = Home(trained, "")
    if not there.live_model.is_file() or live_model.is_outdated(there):
        return
    for part in ("engine/models", "learned"):
        if (trained / part).is_dir():
            shutil.copytree(trained / part, home / part)
    shutil.copy2(trained / "secret.key", home / "secret.key")  # what was learned from sales is signed with it
