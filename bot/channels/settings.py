"""What the app is told from outside: addresses, the engine's token, limits."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from crm_store.home import Home

TURN_LIMIT = 60.0  # seconds a customer waits before the app says sorry


@dataclass(frozen=True, slots=True)
class Settings:
    database_url: str
    secret: bytes = field(repr=False)
    live_model: Path
    engine_url: str
    actions_url: str
    engine_token: str = field(repr=False, default="")
    turn_limit: float = TURN_LIMIT
    allowed_origins: tuple[str, ...] = ()
    poll_seconds: float = 1.0

    @classmethod
    def from_home(cls, home: Home, environment: Mapping[str, str] = os.environ) -> Settings:
        """The settings of a home, with what SALESCLERK_* variables say on top; ValueError names a bad one."""
        origins = environment.get("SALESCLERK_ALLOWED_ORIGINS", "")
        return cls(
            database_url=home.database_url,
            secret=home.secret(),
            live_model=Path(home.live_model),
            engine_url=f"http://127.0.0.1:{home.engine_port}",
            actions_url=f"http://127.0.0.1:{home.actions_port}",
            engine_token=environment.get("SALESCLERK_ENGINE_TOKEN", ""),
            turn_limit=_seconds(environment, "SALESCLERK_TURN_LIMIT", TURN_LIMIT),
            allowed_origins=tuple(origin.strip().rstrip("/") for origin in origins.split(",") if origin.strip()),
        )


def _seconds(environment: Mapping[str, str], name: str, default: float) -> float:
    raw = environment.get(name, "")
    try:
        seconds = float(raw) if raw else default
    except ValueError:
        seconds = -1.0
    if not 0 < seconds <= 3600:
        raise ValueError(f"{name} must be a number of seconds between 0 and 3600, not {raw!r}")
    return seconds
