"""`python -m tests.unit.followups.small_process`: for every line "STORE STARTED" a process that keeps promises.

The libraries take a second to load: they are loaded once, and every process begins as a copy, which prints its number
when it is ready and works until it is killed.
"""

from __future__ import annotations

import os
import sys
import threading

from bot.followups.durable import Workflows
from bot.followups.timekeeper import Timekeeper
from crm_store.database import connect, sessions


def keep_promises(store: str, started: str) -> None:
    keeper = Timekeeper(
        sessions(connect(store)), lambda settle, give_up: Workflows(started, settle, give_up), every=0.05
    )
    keeper.start()
    print(os.getpid(), flush=True)
    threading.Event().wait()


def main() -> None:
    for line in sys.stdin:
        if os.fork() == 0:
            keep_promises(*line.split())


if __name__ == "__main__":
    main()
