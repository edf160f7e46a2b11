"""The one way into the engine: the app's messages, one turn a request."""

import hmac
import logging
from collections.abc import Awaitable, Callable
from typing import Any

from rasa.core.channels.channel import CollectingOutputChannel, InputChannel, UserMessage
from sanic import Blueprint, response
from sanic.request import Request
from sanic.response import HTTPResponse

logger = logging.getLogger(__name__)


class SalesclerkChannel(InputChannel):
    """Takes `{sender, message, metadata}` and answers `{"handled": true}` when the turn is over.

    Nothing that is said comes back here: actions write the replies into the store, where they survive this process.
    """

    def __init__(self, token: str) -> None:
        """Keeps the token that every request must bring."""
        self._token = token.encode()

    @classmethod
    def name(cls) -> str:
        """Returns the part of the path that names the channel."""
        return "salesclerk"

    @classmethod
    def from_credentials(cls, credentials: dict[str, Any] | None) -> "SalesclerkChannel":
        """Makes the channel from its entry in credentials.yml; raises ValueError without a token."""
        token = (credentials or {}).get("token", "")
        if not token or "${" in token:
            raise ValueError("credentials.yml: SALESCLERK_ENGINE_TOKEN is not set")
        return cls(token)

    def _is_authorised(self, request: Request) -> bool:
        given = request.headers.get("authorization", "").encode()
        return hmac.compare_digest(given, b"Bearer " + self._token)

    def blueprint(self, on_new_message: Callable[[UserMessage], Awaitable[Any]]) -> Blueprint:
        """Returns the routes: readiness without a token, messages with it."""
        routes = Blueprint("salesclerk_channel")

        @routes.route("/", methods=["GET"])
        async def ready(request: Request) -> HTTPResponse:
            agent = request.app.ctx.agent
            if agent is None or not agent.is_ready():
                return response.json({"status": "loading"}, status=503)
            return response.json({"status": "ok"})

        @routes.route("/webhook", methods=["POST"])
        async def receive(request: Request) -> HTTPResponse:
            if not self._is_authorised(request):
                return response.json({"error": "the token is missing or wrong"}, status=401)
            message = self._message(request.json)
            if message is None:
                return response.json({"error": "sender and message must be text, metadata an object"}, status=400)
            try:
                await on_new_message(message)
            except Exception:  # the edge of the process: the app must hear that the turn failed, and will retry
                logger.exception("turn of conversation %s failed", message.sender_id)
                return response.json({"handled": False}, status=500)
            return response.json({"handled": True})

        return routes

    def _message(self, body: object) -> UserMessage | None:
        """Returns the message of a request's body, or None when it is not one."""
        if not isinstance(body, dict):
            return None
        sender, text, metadata = body.get("sender"), body.get("message"), body.get("metadata")
        if isinstance(sender, int) and not isinstance(sender, bool):
            sender = str(sender)
        if not isinstance(sender, str) or not sender or not isinstance(text, str):
            return None
        if metadata is not None and not isinstance(metadata, dict):
            return None
        return UserMessage(text, CollectingOutputChannel(), sender, input_channel=self.name(), metadata=metadata or {})
