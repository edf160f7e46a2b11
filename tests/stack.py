"""The whole of Salesclerk as a customer meets it: every process started by `./salesclerk up`."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parent.parent
LAUNCHER = ROOT / "salesclerk"
READY_WITHIN = 600  # seconds, training included
STOPPED_WITHIN = 20
IDENTITY_SECRET = "a secret that the shop's own server shares with the tests"


def free_ports(count: int) -> list[int]:
    """Ports that nobody uses at the moment."""
    sockets = [socket.socket() for _ in range(count)]
    for one in sockets:
        one.bind(("127.0.0.1", 0))
    ports = [one.getsockname()[1] for one in sockets]
    for one in sockets:
        one.close()
    return ports


@dataclass
class Stack:
    """A running Salesclerk with its own home and ports."""

    home: Path
    port: int
    environment: dict[str, str]
    process: subprocess.Popen[str] | None = None
    output: Path = field(init=False)

    def __post_init__(self) -> None:
        self.output = self.home.parent / f"{self.home.name}-up.log"

    @classmethod
    def prepare(cls, home: Path, **settings: str) -> Stack:
        """A home that is not started yet; `settings` are further environment variables."""
        app, engine, actions, site = free_ports(4)
        environment = {
            **os.environ,
            "SALESCLERK_HOME": str(home),
            "SALESCLERK_PORT": str(app),
            "SALESCLERK_ENGINE_PORT": str(engine),
            "SALESCLERK_ACTIONS_PORT": str(actions),
            "SALESCLERK_ALLOWED_ORIGINS": f"http://127.0.0.1:{site}",
            "SALESCLERK_IDENTITY_SECRET": IDENTITY_SECRET,
            **settings,
        }
        environment.pop("DATABASE_URL", None)
        return cls(home, app, environment)

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def site(self) -> str:
        """The address of a page of somebody else, free for a test to serve, that may embed the chat."""
        return self.environment["SALESCLERK_ALLOWED_ORIGINS"]

    @property
    def database_url(self) -> str:
        return f"sqlite:///{self.home / 'salesclerk.db'}"

    def command(self, *words: str, **options: Any) -> subprocess.CompletedProcess[str]:
        """Run another command of the launcher in the same home."""
        return subprocess.run(
            [str(LAUNCHER), *words], env=self.environment, cwd=ROOT, text=True, capture_output=True, **options
        )

    def start(self, *words: str) -> None:
        """Start and wait until it says that it is ready."""
        with self.output.open("w") as output:
            self.process = subprocess.Popen(
                [str(LAUNCHER), "up", *words],
                env=self.environment, cwd=ROOT, stdout=output, stderr=subprocess.STDOUT, text=True,
                start_new_session=True,
            )  # fmt: skip
        deadline = time.monotonic() + READY_WITHIN
        while "Salesclerk is ready" not in self.said():
            if self.process.poll() is not None or time.monotonic() > deadline:
                raise AssertionError(f"not ready; it said:\n{self.said()}")
            time.sleep(0.25)

    def said(self) -> str:
        return self.output.read_text() if self.output.exists() else ""

    def stop(self) -> int:
        """Stop as Ctrl-C does; returns the exit status."""
        assert self.process is not None
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        return self.process.wait(timeout=STOPPED_WITHIN)


class Customer:
    """A customer in one conversation over HTTP."""

    def __init__(self, address: str, id: str = "", token: str = "", **opening: Any) -> None:
        """Opens a conversation, or goes on with the one of that id and token."""
        self.http = httpx.Client(base_url=address, timeout=90)
        if not id:
            opened = self.http.post("/api/v1/conversations", json=opening)
            assert opened.status_code == 201, opened.text
            id, token = opened.json()["id"], opened.json()["token"]
        self.id = id
        self.http.headers["Authorization"] = f"Bearer {token}"
        self.replies: list[dict[str, Any]] = []
        self.sent = 0

    def __enter__(self) -> Customer:
        return self

    def __exit__(self, *_: object) -> None:
        self.http.close()

    def says(self, text: str) -> str:
        """Send words; returns the text of the answer, and keeps it whole in `replies`."""
        return self._send({"text": text})

    def presses(self, title: str) -> str:
        """Press a quick reply, or the button on a product card, of the last answer."""
        buttons = [b for r in self.replies for b in r["quick_replies"]]
        buttons += [b for card in self.cards for b in card.get("actions") or ()]
        payload = next(b["payload"] for b in buttons if b["title"] == title)
        return self._send({"payload": payload})

    @property
    def cards(self) -> list[dict[str, Any]]:
        return [card for reply in self.replies for card in reply["products"]]

    def _send(self, body: dict[str, Any]) -> str:
        self.sent += 1
        body["client_message_id"] = f"m{self.sent}"
        answered = self.http.post(f"/api/v1/conversations/{self.id}/messages", json=body)
        assert answered.status_code == 200, answered.text
        self.replies = answered.json()["messages"]
        return "\n".join(reply["text"] for reply in self.replies)
