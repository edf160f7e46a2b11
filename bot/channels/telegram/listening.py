"""Updates from Telegram: polled or brought by its webhook, stored, and handed on in order."""

from __future__ import annotations

import asyncio
import hashlib
import hmac
import logging
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from datetime import timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from telegram import Bot, BotCommand
from telegram.error import Conflict, InvalidToken, RetryAfter, TelegramError

from bot.channels.background import Background
from bot.channels.settings import Settings
from bot.channels.telegram.client import KINDS
from bot.channels.telegram.keeping import COMMANDS, UpdateLog
from bot.channels.telegram.reading import Reader
from bot.channels.telegram.sender import REFUSED_TOKEN_PAUSE, asked_pause
from bot.channels.telegram.webhook import PATH
from bot.channels.telegram.words import menu
from bot.channels.turns import Backoff
from crm_store.errors import SalesError

log = logging.getLogger(__name__)

LOOK_ANYWAY_SECONDS = 1.0  # another process may have taken an update from the webhook
FORGET_SECONDS = 3600.0  # between two looks for updates that need not be kept any more
REORDERED_SECONDS = 0.5  # by webhook, how long an update waits for the one before it


class Listener:
    """`arrived` is told of each conversation in which there is something to handle."""

    def __init__(
        self, settings: Settings, bot: Bot, updates: UpdateLog, arrived: Callable[[str], None], background: Background
    ) -> None:
        self._settings = settings
        self._bot = bot
        self._updates = updates
        self._arrived = arrived
        self._background = background
        self._reader = Reader(settings.telegram_bot_id, "", COMMANDS)  # knows its name once Telegram has told it
        known = b"salesclerk.telegram." + settings.telegram_token.encode()
        self._secret = hmac.new(settings.secret, known, hashlib.sha256).hexdigest()
        self._kept = asyncio.Event()

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
                self._background.do(self._answer_press(str(query["id"]), None))

    async def run(self) -> None:
        """Introduce ourselves, as often as it takes, then read what comes."""
        await self._introduce()
        self._background.do(self._set_menu())
        self._reader = Reader(self._settings.telegram_bot_id, self._bot.username, COMMANDS)
        reading = (
            [self._settle_what_comes] if self._settings.telegram_webhook else [self._settle_what_comes, self._poll]
        )
        await asyncio.gather(*(self._background.keep_up(work) for work in reading))

    async def _introduce(self) -> None:
        for pause in Backoff(first=0.5, longest=30.0).pauses():
            try:
                await self._bot.initialize()
                await self._announce()
                return
            except InvalidToken:
                await self._refused()
            except TelegramError as error:
                log.warning("Telegram does not answer yet: %s", error)
                await asyncio.sleep(pause)

    async def _refused(self) -> None:
        """A token that is wrong stays so, but what stands before Telegram may refuse a right one for a moment."""
        log.error("Telegram is off: it does not accept TELEGRAM_BOT_TOKEN")
        await asyncio.sleep(REFUSED_TOKEN_PAUSE)

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
                await self._refused()
            except (TelegramError, SQLAlchemyError) as error:
                failures += 1
                if failures in (1, 10):
                    log.warning("updates cannot be fetched: %s", _reason(error))
                await asyncio.sleep(_pause(error, failures))

    async def _settle_what_comes(self) -> None:
        """Put stored updates into the log and have them handled; those from before a restart first."""
        hold = REORDERED_SECONDS if self._settings.telegram_webhook else 0.0
        wait: float | None = 0.0
        next_forget = 0.0
        while True:
            if time.monotonic() >= next_forget:
                await asyncio.to_thread(self._updates.forget_old)
                next_forget = time.monotonic() + FORGET_SECONDS
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
                self._arrived(conversation_id)
            for query, said in settled.presses:
                self._background.do(self._answer_press(query, said))
            wait = settled.wait

    async def _answer_press(self, query: str, said: str | None) -> None:
        """Stop the button's spinning; a press that is too old for that does not matter."""
        with suppress(TelegramError):
            await self._bot.answer_callback_query(query, text=said, show_alert=said is not None)


def _pause(error: Exception, failures: int) -> float:
    if isinstance(error, RetryAfter):
        return asked_pause(error)
    if isinstance(error, Conflict):  # another program fetches the updates of this bot
        return 5.0
    return min(0.2 * 2 ** min(failures, 10), 30.0)


def _reason(error: Exception) -> str:
    # The text of a database error holds the statement and with it what was said.
    return type(error).__name__ if isinstance(error, SQLAlchemyError) else str(error)
