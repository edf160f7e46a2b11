"""The free pages of the databases: what was erased there is not left behind in the files."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from contextlib import closing
from pathlib import Path

from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from crm_store.erasing.person import Person, rows_of
from crm_store.tables import Erasure

WAIT_SECONDS = 10  # for whoever reads or writes at the moment


class StillInUse(Exception):
    """Somebody keeps a database from being cleaned; it can be tried again."""


def forget_trackers(database: Path, conversation_ids: Iterable[str]) -> int:
    """Take conversations out of what the engine remembers of them, free pages included; returns how many it knew."""
    if not database.exists():
        return 0
    try:
        with closing(sqlite3.connect(database, timeout=WAIT_SECONDS, isolation_level=None)) as connection:
            if not connection.execute("SELECT 1 FROM sqlite_master WHERE name = 'trackers'").fetchone():
                return 0
            connection.execute("PRAGMA secure_delete = ON")
            forgotten = sum(
                connection.execute("DELETE FROM trackers WHERE sender_id = ?", (id,)).rowcount
                for id in conversation_ids
            )
            _compact(connection)
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
        for table in (*rows_of(Person(None, ())), Erasure):
            try:
                connection.execute(text(f"VACUUM (FULL) {table.__tablename__}"))
            except OperationalError as error:
                raise StillInUse(f"the table {table.__tablename__} is locked") from error


def _compact_file(file: Path) -> None:
    try:
        with closing(sqlite3.connect(file, timeout=WAIT_SECONDS, isolation_level=None)) as connection:
            connection.execute("PRAGMA secure_delete = ON")
            _compact(connection)
    except sqlite3.OperationalError as error:
        raise StillInUse(f"{file.name}: {error}") from error


def _compact(connection: sqlite3.Connection) -> None:
    connection.execute("VACUUM")
    (busy, *_) = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    if busy:
        raise sqlite3.OperationalError("its log is being read")
