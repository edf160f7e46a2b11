"""The server: `/bot<token>/<method>`, form-encoded parameters, JSON answers, long polling with offsets."""

from __future__ import annotations

import json
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs

from tests.fake_telegram.html_check import NotHtml, visible_length

TOKEN = "4242:a-token_of-the-tests-0123456789abcd"
BOT = {"id": 4242, "is_bot": True, "first_name": "Fernhill", "username": "fernhill_bot"}


@dataclass(frozen=True)
class Call:
    method: str
    parameters: dict[str, Any]
    at: float

    @property
    def chat(self) -> int:
        return int(self.parameters["chat_id"])

    @property
    def text(self) -> str:
        return self.parameters.get("text") or self.parameters.get("caption") or ""

    @property
    def buttons(self) -> list[dict[str, str]]:
        return [button for row in self.markup.get("inline_keyboard", []) for button in row]

    @property
    def markup(self) -> dict[str, Any]:
        return self.parameters.get("reply_markup") or {}


@dataclass
class Refusal(Exception):
    """An answer with an error, as the Bot API gives it."""

    status: int
    description: str
    parameters: dict[str, Any] = field(default_factory=dict)

    def body(self) -> dict[str, Any]:
        extra = {"parameters": self.parameters} if self.parameters else {}
        return {"ok": False, "error_code": self.status, "description": self.description, **extra}


BLOCKED = Refusal(403, "Forbidden: bot was blocked by the user")
TOO_MANY = Refusal(429, "Too Many Requests: retry after 1", {"retry_after": 1})
BAD_GATEWAY = Refusal(502, "Bad Gateway")
SILENCE = "silence"  # the call has its effect, and the answer never comes
Trouble = Refusal | str


class FakeTelegram:
    """`troubles` are what calls of a method meet instead of success, one a call; `calls` are those that succeeded."""

    def __init__(self) -> None:
        self.calls: list[Call] = []
        self.attempts: list[Call] = []
        self.troubles: dict[str, list[Trouble]] = {}
        self.trouble_for: Callable[[Call], Trouble | None] = lambda call: None
        self.silence_seconds = 1.0
        self.offsets: list[int] = []
        self._updates: list[dict[str, Any]] = []
        self._repeats = 0
        self._next_update = 1000
        self._next_message = 1
        self._changed = threading.Condition()
        handler = type("Handler", (_Handler,), {"fake": self})
        self._server = _Server(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        self._closed = False

    def start(self) -> None:
        threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()

    def stop(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._server.shutdown()
        self._server.server_close()

    # What happens in Telegram -----------------------------------------------------------------------

    def number(self) -> int:
        """The id of the next update."""
        with self._changed:
            self._next_update += 1
            return self._next_update

    def message_number(self) -> int:
        with self._changed:
            self._next_message += 1
            return self._next_message

    def happens(self, *updates: dict[str, Any]) -> None:
        """Updates for the bot, in this order; each waits until it is acknowledged."""
        with self._changed:
            self._updates += updates
            self._changed.notify_all()

    def repeat(self, times: int) -> None:
        """Deliver again what was acknowledged, so many times, as after a lost acknowledgement."""
        self._repeats = times

    def sent(self, chat: int | None = None) -> list[Call]:
        """The messages that arrived, in a chat or in all."""
        shown = ("sendMessage", "sendPhoto")
        return [c for c in self.calls if c.method in shown and (chat is None or c.chat == chat)]

    def texts(self, chat: int | None = None) -> list[str]:
        return [call.text for call in self.sent(chat)]

    def of(self, method: str) -> list[Call]:
        return [call for call in self.calls if call.method == method]

    def unacknowledged(self) -> int:
        return len(self._updates)

    # What the bot asks ------------------------------------------------------------------------------

    def call(self, method: str, parameters: dict[str, Any]) -> Any:
        """The result of one call; raises Refusal."""
        call = Call(method, parameters, time.monotonic())
        self.attempts.append(call)
        waiting = self.troubles.get(method)
        trouble = waiting.pop(0) if waiting else self.trouble_for(call)
        if isinstance(trouble, Refusal):
            raise trouble
        result = self._answers[method](self, parameters) if method in self._answers else True
        if method != "getUpdates":
            self.calls.append(call)
        if trouble == SILENCE:
            time.sleep(self.silence_seconds)
        return result

    def _get_me(self, parameters: dict[str, Any]) -> dict[str, Any]:
        return BOT

    def _get_updates(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        offset, deadline = int(parameters.get("offset") or 0), time.monotonic() + float(parameters.get("timeout") or 0)
        with self._changed:
            self.offsets.append(offset)
            if self._repeats and offset:
                self._repeats -= 1
                return list(self._updates[:100])
            self._updates = [update for update in self._updates if update["update_id"] >= offset]
            while not self._updates and not self._closed and (left := deadline - time.monotonic()) > 0:
                self._changed.wait(left)
            return list(self._updates[:100])

    def _send(self, parameters: dict[str, Any]) -> dict[str, Any]:
        text, limit = parameters.get("text", ""), 4096
        if "photo" in parameters:
            text, limit = parameters.get("caption", ""), 1024
        try:
            length = visible_length(text) if parameters.get("parse_mode") == "HTML" else len(text)
        except NotHtml as error:
            raise Refusal(400, f"Bad Request: can't parse entities: {error}") from error
        if length > limit:
            raise Refusal(400, "Bad Request: message is too long")
        if not length and "photo" not in parameters:
            raise Refusal(400, "Bad Request: message text is empty")
        for row in (parameters.get("reply_markup") or {}).get("inline_keyboard", []):
            if any(not 1 <= len(button["callback_data"].encode()) <= 64 for button in row):
                raise Refusal(400, "Bad Request: BUTTON_DATA_INVALID")
        chat = int(parameters["chat_id"])
        keys = [key for row in (parameters.get("reply_markup") or {}).get("keyboard", []) for key in row]
        if chat < 0 and any(key.get("request_contact") for key in keys):
            raise Refusal(400, "Bad Request: phone number can be requested in private chats only")
        kind = "private" if chat > 0 else "supergroup"
        return {
            "message_id": self.message_number(),
            "date": int(time.time()),
            "chat": {"id": chat, "type": kind, "title": "A group"},
            "from": BOT,
            "text": text,
        }

    _answers: dict[str, Callable[[FakeTelegram, dict[str, Any]], Any]] = {
        "getMe": _get_me,
        "getUpdates": _get_updates,
        "sendMessage": _send,
        "sendPhoto": _send,
    }


class _Server(ThreadingHTTPServer):
    daemon_threads = True

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that is killed or out of patience hangs up: nothing to tell."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)


class _Handler(BaseHTTPRequestHandler):
    fake: FakeTelegram
    protocol_version = "HTTP/1.1"
    wbufsize = -1  # an answer leaves in one piece: in two, the second waits 40 ms for the client's system

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers.get("Content-Length") or 0)).decode(), keep_blank_values=True)
        _, token, method = self.path.split("/", 2)
        with suppress(BrokenPipeError, ConnectionResetError):
            if token != f"bot{TOKEN}":
                self._answer(401, Refusal(401, "Unauthorized").body())
                return
            try:
                result = self.fake.call(method, {name: _value(values[0]) for name, values in form.items()})
            except Refusal as refusal:
                self._answer(refusal.status, refusal.body())
            else:
                self._answer(200, {"ok": True, "result": result})

    def _answer(self, status: int, body: dict[str, Any]) -> None:
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Say nothing: the tests look at the calls."""


def _value(text: str) -> Any:
    """Lists and objects come as JSON inside the form."""
    if text[:1] in ("{", "["):
        with suppress(ValueError):
            return json.loads(text)
    return text
