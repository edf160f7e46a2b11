"""Rasa as it comes, its client of Telegram pointed at another server and helped to work; runs in the engine's Python.

python benchmarks/chaos_run/rasa_telegram.py URL run --port 5005 ...
"""

from __future__ import annotations

import os
import sys


def point_at(url: str) -> None:
    """Makes every bot of aiogram call this server: Rasa has no setting for it."""
    from aiogram.bot import base
    from aiogram.bot.api import TelegramAPIServer

    server = TelegramAPIServer.from_base(url)
    begin = base.BaseBot.__init__

    def pointed(self: base.BaseBot, *arguments: object, **settings: object) -> None:
        settings["server"] = server
        begin(self, *arguments, **settings)

    base.BaseBot.__init__ = pointed


def forget_closed_loops() -> None:
    """Lets a bot connect anew when the loop of its connection has ended.

    Rasa 3.6 announces its webhook in a loop that it closes, and the bot keeps the connection: each later call ends with
    "Event loop is closed", and no message is ever answered. With that there would be nothing to compare.
    """
    from aiogram.bot import base

    connected = base.BaseBot.session.fget

    def session(self: base.BaseBot) -> object:
        if self._session is not None and self._session._loop.is_closed():
            self._session = None
        return connected(self)

    base.BaseBot.session = property(session)


def main() -> None:
    """Runs the command line of Rasa."""
    os.environ.update({"RASA_TELEMETRY_ENABLED": "false", "SQLALCHEMY_SILENCE_UBER_WARNING": "1"})
    point_at(sys.argv[1])
    forget_closed_loops()
    sys.argv = ["rasa", *sys.argv[2:]]
    from rasa.__main__ import main as rasa

    rasa()


if __name__ == "__main__":
    main()
