"""What arrived in Telegram held against the log: replies lost, repeated, out of order."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from benchmarks.chaos_run.counts import Found, Log
from benchmarks.chaos_run.traffic import Chat
from benchmarks.chaos_run.wire import Arrival
from bot.channels.telegram.client import CONNECTIONS
from bot.channels.telegram.rendering import render
from crm_store.outbox import MOMENTARY

# The app notes what arrived as soon as Telegram has answered, so only what is on the wire at a kill comes again. The
# answer is on its way for a moment, longer on a busy machine; and what was handed to the system just before a kill
# arrives after it. Nothing else explains one: what Telegram refuses here has no effect, and it always answers.
UNNOTED_SECONDS = 2.0
UNDERWAY_SECONDS = 0.5

Shape = tuple[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class Expected:
    """One message that Telegram must show, in both languages, as prices differ; `optional` if it may be left out."""

    forms: tuple[Shape, ...]
    optional: bool


class OnTheWire:
    """What may have been on the wire at each kill of the app: one message a chat, no more than it has connections."""

    def __init__(self, kills: Sequence[float]) -> None:
        self._room = {kill: CONNECTIONS for kill in sorted(kills)}
        self._used: set[tuple[float, int]] = set()  # kill, chat

    def explains(self, chat: int, first: float, again: float) -> bool:
        """Whether what arrived at `first` could not be noted because of a kill, so that it had to come again."""
        for kill, room in self._room.items():
            near = first - UNDERWAY_SECONDS <= kill <= min(again, first + UNNOTED_SECONDS)
            if near and room and (kill, chat) not in self._used:
                self._used.add((kill, chat))
                self._room[kill] -= 1
                return True
        return False

    def near(self, moment: float) -> list[float]:
        """How many seconds after a moment there were kills, within a minute: for a person to look at."""
        return [round(kill - moment, 2) for kill in self._room if abs(kill - moment) < 60]


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


def check_replies(chat: Chat, log: Log, arrived: Sequence[Arrival], wire: OnTheWire, found: Found) -> None:
    """Each reply arrived once and in order; one that was on the wire when the app was killed may have come twice."""
    where = f"chat {chat.id} ({chat.script.name})"
    messages = expected_messages(log)
    at, place = 0.0, 0
    for arrival in arrived:
        shape = (arrival.text, tuple(payload for _, payload in arrival.buttons))
        matched = _next_like(messages, place, shape)
        if matched is not None:
            skipped = [one for one in messages[place:matched] if not one.optional]
            found.add("replies lost", f"{where}: before {arrival.text!r}", len(skipped))
            at, place = arrival.at, matched + 1
        elif place and shape in messages[place - 1].forms:
            kind = "replies on the wire, repeated" if wire.explains(chat.id, at, arrival.at) else "replies doubled"
            since = f"{arrival.at - at:.2f} s, kills after {wire.near(at)} s"
            found.add(kind, f"{where}: {arrival.text!r} again after {since}")
            at = arrival.at  # that it comes once more needs a reason of its own
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
