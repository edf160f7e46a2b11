"""`doctor`: everything the assistant needs, checked one by one."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Annotated

import typer

from bot import live_model
from bot.cli.data_quality import examine_data
from bot.cli.ground import alone, check_ports
from bot.cli.places import prepare, store
from bot.cli.refusals import Refused
from bot.processes import ENGINE_PYTHON, engine_command, quiet_engine
from crm_store import requests
from crm_store.catalog import load_catalog
from crm_store.database import reading
from crm_store.errors import SalesError
from crm_store.home import Home

LONG_WAIT = timedelta(days=1)  # of a customer who was promised a person
ENGINE_PACKAGES = "import sys, rasa, spacy; print(f'Python {sys.version.split()[0]}, Rasa {rasa.__version__}')"


@dataclass(frozen=True, slots=True)
class Finding:
    """One check: `said` is what was found, or the sentence that says what is wrong."""

    check: str
    ok: bool
    said: str


class Part(StrEnum):
    DATA = "data"


def doctor(
    part: Annotated[Part | None, typer.Argument(help="data: what is wrong with the shop's own data.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object, for a program.")] = False,
) -> int:
    """Check everything the assistant needs.

    Exit status 1 when something is wrong. With "data" it reads every order, customer and product as training does, and
    says what was mended, what was left out, and what the owner should put right.

    \b
    Example: ./salesclerk doctor
    Example: ./salesclerk doctor data --json
    """
    home = Home.from_environment()
    if part is Part.DATA:
        return examine_data(home, as_json)
    findings = [_finding(name, check, home) for name, check in CHECKS.items()]
    healthy = all(finding.ok for finding in findings)
    if as_json:
        typer.echo(json.dumps({"ok": healthy, "checks": [asdict(finding) for finding in findings]}))
    else:
        width = max(len(finding.check) for finding in findings)
        for finding in findings:
            typer.echo(f"{'ok ' if finding.ok else 'BAD'}  {finding.check:<{width}}  {finding.said}")
    return 0 if healthy else 1


def _finding(name: str, check: Callable[[Home], str], home: Home) -> Finding:
    try:
        return Finding(name, True, check(home))
    except (Refused, SalesError) as error:
        return Finding(name, False, " ".join(str(error).split()))


def _app_python(_home: Home) -> str:
    return f"Python {sys.version.split()[0]}"


def _engine_python(_home: Home) -> str:
    missing = Refused("the engine's environment is missing or broken; ./salesclerk up makes it")
    try:
        asked = subprocess.run(
            [str(ENGINE_PYTHON), "-c", ENGINE_PACKAGES],
            env=quiet_engine(os.environ),
            capture_output=True,
            text=True,
        )
    except OSError as error:
        raise missing from error
    if asked.returncode != 0:
        raise missing
    return asked.stdout.strip().splitlines()[-1]


def _home(home: Home) -> str:
    prepare(home)
    return str(home.path.resolve())


def _database(home: Home) -> str:
    prepare(home)
    with store(home) as sessions, reading(sessions) as session:
        return f"{sessions.kw['bind'].dialect.name}, {len(load_catalog(session))} variants on sale"


def _requests(home: Home) -> str:
    prepare(home)
    with store(home) as sessions, reading(sessions) as session:
        count, oldest = requests.waiting(session)
    if oldest is None:
        return "nobody waits for a person"
    late = datetime.now(UTC) - oldest > LONG_WAIT
    since = f"the oldest since {oldest:%Y-%m-%d %H:%M} UTC{', longer than a day' if late else ''}"
    return f"{count} {'waits' if count == 1 else 'wait'} for a person, {since}: ./salesclerk requests"


def _model(home: Home) -> str:
    if not home.live_model.is_file():
        raise Refused("there is no trained model yet; make one with: ./salesclerk train")
    live_model.check(home)
    files = ["--model", str(home.live_model), "--vocabulary", str(home.vocabulary)]
    asked = subprocess.run(
        engine_command("parse", *files, "--jsonl"),
        env=quiet_engine(os.environ),
        input='{"text": "hello"}\n',
        capture_output=True,
        text=True,
    )
    if asked.returncode != 0:
        said = asked.stderr.strip().splitlines()
        raise Refused(said[-1] if said else "the model does not load; make a new one with: ./salesclerk train")
    outdated = ", but the assistant's examples or code have changed since" if live_model.is_outdated(home) else ""
    return f"it loads and understands{outdated}"


def _ports(home: Home) -> str:
    prepare(home)
    try:
        with alone(home):
            check_ports(home)
    except Refused:
        if not _is_running(home):
            raise
        return "in use by this home's own ./salesclerk up"
    return f"free: {home.app_port}, {home.engine_port}, {home.actions_port}"


def _is_running(home: Home) -> bool:
    try:
        with alone(home):
            return False
    except Refused:
        return True


CHECKS: dict[str, Callable[[Home], str]] = {
    "app's Python": _app_python,
    "engine's Python": _engine_python,
    "home": _home,
    "database": _database,
    "requests": _requests,
    "model": _model,
    "ports": _ports,
}
