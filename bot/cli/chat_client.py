"""The terminal's side of the HTTP API: one conversation with the running assistant."""

from __future__ import annotations

import time
import uuid
from typing import Any

import httpx

from bot.channels.settings import TURN_LIMIT
from bot.cli.refusals import Refused
from crm_store.errors import SalesError
from crm_store.home import Home

NOT_RUNNING = "no Salesclerk is running; start it with ./salesclerk up"
PAUSES = (0.5, 1.0, 2.0, 4.0)  # seconds; the app may be restarting


class NotAnswered(Exception):
    """The message is kept but not answered yet; str() is the sentence for the person who waits."""


class ChatClient:
    def __init__(self, home: Home, http: httpx.Client) -> None:
        self._home = home
        self._http = http
        self._path = ""

    @classmethod
    def of(cls, home: Home) -> ChatClient:
        host = "127.0.0.1" if home.app_host in ("0.0.0.0", "::") else home.app_host
        # A turn may take as long as the app is patient; trust_env off, since no proxy leads to this machine.
        timeout = httpx.Timeout(TURN_LIMIT + 15, connect=3)
        return cls(home, httpx.Client(base_url=f"http://{host}:{home.app_port}", timeout=timeout, trust_env=False))

    def close(self) -> None:
        self._http.close()

    def start(self, language: str, rep: str | None, customer: str | None = None) -> None:
        """Begin a conversation; with `rep` one that has a rep's authority, with `customer` as that customer signed in.

        Refused says what stands in the way.
        """
        self._find_server()
        if rep is None and customer is None:
            started = self._checked(
                self._http.post("/api/v1/conversations", json={"language": language, "source": "terminal"}, timeout=15)
            )
            conversation_id, token = started["id"], started["token"]
        else:
            from bot.cli.chat_store import start_signed_in  # here, because it is slow to import

            try:
                conversation_id, token = start_signed_in(self._home, language, rep, customer)
            except SalesError as error:
                raise Refused(str(error)) from error
        self._path = f"/api/v1/conversations/{conversation_id}/messages"
        self._http.headers["Authorization"] = f"Bearer {token}"

    def send(self, message: dict[str, str]) -> list[dict[str, Any]]:
        """The replies to one message with its own client_message_id, so that it may be sent again."""
        for pause in (*PAUSES, None):
            try:
                answer = self._http.post(self._path, json=message)
            except httpx.TransportError as error:
                if pause is None:
                    raise NotAnswered(f"The assistant cannot be reached ({type(error).__name__}).") from error
                time.sleep(pause)
            else:
                return self._checked(answer)["messages"]
        raise AssertionError("the last try returns or raises")

    def _find_server(self) -> None:
        try:
            answer = self._http.get("/healthz", timeout=5)
        except httpx.TransportError as error:
            raise Refused(NOT_RUNNING) from error
        if answer.status_code != 200 or answer.text.replace(" ", "") != '{"status":"ok"}':
            raise Refused(f"what answers at {self._http.base_url} is not Salesclerk")

    def _checked(self, answer: httpx.Response) -> dict[str, Any]:
        try:
            body = answer.json()
        except ValueError as error:
            raise Refused(f"the server answered {answer.status_code} with something unreadable") from error
        if answer.is_success:
            return body
        detail = str(body.get("detail", answer.reason_phrase)) if isinstance(body, dict) else answer.reason_phrase
        if answer.status_code in (401, 403, 404):
            raise Refused(
                f"the server at {self._http.base_url} does not accept this conversation ({detail}); "
                "does it run with the same SALESCLERK_HOME?"
            )
        if answer.status_code in (429, 503) and self._path:
            raise NotAnswered(detail)
        raise Refused(f"the server answered {answer.status_code}: {detail}")


def new_message(**content: str) -> dict[str, str]:
    return content | {"client_message_id": uuid.uuid4().hex}
