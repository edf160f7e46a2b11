"""Finishes what the chat has begun: who was forgotten there goes from trackers, files and free pages too."""

from __future__ import annotations

import asyncio
import logging
import traceback
from datetime import UTC, datetime

from sqlalchemy.orm import Session, sessionmaker

from crm_store.erasing.databases import StillInUse
from crm_store.erasing.finishing import Cleaned, finish_quiet
from crm_store.home import Home

log = logging.getLogger(__name__)

LOOK_SECONDS = 1.0
REST_SECONDS = 20.0  # after one was finished, as the whole store is written anew for it
LONGEST_PAUSE = 600.0  # seconds between two tries


async def keep_forgetting(sessions: sessionmaker[Session], home: Home, every: float = LOOK_SECONDS) -> None:
    """Look for erasures that are not finished, until cancelled; what cannot be finished is tried ever less often."""
    pause = every
    while True:
        await asyncio.sleep(pause)
        try:
            cleaned = await asyncio.to_thread(finish_quiet, sessions, home, datetime.now(UTC))
            _tell(cleaned)
            pause = REST_SECONDS if cleaned.erasures else every
        except StillInUse as error:
            log.warning("an erasure is not finished yet: %s", error)
            pause = min(pause * 2, LONGEST_PAUSE)
        except Exception as error:  # the edge of this task: nobody else would start it again
            # Only where it happened: the text of a database error would hold what is to be forgotten.
            where = "".join(traceback.format_tb(error.__traceback__))
            log.error("an erasure is not finished yet: %s at\n%s", type(error).__name__, where)
            pause = min(pause * 2, LONGEST_PAUSE)


def _tell(cleaned: Cleaned) -> None:
    for file in cleaned.unreadable:
        log.warning("somebody was erased, but %s cannot be read: look yourself", file)
