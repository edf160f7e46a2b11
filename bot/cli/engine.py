"""Commands about understanding: `parse` and `train`."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any

import typer

from bot import live_model
from bot.cli.places import prepare, store
from bot.cli.progress import doing, note
from bot.cli.refusals import Refused
from bot.processes import engine_command, quiet_engine
from crm_store.catalog import load_catalog
from crm_store.database import reading
from crm_store.home import Home
from crm_store.vocabulary import write_vocabulary


def parse(
    words: Annotated[list[str] | None, typer.Argument(help="The message.", show_default=False)] = None,
    jsonl: Annotated[bool, typer.Option("--jsonl", help="JSON lines from stdin to stdout.")] = False,
    now: Annotated[str | None, typer.Option(help="The time of the messages, ISO 8601.")] = None,
) -> int:
    """Show what the assistant understands of a message.

    With --jsonl it reads one object a line, {"text": "..."}, and writes the same object with what was understood;
    exit status 1 when a line was bad.

    \b
    Example: ./salesclerk parse "a red helmet under 50"
    Example: ./salesclerk parse --jsonl --now 2026-11-22T10:00:00+00:00 < in.jsonl > out.jsonl
    """
    if jsonl == bool(words):
        raise Refused('parse wants either a message or --jsonl: ./salesclerk parse "a red helmet under 50"')
    home = Home.from_environment()
    command = _parse_command(home, now)
    if jsonl:
        return subprocess.run(command, env=quiet_engine(os.environ)).returncode
    typer.echo(_shown(_understood(command, " ".join(words or []))))
    return 0


class Learning(StrEnum):
    MODELS = "models"


def train(
    what: Annotated[Learning | None, typer.Argument(help="models: learn from the shop's sales instead.")] = None,
    examples: Annotated[
        int,
        typer.Option(min=0, help="Learn from so many examples of each intent: quicker, understands less; 0 for all."),
    ] = 0,
) -> None:
    """Teach the assistant the catalogue, or learn from sales.

    Fills the training examples with the names of the catalogue, trains, and puts the new model in place of the live
    one in one step. With "models" it learns from orders, customers and leads what to offer to whom. A running assistant
    takes either by itself.

    \b
    Example: ./salesclerk train
    Example: ./salesclerk train models
    """
    home = Home.from_environment()
    prepare(home)
    if what is Learning.MODELS:
        from bot.cli.learned import train_models  # scikit-learn takes a second to load

        train_models(home)
        return
    export_vocabulary(home)
    started = time.monotonic()
    with doing("Training the assistant") as tell:
        live_model.train(home, tell, examples)
    typer.echo(f"Trained in {time.monotonic() - started:.0f} s: {home.live_model}")


def export_vocabulary(home: Home) -> None:
    """Write the words of the shop for the engine; raises Refused when there is nothing to sell."""
    with store(home) as sessions, reading(sessions) as session:
        if not load_catalog(session):
            raise Refused("there are no products to learn yet; import some first: ./salesclerk import products FILE")
        write_vocabulary(session, home.vocabulary)


def _parse_command(home: Home, now: str | None) -> list[str]:
    if not home.live_model.is_file():
        raise Refused(f"there is no trained model at {home.live_model} yet; make one with: ./salesclerk train")
    if live_model.is_outdated(home):
        note("the model is older than the assistant's examples or code; make a new one with: ./salesclerk train")
    if not home.vocabulary.is_file():
        export_vocabulary(home)
    files = ["--model", str(home.live_model), "--vocabulary", str(home.vocabulary)]
    return engine_command("parse", *files, "--jsonl", *(["--now", _moment(now)] if now else []))


def _moment(text: str) -> str:
    try:
        return datetime.fromisoformat(text).isoformat()
    except ValueError as error:
        raise Refused(f"--now {text!r} is not a time like 2026-11-22T10:00:00+00:00") from error


def _understood(command: list[str], text: str) -> dict[str, Any]:
    line = json.dumps({"text": text}) + "\n"
    done = subprocess.run(
        command, env=quiet_engine(os.environ), input=line, capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode != 0:
        said = [*done.stderr.splitlines(), *done.stdout.splitlines()]
        reason = said[-1].removeprefix("salesclerk engine: ") if said else f"status {done.returncode}"
        raise Refused(f"the engine could not read it: {reason}")
    sys.stderr.write(done.stderr)
    return json.loads(done.stdout)


def _shown(understood: dict[str, Any]) -> str:
    intent = understood["intent"]
    lines = [
        f"language  {understood['language']}",
        f"intent    {intent['name']} ({intent['confidence']:.2f})",
    ]
    others = [other for other in understood["intent_ranking"] if other["name"] != intent["name"]][:2]
    lines.append("or maybe  " + ", ".join(f"{other['name']} ({other['confidence']:.2f})" for other in others))
    for part in ("needs", "mentions"):
        for name, value in understood.get(part, {}).items():
            lines.append(f"{part:<8}  {name}: {json.dumps(value, ensure_ascii=False)}")
    return "\n".join(lines)
