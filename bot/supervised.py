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
    os.kill(os.getpid(), signal.SIGTERM)


def main() -> None:
    threading.Thread(target=_stop_with_parent, daemon=True).start()
    supervisord.main(sys.argv[1:])


if __name__ == "__main__":
    main()
