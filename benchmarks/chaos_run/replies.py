"""What arrived in Telegram held against the log: replies lost, repeated, out of order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.chaos_run.counts import Found, Log
from benchmarks.chaos_run.traffic import Chat
from benchmarks.chaos_run.wire import Arrival
from bot.channels.telegram.rendering import render
from crm_store.outbox import MOMENTARY

# Something that arrived so long before a kill may not have been noted yet; and what was handed to the system just
# before a kill arrives after it.
UNNOTED_SECONDS = 5.0
UNDERWAY_SECONDS = 1.0

Shape = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Expected:
    """One message that Telegram must show, in both languages, as prices differ; `optional` if it may be left out."""

    forms: tuple[Shape, ...]
    optional: bool


def expected_messages(log: Log) -> list[Expected]:
    """What the log says that the customer was told, as messages of Telegram, in order."""
    messages = []
    for reply in log.outbound:
        optional = bool(reply.payload.get(MOMENTARY))
        both = (render(reply.payload, "en"), render(reply.payload, "zh"))
        for parts in zip(*both, strict=True):
            forms = tuple((part.html, tuple(payload for _, payload in part.buttons)) for part in parts)
            messages.append(Expected(forms, optional))
    return messages


def check_replies(chat: Chat, log: Log, arrived: Sequence[Arrival], kills: Sequence[float], found: Found) -> None:
    """Each reply arrived once and in order; one that was on the wire when the app was killed may have come twice."""
    where = f"chat {chat.id} ({chat.script.name})"
    messages = expected_messages(log)
    at, place = 0.0, 0
    used: set[float] = set()  # kills that explain a repetition in this chat
    for arrival in arrived:
        shape = (arrival.text, tuple(payload for _, payload in arrival.buttons))
        matched = _next_like(messages, place, shape)
        if matched is not None:
            skipped = [one for one in messages[place:matched] if not one.optional]
            found.add("replies lost", f"{where}: before {arrival.text!r}", len(skipped))
            at, place = arrival.at, matched + 1
        elif place and shape in messages[place - 1].forms:
            kill = _kill_between(kills, at, arrival.at, used)
            used.add(kill or 0.0)
            kind = "replies doubled" if kill is None else "replies on the wire, repeated"
            since = [round(one - at, 2) for one in kills if abs(one - at) < 60]
            found.add(kind, f"{where}: {arrival.text!r} again after {arrival.at - at:.2f} s, kills after {since} s")
        elif any(shape in one.forms for one in messages):
            found.add("replies out of order", f"{where}: {arrival.text!r}")
        else:
            found.add("replies nobody wrote", f"{where}: {arrival.text!r}")
    missing = [one for one in messages[place:] if not one.optional]
    found.add("replies lost", f"{where}: the last {len(missing)}", len(missing))


def _next_like(messages: Sequence[Expected], start: int, shape: Shape) -> int | None:
    """The place of the next message of this shape; None when it comes after others of the same shape or not at all."""
    for place in range(start, len(messages)):
        if shape in messages[place].forms:
            return place
        if not messages[place].optional and start and shape in messages[start - 1].forms:
            return None  # the last one again, rather than one far ahead
    return None


def _kill_between(kills: Sequence[float], first: float, second: float, used: set[float]) -> float | None:
    """A kill after which the first arrival could not be noted, so that the second had to be."""
    for kill in kills:
        if first - UNDERWAY_SECONDS <= kill <= min(second, first + UNNOTED_SECONDS) and kill not in used:
            return kill
    return None
