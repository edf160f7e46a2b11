"""Stands for the engine and the action server: the real HTTP protocol, replies written to the real store."""

from __future__ import annotations

import contextlib
import json
import socket
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from crm_store.conversations import add_reply, make_button, mark_handled
from crm_store.database import writing
from crm_store.tables import Message, MessageState

TOKEN = "token of the tests"


class FakeEngine:
    """Answers every message with an echo; `troubles` are statuses to answer with instead, one a request."""

    def __init__(self, store: sessionmaker[Session], port: int) -> None:
        self._store = store
        self._port = port
        self._server: ThreadingHTTPServer | None = None
        self.url = f"http://127.0.0.1:{port}"
        self.requests: list[dict[str, Any]] = []
        self.effects: list[str] = []
        self.troubles: list[int] = []
        self.silent: Callable[[str], bool] = lambda text: False
        self.stumbles: Callable[[str], bool] = lambda text: False
        self.seconds = 0.0
        self.together: threading.Barrier | None = None  # turns go on only when so many are under way at once
        self.refused = 0
        self.products: list[dict[str, Any]] = []
        self.button: str | None = None
        self.at_work: dict[str, int] = {}
        self.overlaps = 0
        self.connections: list[socket.socket] = []

    def start(self) -> None:
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = ThreadingHTTPServer(("127.0.0.1", self._port), handler)
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        if self._server:
            self._server.shutdown()
            for connection in self.connections:
                with contextlib.suppress(OSError):
                    connection.shutdown(socket.SHUT_RDWR)
            self.connections.clear()
            self._server.server_close()
            self._server = None

    @property
    def messages(self) -> list[str]:
        return [request["message"] for request in self.requests]

    def turn(self, request: dict[str, Any]) -> int:
        """The status of one request, after its effects."""
        self.requests.append(request)
        if self.troubles:
            return self.troubles.pop(0)
        if self.stumbles(request["message"]):
            return 500
        sender = request["sender"]
        self.overlaps += self.at_work.get(sender, 0)
        self.at_work[sender] = 1
        time.sleep(self.seconds)
        if self.together:
            self.together.wait(timeout=30)
        if not self.silent(request["message"]):
            self._handle(request["metadata"]["message_id"])
        self.at_work[sender] = 0
        return 200

    def _handle(self, message_id: int) -> None:
        """What the action server does: one effect for one message, however often it comes."""
        with writing(self._store) as session:
            message = session.get_one(Message, message_id)
            if message.state is not MessageState.RECEIVED:
                return
            self.effects.append(message.text)
            add_reply(session, message, self._payload(session, message), datetime.now(UTC))
            mark_handled(session, message, intent="greet", confidence=0.9, needs={}, mentions={})

    def _payload(self, session: Session, message: Message) -> dict[str, Any]:
        quick_replies = []
        if self.button:
            button = make_button(session, message.conversation_id, self.button, "refine_need", {})
            quick_replies.append({"title": button.title, "payload": button.id})
        return {"text": f"You said: {message.text}", "quick_replies": quick_replies, "products": self.products}


class _Handler(BaseHTTPRequestHandler):
    fake: FakeEngine
    protocol_version = "HTTP/1.1"

    def setup(self) -> None:
        super().setup()
        self.fake.connections.append(self.connection)

    def do_GET(self) -> None:
        self._answer(200, {"status": "ok"})

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.path != "/webhooks/salesclerk/webhook":
            self._answer(404, {})
        elif self.headers["Authorization"] != f"Bearer {TOKEN}":
            self.fake.refused += 1
            self._answer(401, {})
        else:
            status = self.fake.turn(body)
            self._answer(status, {"handled": status == 200})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the tests look at what was requested."""
