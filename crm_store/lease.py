"""A lease on the store: of all processes that want to do something alone, one at a time does it.

The system itself gives it back when a process dies, whatever it dies of: SQLite has a locked file beside the store,
PostgreSQL a lock that belongs to a connection.
"""

from __future__ import annotations

import fcntl
import os
import threading
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, Engine, func, select
from sqlalchemy.exc import SQLAlchemyError

_LEASES = 0x5A1E8  # any number, the same in every process


class Lease(Protocol):
    def hold(self) -> bool:
        """Take it, or look whether it is still ours; every call blocks for a moment at most."""
        ...

    def release(self) -> None:
        """Give it back for good: a look that is still under way in another thread does not take it again."""
        ...


def lease(engine: Engine, name: str) -> Lease:
    """The lease of this name on a store; nothing is taken yet."""
    if engine.dialect.name == "postgresql":
        return _ConnectionLease(engine, name)
    file = engine.url.database
    return _FileLease(Path(f"{file}-{name}")) if file and file != ":memory:" else _OwnLease()


class _OwnLease:
    """Of a store in memory, which no other process sees."""

    def hold(self) -> bool:
        return True

    def release(self) -> None:
        """There is nobody to give it to."""


class _FileLease:
    def __init__(self, path: Path) -> None:
        self._path = path
        self._handle: int | None = None
        self._lock = threading.Lock()
        self._given_back = False

    def hold(self) -> bool:
        with self._lock:
            if self._handle is None and not self._given_back:
                self._handle = _locked(self._path)
            return self._handle is not None

    def release(self) -> None:
        with self._lock:
            self._given_back = True
            if self._handle is not None:
                os.close(self._handle)
                self._handle = None


def _locked(path: Path) -> int | None:
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return handle
    except BlockingIOError:
        os.close(handle)
        return None


class _ConnectionLease:
    def __init__(self, engine: Engine, name: str) -> None:
        self._engine = engine
        self._name = name
        self._connection: Connection | None = None
        self._lock = threading.Lock()
        self._given_back = False

    def hold(self) -> bool:
        with self._lock:
            if self._connection is not None and not self._is_alive(self._connection):
                self._drop()  # with the connection the lock is gone
            if self._connection is None and not self._given_back:
                self._connection = self._take()
            return self._connection is not None

    def release(self) -> None:
        with self._lock:
            self._given_back = True
            self._drop()

    def _is_alive(self, connection: Connection) -> bool:
        try:
            connection.execute(select(1))
            return True
        except SQLAlchemyError:
            return False

    def _take(self) -> Connection | None:
        connection = self._engine.connect().execution_options(isolation_level="AUTOCOMMIT")
        if connection.scalar(select(func.pg_try_advisory_lock(_LEASES, func.hashtext(self._name)))):
            return connection
        connection.close()
        return None

    def _drop(self) -> None:
        """Close the connection for good: in the pool it would keep the lock."""
        if self._connection is not None:
            connection, self._connection = self._connection, None
            connection.invalidate()
            connection.close()
