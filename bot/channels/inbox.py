"""Handles what a channel has stored: one conversation in order and one at a time, many conversations at once.

Stored is promised: whatever the process dies of, what waits is handled when it starts again. Turns hand messages
to the engine, as for the web; nobody waits for the answer here, so a message is tried until it is answered.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.conversation_log import ConversationLog
from bot.channels.delivery import end_tasks
from bot.channels.engine import Engine
from bot.channels.measures import Measures
from bot.channels.turns import Backoff, Turns, TurnUnanswered
from crm_store import conversations, inbox
from crm_store.database import reading, writing
from crm_store.outbox import MOMENTARY
from crm_store.tables import Message, MessageState
from crm_store.tables.base import HIGHEST_ID

log = logging.getLogger(__name__)

AT_ONCE = 12  # turns under way: the engine serves them one after the other, and more would only fill its line
PATIENCE = 4.0  # seconds a customer waits before we ask for a moment
WORKING_AFTER = 1.0  # seconds until the channel shows that we are at it
ANSWER = "answer"  # in an inbound message's payload: a reply the channel gives by itself


class StoredMessages(ConversationLog):
    """The log for turns of messages that are stored already: taking one up writes nothing.

    SQLite lets one writer in at a time, and every reply needs its turn there.
    """

    def receive(self, conversation_id: str, *, text: str | None, button: str | None, external_id: str) -> Message:
        with reading(self._sessions) as session:
            stored = inbox.stored_as(session, conversation_id, external_id)
        return stored or super().receive(conversation_id, text=text, button=button, external_id=external_id)

    def replies(self, message_id: int) -> list[dict[str, Any]]:
        """Not read here: the outbox takes them from the store."""
        return []


@dataclass(frozen=True, slots=True)
class Waiting:
    id: int
    external_id: str
    answer: dict[str, Any] | None


class InboxLog:
    """The waiting messages of the store: each call is one transaction, and blocks."""

    def __init__(self, sessions: sessionmaker[Session], channel: str) -> None:
        self.sessions = sessions
        self._channel = channel

    def conversations(self) -> list[str]:
        with reading(self.sessions) as session:
            return list(inbox.waiting_conversations(session, self._channel))

    def waiting(self, conversation_id: str, after: int) -> list[Waiting]:
        with reading(self.sessions) as session:
            messages = inbox.waiting_messages(session, conversation_id, HIGHEST_ID)
            return [
                Waiting(message.id, message.external_id or "", message.payload.get(ANSWER))
                for message in messages
                if message.id > after
            ]

    def answer(self, waiting: Waiting) -> None:
        """Give the channel's own reply; once, however often it is asked for."""
        with writing(self.sessions, alone=False) as session:
            message = session.get_one(Message, waiting.id, with_for_update=True)
            if message.state is MessageState.RECEIVED and waiting.answer is not None:
                conversations.add_reply(session, message, waiting.answer, datetime.now(UTC))
                conversations.mark_handled(session, message, intent=None, confidence=None, needs={}, mentions={})

    def ask_for_a_moment(self, conversation_id: str, message_id: int, text: Callable[[str], str]) -> bool:
        """Say "one moment" unless the message is answered by now, or it was the last thing we said."""
        with writing(self.sessions, alone=False) as session:
            language = conversations.locked(session, conversation_id).language
            said = inbox.last_said(session, conversation_id)
            if not inbox.still_waits(session, message_id) or (said is not None and said.payload.get(MOMENTARY)):
                return False
            payload = {"text": text(language), "quick_replies": [], "products": [], MOMENTARY: True}
            conversations.push(session, conversation_id, payload, datetime.now(UTC))
            return True


class Inbox:
    """`limit` is how many seconds the engine has for a message until its turn is begun anew.

    `one_moment` gives the words in a language, `working` shows a conversation that we are at it until cancelled,
    `answered` is told of each conversation whose replies may be fetched.
    """

    def __init__(
        self,
        records: InboxLog,
        engine: Engine,
        measures: Measures,
        *,
        limit: float,
        one_moment: Callable[[str], str],
        working: Callable[[str], Awaitable[None]],
        answered: Callable[[str], None],
        patience: float = PATIENCE,
        at_once: int = AT_ONCE,
    ) -> None:
        self._records = records
        self._turns = Turns(StoredMessages(records.sessions), engine, limit=limit)
        self._measures = measures
        self._one_moment = one_moment
        self._working = working
        self._answered = answered
        self._patience = patience
        self._places = asyncio.Semaphore(at_once)
        self._workers: dict[str, asyncio.Task[None]] = {}
        self._rung: set[str] = set()
        self._bells: dict[str, asyncio.Event] = {}  # of conversations that wait for the next try
        self._reassured: set[int] = set()  # messages for which we have asked for a moment

    async def start(self) -> None:
        """Take up what waits from before."""
        for conversation_id in await asyncio.to_thread(self._records.conversations):
            self.arrived(conversation_id)

    def arrived(self, conversation_id: str) -> None:
        """A message of this conversation has been stored."""
        self._rung.add(conversation_id)
        if bell := self._bells.get(conversation_id):
            bell.set()
        if conversation_id not in self._workers:
            worker = asyncio.create_task(self._work(conversation_id))
            self._workers[conversation_id] = worker

    async def stop(self) -> None:
        """Leave what waits for the next start."""
        await end_tasks(self._workers.values())

    async def _work(self, conversation_id: str) -> None:
        try:
            pauses = Backoff(first=0.2, longest=30.0).pauses()
            while conversation_id in self._rung:
                try:
                    self._rung.discard(conversation_id)
                    await self._work_off(conversation_id)
                except Exception as error:  # the edge of one conversation: what waits there is tried again
                    if isinstance(error, SQLAlchemyError):
                        log.warning("messages of %s cannot be read: %s", conversation_id, type(error).__name__)
                    else:
                        log.exception("messages of %s cannot be handled", conversation_id)
                    self._rung.add(conversation_id)
                    await asyncio.sleep(next(pauses))
        finally:
            self._workers.pop(conversation_id, None)

    async def _work_off(self, conversation_id: str) -> None:
        """Handle what waits, and what comes meanwhile, oldest first."""
        past = 0  # a message that stays unanswered does not hold up the next one for ever
        pauses = Backoff(first=0.5, longest=30.0).pauses()
        while waiting := await asyncio.to_thread(self._records.waiting, conversation_id, past):
            reassuring = asyncio.create_task(self._reassure(conversation_id, waiting[0].id))
            try:
                handled = [one for one in waiting if await self._handle(conversation_id, one)]
                past = max([past, *(one.id for one in handled if one.answer is None)])
                if not handled:
                    await self._pause(conversation_id, next(pauses))
            finally:
                await _end(reassuring)

    async def _pause(self, conversation_id: str, seconds: float) -> None:
        """Until the next try, or until something new has come."""
        bell = self._bells[conversation_id] = asyncio.Event()
        try:
            if conversation_id not in self._rung:
                await asyncio.wait_for(bell.wait(), seconds)
            self._rung.discard(conversation_id)  # we look now
        except TimeoutError:
            return
        finally:
            del self._bells[conversation_id]

    async def _handle(self, conversation_id: str, waiting: Waiting) -> bool:
        """Whether the message is answered now."""
        if waiting.answer is not None:
            await asyncio.to_thread(self._records.answer, waiting)
            self._answered(conversation_id)
            return True
        working = asyncio.create_task(self._show_working(conversation_id))
        try:
            async with self._places:
                turn = await self._turns.take(conversation_id, text="", external_id=waiting.external_id)
        except TurnUnanswered:
            self._measures.unanswered.inc()
            return False
        finally:
            await _end(working)
        self._reassured.discard(waiting.id)
        self._measures.turns.labels(turn.message.intent or "none").inc()
        self._measures.turn_seconds.observe(turn.seconds)
        self._answered(conversation_id)
        return True

    async def _show_working(self, conversation_id: str) -> None:
        await asyncio.sleep(WORKING_AFTER)
        await self._working(conversation_id)

    async def _reassure(self, conversation_id: str, message_id: int) -> None:
        """After a while without an answer, say so once."""
        await asyncio.sleep(self._patience)
        if message_id in self._reassured:
            return
        self._reassured.add(message_id)
        with suppress(SQLAlchemyError):
            if await asyncio.to_thread(self._records.ask_for_a_moment, conversation_id, message_id, self._one_moment):
                self._answered(conversation_id)


async def _end(task: asyncio.Task[None]) -> None:
    await end_tasks([task])
    if not task.cancelled() and (error := task.exception()):
        log.error("beside a turn", exc_info=error)
