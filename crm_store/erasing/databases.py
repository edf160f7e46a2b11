"""The free pages of the databases: what was erased there is not left behind in the files."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Iterable
from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from crm_store.database import BUSY_SECONDS
from crm_store.erasing.person import Person, rows_of
from crm_store.tables import Erasure, InboundUpdate
from crm_store.write_queue import queue_of

READERS_SECONDS = 2.0  # for whoever reads at the moment
_AT_THE_LOG = 0.1  # seconds in which writers are kept out while the log is emptied
_LOCK_SECONDS = 1  # for a table of PostgreSQL: who comes later waits behind us


Turn = Callable[[], AbstractContextManager[None]]  # to write


class StillInUse(Exception):
    """Somebody keeps a database from being cleaned; it can be tried again."""


def forget_trackers(database: Path, conversation_ids: Iterable[str]) -> int:
    """Take conversations out of what the engine remembers of them, free pages included; returns how many it knew.

    Raises StillInUse, or sqlite3.DatabaseError when the file is broken.
    """
    if not database.exists():
        return 0
    try:
        with closing(_open(database)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'trackers'").fetchone():
                return 0
            forgotten = sum(
                connection.execute("DELETE FROM trackers WHERE sender_id = ?", (id,)).rowcount
                for id in conversation_ids
            )
            _compact(connection, nullcontext)
            return forgotten
    except sqlite3.OperationalError as error:
        raise StillInUse(f"{database.name}: {error}") from error


def compact(engine: Engine) -> None:
    """Write the store anew without what was erased; raises StillInUse.

    PostgreSQL writes the tables with people in them anew; the log of its writes, and backups, keep what was erased
    until they are recycled, which is up to who runs it.
    """
    if engine.dialect.name == "sqlite":
        file = engine.url.database
        if file and file != ":memory:":
            _compact_file(Path(file))
        return
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text(f"SET lock_timeout = '{_LOCK_SECONDS}s'"))
        try:
            for table in (*rows_of(Person((), ())), Erasure, InboundUpdate):
                try:
                    connection.execute(text(f"VACUUM (FULL) {table.__tablename__}"))
                except OperationalError as error:
                    raise StillInUse(f"the table {table.__tablename__} is locked") from error
        finally:
            connection.execute(text(f"SET lock_timeout = '{BUSY_SECONDS}s'"))


def _compact_file(file: Path) -> None:
    def turn() -> AbstractContextManager[None]:
        return queue_of(file).turn(BUSY_SECONDS / 2)

    try:
        with closing(_open(file)) as connection:
            _empty_log(connection, turn)  # who reads now would keep what comes next from being of use
            _compact(connection, turn)
    except sqlite3.OperationalError as error:
        raise StillInUse(f"{file.name}: {error}") from error


def _open(file: Path) -> sqlite3.Connection:
    connection = sqlite3.connect(file, timeout=BUSY_SECONDS, isolation_level=None)
    connection.execute("PRAGMA secure_delete = ON")
    return connection


def _compact(connection: sqlite3.Connection, turn: Turn) -> None:
    # Erased rows are overwritten as they go, but a page that was split once may keep a copy in its unused part.
    with turn():
        connection.execute("VACUUM")
    _empty_log(connection, turn)


def _empty_log(connection: sqlite3.Connection, turn: Turn) -> None:
    """Fold the log into the file and cut it off, once nobody reads in it; raises sqlite3.OperationalError.

    Who writes is kept out for a moment only, not for as long as somebody reads.
    """
    deadline = time.monotonic() + READERS_SECONDS
    while True:
        connection.execute("PRAGMA wal_checkpoint(PASSIVE)")  # the most of it, beside readers and writers
        with turn():
            _, in_log, folded_in = connection.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
            if in_log == folded_in:
                connection.execute(f"PRAGMA busy_timeout = {int(_AT_THE_LOG * 1000)}")
                try:
                    busy = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()[0]
                finally:
                    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
                if not busy:
                    return
        if time.monotonic() > deadline:
            raise sqlite3.OperationalError("its log is being read")
        time.sleep(0.1)
