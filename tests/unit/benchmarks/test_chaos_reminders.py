"""Reminders that are said twice, early, far too late or not at all are counted, and what explains one is not."""

from __future__ import annotations

import pytest

from benchmarks.chaos_run.counts import Found, Log, Outbound
from benchmarks.chaos_run.kills import Kill
from benchmarks.chaos_run.promises import KEY, NOTE, Booked, Promises
from benchmarks.chaos_run.wire import Arrival

CHAT = 7
WORDS = f"You asked me to remind you: {NOTE.format(number=0)}"


@pytest.mark.parametrize(
    ("said", "came", "kills", "wrong"),
    [
        (1, (10.2,), (), {}),
        (1, (9.95,), (), {}),
        (1, (10.2, 12.0), (), {}),  # one saying that arrived twice is among the replies
        (2, (10.2, 15.0), (Kill("app", 11.0, 13.0),), {"follow-ups doubled": 1}),
        (2, (10.2, 15.0), (), {"follow-ups doubled": 1}),
        (1, (), (), {"follow-ups lost": 1}),
        (1, (9.0,), (), {"follow-ups early": 1}),
        (1, (75.0,), (), {"follow-ups far too late": 1}),
        (1, (75.0,), (Kill("app", 20.0, 30.0),), {}),
        (1, (75.0,), (Kill("engine", 20.0, 30.0),), {"follow-ups far too late": 1}),
    ],
)
def test_reminders_are_said_once_and_in_time(
    said: int, came: tuple[float, ...], kills: tuple[Kill, ...], wrong: dict[str, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    promises = Promises(None, [], count=1, updates=100, seed=1)
    promises.booked.append(Booked(0, CHAT, 10.0))
    monkeypatch.setattr(promises, "_settled", lambda: {f"{KEY}0"})
    arrived = {CHAT: [Arrival(at, WORDS, ()) for at in came]}
    # Of another one whose number begins with the same digit nothing is counted here.
    other = Outbound(1, None, {"text": NOTE.format(number=10)}, "sent")
    log = Log("telegram-x", [], [other, *(Outbound(2 + n, None, {"text": WORDS}, "sent") for n in range(said))])
    found = Found()
    promises.check(arrived, kills, {CHAT: log}, found)
    assert dict(found.counts) == wrong
