"""The workflow that settles one follow-up, run by DBOS: tried again, and taken up again after a crash.

DBOS keeps what has begun in a database of its own, which holds numbers and outcomes only and nothing of the customer.
It makes sure that a follow-up is tried until it is settled; that it is settled once is the store's doing (keeping.py).
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from typing import Any

from dbos import DBOS, SetWorkflowID
from sqlalchemy import Engine, create_engine, event, make_url, text
from sqlalchemy.exc import DatabaseError, OperationalError, SQLAlchemyError

from crm_store.database import connect

log = logging.getLogger(__name__)

AT_ONCE = 4  # follow-ups that are being settled
KEPT_DAYS = 7  # how long DBOS remembers what is finished
_FORGOTTEN_AT_ONCE = 500
_FAULT = "fault: "


class StoreAway(Exception):
    """The store cannot be written now; the text of a database error would hold what was said."""


class _Work:
    """What the workflow does, set by who runs it: a workflow taken up after a crash knows only its number."""

    settle: Callable[[int], str]
    give_up: Callable[[int, str], None]


@DBOS.step(name="settle", retries_allowed=True, max_attempts=4, interval_seconds=0.25, backoff_rate=2.0)
def _settle(follow_up_id: int) -> str:
    try:
        return _Work.settle(follow_up_id)
    except SQLAlchemyError as error:
        raise StoreAway(type(error).__name__) from None
    except Exception as error:  # the edge of one follow-up: the others must go on
        log.exception("follow-up %d could not be settled", follow_up_id)
        return f"{_FAULT}{type(error).__name__}"


@DBOS.step(name="give_up", retries_allowed=True, max_attempts=4, interval_seconds=0.25, backoff_rate=2.0)
def _give_up(follow_up_id: int, fault: str) -> None:
    try:
        _Work.give_up(follow_up_id, fault)
    except SQLAlchemyError as error:
        raise StoreAway(type(error).__name__) from None


@DBOS.workflow(name="keep_follow_up")
def keep_follow_up(follow_up_id: int) -> str:
    """Settle a follow-up; one that cannot be for a fault of ours becomes a person's."""
    outcome = _settle(follow_up_id)
    if outcome.startswith(_FAULT):
        _give_up(follow_up_id, outcome.removeprefix(_FAULT))
    return outcome


class Workflows:
    """DBOS in this process: one at a time, as DBOS itself is one per process."""

    def __init__(self, database_url: str, settle: Callable[[int], str], give_up: Callable[[int, str], None]) -> None:
        self._url = database_url
        _Work.settle, _Work.give_up = staticmethod(settle), staticmethod(give_up)
        self._engine: Engine | None = None

    def start(self) -> None:
        """Open DBOS's database and take up what a crash has left."""
        self._engine = _open(self._url)
        if self._engine.dialect.name == "sqlite" and not _is_whole(self._engine):
            self._engine.dispose()
            _set_aside(Path(self._engine.url.database or ""))
            self._engine = _open(self._url)
        DBOS(
            config={
                "name": "salesclerk",
                "system_database_url": self._url,
                "system_database_engine": self._engine,
                "application_version": "1",  # what another version has begun is ours to end
                "executor_id": "app",
                "max_executor_threads": AT_ONCE * 2,  # DBOS needs some of them itself
                "use_listen_notify": False,
                "enable_otlp": False,
                "log_level": "ERROR",
            }
        )
        DBOS.launch()

    def begin(self, follow_up_id: int, name: str) -> None:
        """Have a follow-up settled beside everything else; under the same name it is begun once."""
        with SetWorkflowID(name):
            DBOS.start_workflow(keep_follow_up, follow_up_id)

    def forget_finished(self, now: datetime) -> int:
        """Forget what was finished long ago; returns how many."""
        before = (now.astimezone(UTC) - timedelta(days=KEPT_DAYS)).isoformat()
        finished = DBOS.list_workflows(
            status=["SUCCESS", "ERROR"], end_time=before, limit=_FORGOTTEN_AT_ONCE, load_input=False, load_output=False
        )
        if finished:
            DBOS.delete_workflows([workflow.workflow_id for workflow in finished])
        return len(finished)

    def stop(self) -> None:
        DBOS.destroy()
        if self._engine is not None:
            self._engine.dispose()


def _is_whole(engine: Engine) -> bool:
    """Whether the file is a database that can be read."""
    try:
        with engine.connect() as connection:
            return connection.scalar(text("PRAGMA quick_check")) == "ok"
    except OperationalError:
        raise  # it is in use, or may not be read: nothing is wrong with it
    except DatabaseError:
        return False


def _set_aside(file: Path) -> None:
    """Begin with a new file: what is to be kept stands in the store, not here."""
    log.error("%s is damaged: it is set aside, and follow-ups go on from the store", file)
    for part in (file, file.with_name(f"{file.name}-wal"), file.with_name(f"{file.name}-shm")):
        if part.exists():
            part.replace(part.with_name(f"{part.name}.damaged"))


def _open(url: str) -> Engine:
    """An engine as DBOS wants it: the writers of SQLite queue, and do not wait for the disk."""
    if make_url(url).get_backend_name() != "sqlite":
        return connect(url)
    Path(make_url(url).database or "").parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(url, connect_args={"timeout": 30})

    @event.listens_for(engine, "connect")
    def prepare(connection: SqliteConnection, _record: Any) -> None:
        for pragma in ("journal_mode = WAL", "synchronous = NORMAL", "foreign_keys = ON"):
            connection.execute(f"PRAGMA {pragma}")
        connection.isolation_level = "IMMEDIATE"

    return engine
