"""`up`: start the assistant and keep it running."""

from __future__ import annotations

import os
from typing import Annotated

import typer

from bot import live_model
from bot.cli.ground import alone, check_ports, ensure_model, ensure_shop
from bot.cli.places import prepare, store
from bot.cli.refusals import Refused
from bot.cli.running import Running
from crm_store.home import Home


def up(
    port: Annotated[int | None, typer.Option(min=1, max=65535, help="The port of the page.")] = None,
    empty: Annotated[bool, typer.Option("--empty", help="No demo shop and no training.")] = False,
) -> int:
    """Start the assistant and keep it running.

    An empty home is filled with the demo shop and trained first. What dies is started again; Ctrl-C stops everything.

    \b
    Example: ./salesclerk up
    Example: ./salesclerk up --port 8081
    """
    if port is not None:
        os.environ["SALESCLERK_PORT"] = str(port)
    home = Home.from_environment()
    prepare(home)
    with alone(home):
        check_ports(home)
        with store(home) as sessions:
            if not empty:
                ensure_shop(sessions)
            ensure_model(home, sessions, may_train=not empty)
        if not home.live_model.is_file():
            raise Refused(
                "there is no trained model yet; first: ./salesclerk import products FILE, then ./salesclerk train"
            )
        live_model.check(home)
        return Running(home).until_stopped()
