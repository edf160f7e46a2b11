"""Work that a channel does beside everything else."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Coroutine
from typing import Any

from bot.channels.delivery import end_tasks

log = logging.getLogger(__name__)


class Background:
    def __init__(self, name: str) -> None:
        self._name = name
        self._tasks: set[asyncio.Task[None]] = set()

    def do(self, work: Coroutine[Any, Any, None]) -> asyncio.Task[None]:
        """Beside everything else, until it is done or we stop."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)
        return task

    async def keep_up(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do it again when it fails: a channel must not fall silent over a fault of ours."""
        while True:
            try:
                await work()
                return
            except Exception:  # the edge of the channel
                log.exception("%s stumbled and goes on", self._name)
                await asyncio.sleep(1.0)

    async def stop(self) -> None:
        await end_tasks(self._tasks)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a task of %s ended", self._name, exc_info=error)
