"""What the calls of the app work with, made once when it starts."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import httpx
from fastapi import Depends, Request
from sqlalchemy import Engine as Database
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.conversation_log import ConversationLog
from bot.channels.customer_records import CustomerRecords
from bot.channels.engine import Engine
from bot.channels.events import StoreWatch
from bot.channels.identity import CustomerTokens
from bot.channels.measures import Measures
from bot.channels.settings import Settings
from bot.channels.tokens import ConversationTokens
from bot.channels.turns import Turns
from crm_store.database import connect, sessions

if TYPE_CHECKING:
    from bot.channels.telegram.channel import TelegramChannel  # takes a second to load, and may be off


@dataclass(frozen=True, slots=True)
class Services:
    settings: Settings
    database: Database
    sessions: sessionmaker[Session]
    records: ConversationLog
    customers: CustomerRecords
    tokens: ConversationTokens
    identity: CustomerTokens
    engine: Engine
    turns: Turns
    watch: StoreWatch
    measures: Measures
    http: httpx.AsyncClient
    telegram: TelegramChannel | None

    @classmethod
    def of(cls, settings: Settings) -> Services:
        database = connect(settings.database_url)
        factory = sessions(database)
        records = ConversationLog(factory)
        engine = Engine(settings.engine_url, settings.engine_token)
        measures = Measures()
        return cls(
            settings=settings,
            database=database,
            sessions=factory,
            records=records,
            customers=CustomerRecords(factory),
            tokens=ConversationTokens(settings.secret),
            identity=CustomerTokens(settings.identity_secret),
            engine=engine,
            turns=Turns(records, engine, limit=settings.turn_limit),
            watch=StoreWatch(records, every=settings.poll_seconds),
            measures=measures,
            http=httpx.AsyncClient(trust_env=False),
            telegram=_telegram(settings, factory, engine, measures),
        )

    def spoken(self) -> None:
        """Something was said to a customer that answers no message."""
        if self.telegram:
            self.telegram.spoken()

    async def close(self) -> None:
        await self.engine.close()
        await self.http.aclose()
        # A thread still at work would give its connection back to a pool that is gone.
        await asyncio.get_running_loop().shutdown_default_executor()
        self.database.dispose()


def _telegram(
    settings: Settings, factory: sessionmaker[Session], engine: Engine, measures: Measures
) -> TelegramChannel | None:
    if not settings.telegram_token:
        return None
    from bot.channels.telegram.channel import TelegramChannel

    return TelegramChannel(settings, factory, engine, measures)


def _services(request: Request) -> Services:
    return request.app.state.services


Served = Annotated[Services, Depends(_services)]
