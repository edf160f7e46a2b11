"""The Telegram channel of the app: what it consists of, and which of several processes serves it."""

from __future__ import annotations

import asyncio
import logging
import time
from contextlib import suppress

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from telegram.constants import ChatAction
from telegram.error import TelegramError

from bot.channels.background import Background
from bot.channels.delivery import Pace, end_tasks
from bot.channels.engine import Engine
from bot.channels.inbox import Inbox, InboxLog
from bot.channels.letters import Letters
from bot.channels.measures import Measures
from bot.channels.outbox import Outbox
from bot.channels.sent_journal import SentJournal
from bot.channels.settings import Settings
from bot.channels.telegram.client import CHANNEL, make_bot
from bot.channels.telegram.keeping import UpdateLog
from bot.channels.telegram.listening import Listener
from bot.channels.telegram.sender import Limits, TelegramSender
from bot.channels.telegram.words import phrase
from crm_store.lease import lease

log = logging.getLogger(__name__)

TYPING_SECONDS = 4.5  # Telegram shows it for five
TYPING_PACE = 4.0  # a second at most: when many wait, answering them is more use than telling them that we do
WAIT_FOR_LEASE_SECONDS = 0.2
HOLD_SECONDS = 1.0  # between two looks whether the lease is still ours
LOOK_FOR_LEFT_SECONDS = 30.0


class TelegramChannel:
    def __init__(
        self,
        settings: Settings,
        sessions: sessionmaker[Session],
        engine: Engine,
        measures: Measures,
        limits: Limits | None = None,
    ) -> None:
        self._bot = make_bot(settings.telegram_token, settings.telegram_api, timeout=settings.telegram_timeout)
        self._updates = UpdateLog(sessions, settings.telegram_bot_id)
        sender = TelegramSender(self._bot, moved=self._moved, limits=limits or Limits().times(settings.telegram_speed))
        self._lease = lease(sessions.kw["bind"], CHANNEL)
        self._outbox = Outbox(
            Letters(sessions),
            {CHANNEL: sender},
            lease=self._lease,
            journal=SentJournal(settings.home.run / "sent") if settings.home else None,
            every=settings.poll_seconds,
        )
        self._inbox = Inbox(
            InboxLog(sessions, CHANNEL),
            engine,
            measures,
            limit=settings.turn_limit,
            one_moment=lambda language: phrase("one_moment", language),
            working=self._type,
            answered=self._answered,
            patience=settings.patience,
        )
        self._typing = Pace(TYPING_PACE, burst=TYPING_PACE)
        self._background = Background("the Telegram channel")
        self.listener = Listener(settings, self._bot, self._updates, self._inbox.arrived, self._background)

    async def start(self) -> None:
        """Take up what waits from before, and begin to listen; Telegram itself may be away."""
        self._background.do(self._background.keep_up(self._work))

    async def stop(self) -> None:
        """Leave what waits for the next start; what is on the wire may arrive."""
        await self._inbox.stop()
        await self._outbox.stop()
        await self._background.stop()
        await self._outbox.close()
        await asyncio.to_thread(self._lease.release)
        with suppress(TelegramError):
            await self._bot.shutdown()

    def spoken(self) -> None:
        """Something is in the log that answers no message: it goes out at once."""
        self._outbox.wake()

    async def _work(self) -> None:
        """Of several processes on one store one does this; the others wait until it is gone."""
        while True:
            await self._wait_for_lease()
            serving = [
                self._background.do(self._background.keep_up(work)) for work in (self._outbox.run, self.listener.run)
            ]
            try:
                await self._look_after()
            finally:
                await end_tasks(serving)
                await self._inbox.stop()
                await self._outbox.stop()
            log.warning("another process serves Telegram from this store now")

    async def _wait_for_lease(self) -> None:
        told = False
        while not await asyncio.to_thread(self._lease.hold):
            if not told:
                log.warning("another process serves Telegram from this store; this one waits")
                told = True
            await asyncio.sleep(WAIT_FOR_LEASE_SECONDS)

    async def _look_after(self) -> None:
        """Until the lease is lost; now and then look for what waits and nobody is at, such as what another one left."""
        next_look = 0.0
        while await asyncio.to_thread(self._lease.hold):
            if time.monotonic() >= next_look:
                await self._inbox.start()
                next_look = time.monotonic() + LOOK_FOR_LEFT_SECONDS
            await asyncio.sleep(HOLD_SECONDS)

    async def _type(self, conversation_id: str) -> None:
        address = await asyncio.to_thread(self._updates.address, conversation_id)
        while address:
            if self._typing.takes_now():
                with suppress(TelegramError):
                    await self._bot.send_chat_action(address["chat"], ChatAction.TYPING)
            await asyncio.sleep(TYPING_SECONDS)

    def _answered(self, conversation_id: str) -> None:
        self._outbox.wake()
        self._background.do(self._link(conversation_id))

    async def _link(self, conversation_id: str) -> None:
        with suppress(SQLAlchemyError):  # there is a next time
            await asyncio.to_thread(self._updates.link_customer, conversation_id)

    async def _moved(self, old: int, new: int) -> None:
        await asyncio.to_thread(self._updates.move_chat, old, new)
