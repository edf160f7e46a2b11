"""What every channel that sends has in common: how it says that it cannot, when it tries again, how fast it goes."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from crm_store.outbox import Letter


class TryLater(Exception):
    """It did not go out, or nobody knows; `after` seconds is what the channel asked for.

    Counts as one of the tries after which a reply is given up, unless it is only too early (`counts=False`).
    """

    def __init__(self, reason: str, *, after: float | None = None, counts: bool = True) -> None:
        super().__init__(reason)
        self.after = after
        self.counts = counts


class Undeliverable(Exception):
    """It will never go out; `gone` when nothing will, because the person wants nothing from us any more."""

    def __init__(self, reason: str, *, gone: bool = False) -> None:
        super().__init__(reason)
        self.gone = gone


class Sender(Protocol):
    """How one channel sends. A letter always has the same parts, so that sending can go on after a restart."""

    def parts(self, letter: Letter) -> Sequence[Any]: ...

    async def send(self, letter: Letter, part: Any) -> None:
        """Send one part; raises TryLater or Undeliverable."""
        ...


@dataclass(frozen=True, slots=True)
class Retries:
    """How often a reply is tried, and the pauses between, in seconds: the usual ones give up after some two hours."""

    most: int = 20
    first: float = 1.0
    factor: float = 2.0
    longest: float = 600.0

    def pause(self, tries: int, chance: float | None = None) -> float:
        """The pause after this many tries: between half and all of it, so that not all come back at once."""
        whole = min(self.first * self.factor ** min(tries, 60), self.longest)
        return whole * (0.5 + 0.5 * (random.random() if chance is None else chance))


class Pace:
    """Lets through `burst` at once, and then so many a second; the others wait their turn."""

    def __init__(self, per_second: float, burst: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._per_second = per_second
        self._burst = burst
        self._left = burst
        self._clock = clock  # seconds
        self._at = clock()

    async def turn(self) -> None:
        """Wait until the next one may go."""
        self._refill()
        self._left -= 1  # below zero it is a place in the queue
        if self._left < 0:
            await asyncio.sleep(-self._left / self._per_second)

    def takes_now(self) -> bool:
        """Whether one may go without waiting; it is counted then."""
        self._refill()
        if self._left < 1:
            return False
        self._left -= 1
        return True

    def is_idle(self) -> bool:
        """Whether it would be the same as a new one."""
        self._refill()
        return self._left >= self._burst

    def _refill(self) -> None:
        now = self._clock()
        self._left = min(self._burst, self._left + (now - self._at) * self._per_second)
        self._at = now


async def end_tasks(tasks: Iterable[asyncio.Task[None]]) -> None:
    """Cancel tasks until all have ended: waiting for an event with a time limit may swallow a cancellation."""
    left = set(tasks)
    while left:
        for task in left:
            task.cancel()
        _, left = await asyncio.wait(left, timeout=0.2)
