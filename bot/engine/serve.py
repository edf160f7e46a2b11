"""`python -m bot.engine.serve`: the engine's HTTP server, on loopback, for the app alone."""

from __future__ import annotations

import argparse
import os
import socket
import sqlite3
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from bot.engine import runtime
from bot.engine.model_file import BrokenModel, check_model

if TYPE_CHECKING:
    from rasa.core.agent import Agent
    from rasa.core.utils import AvailableEndpoints

HOST = "127.0.0.1"


def main(arguments: list[str] | None = None) -> None:
    """Serves until it is told to stop; what prevents that is one line on stderr and exit status 2."""
    options = _options(arguments)
    _set_environment(options)
    try:
        check_model(options.model)
    except BrokenModel as error:
        runtime.refuse(error)
    _check_port(options.port)
    runtime.prepare()
    serve(options.model, options.port, options.endpoints, options.credentials)


def serve(model: Path, port: int, endpoints_file: Path, credentials: Path) -> None:
    """Loads the model, then opens the port: whoever can connect finds an engine that is ready."""
    from rasa.core.run import configure_app, create_http_input_channels
    from rasa.core.utils import AvailableEndpoints

    runtime.quiet_rasa()
    endpoints = AvailableEndpoints.read_endpoints(str(endpoints_file))
    app = configure_app(
        create_http_input_channels(None, str(credentials)),
        auth_token=os.environ["SALESCLERK_ENGINE_TOKEN"],
        endpoints=endpoints,
        port=port,
    )
    app.ctx.agent = _load(model, endpoints)
    runtime.quiet_rasa()  # making the app has configured logging once more
    app.run(host=HOST, port=port, workers=1, access_log=False, debug=False, motd=False)


def _load(model: Path, endpoints: AvailableEndpoints) -> Agent:
    """Loads the model with its stores; ends the process with one line when that fails."""
    from rasa.core.agent import Agent
    from rasa.core.lock_store import LockStore
    from rasa.core.tracker_store import TrackerStore

    from bot.engine.action_answers import check_answers_quickly

    check_answers_quickly()
    try:
        tracker_store = TrackerStore.create(endpoints.tracker_store)
    except (sqlite3.Error, OSError) as error:
        runtime.refuse(f"{os.environ['SALESCLERK_TRACKER_DATABASE']}: cannot be written ({error})")
    try:
        return Agent.load(
            model,
            tracker_store=tracker_store,
            lock_store=LockStore.create(endpoints.lock_store),
            action_endpoint=endpoints.action,
        )
    except Exception as error:  # the edge of the process: whatever is wrong with the file, the remedy is one
        runtime.refuse(f"{model}: the model does not load ({type(error).__name__}: {error}); train it again")


def _set_environment(options: argparse.Namespace) -> None:
    """Sets what endpoints.yml, credentials.yml and the needs extractor read; ends the process without a token."""
    if not os.environ.get("SALESCLERK_ENGINE_TOKEN"):
        runtime.refuse("SALESCLERK_ENGINE_TOKEN is not set; ./salesclerk up mints one at each start")
    os.environ["SALESCLERK_VOCABULARY"] = str(options.vocabulary)
    os.environ.setdefault("SALESCLERK_ACTIONS_PORT", "5055")
    home = Path(os.environ.get("SALESCLERK_HOME", "var"))
    os.environ.setdefault("SALESCLERK_TRACKER_DATABASE", str(home / "engine" / "tracker.db"))


def _check_port(port: int) -> None:
    """Ends the process when the port is taken: better now than after loading the model."""
    with socket.socket() as probe:
        # As the server does it: a port in TIME_WAIT after a restart is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((HOST, port))
        except (OSError, OverflowError) as error:
            reason = getattr(error, "strerror", None) or error
            runtime.refuse(f"port {port} cannot be used ({reason}); set SALESCLERK_ENGINE_PORT to another")


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.engine.serve", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="the trained model, *.tar.gz")
    parser.add_argument("--vocabulary", type=Path, required=True, help="the store's words, JSON")
    parser.add_argument("--port", type=int, default=5005)
    parser.add_argument("--endpoints", type=Path, default=Path("endpoints.yml"))
    parser.add_argument("--credentials", type=Path, default=Path("credentials.yml"))
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
