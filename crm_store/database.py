"""The database: how it is opened, brought up to date, read and written.

SQLite lets one writer in at a time. A transaction that reads first and writes later fails when another
process wrote in between, so a writer takes its place in the queue with its first statement:

    with writing(sessions) as session:      # BEGIN IMMEDIATE; commits at the end, rolls back on an error
        place_order(session, ...)
    with reading(sessions) as session:      # takes no write lock; nothing is kept
        load_catalog(session)

PostgreSQL lets writers in side by side. There too a writer is alone unless it says that it need not be: then it
locks what it reads before it changes it, as `conversations.locked` does, and waits only for whom it meets there.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from pathlib import Path
from sqlite3 import Connection as SqliteConnection
from sqlite3 import OperationalError
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import URL, Connection, Engine, create_engine, event, func, make_url, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session, sessionmaker

from crm_store.write_queue import queue_of

MIGRATIONS = Path(__file__).parent / "migrations"
BUSY_SECONDS = 10  # a writer waits for its turn so long, and half of that in the queue
WRITE = "salesclerk_write"  # execution option: this connection's next transaction will write
_MIGRATION_LOCK = 0x5A1E5  # any numbers, the same in every process
_STORE_LOCK = 0x5A1E6
_NAMED_LOCKS = 0x5A1E7


def connect(url: str) -> Engine:
    """An engine for the store; a SQLite file's folder is made when it is missing."""
    address = make_url(url)
    if address.drivername in ("postgresql", "postgres"):  # as hosts of databases hand it out
        address = address.set(drivername="postgresql+psycopg")
    if address.get_backend_name() != "sqlite":
        return _connect_server(address)
    file = address.database
    if file and file != ":memory:":
        Path(file).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(address, pool_size=10, connect_args={"timeout": BUSY_SECONDS})
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _connect_server(address: URL) -> Engine:
    engine = create_engine(address, pool_pre_ping=True, pool_size=10, max_overflow=30)

    @event.listens_for(engine, "connect")
    def wait_as_long_as_for_sqlite(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            cursor.execute(f"SET lock_timeout = '{BUSY_SECONDS}s'")
        connection.commit()

    return engine


def _prepare_sqlite(connection: SqliteConnection, _record: Any) -> None:
    connection.isolation_level = None  # the driver must not open transactions of its own; see _begin_sqlite
    connection.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
    _write_ahead(connection)
    for pragma in (
        "synchronous = NORMAL",
        "foreign_keys = ON",
        "secure_delete = ON",  # what is erased is overwritten, not only unlinked
    ):
        connection.execute(f"PRAGMA {pragma}")


def _write_ahead(connection: SqliteConnection) -> None:
    """Put the file into WAL mode; the very first time it needs the file alone, and does not wait for that by itself."""
    deadline = time.monotonic() + BUSY_SECONDS
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
            return
        except OperationalError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.02)


def _begin_sqlite(connection: Connection) -> None:
    writes = connection.get_execution_options().get(WRITE, False)
    connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")


def sessions(engine: Engine) -> sessionmaker[Session]:
    """The factory of sessions; objects stay readable after a commit."""
    return sessionmaker(engine, expire_on_commit=False)


@contextmanager
def writing(factory: sessionmaker[Session], *, alone: bool = True, urgent: bool = False) -> Iterator[Session]:
    """One write transaction: waits for its turn (up to 10 s), commits at the end, rolls back on an error.

    With `alone` false, others that are not alone either may write at the same time where the database can do that.
    Where they cannot, an `urgent` one is next of this process: for what is short and must not wait behind a crowd.
    """
    with _turn_to_write(factory, urgent), factory() as session, session.begin():
        connection = session.connection(execution_options={WRITE: True})
        if connection.dialect.name == "postgresql":
            lock = func.pg_advisory_xact_lock if alone else func.pg_advisory_xact_lock_shared
            connection.execute(select(lock(_STORE_LOCK)))
        yield session


def _turn_to_write(factory: sessionmaker[Session], urgent: bool) -> AbstractContextManager[None]:
    engine: Engine = factory.kw["bind"]
    file = engine.url.database
    if engine.dialect.name != "sqlite" or not file or file == ":memory:":
        return nullcontext()
    return queue_of(Path(file)).turn(BUSY_SECONDS / 2, urgent=urgent)


@contextmanager
def reading(factory: sessionmaker[Session]) -> Iterator[Session]:
    """One consistent view of the store that holds no write lock; nothing done in it is kept."""
    with factory() as session:
        if session.get_bind().dialect.name == "postgresql":
            session.connection(execution_options={"isolation_level": "REPEATABLE READ"})
        yield session


def wait_for(session: Session, name: str) -> None:
    """Until this transaction ends, nobody else gets past here with the same name: for what has no row yet."""
    if session.get_bind().dialect.name == "postgresql":
        session.execute(select(func.pg_advisory_xact_lock(_NAMED_LOCKS, func.hashtext(name))))


def insert_new(session: Session, table: type[Any]) -> Any:
    """An insert that leaves out rows which are there already, by a unique key."""
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    return dialect.insert(table).on_conflict_do_nothing()


def migrate(engine: Engine) -> None:
    """Bring the tables to the newest revision, if they are not; two processes may call it at once."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    config.set_main_option("path_separator", "os")
    head = ScriptDirectory.from_config(config).get_current_head()
    with engine.connect() as connection:
        if MigrationContext.configure(connection).get_current_revision() == head:
            return
    with engine.connect().execution_options(**{WRITE: True}) as connection, connection.begin():
        if connection.dialect.name == "postgresql":
            connection.execute(select(func.pg_advisory_xact_lock(_MIGRATION_LOCK)))
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


def fold_log_in(engine: Engine) -> None:
    """Empty SQLite's write-ahead log into the file, so that erased text is not left in the log."""
    if engine.dialect.name == "sqlite":
        with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
            connection.execute(text("PRAGMA wal_checkpoint(TRUNCATE)"))
