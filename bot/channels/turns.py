"""One turn of a conversation: the message is stored, handled once and in order, and its replies are read.

The engine and the action server may be away for a moment (restarted, upgraded, killed). A message is handed
over again until it is handled: the action server knows it by its id, so it has one effect however often it
arrives.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from weakref import WeakValueDictionary

from bot.channels.conversation_log import ConversationLog, Waiting
from bot.channels.engine import Engine, EngineFailed, EngineRefused, EngineUnavailable
from crm_store.tables import Message, MessageState

log = logging.getLogger(__name__)

PATIENCE = 3  # times the engine may fail on a message before that one holds up nothing any more


@dataclass(frozen=True, slots=True)
class Backoff:
    """How long to pause before each further try, in seconds."""

    first: float = 0.1
    factor: float = 2.0
    longest: float = 3.0

    def pauses(self) -> Iterator[float]:
        pause = self.first
        while True:
            yield pause
            pause = min(pause * self.factor, self.longest)


class TurnUnanswered(Exception):
    """The message is kept but could not be handled in time; the same client_message_id may be sent again."""


@dataclass(frozen=True, slots=True)
class Turn:
    """A handled message and its replies as the API shows them; `fresh` when it was handled just now."""

    message: Message
    replies: list[dict[str, Any]]
    fresh: bool
    seconds: float


class Turns:
    def __init__(
        self, records: ConversationLog, engine: Engine, *, limit: float, backoff: Backoff | None = None
    ) -> None:
        self._records = records
        self._engine = engine
        self._limit = limit
        self._backoff = backoff or Backoff()
        self._locks: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        self._failures: Counter[int] = Counter()  # tries that reached the engine, of messages not handled yet
        self._closing = asyncio.Event()

    async def take(
        self, conversation_id: str, *, text: str | None = None, button: str | None = None, external_id: str
    ) -> Turn:
        """The turn of one message; a repeated external id gives the first turn's replies again."""
        started = time.perf_counter()
        received = await asyncio.to_thread(
            self._records.receive, conversation_id, text=text, button=button, external_id=external_id
        )
        fresh = received.state is MessageState.RECEIVED
        handled = await self._handle_in_time(conversation_id, received.id) if fresh else received
        replies = await asyncio.to_thread(self._records.replies, received.id)
        return Turn(handled, replies, fresh, time.perf_counter() - started)

    def close(self) -> None:
        """Let turns that wait for the engine end now: the process is about to stop."""
        self._closing.set()

    async def _handle_in_time(self, conversation_id: str, message_id: int) -> Message:
        handled = None
        try:
            async with asyncio.timeout(self._limit):
                handled = await self._handle_in_order(conversation_id, message_id)
        except TimeoutError:
            log.warning("message %d was not handled within %.0f s", message_id, self._limit)
        # Not waiting any more, or just now: another turn or process has handled it.
        handled = handled or await asyncio.to_thread(self._records.handled, message_id)
        if handled is None:
            raise TurnUnanswered
        return handled

    async def _handle_in_order(self, conversation_id: str, message_id: int) -> Message | None:
        """Hand over this message after any earlier one that a crash or an outage left behind."""
        lock = self._locks.setdefault(conversation_id, asyncio.Lock())
        async with lock:
            for waiting in await asyncio.to_thread(self._records.waiting, conversation_id, message_id):
                if waiting.id == message_id:
                    return await self._deliver(conversation_id, waiting, patient=True)
                if self._failures[waiting.id] < PATIENCE:
                    await self._deliver(conversation_id, waiting, patient=False)
        return None

    async def _deliver(self, conversation_id: str, waiting: Waiting, *, patient: bool) -> Message | None:
        """Try until the message is handled; one on which the engine keeps failing is tried on only by who is patient.

        Even they try just once more what an earlier turn has tried in vain: behind it others wait.
        """
        patient = patient and self._failures[waiting.id] < PATIENCE
        for pause in self._backoff.pauses():
            self._failures[waiting.id] += await self._try_once(conversation_id, waiting)
            if handled := await asyncio.to_thread(self._records.handled, waiting.id):
                del self._failures[waiting.id]
                return handled
            if self._failures[waiting.id] >= PATIENCE and not patient:
                log.error("message %d stays unhandled; the conversation goes on without it", waiting.id)
                break
            await self._pause(pause)
        return None

    async def _try_once(self, conversation_id: str, waiting: Waiting) -> bool:
        """Whether the engine took the message, which does not yet mean that it was handled."""
        metadata = {"message_id": waiting.id, "now": waiting.at.isoformat(), "timezone": waiting.timezone}
        try:
            await self._engine.hand_over(conversation_id, waiting.for_engine, metadata)
        except EngineUnavailable as error:
            log.info("message %d: %s; trying again", waiting.id, error)
            return False
        except EngineFailed as error:
            log.error("message %d: %s", waiting.id, error)
        except EngineRefused as error:
            log.error("message %d: %s", waiting.id, error)
            raise TurnUnanswered from error
        return True

    async def _pause(self, seconds: float) -> None:
        try:
            await asyncio.wait_for(self._closing.wait(), seconds)
        except TimeoutError:
            return
        raise TurnUnanswered
