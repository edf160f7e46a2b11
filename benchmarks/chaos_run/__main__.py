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
from pathlib import Path

from benchmarks.chaos_run import house, peers, table
from benchmarks.chaos_run.run import NotCalm, Outcome, log_errors, run
from benchmarks.chaos_run.wire import WildTelegram
from bot.cli.places import of_caller

BEGUN = time.monotonic()
MOST_NOTES = 20
MOST_OF_PEERS = 300  # updates


def main() -> int:
    """Runs and prints; 1 when anything of ours was lost, doubled or out of order, 2 when it could not be measured."""
    options = _options()
    if options.updates < 1 or options.kills < 0:
        print("chaos: --updates must be at least 1 and --kills at least 0", file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped on the way out
    trained = of_caller(options.home or Path(os.environ.get("SALESCLERK_HOME") or "var"))
    fake = WildTelegram(options.seed)
    fake.start()
    try:
        # Not in a folder of the user's: PostgreSQL runs as another user when we are root.
        with tempfile.TemporaryDirectory(prefix="salesclerk-chaos-") as name:
            outcome = _measured(options, Path(name), trained, fake)
            others = {} if options.no_peers else _peers(options, Path(name))
    except (NotCalm, RuntimeError) as error:
        print(f"chaos: {error}", file=sys.stderr)
        return 2
    finally:
        fake.stop()
    _show(outcome, others, options.json)
    return 0 if outcome.is_clean else 1


def _measured(options: argparse.Namespace, folder: Path, trained: Path, fake: WildTelegram) -> Outcome:
    with house.database(options.database, folder) as url:
        tell(f"preparing a shop on {options.database}")
        stack = house.ready_home(folder, trained, url, **house.on_telegram(fake.url))
        stack.start()
        try:
            outcome = run(
                stack, fake, url,
                updates=options.updates, kills=options.kills, at_once=options.chats, seed=options.seed, tell=tell,
            )  # fmt: skip
        finally:
            stack.stop()
            if options.keep_logs:
                shutil.copytree(stack.home / "logs", of_caller(options.keep_logs), dirs_exist_ok=True)
        outcome.figures = {"database": options.database, **outcome.figures, "tracebacks": log_errors(stack.home)}
        return outcome


def _peers(options: argparse.Namespace, folder: Path) -> dict[str, table.Figures]:
    """The peers, with fewer updates and as many kills for each of them: they are slower, and rates are compared."""
    updates = min(options.updates, MOST_OF_PEERS)
    kills = max(1, round(options.kills * updates / options.updates))
    fake = WildTelegram(options.seed)
    fake.start()
    try:
        rasa = peers.rasa_figures(folder, fake, updates=updates, kills=kills, seed=options.seed, tell=tell)
    finally:
        fake.stop()
    tell("APScheduler's reminders in memory")
    memory = peers.apscheduler_figures(reminders=updates // 5, kills=kills, seed=options.seed)
    return {"Rasa's channel": rasa, "APScheduler": memory}


def _show(outcome: Outcome, others: dict[str, table.Figures], as_json: bool) -> None:
    if as_json:
        ours = outcome.figures | table.counts(outcome) | {"notes": outcome.found.notes}
        print(json.dumps({"ours": ours, **others}, ensure_ascii=False))
        return
    for line in table.lines(outcome, others):
        print(line)
    for note in outcome.found.notes[:MOST_NOTES]:
        print(f"  {note}", file=sys.stderr)


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
    parser.add_argument("--json", action="store_true", help="for a program to read")
    return parser.parse_args()


if __name__ == "__main__":
    sys.exit(main())
