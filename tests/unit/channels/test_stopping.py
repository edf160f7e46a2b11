from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import httpx
from sqlalchemy.orm import Session, sessionmaker

from tests.unit.channels.conftest import Chat, free_port


def wait_for(url: str) -> None:
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        try:
            httpx.get(url, trust_env=False)
            return
        except httpx.TransportError:
            time.sleep(0.1)
    raise AssertionError(f"nothing answers at {url}")


def test_told_to_stop_the_app_ends_streams_and_waiting_turns(
    tmp_path: Path, database_url: str, store: sessionmaker[Session]
) -> None:
    port = free_port()
    environment = os.environ | {
        "SALESCLERK_HOME": str(tmp_path),
        "DATABASE_URL": database_url,
        "SALESCLERK_ENGINE_PORT": str(free_port()),  # where no engine is: turns wait
        "SALESCLERK_TURN_LIMIT": "120",
    }
    command = [sys.executable, "-m", "bot.app", "--port", str(port)]
    app = subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True)
    wait_for(f"http://127.0.0.1:{port}/healthz")
    answers: list[int] = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", trust_env=False, timeout=150) as client:
        chat = Chat(client)
        waiting = threading.Thread(target=lambda: answers.append(chat.say("hello", "1").status_code))
        with client.stream("GET", f"{chat.path}/events", headers=chat.headers):
            waiting.start()
            time.sleep(0.5)
            app.send_signal(signal.SIGTERM)
            _, complaints = app.communicate(timeout=30)  # seconds, long before the turn would have given up
        waiting.join()
    assert complaints == ""
    assert answers == [503]
