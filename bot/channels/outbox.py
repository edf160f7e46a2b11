"""Sends what is in the outbox: every conversation in order, many at once, until it is out or given up.

What is out is noted after each message of the channel, so a restart at any point repeats at most the one that was
on the wire in a conversation, and loses none. One process of a store runs it: the one that holds the lease.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.delivery import Retries, Sender, TryLater, Undeliverable, end_tasks
from crm_store import inbox, outbox, privacy
from crm_store.database import reading, writing
from crm_store.lease import Lease
from crm_store.outbox import Letter
from crm_store.tables import Conversation

log = logging.getLogger(__name__)

AT_ONCE = 30  # conversations that are being sent to
LATE_MESSAGES = 2_000  # so far behind the newest a transaction may make a message visible
LOOK_ANYWAY_SECONDS = {"sqlite": 5.0, "postgresql": 0.3}  # there a message may appear after one with a higher id


class Letters:
    """The outbox of the store: each call is one transaction, and blocks."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self.look_anyway = LOOK_ANYWAY_SECONDS[sessions.kw["bind"].dialect.name]

    def newest(self) -> int:
        with reading(self._sessions) as session:
            return outbox.newest_outbound_id(session)

    def take_up(self, after: int) -> None:
        with writing(self._sessions, alone=False) as session:
            outbox.take_up(session, _now(), after)

    def due(self, channel: str) -> list[str]:
        with reading(self._sessions) as session:
            return list(outbox.conversations_due(session, channel, _now()))

    def next(self, conversation_id: str) -> Letter | None:
        """The next reply that may be sent to this conversation now."""
        with reading(self._sessions) as session:
            if not outbox.needs_tidying(session, conversation_id):
                return _due(outbox.next_letter(session, conversation_id))
        with writing(self._sessions) as session:
            outbox.tidy(session, conversation_id, _now())
            return _due(outbox.next_letter(session, conversation_id))

    def part_sent(self, letter: Letter, parts_sent: int, last: bool) -> None:
        with writing(self._sessions, alone=False) as session:
            outbox.part_sent(session, letter.id, parts_sent, last, _now())

    def put_off(self, letter: Letter, seconds: float, error: str, counts: bool) -> None:
        with writing(self._sessions, alone=False) as session:
            outbox.put_off(session, letter.id, _now() + timedelta(seconds=seconds), error, counts=counts)

    def give_up(self, letter: Letter, error: str) -> None:
        with writing(self._sessions) as session:
            outbox.give_up(session, letter.id, error, _now())

    def gone(self, letter: Letter) -> None:
        """The person blocked us: nothing more to them, and no follow-ups."""
        with writing(self._sessions) as session:
            outbox.give_up(session, letter.id, outbox.BLOCKED, _now())
            mark_gone(session, letter.conversation_id, _now())


def _due(letter: Letter | None) -> Letter | None:
    return letter if letter and letter.next_at <= _now() else None


def mark_gone(session: Session, conversation_id: str, now: datetime) -> None:
    """A person who blocked us is not written to any more: what waits is given up, follow-ups are off."""
    address = inbox.address_of(session, conversation_id)
    if address is not None and address.blocked_at is None:
        inbox.set_blocked(session, [address], now)
        privacy.opt_out(session, session.get_one(Conversation, conversation_id), now, "blocked the channel")
    outbox.give_up_waiting(session, [conversation_id], outbox.BLOCKED, now)


class Outbox:
    def __init__(
        self,
        letters: Letters,
        senders: Mapping[str, Sender],
        *,
        lease: Lease | None = None,
        every: float = 1.0,
        retries: Retries | None = None,
    ) -> None:
        self._letters = letters
        self._senders = senders
        self._lease = lease
        self._every = every
        self._retries = retries or Retries()
        self._woken = asyncio.Event()
        self._stopping = False
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._newest = -1
        self._looked = 0.0
        self._from = 0

    def wake(self) -> None:
        """There may be something to send."""
        self._woken.set()

    async def run(self) -> None:
        """Send until stopped; a database that is away for a moment is asked again."""
        while not self._stopping:
            self._woken.clear()
            try:
                await self._look()
            except SQLAlchemyError as error:
                log.warning("the outbox cannot be read: %s", type(error).__name__)
            try:
                await asyncio.wait_for(self._woken.wait(), self._every)
            except TimeoutError:
                continue

    async def stop(self, within: float = 1.0) -> None:
        """Begin nothing new, and let what is on the wire arrive if it does so soon."""
        self._stopping = True
        self._woken.set()
        tasks = list(self._busy.values())
        if not tasks:
            return
        _, late = await asyncio.wait(tasks, timeout=within)
        await end_tasks(late)

    async def _look(self) -> None:
        if self._lease and not await asyncio.to_thread(self._lease.hold):
            log.warning("another process delivers from this store now")
            return
        await self._take_up()
        for channel in self._senders:
            for conversation_id in await asyncio.to_thread(self._letters.due, channel):
                if len(self._busy) >= AT_ONCE or self._stopping:
                    return
                if conversation_id not in self._busy:
                    task = asyncio.create_task(self._serve(conversation_id))
                    self._busy[conversation_id] = task
                    task.add_done_callback(self._freed(conversation_id))

    def _freed(self, conversation_id: str) -> Callable[[asyncio.Task[None]], None]:
        def freed(task: asyncio.Task[None]) -> None:
            del self._busy[conversation_id]
            if not task.cancelled() and (error := task.exception()):
                log.error("sending to %s failed", conversation_id, exc_info=error)  # tried again at the next look
            else:
                self._woken.set()

        return freed

    async def _take_up(self) -> None:
        newest, now = await asyncio.to_thread(self._letters.newest), time.monotonic()
        if newest == self._newest and now - self._looked < self._letters.look_anyway:
            return
        await asyncio.to_thread(self._letters.take_up, self._from)
        self._newest, self._looked = newest, now
        self._from = max(0, newest - LATE_MESSAGES)

    async def _serve(self, conversation_id: str) -> None:
        """Send what this conversation still has to get, oldest first, until one has to wait."""
        while not self._stopping:
            letter = await asyncio.to_thread(self._letters.next, conversation_id)
            if letter is None:
                return
            await self._send(letter)

    async def _send(self, letter: Letter) -> None:
        try:
            await self._send_parts(letter)
        except TryLater as trouble:
            await self._put_off(letter, trouble)
        except Undeliverable as refusal:
            if refusal.gone:
                await asyncio.to_thread(self._letters.gone, letter)
            else:
                log.error("reply %d cannot be sent: %s", letter.id, refusal)
                await asyncio.to_thread(self._letters.give_up, letter, str(refusal))
        except SQLAlchemyError:
            raise
        except Exception as fault:  # the edge of one delivery: the others must go on
            log.exception("reply %d could not be sent", letter.id)
            await self._put_off(letter, TryLater(f"{type(fault).__name__}"))

    async def _put_off(self, letter: Letter, trouble: TryLater) -> None:
        if trouble.counts and letter.tries + 1 >= self._retries.most:
            log.error("reply %d is given up after %d tries: %s", letter.id, self._retries.most, trouble)
            await asyncio.to_thread(self._letters.give_up, letter, str(trouble))
            return
        pause = self._retries.pause(letter.tries) if trouble.after is None else trouble.after
        await asyncio.to_thread(self._letters.put_off, letter, pause, str(trouble), trouble.counts)

    async def _send_parts(self, letter: Letter) -> None:
        sender = self._senders[letter.channel]
        parts = sender.parts(letter)
        for number, part in enumerate(parts):
            if number < letter.parts_sent:
                continue
            await sender.send(letter, part)
            await self._note(letter, number + 1, number + 1 == len(parts))
        if letter.parts_sent >= len(parts):
            await self._note(letter, len(parts), True)

    async def _note(self, letter: Letter, parts_sent: int, last: bool) -> None:
        """What is out must be noted, or it would go out again: a busy database is asked until it takes it."""
        while True:
            try:
                await asyncio.to_thread(self._letters.part_sent, letter, parts_sent, last)
                return
            except SQLAlchemyError as error:
                log.warning("reply %d is out but cannot be noted yet: %s", letter.id, type(error).__name__)
                await asyncio.sleep(0.5)


def _now() -> datetime:
    return datetime.now(UTC)
