"""Finishes what the chat has begun: who was forgotten there goes from trackers, files and free pages too."""

from __future__ import annotations

import asyncio
import logging
from datetime import UTC, datetime

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from crm_store.erasing.databases import StillInUse
from crm_store.erasing.finishing import finish_quiet
from crm_store.home import Home

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0


async def keep_forgetting(sessions: sessionmaker[Session], home: Home, every: float = LOOK_SECONDS) -> None:
    """Look for erasures that are not finished, until cancelled; what cannot be finished now is tried again."""
    while True:
        await asyncio.sleep(every)
        try:
            await asyncio.to_thread(finish_quiet, sessions, home, datetime.now(UTC))
        except (StillInUse, OSError, SQLAlchemyError) as error:
            # The text of a database error would hold what is to be forgotten.
            log.warning("an erasure is not finished yet: %s", type(error).__name__)
