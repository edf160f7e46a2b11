"""The action server: Rasa's own, on loopback, for who knows the token."""

from __future__ import annotations

import hmac
import logging
import os
import warnings
from threading import Thread
from typing import Any

from rasa_sdk.endpoint import create_app
from rasa_sdk.executor import ActionExecutor
from sanic import HTTPResponse, Request, Sanic, response

from actions.dialogue import Dialogue
from actions.registry import connect_actions
from actions.wording import Wording
from crm_store.database import connect, sessions
from crm_store.home import Home
from models.live import LiveModels
from models.registry import ModelRegistry

TOKEN_HEADER = "X-Salesclerk-Token"
TOKEN_VARIABLE = "SALESCLERK_ENGINE_TOKEN"


class DomainFreeExecutor(ActionExecutor):
    """Runs actions that never look at the domain: Rasa need not send its 40 KB with every call."""

    def update_and_return_domain(self, payload: dict[str, Any], action_name: str) -> dict[str, Any]:
        return {}


def build_server(home: Home, token: str) -> Sanic:
    """Return the action server over the store of a home; calls without the token get 401."""
    models = LiveModels(ModelRegistry(home.learned, home.secret()))
    Thread(target=models.current, daemon=True).start()  # loading takes a second: not the first customer's
    dialogue = Dialogue(sessions(connect(home.database_url)), Wording.from_domain(), models=models)
    executor = DomainFreeExecutor()
    for action in connect_actions(dialogue):
        executor.register_action(action)
    app = create_app(executor)

    @app.on_request
    async def refuse_strangers(request: Request) -> HTTPResponse | None:
        given = request.headers.get(TOKEN_HEADER, "")
        if request.path == "/health" or hmac.compare_digest(given.encode(), token.encode()):
            return None
        return response.json({"error": "this server answers only its own engine"}, status=401)

    return app


def serve(home: Home, port: int) -> None:
    """Serve until stopped; the token comes from the environment, where the launcher put it."""
    token = os.environ.get(TOKEN_VARIABLE, "")
    if not token:
        raise SystemExit(f"actions: {TOKEN_VARIABLE} is not set; start with ./salesclerk up")
    # Rasa 3.6 is served on purpose by a newer SDK: its version warning says nothing new.
    warnings.filterwarnings("ignore", message=".*versions of rasa.*")
    logging.getLogger("rasa_sdk.executor").setLevel(logging.WARNING)
    app = build_server(home, token)
    app.prepare(host="127.0.0.1", port=port, single_process=True, access_log=False, motd=False)
    Sanic.serve_single(app)
