"""One run: start, a calm conversation of each kind, the traffic with the kills, and the count."""

from __future__ import annotations

import statistics
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from sqlalchemy.orm import Session, sessionmaker

from benchmarks.chaos_run.counts import Found, check_messages, check_replies_in_log, logs, replies_in_log, unsettled
from benchmarks.chaos_run.effects import (
    Times,
    check_effects,
    check_stock,
    check_times,
    effects,
    promised_times,
    stock_and_sold,
)
from benchmarks.chaos_run.kills import Kill, Killer
from benchmarks.chaos_run.promises import Promises
from benchmarks.chaos_run.replies import OnTheWire, check_replies
from benchmarks.chaos_run.scripts import REMINDED, SCRIPTS, Script
from benchmarks.chaos_run.traffic import Traffic
from benchmarks.chaos_run.wire import WildTelegram
from crm_store.database import connect, reading, sessions
from tests.stack import Stack

SETTLED_WITHIN = 300  # seconds after the last message
SAY_EVERY = 10  # seconds
UPDATES_A_REMINDER = 40
WRONG = (
    "messages lost",
    "messages doubled",
    "messages out of order",
    "effects lost",
    "effects doubled",
    "promises at another time",
    "pieces of stock astray",
    "replies lost",
    "replies doubled",
    "replies doubled in the log",
    "replies out of order",
    "replies nobody wrote",
    "follow-ups lost",
    "follow-ups doubled",
    "follow-ups early",
    "follow-ups far too late",
)
ALLOWED = "replies on the wire, repeated"


class NotCalm(Exception):
    """Without any kill a conversation did not go as its script says: there is nothing to measure against."""


@dataclass(frozen=True, slots=True)
class Calm:
    """What a conversation left when nothing was killed: effects, times of promises, replies to each message."""

    effects: Counter[str]
    times: Times | None
    replies: Sequence[int]


@dataclass(slots=True)
class Outcome:
    """What was measured, and what was found wrong."""

    figures: dict[str, Any]
    found: Found = field(default_factory=Found)

    @property
    def is_clean(self) -> bool:
        return not any(number for kind, number in self.found.counts.items() if kind != ALLOWED)


def run(
    stack: Stack,
    fake: WildTelegram,
    database_url: str,
    *,
    updates: int,
    kills: int,
    at_once: int,
    seed: int,
    tell: Callable[[str], None],
    scripts: Sequence[Script] = SCRIPTS,
    reminded: int = 20,
) -> Outcome:
    """The run on a stack that has been started; stops nothing. `reminded` is how many people get reminders."""
    engine = connect(database_url)
    factory = sessions(engine)
    try:
        traffic = Traffic(fake, scripts, updates=updates, at_once=at_once, seed=seed)
        with reading(factory) as session:
            stock = stock_and_sold(session)
        tell("each conversation once, without kills")
        expected = _calm(traffic, scripts, factory)
        promises = _promises(traffic, factory, reminded, updates, seed)
        killer = Killer(stack, kills, updates, seed)
        took = _rage(traffic, killer, promises, tell)
        tell("waiting until everything is settled")
        time.sleep(max(0.0, promises.last_due() - time.monotonic()))
        left = _settle(factory)
        outcome = _counted(traffic, fake, killer.kills, promises, factory, expected)
        outcome.found.add("messages lost", "still on their way in the end", left)
        with reading(factory) as session:
            check_stock(stock, stock_and_sold(session), outcome.found)
        outcome.figures |= _speeds(traffic, took, killer.kills)
        return outcome
    finally:
        engine.dispose()


def _calm(traffic: Traffic, scripts: Sequence[Script], factory: sessionmaker[Session]) -> dict[str, Calm]:
    """What each script leaves in the store when nothing is killed, which must be what it says itself."""
    chats = traffic.calm(scripts)
    if silent := [chat.script.name for chat in chats if chat.left]:
        raise NotCalm(f"nobody answers in the conversations {', '.join(silent)}")
    _settle(factory)
    with reading(factory) as session:
        left, times, written = effects(session), promised_times(session), logs(session)
    expected = {}
    for chat in chats:
        log = written[chat.id]
        has = left[log.conversation_id]
        expected[chat.script.name] = Calm(has, times.get(log.conversation_id), replies_in_log(chat, log))
        wrong = {name: has[name] for name, number in chat.script.effects.items() if has[name] != number}
        if wrong:
            raise NotCalm(f"the conversation {chat.script.name!r} left {wrong}, not {dict(chat.script.effects)}")
    return expected


def _promises(traffic: Traffic, factory: sessionmaker[Session], reminded: int, updates: int, seed: int) -> Promises:
    people = traffic.calm([REMINDED] * reminded)
    _settle(factory)
    with reading(factory) as session:
        written = logs(session)
    known = [(chat.id, written[chat.id].conversation_id) for chat in people]
    return Promises(factory, known, count=max(6, updates // UPDATES_A_REMINDER), updates=updates, seed=seed)


def _rage(traffic: Traffic, killer: Killer, promises: Promises, tell: Callable[[str], None]) -> float:
    """The traffic and the kills; returns the seconds it took."""
    begin = said = time.monotonic()

    def progress(updates: int) -> None:
        nonlocal said
        killer.progress(updates)
        promises.progress(updates)
        now = time.monotonic()
        if now - said > SAY_EVERY:
            said = now
            tell(f"{updates} updates, {len(killer.kills)} kills, {updates / (now - begin):.1f} updates a second")

    killer.start()
    traffic.run(progress)
    killer.stop()
    return time.monotonic() - begin


def _settle(factory: sessionmaker[Session]) -> int:
    """Wait until nothing is on its way; returns how much still is when that takes too long."""
    deadline, quiet = time.monotonic() + SETTLED_WITHIN, 0
    while time.monotonic() < deadline:
        with reading(factory) as session:
            left = unsettled(session)
        quiet = quiet + 1 if not left else 0
        if quiet == 3:  # what is being written at this moment is seen at the next look
            return 0
        time.sleep(0.3)
    return left


def _counted(
    traffic: Traffic,
    fake: WildTelegram,
    kills: Sequence[Kill],
    promises: Promises,
    factory: sessionmaker[Session],
    expected: dict[str, Calm],
) -> Outcome:
    with reading(factory) as session:
        written, left, times = logs(session), effects(session), promised_times(session)
    outcome = Outcome({})
    wire = OnTheWire([kill.at for kill in kills if kill.victim == "app"])
    for chat in traffic.chats.values():
        log = written.get(chat.id)
        if log is None:
            outcome.found.add("messages lost", f"chat {chat.id} is unknown", len(chat.sent))
            continue
        if chat.left:
            outcome.found.add("replies lost", f"chat {chat.id} ({chat.script.name}) waited in vain")
        check_messages(chat, log, outcome.found)
        check_replies(chat, log, fake.arrived[chat.id], wire, outcome.found)
        if chat.script is not REMINDED:  # to those something is said that they did not write for
            calm = expected[chat.script.name]
            check_replies_in_log(chat, log, calm.replies, outcome.found)
            check_effects(chat, left[log.conversation_id], calm.effects, outcome.found)
            check_times(chat, times.get(log.conversation_id), calm.times, outcome.found)
    outcome.figures = {
        "conversations": len(traffic.chats),
        "updates": sum(len(chat.sent) for chat in traffic.chats.values()),
        "delivered again": fake.resent,
        "refused with 429 or 502": fake.refused,
        "replies": sum(len(log.outbound) for log in written.values()),
        "messages in Telegram": sum(len(arrived) for arrived in fake.arrived.values()),
        "orders": sum(one["orders"] for one in left.values()),
        "promises": sum(one["promises"] for one in left.values()),
    }
    outcome.figures |= promises.check(fake.arrived, kills, written, outcome.found)
    return outcome


def _speeds(traffic: Traffic, took: float, kills: Sequence[Kill]) -> dict[str, Any]:
    waits = sorted(traffic.measured.waits)
    figures: dict[str, Any] = {"kills": len(kills), "seconds": round(took, 1)}
    figures["updates a second"] = round(traffic.sent_in_run / took, 1)
    if len(waits) > 20:
        figures["answer p50 s"] = round(statistics.median(waits), 2)
        figures["answer p95 s"] = round(statistics.quantiles(waits, n=20)[-1], 2)
    for victim in ("engine", "actions", "app"):
        back = [kill.back_at - kill.at for kill in kills if kill.victim == victim and kill.back_at]
        if back:
            figures[f"{victim} killed"] = len(back)
            figures[f"{victim} back after s (median)"] = round(statistics.median(back), 1)
    return figures


def log_errors(home: Path) -> int:
    """Tracebacks in the logs of the processes."""
    return sum(log.read_text(errors="replace").count("Traceback") for log in (home / "logs").glob("*.log*"))
