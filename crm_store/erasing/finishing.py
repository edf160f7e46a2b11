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
from sqlite3 import DatabaseError

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from crm_store import outbox
from crm_store.database import reading, writing
from crm_store.erasing.databases import compact, forget_trackers
from crm_store.erasing.files import overwrite_traces
from crm_store.home import Home
from crm_store.inbox import FORGOTTEN
from crm_store.tables import ChannelAddress, Conversation, Erasure

QUIET_SECONDS = 3  # the engine keeps its view of a turn a moment after the answer
LAST_WORD = timedelta(hours=1)  # for the reply that says so to reach them, with their address in the store until then


@dataclass(slots=True)
class Cleaned:
    """What was done outside the tables."""

    erasures: int = 0  # that are finished by it
    trackers: int = 0
    files: list[Path] = field(default_factory=list)
    unreadable: list[Path] = field(default_factory=list)  # left as they are
    versions: list[str] = field(default_factory=list)  # of what was learned from sales

    def __iadd__(self, other: Cleaned) -> Cleaned:
        self.erasures += other.erasures
        self.trackers += other.trackers
        self.files += other.files
        self.unreadable += other.unreadable
        self.versions += other.versions
        return self


def pending(session: Session, now: datetime | None = None) -> Sequence[Erasure]:
    """Erasures that are not finished; with `now`, only those in whose conversations nothing happens any more."""
    found = session.scalars(select(Erasure).where(Erasure.finished_at.is_(None)).order_by(Erasure.id)).all()
    if now is None:
        return found
    quiet_since = now - timedelta(seconds=QUIET_SECONDS)
    quiet = [one for one in found if one.asked_at <= quiet_since and not _busy(session, one, quiet_since)]
    return [one for one in quiet if one.asked_at <= now - LAST_WORD or not _still_told(session, one)]


def forgotten_since(session: Session, moment: datetime) -> bool:
    """Whether somebody was erased since from whom models may have learned by then."""
    later = select(Erasure.id).where(Erasure.asked_at >= moment, Erasure.learned_from)
    return session.scalar(later.limit(1)) is not None


def _busy(session: Session, erasure: Erasure, since: datetime) -> bool:
    lately = select(Conversation.id).where(
        Conversation.id.in_(erasure.conversation_ids), Conversation.updated_at > since
    )
    return session.scalar(lately.limit(1)) is not None


def _still_told(session: Session, erasure: Erasure) -> bool:
    address = select(ChannelAddress.conversation_id).where(
        ChannelAddress.conversation_id.in_(erasure.conversation_ids), ChannelAddress.external_id.startswith(FORGOTTEN)
    )
    return session.scalar(address.limit(1)) is not None


def finish(sessions: sessionmaker[Session], home: Home, erasures: Sequence[Erasure], now: datetime) -> Cleaned:
    """Do what is left of these erasures; raises StillInUse, and then it can be done again.

    A file that cannot be read or written is left as it is, and said so.
    """
    cleaned = Cleaned()
    if not erasures:
        return cleaned
    ids = [id for one in erasures for id in one.conversation_ids]
    try:
        cleaned.trackers = forget_trackers(home.tracker_database, ids)
    except DatabaseError:
        cleaned.unreadable.append(home.tracker_database)
    found = overwrite_traces(home, {trace for one in erasures for trace in one.traces})
    cleaned.files, cleaned.unreadable = found.files, [*cleaned.unreadable, *found.unreadable]
    with writing(sessions) as session:
        outbox.let_go_of(session, ids, now)  # who has not heard it by now will not
        for one in erasures:
            session.get_one(Erasure, one.id).traces = []
    compact(sessions.kw["bind"])
    # Not before: the running assistant then learns anew, and reads the store for a while.
    if any(one.learned_from for one in erasures):
        cleaned.versions = _forget_learned(home.learned)
    with writing(sessions) as session:
        for one in erasures:
            session.get_one(Erasure, one.id).finished_at = now
    cleaned.erasures = len(erasures)
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
        try:
            shutil.rmtree(version)
        except FileNotFoundError:  # another process is at it too
            continue
    return [version.name for version in versions if not version.name.startswith(".")]
