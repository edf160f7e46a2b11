"""The follow-ups of the running app: started with it and stopped with it."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Callable

from sqlalchemy.orm import Session, sessionmaker

from bot.followups.timekeeper import Timekeeper
from crm_store.occasions import Occasions


class FollowUps:
    """Off when there is no database for what has begun."""

    def __init__(self, database_url: str, sessions: sessionmaker[Session], spoken: Callable[[], None]) -> None:
        """`spoken` is called, on the loop of the app, when something was said to a customer."""
        self._url = database_url
        self._sessions = sessions
        self._spoken = spoken
        self._keeper: Timekeeper | None = None

    async def start(self) -> None:
        """Settle what fell due while the app was away, and from now on what falls due."""
        if not self._url:
            return
        loop = asyncio.get_running_loop()

        def spoken() -> None:
            with contextlib.suppress(RuntimeError):  # the loop has ended: the next start sends it
                loop.call_soon_threadsafe(self._spoken)

        self._keeper = await asyncio.to_thread(self._begin, spoken)

    def _begin(self, spoken: Callable[[], None]) -> Timekeeper:
        from bot.followups.durable import Workflows  # DBOS takes a second to load

        keeper = Timekeeper(
            self._sessions,
            lambda settle, give_up: Workflows(self._url, settle, give_up),
            settled=spoken,
            occasions=Occasions(),
        )
        keeper.start()
        return keeper

    async def stop(self) -> None:
        if self._keeper is not None:
            await asyncio.to_thread(self._keeper.stop)
