"""The files and the store that a command works on."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, NoSuchModuleError
from sqlalchemy.orm import Session, sessionmaker

from bot.cli.refusals import Refused
from crm_store.database import connect, migrate, sessions, writing
from crm_store.home import Home
from models.registry import ModelRegistry


def of_caller(path: Path) -> Path:
    """A path as the user meant it: relative to where ./salesclerk was called, not to the repository."""
    folder = os.environ.get("SALESCLERK_CALLER_CWD")
    return Path(folder) / path if folder else path


def prepare(home: Home) -> None:
    """Make the home's folders; raises Refused when they cannot be written."""
    try:
        for folder in (home.path, home.logs, home.run, home.engine_models):
            folder.mkdir(parents=True, exist_ok=True)
        home.secret()
    except OSError as error:
        raise Refused(
            f"the home {home.path} cannot be written ({error.strerror}); set SALESCLERK_HOME to a folder that can"
        ) from error


@contextmanager
def store(home: Home) -> Iterator[sessionmaker[Session]]:
    """The home's store, its tables up to date; raises Refused when it cannot be opened or written."""
    shown = home.database_url
    try:
        shown = make_url(home.database_url).render_as_string(hide_password=True)
        engine = connect(home.database_url)
    except (ArgumentError, NoSuchModuleError, ImportError, OSError) as error:
        raise _unusable(shown, error) from error
    try:
        try:
            migrate(engine)
            with writing(sessions(engine)):
                pass
        except (DBAPIError, OSError) as error:
            raise _unusable(shown, error) from error
        yield sessions(engine)
    finally:
        engine.dispose()


def registry(home: Home) -> ModelRegistry:
    """The versions of what was learned from the home's sales."""
    return ModelRegistry(home.learned, home.secret())


def _unusable(shown: str, error: Exception) -> Refused:
    reason = getattr(error, "orig", None) or getattr(error, "strerror", None) or error
    return Refused(f"the database {shown} cannot be opened and written ({reason})")
