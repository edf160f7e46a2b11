from __future__ import annotations

import fcntl
import os
import pty
import signal
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.settings import Settings
from crm_store.database import reading
from crm_store.tables import Conversation
from tests.unit.channels.conftest import free_port, served
from tests.unit.channels.fake_engine import FakeEngine


@pytest.fixture
def environment(tmp_path: Path, database_url: str, make_settings: Callable[..., Settings]) -> Iterator[dict[str, str]]:
    """The environment of a chat whose server runs."""
    with served(make_settings()) as client:
        yield os.environ | {
            "SALESCLERK_HOME": str(tmp_path),
            "SALESCLERK_PORT": str(httpx.URL(client.base_url).port),
            "SALESCLERK_SECRET": make_settings().secret.decode(),
            "DATABASE_URL": database_url,
        }


def run_chat(environment: dict[str, str], said: str, *options: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "bot.cli", "chat", *options]
    return subprocess.run(command, input=said, env=environment, capture_output=True, text=True, timeout=30)


def test_lines_of_a_pipe_are_messages_and_replies_are_plain_lines(environment: dict[str, str]) -> None:
    chat = run_chat(environment, "hello [red]there[/red]\n\nbye\n")
    assert (chat.returncode, chat.stderr) == (0, "")
    assert chat.stdout == "You said: hello [red]there[/red]\nYou said: bye\n"


def test_verbose_tells_what_was_understood(environment: dict[str, str]) -> None:
    assert run_chat(environment, "hello\n", "--verbose").stdout.startswith("understood: greet 0.90\n")


def test_a_product_and_its_quick_replies_are_shown_and_chosen_by_letter(
    environment: dict[str, str], engine: FakeEngine
) -> None:
    engine.products = [
        {"sku": "T", "name": "Torrent 2", "price": "249.00", "currency": "GBP", "reason": "Keeps two dry"}
    ]
    engine.button = "Something cheaper"
    chat = run_chat(environment, "a tent\na\nsomething CHEAPER\n")
    assert "1. Torrent 2 | £249.00 | Keeps two dry\na) Something cheaper\n" in chat.stdout
    assert engine.effects == ["a tent", "Something cheaper", "Something cheaper"]


def test_a_rep_s_conversation_carries_the_rep_s_name(environment: dict[str, str], store: sessionmaker[Session]) -> None:
    assert run_chat(environment, "who is due?\n", "--rep", "Ann", "--language", "zh").returncode == 0
    with reading(store) as session:
        conversation = session.scalars(select(Conversation)).one()
    assert (conversation.rep_name, conversation.language) == ("Ann", "zh")
    assert conversation.channel == "terminal"


@pytest.mark.parametrize(
    ("change", "complaint"),
    [
        ({"SALESCLERK_PORT": str(free_port())}, "no Salesclerk is running; start it with ./salesclerk up"),
        ({"SALESCLERK_SECRET": "of another home"}, "does it run with the same SALESCLERK_HOME?"),
    ],
)
def test_what_stands_in_the_way_is_one_line(
    environment: dict[str, str], change: dict[str, str], complaint: str
) -> None:
    chat = run_chat(environment | change, "hello\n", "--rep", "Ann")
    assert (chat.returncode, chat.stdout) == (2, "")
    assert complaint in chat.stderr
    assert chat.stderr.count("\n") == 1


@pytest.mark.parametrize("leave", [b"\x04", b"\x03"])
def test_a_terminal_is_left_with_one_key(environment: dict[str, str], leave: bytes) -> None:
    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "bot.cli", "chat"]
    chat = subprocess.Popen(
        command,
        env=environment,
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        start_new_session=True,
        preexec_fn=lambda: _own_terminal(theirs),
    )
    os.close(theirs)
    shown = _shown_until(ours, "> ")
    os.write(ours, b"hello\r")
    shown += _shown_until(ours, "hello\r\n> ")
    assert _left_with(chat, ours, leave) == 0
    os.close(ours)
    assert "You said: hello" in shown
    assert "Traceback" not in shown


def _left_with(chat: subprocess.Popen[bytes], terminal: int, key: bytes) -> int:
    """The exit status; the key is pressed again if need be, since Python may miss a signal between two reads."""
    for _ in range(20):
        os.write(terminal, key)
        try:
            return chat.wait(timeout=0.5)
        except subprocess.TimeoutExpired:
            continue
    chat.kill()
    return chat.wait()


def _own_terminal(descriptor: int) -> None:
    """Make the terminal the process's own, so that Ctrl-C on it reaches the process."""
    fcntl.ioctl(descriptor, termios.TIOCSCTTY, 0)
    # A shell starts a job in the background (and so these tests, perhaps) deaf to Ctrl-C.
    signal.signal(signal.SIGINT, signal.SIG_DFL)


def _shown_until(terminal: int, end: str) -> str:
    shown = ""
    deadline = time.monotonic() + 15
    while not shown.replace("\x1b[0m", "").replace("\x1b[?2004h", "").endswith(end):
        assert time.monotonic() < deadline, shown
        shown += os.read(terminal, 1000).decode()
    return shown
