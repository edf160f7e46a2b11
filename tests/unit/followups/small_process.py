"""`python -m tests.unit.followups.small_process STORE STARTED`: keeps promises until it is killed."""

from __future__ import annotations

import sys
import threading

from bot.followups.durable import Workflows
from bot.followups.timekeeper import Timekeeper
from crm_store.database import connect, sessions


def main() -> None:
    store, started = sys.argv[1:]
    keeper = Timekeeper(
        sessions(connect(store)), lambda settle, give_up: Workflows(started, settle, give_up), every=0.05
    )
    keeper.start()
    print("ready", flush=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
