"""`python benchmarks/chaos.py`: the options, the run, the table."""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from benchmarks.chaos_run import house, peers, table
from benchmarks.chaos_run.run import Outcome, log_errors, run
from benchmarks.chaos_run.wire import WildTelegram
from bot.cli.places import of_caller

BEGUN = time.monotonic()
MOST_NOTES = 20
MOST_OF_PEERS = 300  # updates


def main() -> int:
    """Runs and prints; 1 when anything of ours was lost, doubled or out of order, 2 when it could not be measured."""
    options = _options()
    if options.updates < 1 or options.kills < 0 or options.chats < 1:
        print("chaos: --updates and --chats must be at least 1 and --kills at least 0", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped on the way out
    try:
        # Not in a folder of the user's: PostgreSQL runs as another user when we are root.
        with tempfile.TemporaryDirectory(prefix="salesclerk-chaos-") as name:
            return _all(options, Path(name))
    except Exception as error:  # whatever it is: status 1 is for what was counted, and for nothing else
        print(f"chaos: not measured: {table.problem(error)}", file=sys.stderr)
        return 2


def _all(options: argparse.Namespace, folder: Path) -> int:
    """Ours, which is shown before anything can go wrong with the peers, and then those."""
    trained = of_caller(options.home or Path(os.environ.get("SALESCLERK_HOME") or "var"))
    outcome = _measured(options, folder, trained)
    status = 0 if outcome.is_clean else 1
    if options.no_peers:
        return status
    try:
        _show_peers(outcome, _peers(options, folder), options.json)
    except Exception as error:  # as in `main`; what was found in ours is known
        print(f"chaos: the peers could not be measured: {table.problem(error)}", file=sys.stderr)
        return status or 2
    return status


def _measured(options: argparse.Namespace, folder: Path, trained: Path) -> Outcome:
    with house.database(options.database, folder) as url, _telegram(options.seed) as fake:
        tell(f"preparing a shop on {options.database}")
        stack = house.ready_home(folder, trained, url, **house.on_telegram(fake.url))
        outcome = None
        try:
            with house.running(stack):
                outcome = run(
                    stack, fake, url,
                    updates=options.updates, kills=options.kills, at_once=options.chats, seed=options.seed, tell=tell,
                )  # fmt: skip
        finally:
            if outcome is not None:  # even when it does not stop afterwards
                figures = {"database": options.database, **outcome.figures, "tracebacks": log_errors(stack.home)}
                outcome.figures = figures
                _show(outcome, options.json)
            if options.keep_logs:
                shutil.copytree(stack.home / "logs", of_caller(options.keep_logs), dirs_exist_ok=True)
        return outcome


@contextmanager
def _telegram(seed: int) -> Iterator[WildTelegram]:
    fake = WildTelegram(seed)
    fake.start()
    try:
        yield fake
    finally:
        fake.stop()


def _peers(options: argparse.Namespace, folder: Path) -> dict[str, table.Figures]:
    """The peers, with fewer updates and as many kills for each of them: they are slower, and rates are compared."""
    updates = min(options.updates, MOST_OF_PEERS)
    kills = min(options.kills, max(1, round(options.kills * updates / options.updates)))
    with _telegram(options.seed) as fake:
        rasa = peers.rasa_figures(folder, fake, updates=updates, kills=kills, seed=options.seed, tell=tell)
    tell("APScheduler's reminders in memory")
    memory = peers.apscheduler_figures(reminders=max(2, updates // 5), kills=kills, seed=options.seed)
    return {"Rasa's channel": rasa, "APScheduler": memory}


def _show(outcome: Outcome, as_json: bool) -> None:
    ours = outcome.figures | table.counts(outcome)
    if as_json:
        _print_json({"ours": ours | {"notes": outcome.found.notes}})
        return
    for line in table.lines({"ours": ours}, ours):
        print(line, flush=True)
    for note in outcome.found.notes[:MOST_NOTES]:
        print(f"  {note}", file=sys.stderr)


def _show_peers(outcome: Outcome, others: dict[str, table.Figures], as_json: bool) -> None:
    """What the peers have figures of, with ours beside; of JSON a line of its own."""
    if as_json:
        _print_json(others)
        return
    columns = {"ours": outcome.figures | table.counts(outcome), **others}
    print()
    for line in table.lines(columns, dict.fromkeys(name for figures in others.values() for name in figures)):
        print(line)


def _print_json(columns: dict[str, Any]) -> None:
    print(json.dumps(columns, ensure_ascii=False), flush=True)


def tell(what: str) -> None:
    """One line of progress, with the seconds since the start."""
    print(f"{time.monotonic() - BEGUN:7.1f} s  {what}", file=sys.stderr, flush=True)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="benchmarks/chaos.py", description=__doc__)
    parser.add_argument("--updates", type=int, default=20_000, help="messages of customers in all")
    parser.add_argument("--kills", type=int, default=200, help="kill -9 in all")
    parser.add_argument("--database", choices=["sqlite", "postgresql"], default="sqlite")
    parser.add_argument("--chats", type=int, default=32, help="conversations under way at once")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--home", type=Path, help="whose trained model to use; default: SALESCLERK_HOME, else var")
    parser.add_argument("--no-peers", action="store_true", help="ours alone")
    parser.add_argument("--keep-logs", type=Path, help="a folder for the logs of the processes")
    parser.add_argument("--json", action="store_true", help="a line for ours, then one for the peers")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
