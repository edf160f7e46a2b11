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

from benchmarks.chaos_run.counts import Found, check_effects, check_messages, effects, logs, unsettled
from benchmarks.chaos_run.kills import Kill, Killer
from benchmarks.chaos_run.promises import Promises
from benchmarks.chaos_run.replies import check_replies
from benchmarks.chaos_run.scripts import REMINDED, SCRIPTS, Script
from benchmarks.chaos_run.traffic import Chat, Traffic
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
    "replies lost",
    "replies doubled",
    "replies out of order",
    "replies nobody wrote",
    "follow-ups lost",
    "follow-ups doubled",
)
ALLOWED = "replies on the wire, repeated"


class NotCalm(Exception):
    """Without any kill a conversation did not go as its script says: there is nothing to measure against."""


@dataclass(slots=True)
class Outcome:
    """What was measured, and what was found wrong."""

    figures: dict[str, Any]
    found: Found = field(default_factory=Found)

    @property
    def is_clean(self) -> bool:
        return not any(self.found.counts[kind] for kind in WRONG)


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
        tell("each conversation once, without kills")
        expected = _calm_effects(traffic, scripts, factory)
        promises = _promises(traffic, factory, reminded, updates, seed)
        killer = Killer(stack, kills, updates, seed)
        took = _rage(traffic, killer, promises, tell)
        tell("waiting until everything is settled")
        time.sleep(max(0.0, promises.last_due() - time.monotonic()))
        left = _settle(factory)
        outcome = _counted(traffic, fake, killer.kills, factory, expected)
        outcome.found.add("messages lost", "still on their way in the end", left)
        outcome.figures |= promises.check(fake, killer.kills, outcome.found)
        outcome.figures |= _speeds(traffic, took, killer.kills)
        return outcome
    finally:
        engine.dispose()


def _calm_effects(
    traffic: Traffic, scripts: Sequence[Script], factory: sessionmaker[Session]
) -> dict[str, Counter[str]]:
    """What each script leaves in the store when nothing is killed, which must be what it says itself."""
    chats = traffic.calm(scripts)
    if silent := [chat.script.name for chat in chats if chat.left]:
        raise NotCalm(f"nobody answers in the conversations {', '.join(silent)}")
    _settle(factory)
    with reading(factory) as session:
        left, written = effects(session), logs(session)
    expected = {}
    for chat in chats:
        has = expected[chat.script.name] = left[written[chat.id].conversation_id]
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
    factory: sessionmaker[Session],
    expected: dict[str, Counter[str]],
) -> Outcome:
    with reading(factory) as session:
        written, left = logs(session), effects(session)
    of_app = sorted(kill.at for kill in kills if kill.victim == "app")
    outcome = Outcome({})
    for chat in traffic.chats.values():
        _check(chat, written, left, expected, fake, of_app, outcome.found)
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
    return outcome


def _check(
    chat: Chat,
    written: dict[int, Any],
    left: dict[str, Counter[str]],
    expected: dict[str, Counter[str]],
    fake: WildTelegram,
    kills: Sequence[float],
    found: Found,
) -> None:
    log = written.get(chat.id)
    if log is None:
        found.add("messages lost", f"chat {chat.id} is unknown", len(chat.sent))
        return
    if chat.left:
        found.add("replies lost", f"chat {chat.id} ({chat.script.name}) waited in vain")
    check_messages(chat, log, found)
    if chat.script is not REMINDED:
        check_effects(chat, left[log.conversation_id], expected[chat.script.name], found)
    check_replies(chat, log, fake.arrived[chat.id], kills, found)


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
