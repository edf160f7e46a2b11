"""Sends replies to Telegram, within its limits, and tells what can be mended from what cannot."""

from __future__ import annotations

import logging
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import httpx
from telegram import Bot, LinkPreviewOptions, ReplyParameters
from telegram.constants import ParseMode
from telegram.error import BadRequest, ChatMigrated, Forbidden, InvalidToken, RetryAfter, TelegramError

from bot.channels.delivery import Pace, TryLater, Undeliverable
from bot.channels.telegram.rendering import Part, render
from crm_store.outbox import Letter

log = logging.getLogger(__name__)

REFUSED_TOKEN_PAUSE = 60.0  # seconds
AWAY_PAUSE = 5.0
NOT_REACHED = (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout)
MANY_CHATS = 10_000  # whose pace we remember


@dataclass(frozen=True, slots=True)
class Limits:
    """Messages a second, and how many may go at once; Telegram's own limits are 30, 1, and 20 a minute in groups."""

    all: tuple[float, float] = (25.0, 25.0)
    chat: tuple[float, float] = (1.0, 6.0)
    group: tuple[float, float] = (0.3, 6.0)

    def times(self, factor: float) -> Limits:
        """These, for a bot that may send so many times as much."""
        more = ((rate * factor, max(1.0, burst * factor)) for rate, burst in (self.all, self.chat, self.group))
        return Limits(*more)


class TelegramSender:
    def __init__(self, bot: Bot, *, moved: Callable[[int, int], Awaitable[None]], limits: Limits | None = None) -> None:
        """`moved` is told when a group has another id: the old one and the new one."""
        self._bot = bot
        self._moved = moved
        self._limits = limits or Limits()
        self._all = Pace(*self._limits.all)
        self._chats: dict[int, Pace] = {}
        self._held: dict[int, float] = {}  # chats that Telegram told us to leave alone, until when

    def parts(self, letter: Letter) -> Sequence[Part]:
        return render(letter.payload, letter.language, private=not letter.address.get("group"))

    async def send(self, letter: Letter, part: Part) -> None:
        chat = int(letter.address["chat"])
        self._check_held(chat)
        await self._pace(chat, bool(letter.address.get("group"))).turn()
        await self._all.turn()
        try:
            await self._send(chat, letter, part)
        except RetryAfter as error:
            seconds = asked_pause(error)
            self._held[chat] = time.monotonic() + seconds
            raise TryLater(f"Telegram asks to wait {seconds:.0f} s", after=seconds, counts=False) from error
        except ChatMigrated as error:
            await self._moved(chat, error.new_chat_id)
            raise TryLater("the group has another id", after=0.0) from error
        except Forbidden as error:
            raise Undeliverable(str(error), gone=True) from error
        except InvalidToken as error:
            log.error("Telegram does not accept TELEGRAM_BOT_TOKEN: replies wait")
            raise TryLater("Telegram does not accept the token", after=REFUSED_TOKEN_PAUSE, counts=False) from error
        except BadRequest as error:
            raise Undeliverable(str(error)) from error
        except TelegramError as error:
            if isinstance(error.__cause__, NOT_REACHED):  # no fault of this letter, however long it lasts
                raise TryLater(f"Telegram cannot be reached: {error}", after=AWAY_PAUSE, counts=False) from error
            raise TryLater(f"{type(error).__name__}: {error}") from error

    async def _send(self, chat: int, letter: Letter, part: Part) -> None:
        settings: dict[str, Any] = {
            "parse_mode": ParseMode.HTML,
            "reply_markup": part.keyboard(),
            **_place(letter),
        }
        if part.photo is not None:
            try:
                await self._bot.send_photo(chat, part.photo, caption=part.html, **settings)
                return
            except BadRequest as error:
                # Telegram could not fetch the picture, or it is none: the words are what counts.
                log.info("a photo was refused: %s", error)
        await self._bot.send_message(
            chat, part.html, link_preview_options=LinkPreviewOptions(is_disabled=True), **settings
        )

    def _check_held(self, chat: int) -> None:
        now = time.monotonic()
        self._held = {held: until for held, until in self._held.items() if until > now}
        # Two chats at once: it is not the chats that were written to too often, but all of them together.
        until = self._held.get(chat) or (min(self._held.values()) if len(self._held) > 1 else now)
        if until > now:
            raise TryLater("Telegram asked to wait", after=until - now, counts=False)

    def _pace(self, chat: int, group: bool) -> Pace:
        if len(self._chats) > MANY_CHATS:
            self._chats = {known: pace for known, pace in self._chats.items() if not pace.is_idle()}
        if chat not in self._chats:
            self._chats[chat] = Pace(*(self._limits.group if group else self._limits.chat))
        return self._chats[chat]


def _place(letter: Letter) -> dict[str, Any]:
    """In a group a reply names the message it answers, as others may have written in between."""
    answered = letter.answers.get("telegram")
    if not letter.address.get("group") or not answered:
        return {}
    reply = ReplyParameters(answered["message"], allow_sending_without_reply=True)
    return {"reply_parameters": reply, "message_thread_id": answered.get("thread")}


def asked_pause(error: RetryAfter) -> float:
    """How many seconds Telegram asks us to wait."""
    wait = error.retry_after
    return wait.total_seconds() if isinstance(wait, timedelta) else float(wait)
