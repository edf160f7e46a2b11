"""Reminders booked for moments during the run: each must be said once, at its time or soon after a restart."""

from __future__ import annotations

import random
import statistics
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from benchmarks.chaos_run.counts import KEY, Found, Log
from benchmarks.chaos_run.kills import Kill, moments
from benchmarks.chaos_run.wire import Arrival
from crm_store.database import reading, writing
from crm_store.followups import book
from crm_store.tables import Conversation, FollowUp

AHEAD = (1.0, 15.0)  # seconds from booking to the moment
NOTE = "reminder number {number}."
CLOCK_SECONDS = 0.1  # two clocks, the store's and the one that counts arrivals, may differ by so much over AHEAD
FAR_TOO_LATE = 60.0  # seconds, without those that the app was away: nothing is worth so long a wait


@dataclass(frozen=True, slots=True)
class Booked:
    number: int
    chat: int
    due: float  # on the clock that counts arrivals


class Promises:
    """Books `count` reminders over the run, for people whose chats are (chat, conversation)."""

    def __init__(
        self,
        factory: sessionmaker[Session],
        people: Sequence[tuple[int, str]],
        *,
        count: int,
        updates: int,
        seed: int,
    ) -> None:
        self._factory = factory
        self._people = people
        self._chance = random.Random(seed)
        self._moments = moments(count, updates, self._chance)
        self.booked: list[Booked] = []

    def progress(self, updates: int) -> None:
        """So many updates are sent: book what belongs there."""
        while len(self.booked) < len(self._moments) and self._moments[len(self.booked)] <= updates:
            self._book(len(self.booked))

    def _book(self, number: int) -> None:
        chat, conversation_id = self._chance.choice(self._people)
        ahead = self._chance.uniform(*AHEAD)
        now, clock = datetime.now(UTC), time.monotonic()
        with writing(self._factory) as session:
            book(
                session,
                session.get_one(Conversation, conversation_id),
                kind="message",
                due_at=now + timedelta(seconds=ahead),
                grain="minute",
                timezone="Europe/London",
                contact=None,
                note=NOTE.format(number=number),
                idempotency_key=f"{KEY}{number}",
                now=now,
            )
        self.booked.append(Booked(number, chat, clock + ahead))

    def last_due(self) -> float:
        return max((one.due for one in self.booked), default=0.0)

    def check(
        self,
        arrived: Mapping[int, Sequence[Arrival]],
        kills: Sequence[Kill],
        written: Mapping[int, Log],
        found: Found,
    ) -> dict[str, Any]:
        """Count what was not said, said twice, or at another time; returns how late they were.

        That one saying of it arrived twice is counted with the other replies, by `check_replies`.
        """
        down = outages(kills, "app")
        late, late_after = [], []
        settled = self._settled()
        for one in self.booked:
            words, note = NOTE.format(number=one.number), f"reminder {one.number} in chat {one.chat}"
            found.add("follow-ups doubled", note, max(0, _times_said(words, written[one.chat]) - 1))
            came = [arrival.at for arrival in arrived.get(one.chat, ()) if words in arrival.text]
            if not came or f"{KEY}{one.number}" not in settled:
                found.add("follow-ups lost", note)
                continue
            away = seconds_away(one.due, came[0], down)
            seconds = came[0] - one.due - away
            found.add("follow-ups early", f"{note}: {seconds:.2f} s", int(seconds < -CLOCK_SECONDS))
            found.add("follow-ups far too late", f"{note}: {seconds:.1f} s", int(seconds > FAR_TOO_LATE))
            late.append(seconds)
            if away:
                late_after.append(seconds)
        figures: dict[str, Any] = {
            "follow-ups": len(self.booked),
            "due before or while the app was away": len(late_after),
        }
        for name, seconds in (("follow-ups late", late), ("late after a restart", late_after)):
            if len(seconds) > 1:
                figures[f"{name} p50 s"] = round(statistics.median(seconds), 2)
                figures[f"{name} p99 s"] = round(statistics.quantiles(seconds, n=100, method="inclusive")[-1], 2)
        return figures

    def _settled(self) -> set[str]:
        """The keys of the reminders that the store counts as said."""
        with reading(self._factory) as session:
            said = select(FollowUp.idempotency_key).where(
                FollowUp.idempotency_key.startswith(KEY), FollowUp.message_id.is_not(None)
            )
            return {key for key in session.scalars(said) if key}


def _times_said(words: str, log: Log) -> int:
    """In how many replies of the log the words are: each is a saying of its own, whatever was killed in between."""
    return sum(words in (reply.payload.get("text") or "") for reply in log.outbound)


def outages(kills: Sequence[Kill], victim: str) -> list[tuple[float, float]]:
    """When a process was away, from each kill until it answered, joined where they overlap."""
    joined: list[tuple[float, float]] = []
    for kill in sorted((kill for kill in kills if kill.victim == victim), key=lambda kill: kill.at):
        end = kill.back_at if kill.back_at is not None else float("inf")
        if joined and kill.at <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(end, joined[-1][1]))
        else:
            joined.append((kill.at, end))
    return joined


def seconds_away(begin: float, end: float, down: Sequence[tuple[float, float]]) -> float:
    """How long a process was away between two moments."""
    return sum(max(0.0, min(end, back) - max(begin, gone)) for gone, back in down)
