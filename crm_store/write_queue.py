"""Who writes to a SQLite file next: a queue, in which nobody sleeps past their turn and nobody is overtaken for long.

Left to itself, SQLite has a writer who finds the file taken sleep a while and try again, ever longer while others
slip in. Here the threads of a process stand in line, the urgent ones before the others, and the first of each process
waits at two locked files: whoever has the gate is the next to write. What a process held comes free when it dies. The
queue only keeps order: that there is one writer is SQLite's own doing, so who has waited too long goes and asks it.
"""

from __future__ import annotations

import fcntl
import os
import threading
import time
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

_SHORTEST, _LONGEST = 0.0002, 0.002  # seconds between two looks at a locked file


class WriteQueue:
    """The queue of one database file, as this process sees it."""

    def __init__(self, database: Path) -> None:
        self._gate = Path(f"{database}-gate")
        self._desk = Path(f"{database}-desk")
        self._mutex = threading.Lock()
        self._busy = False
        self._line: deque[threading.Lock] = deque()
        self._urgent: deque[threading.Lock] = deque()

    @contextmanager
    def turn(self, patience: float, *, urgent: bool = False) -> Iterator[None]:
        """Wait for one's turn, up to `patience` seconds, and have it until the block ends."""
        deadline = time.monotonic() + patience
        ours = self._step_up(patience, self._urgent if urgent else self._line)
        try:
            desk = self._from_gate_to_desk(deadline) if ours else None
            try:
                yield
            finally:
                if desk is not None:
                    os.close(desk)
        finally:
            if ours:
                self._next()

    def _step_up(self, patience: float, line: deque[threading.Lock]) -> bool:
        """Stand in line behind the other threads there; False when it took too long."""
        with self._mutex:
            if not self._busy:
                self._busy = True
                return True
            called = threading.Lock()
            called.acquire()
            line.append(called)
        if called.acquire(timeout=max(patience, 0.0)):
            return True
        with self._mutex:
            if called in line:
                line.remove(called)
                return False
        return True  # called at the last moment

    def _next(self) -> None:
        with self._mutex:
            if line := self._urgent or self._line:
                line.popleft().release()
            else:
                self._busy = False

    def _from_gate_to_desk(self, deadline: float) -> int | None:
        """The handle of the locked desk; None when other processes kept us waiting too long."""
        gate = _locked(self._gate, deadline)
        if gate is None:
            return None
        try:
            return _locked(self._desk, deadline)
        finally:
            os.close(gate)


def _locked(path: Path, deadline: float) -> int | None:
    handle = os.open(path, os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    pause = _SHORTEST
    while True:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return handle
        except BlockingIOError:
            if time.monotonic() > deadline:
                os.close(handle)
                return None
            time.sleep(pause)
            pause = min(pause * 1.5, _LONGEST)


_queues: dict[Path, WriteQueue] = {}
_queues_mutex = threading.Lock()


def queue_of(database: Path) -> WriteQueue:
    """The queue of this file: the same one for all engines of a process."""
    path = database.resolve()
    with _queues_mutex:
        return _queues.setdefault(path, WriteQueue(path))
