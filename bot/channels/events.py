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

LATE_MESSAGES = 500  # ids by which a message may be late: transactions end in another order than they began
LOOKS_AGAIN = 3  # times after a change, since such a message changes nothing about which is the newest
MOST = LATE_MESSAGES + 100  # messages read at once: more than may have been told already


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
        newest, looks = -1, 0
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
                newest, looks = found, LOOKS_AGAIN + 1
            if looks:
                looks -= 1
                waiters, self._changed = self._changed, asyncio.Event()
                waiters.set()


async def pushed_events(
    records: ConversationLog, watch: StoreWatch, conversation_id: str, after: int
) -> AsyncIterator[ServerSentEvent]:
    """Messages pushed into one conversation after message id `after`, from now until the client leaves.

    A message that becomes visible after one with a higher id comes too. What was there when the stream began is for
    the history, which a client reads from as far back once it follows the stream.
    """
    earlier = await asyncio.to_thread(records.pushed, conversation_id, after - LATE_MESSAGES, MOST)
    told = {message["id"] for message in earlier if message["id"] <= after}
    return _news(records, watch, conversation_id, after, told)


async def _news(
    records: ConversationLog, watch: StoreWatch, conversation_id: str, after: int, told: set[int]
) -> AsyncIterator[ServerSentEvent]:
    with watch.watching():
        while not watch.closed:
            change = watch.next_change()
            for message in await asyncio.to_thread(records.pushed, conversation_id, after - LATE_MESSAGES, MOST):
                if message["id"] in told:
                    continue
                told.add(message["id"])
                text = json.dumps(jsonable_encoder(message), ensure_ascii=False)
                yield ServerSentEvent(text, event="message", id=str(message["id"]))
            after = max([after, *told])
            told = {id for id in told if id > after - LATE_MESSAGES}
            await change.wait()
