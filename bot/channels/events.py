"""The stream of messages nobody asked for: follow-ups, and what a rep writes."""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

from fastapi.encoders import jsonable_encoder
from sqlalchemy.exc import SQLAlchemyError
from sse_starlette import ServerSentEvent

from bot.channels.conversation_log import ConversationLog

log = logging.getLogger(__name__)


class StoreWatch:
    """Wakes the open streams when the store has a newer message: one small query a second for all of them."""

    def __init__(self, records: ConversationLog, *, every: float) -> None:
        self._records = records
        self._every = every
        self._changed = asyncio.Event()
        self.streams = 0
        self.closed = False

    def close(self) -> None:
        """End the open streams: the process is about to stop."""
        self.closed = True
        self._changed.set()

    def next_change(self) -> asyncio.Event:
        """Set at the next change; take it before reading, so that nothing is missed in between."""
        return self._changed

    @contextmanager
    def watching(self) -> Iterator[None]:
        self.streams += 1
        try:
            yield
        finally:
            self.streams -= 1

    async def run(self) -> None:
        """Look at the store until cancelled; a database that is away for a moment is asked again."""
        newest = -1
        while True:
            await asyncio.sleep(self._every)
            if not self.streams:
                continue
            try:
                found = await asyncio.to_thread(self._records.newest_id)
            except SQLAlchemyError as error:
                log.warning("cannot look for new messages: %s", type(error).__name__)
                continue
            if found != newest:
                newest = found
                waiters, self._changed = self._changed, asyncio.Event()
                waiters.set()


async def pushed_events(
    records: ConversationLog, watch: StoreWatch, conversation_id: str, after: int
) -> AsyncIterator[ServerSentEvent]:
    """Messages pushed into one conversation after message id `after`, from now until the client leaves."""
    with watch.watching():
        while not watch.closed:
            change = watch.next_change()
            for message in await asyncio.to_thread(records.pushed, conversation_id, after):
                after = message["id"]
                text = json.dumps(jsonable_encoder(message), ensure_ascii=False)
                yield ServerSentEvent(text, event="message", id=str(after))
            await change.wait()
