"""The Telegram channel of the app: updates in by long polling or webhook, replies out."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker
from telegram import BotCommand
from telegram.constants import ChatAction
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.delivery import Pace, end_tasks
from bot.channels.engine import Engine
from bot.channels.inbox import Inbox, InboxLog
from bot.channels.letters import Letters
from bot.channels.measures import Measures
from bot.channels.outbox import Outbox
from bot.channels.settings import Settings
from bot.channels.telegram.client import CHANNEL, KINDS, make_bot
from bot.channels.telegram.keeping import COMMANDS, UpdateLog
from bot.channels.telegram.reading import Reader
from bot.channels.telegram.sender import Limits, TelegramSender, asked_pause
from bot.channels.telegram.webhook import PATH
from bot.channels.telegram.words import menu, phrase
from bot.channels.turns import Backoff
from crm_store.errors import SalesError
from crm_store.lease import lease

log = logging.getLogger(__name__)

TYPING_SECONDS = 4.5  # Telegram shows it for five
TYPING_PACE = 4.0  # a second at most: when many wait, answering them is more use than telling them that we do
WAIT_FOR_LEASE_SECONDS = 0.2
LOOK_ANYWAY_SECONDS = 1.0  # another process may have taken an update from the webhook
REORDERED_SECONDS = 0.5  # by webhook, how long an update waits for the one before it


class TelegramChannel:
    def __init__(
        self,
        settings: Settings,
        sessions: sessionmaker[Session],
        engine: Engine,
        measures: Measures,
        limits: Limits | None = None,
    ) -> None:
        token = settings.telegram_token
        self._settings = settings
        self._bot_id = int(token.partition(":")[0])
        self._reader = Reader(self._bot_id, "", COMMANDS)  # knows its name once Telegram has told it
        self._secret = hmac.new(settings.secret, b"salesclerk.telegram." + token.encode(), hashlib.sha256).hexdigest()
        self._bot = make_bot(token, settings.telegram_api, timeout=settings.telegram_timeout)
        self._updates = UpdateLog(sessions, self._bot_id)
        sender = TelegramSender(self._bot, moved=self._moved, limits=limits or Limits().times(settings.telegram_speed))
        self._lease = lease(sessions.kw["bind"], CHANNEL)
        self._outbox = Outbox(Letters(sessions), {CHANNEL: sender}, lease=self._lease, every=settings.poll_seconds)
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
        self._kept = asyncio.Event()
        self._tasks: set[asyncio.Task[None]] = set()

    async def start(self) -> None:
        """Take up what waits from before, and begin to listen; Telegram itself may be away."""
        self._do(self._keep_up(self._work))

    async def stop(self) -> None:
        """Leave what waits for the next start; what is on the wire may arrive."""
        await self._inbox.stop()
        await self._outbox.stop()
        await end_tasks(self._tasks)
        await asyncio.to_thread(self._lease.release)
        with suppress(TelegramError):
            await self._bot.shutdown()

    def spoken(self) -> None:
        """Something is in the log that answers no message: it goes out at once."""
        self._outbox.wake()

    def is_from_telegram(self, secret: str) -> bool:
        """Whether a call of the webhook carries the secret that only Telegram was told."""
        return hmac.compare_digest(secret.encode(), self._secret.encode())

    async def take(self, updates: Sequence[dict[str, Any]]) -> None:
        """Store updates; once this returns they may be acknowledged."""
        await asyncio.to_thread(self._updates.keep, updates)
        self._kept.set()
        for update in updates:
            query = update.get("callback_query") or {}
            # In a group it depends on whose button it is.
            if query.get("id") and ((query.get("message") or {}).get("chat") or {}).get("type") == "private":
                self._do(self._answer_press(str(query["id"]), None))

    async def _work(self) -> None:
        """Of several processes on one store one does this; the others wait until it is gone."""
        told = False
        while not await asyncio.to_thread(self._lease.hold):
            if not told:
                log.warning("another process serves Telegram from this store; this one waits")
                told = True
            await asyncio.sleep(WAIT_FOR_LEASE_SECONDS)
        self._do(self._keep_up(self._outbox.run))
        self._do(self._begin())
        await self._inbox.start()

    # From Telegram --------------------------------------------------------------------------------

    async def _begin(self) -> None:
        """Introduce ourselves, as often as it takes, then read what comes."""
        for pause in Backoff(first=0.5, longest=30.0).pauses():
            try:
                await self._bot.initialize()
                await self._announce()
                break
            except InvalidToken:
                log.error("Telegram is off: it does not accept TELEGRAM_BOT_TOKEN")
                return
            except TelegramError as error:
                log.warning("Telegram does not answer yet: %s", error)
                await asyncio.sleep(pause)
        self._do(self._set_menu())
        self._reader = Reader(self._bot_id, self._bot.username, COMMANDS)
        self._do(self._keep_up(self._settle_what_comes))
        if not self._settings.telegram_webhook:
            self._do(self._keep_up(self._poll))

    async def _announce(self) -> None:
        """Have Telegram bring the updates, or wait until we fetch them; none that wait there are dropped."""
        address = self._settings.telegram_webhook
        if address:
            await self._bot.set_webhook(f"{address}{PATH}", secret_token=self._secret, allowed_updates=KINDS)
        else:
            await self._bot.delete_webhook(drop_pending_updates=False)

    async def _set_menu(self) -> None:
        try:
            for language, code in (("en", None), ("zh", "zh")):
                commands = [BotCommand(name, told) for name, told in menu(language)]
                await self._bot.set_my_commands(commands, language_code=code)
        except TelegramError as error:
            log.warning("the menu of commands could not be set: %s", error)

    async def _poll(self) -> None:
        """Fetch updates; asking for the next ones tells Telegram that the ones before are stored."""
        offset, failures = None, 0
        wait = timedelta(seconds=self._settings.telegram_wait)
        while True:
            try:
                updates = await self._bot.get_updates(offset=offset, timeout=wait, allowed_updates=KINDS)
                if updates:
                    await self.take([update.to_dict() for update in updates])
                    offset = max(update.update_id for update in updates) + 1
                failures = 0
            except InvalidToken:
                log.error("Telegram is off: it does not accept TELEGRAM_BOT_TOKEN any more")
                return
            except (TelegramError, SQLAlchemyError) as error:
                failures += 1
                if failures in (1, 10):
                    log.warning("updates cannot be fetched: %s", _reason(error))
                await asyncio.sleep(_pause(error, failures))

    async def _settle_what_comes(self) -> None:
        """Put stored updates into the log and have them handled; those from before a restart first."""
        hold = REORDERED_SECONDS if self._settings.telegram_webhook else 0.0
        await asyncio.to_thread(self._updates.forget_old)
        wait: float | None = 0.0
        while True:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._kept.wait(), wait if wait is not None else LOOK_ANYWAY_SECONDS)
            self._kept.clear()
            try:
                settled = await asyncio.to_thread(self._updates.settle, self._reader, hold)
            except (SQLAlchemyError, SalesError) as error:
                log.warning("updates wait: %s", _reason(error))
                wait = 1.0
                continue
            for conversation_id in dict.fromkeys(settled.arrived):
                self._inbox.arrived(conversation_id)
            for query, said in settled.presses:
                self._do(self._answer_press(query, said))
            wait = settled.wait

    # To Telegram ----------------------------------------------------------------------------------

    async def _answer_press(self, query: str, said: str | None) -> None:
        """Stop the button's spinning; a press that is too old for that does not matter."""
        with suppress(TelegramError):
            await self._bot.answer_callback_query(query, text=said, show_alert=said is not None)

    async def _type(self, conversation_id: str) -> None:
        address = await asyncio.to_thread(self._updates.address, conversation_id)
        while address:
            if self._typing.takes_now():
                with suppress(TelegramError):
                    await self._bot.send_chat_action(address["chat"], ChatAction.TYPING)
            await asyncio.sleep(TYPING_SECONDS)

    def _answered(self, conversation_id: str) -> None:
        self._outbox.wake()
        self._do(self._link(conversation_id))

    async def _link(self, conversation_id: str) -> None:
        with suppress(SQLAlchemyError):  # there is a next time
            await asyncio.to_thread(self._updates.link_customer, conversation_id)

    async def _moved(self, old: int, new: int) -> None:
        await asyncio.to_thread(self._updates.move_chat, old, new)

    async def _keep_up(self, work: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Do it again when it fails: the channel must not fall silent over a fault of ours."""
        while True:
            try:
                await work()
                return
            except Exception:  # the edge of the channel
                log.exception("the Telegram channel stumbled and goes on")
                await asyncio.sleep(1.0)

    def _do(self, work: Coroutine[Any, Any, None]) -> None:
        """Beside everything else, until it is done or we stop."""
        task = asyncio.create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._done)

    def _done(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()):
            log.error("a task of the Telegram channel ended", exc_info=error)


def _pause(error: Exception, failures: int) -> float:
    if isinstance(error, RetryAfter):
        return asked_pause(error)
    if isinstance(error, Conflict):  # another program fetches the updates of this bot
        return 5.0
    return min(0.2 * 2 ** min(failures, 10), 30.0)


def _reason(error: Exception) -> str:
    # The text of a database error holds the statement and with it what was said.
    return type(error).__name__ if isinstance(error, SQLAlchemyError) else str(error)
