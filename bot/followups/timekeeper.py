"""Looks at the clock: begins what has fallen due, and turns occasions into follow-ups."""

from __future__ import annotations

import logging
import secrets
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from typing import Protocol

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.delivery import Pace
from bot.followups import keeping
from crm_store import followups
from crm_store.database import reading, writing
from crm_store.followup_times import FallenDue, fallen_due, is_asked_for
from crm_store.occasions import Found
from crm_store.tables import FollowUpStatus

log = logging.getLogger(__name__)

LOOK_SECONDS = 0.25
OCCASIONS_SECONDS = 10.0
FORGET_SECONDS = 3600.0
FORGET_MORE_SECONDS = 10.0  # as long as there is something to forget
AT_ONCE = 8  # follow-ups that are begun and not settled yet: more would only wait for each other's writes
GONE_SECONDS = 2.0  # what is not settled by then is under way elsewhere, or nowhere
# What nobody named a time for falls due in crowds, at the hour at which a shop may write, or when goods are back. It
# leaves room for what is waited for: here, in the line of writers, and in the outbox, which sends some 25 a second.
CROWD_AT_ONCE = 2
CROWD_PER_SECOND = 10.0
CROWD_GONE_SECONDS = 12.0  # it may have to stand in line
PLANNED_AT_ONCE = 50  # in one transaction, in which nobody else can write
FIRST_PAUSE, LONGEST_PAUSE = 0.5, 5.0  # between the tries of one that stays unsettled
Clock = Callable[[], datetime]


class Workflows(Protocol):
    """How a follow-up is settled: durably, and once under one name."""

    def start(self) -> None: ...

    def begin(self, follow_up_id: int, name: str) -> None: ...

    def forget_finished(self, now: datetime) -> int: ...

    def stop(self) -> None: ...


class Occasions(Protocol):
    """What has happened that follow-ups follow from."""

    def found(self, session: Session, now: datetime) -> Found: ...

    def plan(self, session: Session, found: Found, now: datetime) -> None: ...


class _Tries:
    """When a follow-up is begun again: one that a dead process has begun, or for which the store was away."""

    def __init__(self) -> None:
        self.number = -1
        self._next = 0.0
        self._pause = FIRST_PAUSE

    def is_time(self, at: float) -> bool:
        return at >= self._next

    def count(self, at: float) -> int:
        """Note one more try and return its number."""
        self.number += 1
        self._next = at + self._pause
        self._pause = min(self._pause * 2, LONGEST_PAUSE)
        return self.number


class Timekeeper:
    """The follow-ups of one store: `settled` is called, in another thread, when something was said."""

    def __init__(
        self,
        sessions: sessionmaker[Session],
        workflows: Callable[[Callable[[int], str], Callable[[int, str], None]], Workflows],
        *,
        settled: Callable[[], None] = lambda: None,
        occasions: Occasions | None = None,
        clock: Clock = lambda: datetime.now(UTC),
        every: float = LOOK_SECONDS,
    ) -> None:
        self._sessions = sessions
        self._workflows = workflows(self.settle, self.give_up)
        self._settled = settled
        self._occasions = occasions
        self._clock = clock
        self._every = every
        self._me = secrets.token_hex(4)
        self._since = clock()
        self._tries: dict[FallenDue, _Tries] = {}
        self._next_occasions = self._next_forget = 0.0
        self._under_way: dict[int, float] = {}  # until when each counts as such
        self._crowd = Pace(CROWD_PER_SECOND, burst=CROWD_PER_SECOND)
        self._woken = threading.Event()
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._run, name="followups", daemon=True)

    def start(self) -> None:
        """Begin; what fell due while nobody ran is settled first."""
        self._since = self._clock()
        self._workflows.start()
        self._thread.start()

    def stop(self) -> None:
        """Leave what is not settled for the next start."""
        self._stopping.set()
        self._woken.set()
        self._thread.join()
        self._workflows.stop()

    # What a workflow does -------------------------------------------------------------------------

    def settle(self, follow_up_id: int) -> str:
        """Settle one follow-up in one transaction."""
        try:
            with reading(self._sessions) as session:
                urgent = is_asked_for(session, follow_up_id)
            with writing(self._sessions, urgent=urgent) as session:
                outcome = keeping.keep(session, follow_up_id, self._clock())
        finally:
            self._under_way.pop(follow_up_id, None)
            self._woken.set()
        if outcome in (keeping.SAID, keeping.HANDED_OVER):
            self._settled()
        return outcome

    def give_up(self, follow_up_id: int, fault: str) -> None:
        """What we cannot settle for a fault of ours becomes a person's, and is not tried again."""
        with writing(self._sessions) as session:
            follow_up = followups.take(session, follow_up_id)
            if follow_up is not None and follow_up.status is FollowUpStatus.PLANNED:
                keeping.give_up(session, follow_up, fault)

    # The clock ------------------------------------------------------------------------------------

    def _run(self) -> None:
        while not self._stopping.is_set():
            for work in (self.look, self._look_for_occasions, self._forget):
                try:
                    work()
                except SQLAlchemyError as error:
                    log.warning("follow-ups wait: %s", type(error).__name__)
                except Exception:  # the edge of the thread: promises must not stop for a fault of ours
                    log.exception("the follow-ups stumbled and go on")
            self._woken.wait(self._every)
            self._woken.clear()

    def look(self) -> int:
        """Begin what has fallen due; returns how many were begun."""
        with reading(self._sessions) as session:
            due = fallen_due(session, self._clock(), AT_ONCE * 4)
        unsettled = set(due)
        self._tries = {key: tries for key, tries in self._tries.items() if key in unsettled}
        for follow_up_id in set(self._under_way) - {one.id for one in due}:
            self._under_way.pop(follow_up_id, None)  # another process has settled it
        begun = 0
        for one, number in self._to_begin(due):
            patience = GONE_SECONDS if one.is_asked_for else CROWD_GONE_SECONDS
            self._under_way[one.id] = time.monotonic() + patience
            self._workflows.begin(one.id, self._name(one, number))
            begun += 1
        return begun

    def _name(self, one: FallenDue, number: int) -> str:
        """Two processes begin a follow-up under the same name, so that one of them does it.

        What was due before this process began, or is still unsettled after a try, was begun by somebody who may be
        gone: it is tried under a name of our own. The time tells one that was moved from the one that it was before.
        """
        name = f"follow-up-{one.id}-{one.due_at:%Y%m%dT%H%M%S.%f}"
        return f"{name}-{self._me}-{number}" if number or one.due_at <= self._since else name

    def _to_begin(self, due: Sequence[FallenDue]) -> Iterator[tuple[FallenDue, int]]:
        crowd = {one.id for one in due if not one.is_asked_for}
        for one in due:
            at = time.monotonic()
            busy = {id for id, until in list(self._under_way.items()) if at < until}
            if self._stopping.is_set() or len(busy) >= AT_ONCE:
                return
            tries = self._tries.setdefault(one, _Tries())
            if one.id in busy or not tries.is_time(at):
                continue
            if one.id in crowd and (len(busy & crowd) >= CROWD_AT_ONCE or not self._crowd.takes_now()):
                return  # only the crowd comes behind it
            yield one, tries.count(at)

    def _look_for_occasions(self) -> None:
        if self._occasions is None or time.monotonic() < self._next_occasions:
            return
        self._next_occasions = time.monotonic() + OCCASIONS_SECONDS
        with reading(self._sessions) as session:
            found = self._occasions.found(session, self._clock())
        for part in found.parts(PLANNED_AT_ONCE):
            with writing(self._sessions) as session:
                self._occasions.plan(session, part, self._clock())

    def _forget(self) -> None:
        if time.monotonic() >= self._next_forget:
            self._next_forget = time.monotonic() + FORGET_SECONDS
            if self._workflows.forget_finished(self._clock()):
                self._next_forget = time.monotonic() + FORGET_MORE_SECONDS
