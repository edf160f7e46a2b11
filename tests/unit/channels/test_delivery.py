"""How long is waited before the next try, and how fast a channel is written to."""

from __future__ import annotations

import asyncio
import time

from bot.channels.delivery import Pace, Retries


def test_pauses_double_up_to_the_longest_and_vary() -> None:
    retries = Retries(first=1, factor=2, longest=60)
    assert [retries.pause(tries, chance=1.0) for tries in (0, 1, 2, 10, 5000)] == [1, 2, 4, 60, 60]
    assert retries.pause(3, chance=0.0) == 4
    assert len({retries.pause(3) for _ in range(20)}) > 1


def test_a_pace_lets_a_burst_through_and_then_one_after_the_other() -> None:
    async def timed() -> list[float]:
        pace, started = Pace(per_second=5, burst=2), time.monotonic()
        times = []
        for _ in range(5):
            await pace.turn()
            times.append(time.monotonic() - started)
        return times

    first, second, *_, last = asyncio.run(timed())
    assert second - first < 0.2
    assert last >= 0.59


def test_a_pace_says_whether_one_may_go_without_waiting() -> None:
    seconds = 0.0
    pace = Pace(per_second=50, burst=2, clock=lambda: seconds)
    assert [pace.takes_now() for _ in range(3)] == [True, True, False]
    seconds = 0.03
    assert [pace.takes_now() for _ in range(2)] == [True, False]
