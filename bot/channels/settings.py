"""What the app is told from outside: addresses, the engine's token, limits."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crm_store.home import Home

TURN_LIMIT = 60.0  # seconds a customer waits before the app says sorry
SHORTEST_SECRET = 32  # characters
TELEGRAM_API = "https://api.telegram.org"
TELEGRAM_TOKEN = re.compile(r"\d{1,20}:[A-Za-z0-9_-]{10,100}")


@dataclass(frozen=True, slots=True)
class Settings:
    database_url: str
    secret: bytes = field(repr=False)
    live_model: Path
    engine_url: str
    actions_url: str
    engine_token: str = field(repr=False, default="")
    turn_limit: float = TURN_LIMIT
    followups_url: str = ""  # database of the follow-ups that have begun; none: they are off
    allowed_origins: tuple[str, ...] = ()
    identity_secret: bytes = field(repr=False, default=b"")  # the shop's server signs customers in with it; none: off
    poll_seconds: float = 1.0
    telegram_token: str = field(repr=False, default="")  # none: the channel is off
    telegram_webhook: str = ""  # https address under which Telegram reaches the app; none: long polling
    telegram_api: str = TELEGRAM_API
    telegram_timeout: float = 10.0  # seconds until a call counts as failed
    telegram_wait: float = 25.0  # seconds Telegram waits for an update before it answers that there is none
    telegram_speed: float = 1.0  # times the usual limits, for a bot that Telegram allows more
    patience: float = 4.0  # seconds until a customer is asked for a moment
    home: Home | None = None  # where files have to forget who was erased in the chat; none: they are left alone

    @classmethod
    def from_home(cls, home: Home, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings of a home, with what SALESCLERK_* variables say on top; ValueError names a bad one."""
        origins = environment.get("SALESCLERK_ALLOWED_ORIGINS", "")
        return cls(
            database_url=home.database_url,
            home=home,
            secret=home.secret(),
            live_model=Path(home.live_model),
            engine_url=f"http://127.0.0.1:{home.engine_port}",
            actions_url=f"http://127.0.0.1:{home.actions_port}",
            engine_token=environment.get("SALESCLERK_ENGINE_TOKEN", ""),
            followups_url=home.followups_url,
            turn_limit=_seconds(environment, "SALESCLERK_TURN_LIMIT", TURN_LIMIT),
            identity_secret=_identity_secret(environment),
            telegram_token=_token(environment),
            telegram_webhook=_webhook(environment),
            telegram_api=(environment.get("TELEGRAM_API_URL") or TELEGRAM_API).rstrip("/"),
            telegram_speed=_speed(environment),
            allowed_origins=tuple(origin.strip().rstrip("/") for origin in origins.split(",") if origin.strip()),
        )

    @property
    def telegram_bot_id(self) -> int:
        """The id of the bot, which its token begins with."""
        return int(self.telegram_token.partition(":")[0])

    def telegram(self) -> str:
        """Whether the channel is on and how to turn it on, in one sentence."""
        if not self.telegram_token:
            return "Telegram is off; get a token from @BotFather, set TELEGRAM_BOT_TOKEN to it and start again."
        return f"Telegram is on, by {'webhook' if self.telegram_webhook else 'long polling'}."


def _token(environment: Mapping[str, str]) -> str:
    token = environment.get("TELEGRAM_BOT_TOKEN", "").strip()
    if token and not TELEGRAM_TOKEN.fullmatch(token):  # not shown: it may be a token all but for a slip
        raise ValueError("TELEGRAM_BOT_TOKEN is not a token as @BotFather gives it (digits, a colon, letters)")
    return token


def _identity_secret(environment: Mapping[str, str]) -> bytes:
    secret = environment.get("SALESCLERK_IDENTITY_SECRET", "").strip()
    if secret and len(secret) < SHORTEST_SECRET:  # not shown
        raise ValueError(
            f"SALESCLERK_IDENTITY_SECRET must be at least {SHORTEST_SECRET} characters that nobody can guess "
            "(openssl rand -hex 32 makes some)"
        )
    return secret.encode()


def _webhook(environment: Mapping[str, str]) -> str:
    address = environment.get("TELEGRAM_WEBHOOK_URL", "").strip().rstrip("/")
    if address and not address.startswith("https://"):
        raise ValueError(f"TELEGRAM_WEBHOOK_URL must be an https:// address of this app, not {address!r}")
    return address


def _speed(environment: Mapping[str, str]) -> float:
    raw = environment.get("TELEGRAM_SPEED", "")
    try:
        speed = float(raw) if raw else 1.0
    except ValueError:
        speed = 0.0
    if not 0.01 <= speed <= 100:
        raise ValueError(f"TELEGRAM_SPEED must be a number between 0.01 and 100, times the usual limits, not {raw!r}")
    return speed


def _seconds(environment: Mapping[str, str], name: str, default: float) -> float:
    raw = environment.get(name, "")
    try:
        seconds = float(raw) if raw else default
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= 3600:
        raise ValueError(f"{name} must be a number of seconds between 0 and 3600, not {raw!r}")
    return seconds
