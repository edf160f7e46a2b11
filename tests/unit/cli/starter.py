"""`python -m tests.unit.cli.starter HOME`: starts a program under supervisor, prints its pid and stays."""

from __future__ import annotations

import os
import sys
import time

from bot.processes import Program, Started, Supervision
from crm_store.home import Home

SLEEPER = Program(
    "sleeper",
    (sys.executable, "-S", "-c", "import time; print('awake', flush=True); time.sleep(60)"),
    port=1,
    port_setting="SLEEPER_PORT",
    health="",
)


def wait_until_awake(home: Home, *, times: int = 1) -> None:
    """Wait until the sleeper runs: a signal in the moment between fork and exec would be lost."""
    log = home.logs / "sleeper.log"
    deadline = time.monotonic() + 20
    while not (log.exists() and log.read_text().count("awake") == times) and time.monotonic() < deadline:
        time.sleep(0.05)


def main() -> None:
    home = Home.from_environment({"SALESCLERK_HOME": sys.argv[1]})
    supervision = Supervision(home, (SLEEPER,), os.environ)
    supervision.start()
    started = supervision.events.get()
    assert isinstance(started, Started)
    wait_until_awake(home)
    print(started.pid, flush=True)
    time.sleep(60)


if __name__ == "__main__":
    main()
