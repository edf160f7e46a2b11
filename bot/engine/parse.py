"""`python -m bot.engine.parse`: understands messages in bulk, JSON lines in and out, without a server."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, TextIO

from bot.engine import runtime
from bot.engine.model_file import BrokenModel, check_model

# Large enough that the encoder's matrices are worth it, small enough that the first answers come soon.
BATCH = 64
KEYS = ("language", "language_certain", "intent", "intent_ranking", "needs", "mentions")


class Parser:
    """A trained model, ready to understand messages in this process.

    It runs the model's own graph, the whole batch through each component at once: eight times the speed of one by one,
    with the same answers.
    """

    def __init__(self, model: Path) -> None:
        """Loads the model; raises whatever Rasa raises when it is broken."""
        from rasa.engine import loader
        from rasa.engine.runner.dask import DaskGraphRunner
        from rasa.engine.storage.local_model_storage import LocalModelStorage

        self._folder = tempfile.TemporaryDirectory(prefix="salesclerk-model-")
        metadata, self._runner = loader.load_predict_graph_runner(
            Path(self._folder.name), model, LocalModelStorage, DaskGraphRunner
        )
        self._target = metadata.nlu_target

    def parse(self, texts: list[str], metadata: dict[str, Any] | None = None) -> list[dict[str, Any]]:
        """Returns what is understood of each text, in order: the keys of the contract (`KEYS`)."""
        from rasa.core.channels.channel import UserMessage
        from rasa.engine.constants import PLACEHOLDER_MESSAGE, PLACEHOLDER_TRACKER

        # Here a text is always words: what looks like the press of a button loses its slash, as in the app's channels.
        messages = [UserMessage(text.lstrip().lstrip("/"), metadata=metadata or {}) for text in texts]
        inputs = {PLACEHOLDER_MESSAGE: messages, PLACEHOLDER_TRACKER: None}
        parsed = self._runner.run(inputs=inputs, targets=[self._target])[self._target]
        return [_understood(message.as_dict(only_output_properties=True)) for message in parsed]


def _understood(message: dict[str, Any]) -> dict[str, Any]:
    defaults = {"needs": {}, "mentions": {}}
    return {key: message.get(key, defaults.get(key)) for key in KEYS}


def parse_lines(lines: Iterable[str], parser: Parser, metadata: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    """Yields (line of JSON, whether it was understood) for every line that is not blank, in order."""
    batch: list[dict[str, Any]] = []
    for number, line in enumerate(lines, start=1):
        if not line.strip():
            continue
        batch.append(_read_line(line, number))
        if len(batch) == BATCH:
            yield from _answer(batch, parser, metadata)
            batch = []
    yield from _answer(batch, parser, metadata)


def _read_line(line: str, number: int) -> dict[str, Any]:
    """Returns the object of the line, or one with only `error`."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError) as error:
        return {"error": f"line {number}: not JSON ({error})"}
    if not isinstance(entry, dict):
        return {"error": f"line {number}: not a JSON object"}
    if not isinstance(entry.get("text"), str):
        return {"error": f"line {number}: no 'text'"}
    return entry


def _answer(batch: list[dict[str, Any]], parser: Parser, metadata: dict[str, Any]) -> Iterator[tuple[str, bool]]:
    readable = [entry for entry in batch if set(entry) != {"error"}]
    understood = iter(parser.parse([entry["text"] for entry in readable], metadata) if readable else ())
    for entry in batch:
        if set(entry) == {"error"}:
            yield json.dumps(entry, ensure_ascii=False), False
        else:
            yield _as_line({**entry, **next(understood)}), True


def _as_line(entry: dict[str, Any]) -> str:
    line = json.dumps(entry, ensure_ascii=False)
    # Half of a surrogate pair is legal in JSON only as an escape.
    return line if line.isprintable() or _is_unicode(line) else json.dumps(entry)


def _is_unicode(line: str) -> bool:
    try:
        line.encode()
    except UnicodeEncodeError:
        return False
    return True


def run(source: TextIO, target: TextIO, model: Path, metadata: dict[str, Any]) -> bool:
    """Parses all lines of `source` into `target`; returns whether every line was good."""
    all_good = True
    try:
        parser = Parser(model)
    except Exception as error:  # the edge of the process: whatever is wrong with the file, the remedy is one
        runtime.refuse(f"{model}: the model does not load ({type(error).__name__}: {error}); train it again")
    for line, good in parse_lines(source, parser, metadata):
        target.write(line + "\n")
        all_good = all_good and good
    target.flush()
    return all_good


def main(arguments: list[str] | None = None) -> int:
    """Reads stdin, writes stdout; returns 1 when a line was bad, ends with 2 when nothing can be parsed."""
    options = _options(arguments)
    os.environ["SALESCLERK_VOCABULARY"] = str(options.vocabulary)
    try:
        check_model(options.model)
    except BrokenModel as error:
        runtime.refuse(error)
    # Whatever a library prints goes to stderr: stdout is for JSON lines alone.
    target, sys.stdout = sys.stdout, sys.stderr
    runtime.prepare()
    import rasa.engine.loader  # noqa: F401  imported before its loggers are set

    runtime.quiet_rasa()
    sys.stdin.reconfigure(encoding="utf-8", errors="surrogateescape")
    target.reconfigure(encoding="utf-8", line_buffering=False)
    metadata = {"now": options.now.isoformat(), "timezone": options.timezone}
    return 0 if run(sys.stdin, target, options.model, metadata) else 1


def _moment(text: str) -> datetime:
    """Returns the moment in UTC; a moment without offset is taken as UTC."""
    moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    return moment.astimezone(timezone.utc) if moment.tzinfo else moment.replace(tzinfo=timezone.utc)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.engine.parse", description=__doc__)
    parser.add_argument("--model", type=Path, required=True, help="the trained model, *.tar.gz")
    parser.add_argument("--vocabulary", type=Path, required=True, help="the store's words, JSON")
    parser.add_argument("--jsonl", action="store_true", help="JSON lines in and out (the only format)")
    parser.add_argument("--now", type=_moment, default=datetime.now(timezone.utc), help="ISO 8601, for dates said")
    parser.add_argument("--timezone", default="UTC", help="of the customer")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
