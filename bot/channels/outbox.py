"""Sends what is in the outbox: every conversation in order, many at once, until it is out or given up.

What is out is noted after each message of the channel, in a journal on the disk and then in the store, so a restart
at any point repeats at most the one that was on the wire in a conversation, and loses none. One process of a store
runs it: the one that holds the lease.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from sqlalchemy.exc import SQLAlchemyError

from bot.channels.delivery import Retries, Sender, TryLater, Undeliverable, end_tasks
from bot.channels.letters import Letters, Note
from bot.channels.sent_journal import SentJournal
from crm_store.lease import Lease
from crm_store.outbox import Letter

log = logging.getLogger(__name__)
T = TypeVar("T")

AT_ONCE = 30  # conversations that are being sent to
THREADS = 4  # of its own: what was said must not wait behind what is being read
FORGET_SECONDS = 2.0  # between two looks for people who have heard that they are forgotten
LATE_MESSAGES = 2_000  # so far behind the newest a transaction may make a message visible


class _Notes:
    """Notes of what is out, written together: what comes while a transaction is under way goes into the next one."""

    def __init__(
        self,
        write: Callable[[Sequence[Note]], Awaitable[None]],
        journal: SentJournal | None,
        ours: Callable[[], bool],
    ) -> None:
        self._write = write
        self._journal = journal
        self._ours = ours  # the journal too, then
        self._waiting: list[tuple[Note, asyncio.Future[None]]] = []
        self._writer: asyncio.Task[None] | None = None

    async def add(self, note: Note) -> None:
        """Returns once it is written: a busy database is asked until it takes it."""
        if self._journal:
            self._journal.add(note)
        written = asyncio.get_running_loop().create_future()
        self._waiting.append((note, written))
        if self._writer is None:
            self._writer = asyncio.create_task(self._write_all())
        await written

    async def _write_all(self) -> None:
        while self._waiting:
            batch, self._waiting = self._waiting, []
            await self._insist([note for note, _ in batch])
            for _, written in batch:
                if not written.done():  # else nobody waits any more
                    written.set_result(None)
        self._writer = None
        if self._journal and self._ours():
            self._journal.clear()

    async def _insist(self, notes: Sequence[Note]) -> None:
        while True:
            try:
                await self._write(notes)
                return
            except Exception as error:  # whatever it is: what is not noted would go out again
                log.warning("%d messages are out but cannot be noted yet: %s", len(notes), type(error).__name__)
                await asyncio.sleep(0.5)


class Outbox:
    def __init__(
        self,
        letters: Letters,
        senders: Mapping[str, Sender],
        *,
        lease: Lease | None = None,
        journal: SentJournal | None = None,
        every: float = 1.0,
        retries: Retries | None = None,
    ) -> None:
        self._letters = letters
        self._senders = senders
        self._lease = lease
        self._journal = journal
        self._recalled = journal is None
        self._every = every
        self._retries = retries or Retries()
        self._woken = asyncio.Event()
        self._stopping = False
        self._ours = True  # to deliver, as long as the lease is held
        self._forgot = 0.0
        self._busy: dict[str, asyncio.Task[None]] = {}
        self._threads = ThreadPoolExecutor(THREADS, "outbox")
        self._notes = _Notes(lambda notes: self._call(self._letters.note, notes), journal, lambda: self._ours)
        self._newest = -1
        self._looked = 0.0
        self._from = 0

    def wake(self) -> None:
        """There may be something to send."""
        self._woken.set()

    async def run(self) -> None:
        """Send until stopped; a database that is away for a moment is asked again."""
        self._stopping = False
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

    async def close(self) -> None:
        """For good: what its threads still do is done when this returns."""
        await asyncio.to_thread(self._threads.shutdown)
        if self._journal:
            self._journal.close()

    async def _look(self) -> None:
        if not await self._hold():
            log.warning("another process delivers from this store now")
            self._recalled = self._journal is None  # it may leave something there
            return
        await self._recall()
        await self._take_up()
        await self._forget()
        for channel in self._senders:
            for conversation_id in await self._call(self._letters.due, channel):
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

    async def _forget(self) -> None:
        if time.monotonic() - self._forgot > FORGET_SECONDS:
            for channel in self._senders:
                await self._call(self._letters.forget, channel)
            self._forgot = time.monotonic()

    async def _hold(self) -> bool:
        """Whether it is ours to deliver; when nobody can tell, it is not."""
        ours = False
        try:
            ours = self._lease is None or await self._call(self._lease.hold)
        finally:
            self._ours = ours
        return ours

    async def _recall(self) -> None:
        """Before anything is sent: what was out when the last process was killed."""
        if self._recalled:
            return
        if left := self._journal.left():
            await self._call(self._letters.recall, left)
            log.info("%d messages had arrived before the last process noted it", len(left))
            self._journal.clear()
        self._recalled = True

    async def _take_up(self) -> None:
        newest, now = await self._call(self._letters.newest), time.monotonic()
        if newest == self._newest and now - self._looked < self._letters.look_anyway:
            return
        await self._call(self._letters.take_up, self._from)
        self._newest, self._looked = newest, now
        self._from = max(0, newest - LATE_MESSAGES)

    async def _serve(self, conversation_id: str) -> None:
        """Send what this conversation still has to get, oldest first, until one has to wait."""
        while self._ours and not self._stopping:
            letter = await self._call(self._letters.next, conversation_id)
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
                await self._call(self._letters.gone, letter)
            else:
                log.error("reply %d cannot be sent: %s", letter.id, refusal)
                await self._call(self._letters.give_up, letter, str(refusal))
        except SQLAlchemyError:
            raise
        except Exception as fault:  # the edge of one delivery: the others must go on
            log.exception("reply %d could not be sent", letter.id)
            await self._put_off(letter, TryLater(f"{type(fault).__name__}"))

    async def _put_off(self, letter: Letter, trouble: TryLater) -> None:
        if trouble.counts and letter.tries + 1 >= self._retries.most:
            log.error("reply %d is given up after %d tries: %s", letter.id, self._retries.most, trouble)
            await self._call(self._letters.give_up, letter, str(trouble))
            return
        pause = self._retries.pause(letter.tries) if trouble.after is None else trouble.after
        await self._call(self._letters.put_off, letter, pause, str(trouble), trouble.counts)

    async def _send_parts(self, letter: Letter) -> None:
        sender = self._senders[letter.channel]
        parts = sender.parts(letter)
        for number, part in enumerate(parts):
            if number < letter.parts_sent:
                continue
            if not self._ours:
                return
            await sender.send(letter, part)
            await self._notes.add(Note(letter.id, letter.conversation_id, number + 1, number + 1 == len(parts)))
        if letter.parts_sent >= len(parts):
            await self._notes.add(Note(letter.id, letter.conversation_id, len(parts), True))

    async def _call(self, work: Callable[..., T], *given: Any) -> T:
        return await asyncio.get_running_loop().run_in_executor(self._threads, work, *given)
