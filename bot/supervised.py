"""`python -m bot.supervised`: supervisor, which stops everything when the process that started it is gone."""

from __future__ import annotations

import os
import signal
import sys
import threading

from supervisor import supervisord


def _stop_with_parent() -> None:
    """Wait until standard input closes, which it does however the parent ends."""
    while os.read(sys.stdin.fileno(), 1024):
        pass
    # Who read what supervisor says is gone; a broken pipe must not keep it from stopping the programs.
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, sys.stdout.fileno())
    os.dup2(nowhere, sys.stderr.fileno())
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    supervisord.main(sys.argv[1:])


if __name__ == "__main__":
    main()
