"""The assistant while it runs: what is shown until it is ready, when a process dies, and how it ends."""

from __future__ import annotations

import os
import queue
import secrets
import signal
import time
from pathlib import Path
from types import FrameType

import httpx
import typer

from bot.channels.settings import Settings
from bot.cli.learning_beside import LearningBeside
from bot.cli.progress import Tell, doing, note
from bot.cli.refusals import Refused
from bot.processes import Program, Started, Stopped, Supervision, SupervisorEnded, programs
from crm_store.home import Home

LONGEST_START = 180  # seconds; the engine takes 13 on two cores
REFUSES = "exit status 2"  # how our programs say that starting them again will not help


class Running:
    """The three processes of one home, from their start until we are told to stop."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._programs = {program.name: program for program in programs(home)}
        environment = {**os.environ, "SALESCLERK_ENGINE_TOKEN": secrets.token_urlsafe(32)}
        self._supervision = Supervision(home, tuple(self._programs.values()), environment)
        self._http = httpx.Client(trust_env=False, timeout=1.0)
        self._down: dict[str, float] = {}  # programs that do not answer yet, since when
        self._stopping = False
        self._learning = LearningBeside(home)
        self._model = _identity(home.live_model)

    def until_stopped(self) -> int:
        """Start everything, keep it running, stop everything; the exit status of `up`."""
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, self._note_signal)
        try:
            self._supervision.start()
            self._wait_until_ready()
            self._say_ready()
            self._learning.start_if_wanted()
            while not self._stopping:
                self._look_after()
        finally:
            self._stop()
        return 0

    def _note_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._stopping = True

    def _stop(self) -> None:
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(number, signal.SIG_IGN)  # a second Ctrl-C must not leave processes behind
        note("Stopping ...")
        self._learning.stop()
        self._supervision.stop()
        self._http.close()
        note("Stopped.")

    def _wait_until_ready(self) -> None:
        """Wait for each program, then for the whole; raises Refused when one of them cannot start."""
        begin = time.monotonic()
        waiting = dict.fromkeys(self._programs, begin)
        with doing("Starting") as tell:
            while not (self._forget_ready(waiting, tell) and self._is_whole()):
                if self._stopping:
                    raise KeyboardInterrupt
                for event in self._events():
                    if isinstance(event, SupervisorEnded):
                        raise Refused(f"the processes could not be started; see {self._home.logs}")
                    if isinstance(event, Stopped):
                        self._check_start(event, tell)
                if time.monotonic() - begin > LONGEST_START:
                    late = f"{', '.join(waiting)} did not answer" if waiting else self._readiness().text
                    raise Refused(f"not ready after {LONGEST_START} s: {late}; see {self._home.logs}")

    def _check_start(self, event: Stopped, tell: Tell) -> None:
        said = _last_line(self._home.logs / f"{event.name}.log")
        if event.reason == REFUSES:
            raise Refused(f"the {event.name} cannot start: {said}")
        tell(f"{event.name} stopped ({event.reason}), starting it again")

    def _forget_ready(self, waiting: dict[str, float], tell: Tell) -> bool:
        """Drop what answers by now from `waiting`; whether nothing is left."""
        for name in [name for name in waiting if self._answers(self._programs[name])]:
            tell(f"{name} is ready ({time.monotonic() - waiting.pop(name):.0f} s)")
        return not waiting

    def _answers(self, program: Program) -> bool:
        try:
            return self._http.get(program.health).status_code == 200
        except httpx.TransportError:
            return False

    def _is_whole(self) -> bool:
        """Whether the app finds everything a sale needs."""
        return self._readiness().status_code == 200

    def _readiness(self) -> httpx.Response:
        try:
            return self._http.get(f"{self._address()}/readyz")
        except httpx.TransportError as error:
            return httpx.Response(503, text=f"the app does not answer ({error})")

    def _address(self) -> str:
        return self._programs["app"].health.removesuffix("/healthz")

    def _say_ready(self) -> None:
        typer.echo(f"Salesclerk is ready: {self._address()}")
        note(Settings.from_home(self._home).telegram())
        note("Stop it with Ctrl-C.")

    def _events(self) -> list[Started | Stopped | SupervisorEnded]:
        """What has happened, after waiting for it for half a second at most."""
        found = []
        try:
            found.append(self._supervision.events.get(timeout=0.5))
            while True:
                found.append(self._supervision.events.get_nowait())
        except queue.Empty:
            return found

    def _look_after(self) -> None:
        for event in self._events():
            if isinstance(event, SupervisorEnded):
                self._start_over()
            elif isinstance(event, Stopped) and not self._stopping:
                note(f"{event.name} stopped ({event.reason}), starting it again ...")
                self._down.setdefault(event.name, time.monotonic())
        for name in [name for name in self._down if self._answers(self._programs[name])]:
            note(f"{name} is back after {time.monotonic() - self._down.pop(name):.0f} s")
        self._take_new_model()
        self._learning.look()

    def _start_over(self) -> None:
        if self._stopping:
            return
        note("the supervisor of the processes stopped, starting all of them again ...")
        self._supervision.end_orphans()
        self._down = dict.fromkeys(self._programs, time.monotonic())
        self._supervision.start()

    def _take_new_model(self) -> None:
        """Restart the engine when the live model's file was replaced."""
        model = _identity(self._home.live_model)
        if model is not None and model != self._model:
            self._model = model
            note("There is a new model.")
            self._supervision.stop_program("engine")


def _identity(path: Path) -> tuple[int, int] | None:
    try:
        found = path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns


def _last_line(log: Path) -> str:
    try:
        lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    except OSError:
        lines = []
    return next((line.strip() for line in reversed(lines) if line.strip()), f"see {log}")
