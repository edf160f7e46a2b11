"""APScheduler 3 with its default store, which is memory; runs in the engine's Python.

Reads lines `number seconds` from standard input, answers each with `booked number`, and says `fired number` in time.
"""

from __future__ import annotations

import sys
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from apscheduler.schedulers.background import BackgroundScheduler

UTC = ZoneInfo("UTC")


def say(word: str, number: str) -> None:
    """Writes a line that is out even when the process is killed right after it."""
    sys.stdout.write(f"{word} {number}\n")
    sys.stdout.flush()


def main() -> None:
    """Books until the input ends."""
    scheduler = BackgroundScheduler(timezone=UTC)
    scheduler.start()
    print("ready", flush=True)
    for line in sys.stdin:
        number, seconds = line.split()
        due = datetime.now(UTC) + timedelta(seconds=float(seconds))
        scheduler.add_job(say, "date", run_date=due, args=["fired", number], misfire_grace_time=None)
        say("booked", number)


if __name__ == "__main__":
    main()
