"""What is left to do once a person is gone from the tables: trackers, files, free pages, what was learned from them.

What is to be done is in the store, in the same transaction that emptied the tables, so a process killed in between
leaves it for the next one: the running app, or the command.
"""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from crm_store.database import reading, writing
from crm_store.erasing.databases import compact, forget_trackers
from crm_store.erasing.files import overwrite_traces
from crm_store.home import Home
from crm_store.tables import Conversation, Erasure

QUIET_SECONDS = 3  # the engine keeps its view of a turn a moment after the answer


@dataclass(slots=True)
class Cleaned:
    """What was done outside the tables."""

    trackers: int = 0
    files: list[Path] = field(default_factory=list)
    versions: list[str] = field(default_factory=list)  # of what was learned from sales


def pending(session: Session, now: datetime | None = None) -> Sequence[Erasure]:
    """Erasures that are not finished; with `now`, only those in whose conversations nothing happens any more."""
    found = session.scalars(select(Erasure).where(Erasure.finished_at.is_(None)).order_by(Erasure.id)).all()
    if now is None:
        return found
    quiet_since = now - timedelta(seconds=QUIET_SECONDS)
    return [one for one in found if one.asked_at <= quiet_since and not _busy(session, one, quiet_since)]


def forgotten_since(session: Session, moment: datetime) -> bool:
    """Whether somebody was erased since from whom models may have learned by then."""
    later = select(Erasure.id).where(Erasure.asked_at >= moment, Erasure.learned_from)
    return session.scalar(later.limit(1)) is not None


def _busy(session: Session, erasure: Erasure, since: datetime) -> bool:
    lately = select(Conversation.id).where(
        Conversation.id.in_(erasure.conversation_ids), Conversation.updated_at > since
    )
    return session.scalar(lately.limit(1)) is not None


def finish(sessions: sessionmaker[Session], home: Home, erasures: Sequence[Erasure], now: datetime) -> Cleaned:
    """Do what is left of these erasures; raises StillInUse or OSError, and then it can be done again."""
    cleaned = Cleaned()
    if not erasures:
        return cleaned
    ids = [id for one in erasures for id in one.conversation_ids]
    cleaned.trackers = forget_trackers(home.tracker_database, ids)
    cleaned.files = overwrite_traces(home.path, {trace for one in erasures for trace in one.traces})
    if any(one.learned_from for one in erasures):
        cleaned.versions = _forget_learned(home.learned)
    with writing(sessions) as session:
        for one in erasures:
            session.get_one(Erasure, one.id).traces = []
    compact(sessions.kw["bind"])
    with writing(sessions) as session:
        for one in erasures:
            session.get_one(Erasure, one.id).finished_at = now
    return cleaned


def finish_quiet(sessions: sessionmaker[Session], home: Home, now: datetime) -> Cleaned:
    """Finish what can be finished now."""
    with reading(sessions) as session:
        due = pending(session, now)
    return finish(sessions, home, due, now)


def _forget_learned(folder: Path) -> list[str]:
    """Remove all that was learned from sales: nobody is taken out of a model, so it is learned again without them."""
    if not folder.is_dir():
        return []
    (folder / "in_use").unlink(missing_ok=True)
    versions = sorted(entry for entry in folder.iterdir() if entry.is_dir())
    for version in versions:
        shutil.rmtree(version)
    return [version.name for version in versions if not version.name.startswith(".")]
