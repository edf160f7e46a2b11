"""Evaluates what the engine understands: intents by cross-validation and on test sets, needs on test sets."""

from __future__ import annotations

import json
import os
import subprocess
import tempfile
from collections.abc import Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from bot import live_model
from bot.processes import engine_command, quiet_engine
from crm_store.errors import SalesError
from crm_store.home import Home
from models.evaluation.intents import Judged
from models.evaluation.needs import ReadNeeds

Tell = Callable[[str], None]


class TestSetNotUsable(SalesError):
    """A file of test messages cannot be read; the sentence names file and line."""

    code = "test_set_not_usable"
    __test__ = False  # its name begins like a test's


class EngineFailed(SalesError):
    """The engine ended with an error; the sentence is its own."""

    code = "engine_failed"


def read_test_set(path: Path, *keys: str) -> list[dict[str, Any]]:
    """The objects of a JSON lines file; raises TestSetNotUsable when one is none or lacks a key."""
    rows = []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise TestSetNotUsable(f"{path}: cannot be read ({error})") from error
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except ValueError as error:
            raise TestSetNotUsable(f"{path}: line {number} is not JSON ({error})") from error
        missing = [key for key in ("text", *keys) if not isinstance(row, dict) or key not in row]
        if missing:
            raise TestSetNotUsable(f"{path}: line {number} has no {missing[0]!r}")
        rows.append(row)
    return rows


def crossvalidated(home: Home, folds: int) -> list[Judged]:
    """Every training example, filled for this home's catalogue, predicted by a pipeline that has not seen it."""
    where = ["--vocabulary", str(home.vocabulary), "--folds", str(folds)]
    rows = _run("crossvalidation", where, "")
    return [Judged(row["text"], row["intent"], row["predicted"], row["confidence"]) for row in rows]


def judged_intents(home: Home, rows: Sequence[dict[str, Any]]) -> list[Judged]:
    """The rows of a test set with what the home's live model makes of them."""
    answers = _parsed(home, rows)
    return [
        Judged(row["text"], row["intent"], answer["intent"]["name"], answer["intent"]["confidence"])
        for row, answer in zip(rows, answers, strict=True)
    ]


def read_needs(home: Home, rows: Sequence[dict[str, Any]]) -> list[ReadNeeds]:
    """The rows of a test set with the needs read from them, each at its own time `now`."""
    read: list[ReadNeeds | None] = [None] * len(rows)
    for now in sorted({str(row["now"]) for row in rows}):
        places = [place for place, row in enumerate(rows) if str(row["now"]) == now]
        answers = _parsed(home, [rows[place] for place in places], now)
        for place, answer in zip(places, answers, strict=True):
            read[place] = ReadNeeds(rows[place]["text"], rows[place]["needs"], answer["needs"])
    return [one for one in read if one is not None]


def trained_home(folder: Path, vocabulary: dict[str, Any], tell: Tell) -> Home:
    """A home in `folder` with a model for these words, trained when there is none yet that is up to date."""
    home = Home(path=folder, database_url=f"sqlite:///{folder / 'salesclerk.db'}")
    home.engine_models.mkdir(parents=True, exist_ok=True)
    text = json.dumps(vocabulary, ensure_ascii=False)
    same = home.vocabulary.exists() and home.vocabulary.read_text(encoding="utf-8") == text
    home.vocabulary.write_text(text, encoding="utf-8")
    if not same or not home.live_model.exists() or live_model.is_outdated(home):
        live_model.train(home, tell)
    return home


def _parsed(home: Home, rows: Sequence[dict[str, Any]], now: str | None = None) -> list[dict[str, Any]]:
    moment = ["--now", datetime.fromisoformat(now).isoformat()] if now else []
    where = ["--model", str(home.live_model), "--vocabulary", str(home.vocabulary), "--jsonl", *moment]
    return _run("parse", where, "".join(json.dumps({"text": row["text"]}) + "\n" for row in rows))


def _run(program: str, arguments: list[str], words: str) -> list[dict[str, Any]]:
    with tempfile.TemporaryFile("w+", encoding="utf-8") as complaints:
        done = subprocess.run(
            engine_command(program, *arguments),
            env=quiet_engine(os.environ), input=words, stdout=subprocess.PIPE, stderr=complaints,
            text=True, encoding="utf-8",
        )  # fmt: skip
        if done.returncode != 0:
            complaints.seek(0)
            lines = complaints.read().strip().splitlines()
            raise EngineFailed(lines[-1] if lines else f"the engine ended with status {done.returncode}")
    return [json.loads(line) for line in done.stdout.splitlines()]
