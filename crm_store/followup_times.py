"""When follow-ups fall due, and since when what was put off has been promised."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.followups import ASKED_FOR, PROMISED_AT
from crm_store.tables import FollowUp, FollowUpStatus


class FallenDue(NamedTuple):
    """A planned follow-up whose time has come."""

    id: int
    due_at: datetime
    kind: str

    @property
    def is_asked_for(self) -> bool:
        """Whether the customer named the time, and waits."""
        return self.kind in ASKED_FOR


def fallen_due(session: Session, now: datetime, limit: int) -> list[FallenDue]:
    """Planned follow-ups whose time has come: what customers named the time for, then the rest, each oldest first.

    Cheap to ask often.
    """
    rows = session.execute(
        select(FollowUp.id, FollowUp.due_at, FollowUp.kind)
        .where(FollowUp.status == FollowUpStatus.PLANNED, FollowUp.due_at <= now)
        .order_by(FollowUp.kind.not_in(ASKED_FOR), FollowUp.due_at, FollowUp.id)
        .limit(limit)
    )
    return [FallenDue(*row) for row in rows]


def is_asked_for(session: Session, id: int) -> bool:
    """Whether a follow-up is one that the customer named the time for."""
    return session.scalar(select(FollowUp.kind).where(FollowUp.id == id)) in ASKED_FOR


def promised_at(follow_up: FollowUp) -> datetime:
    """The moment for which it was planned first, however often it was put off since."""
    kept = follow_up.about.get(PROMISED_AT)
    return datetime.fromisoformat(kept) if kept else follow_up.due_at


def put_off(session: Session, follow_up: FollowUp, until: datetime, reason: str) -> None:
    """Keep it at another time, which makes it no less late."""
    follow_up.about = {**follow_up.about, PROMISED_AT: promised_at(follow_up).isoformat()}
    follow_up.due_at = until
    follow_up.reason = reason
    session.flush()
