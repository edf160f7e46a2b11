"""The three processes, and supervisor, which starts them, restarts what dies and stops them together."""

from __future__ import annotations

import os
import queue
import re
import shlex
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from crm_store.home import Home

ENGINE_PYTHON = Path("bot/engine/.venv/bin/python")
STOP_SECONDS = 5  # what has not stopped by then is killed
# Once they have run for a second they count as started; whatever ends too soon is tried again after 1, 2, 3 ... s.
SETTINGS = f"""\
startsecs = 1
startretries = 1000000
autorestart = true
stopsignal = TERM
stopwaitsecs = {STOP_SECONDS}
stopasgroup = true
killasgroup = true
redirect_stderr = true
stdout_logfile_maxbytes = 5MB
stdout_logfile_backups = 3
"""


@dataclass(frozen=True, slots=True)
class Program:
    """One of our processes: `health` is the address that answers once it can do its work."""

    name: str
    command: tuple[str, ...]
    port: int
    port_setting: str
    health: str


@dataclass(frozen=True, slots=True)
class Started:
    """Supervisor has started a program."""

    name: str
    pid: int


@dataclass(frozen=True, slots=True)
class Stopped:
    """A program has ended, `reason` says how: "exit status 2", "killed by signal 9"."""

    name: str
    reason: str


@dataclass(frozen=True, slots=True)
class SupervisorEnded:
    """Supervisor itself has ended, asked or not."""


Event = Started | Stopped | SupervisorEnded


def engine_command(module: str, *arguments: str) -> list[str]:
    """The command line of one of the engine's programs, in the engine's own Python."""
    return [str(ENGINE_PYTHON), "-m", f"bot.engine.{module}", *arguments]


def quiet_engine(environment: Mapping[str, str]) -> dict[str, str]:
    """An environment in which Rasa's process computes on one core, reports to nobody and keeps quiet."""
    return {
        **environment,
        "OMP_NUM_THREADS": "1",
        "RASA_TELEMETRY_ENABLED": "false",
        "TF_CPP_MIN_LOG_LEVEL": "3",
    }


def without(*variables: str) -> tuple[str, ...]:
    """The beginning of a command that runs without these variables: a process gets no credentials it has no use for."""
    return ("env", *(word for name in variables for word in ("-u", name)))


def programs(home: Home) -> tuple[Program, ...]:
    """Engine, actions and app of a home."""
    serve = engine_command("serve", "--model", str(home.live_model), "--vocabulary", str(home.vocabulary))
    app_host = "127.0.0.1" if home.app_host in ("0.0.0.0", "::") else home.app_host
    return (
        Program(
            "engine",
            (
                *without("TELEGRAM_BOT_TOKEN", "DATABASE_URL", "SALESCLERK_SECRET"),
                *serve,
                "--port",
                str(home.engine_port),
            ),
            home.engine_port,
            "SALESCLERK_ENGINE_PORT",
            f"http://127.0.0.1:{home.engine_port}/webhooks/salesclerk/",
        ),
        Program(
            "actions",
            (*without("TELEGRAM_BOT_TOKEN"), sys.executable, "-m", "actions", "--port", str(home.actions_port)),
            home.actions_port,
            "SALESCLERK_ACTIONS_PORT",
            f"http://127.0.0.1:{home.actions_port}/health",
        ),
        Program(
            "app",
            (sys.executable, "-m", "bot.app", "--port", str(home.app_port)),
            home.app_port,
            "SALESCLERK_PORT",
            f"http://{app_host}:{home.app_port}/healthz",
        ),
    )


def configuration(home: Home, running: Sequence[Program]) -> str:
    """Supervisor's configuration; it holds no secret, the programs inherit the environment."""
    # One group: supervisor stops the programs of a group at once, but groups one after the other.
    parts = [
        f"[supervisord]\nnodaemon = true\nlogfile = {_literal(home.logs / 'supervisor.log')}\n"
        f"logfile_maxbytes = 5MB\nlogfile_backups = 1\npidfile = {_literal(home.run / 'supervisor.pid')}\n"
        f"identifier = salesclerk\n",
        f"[group:salesclerk]\nprograms = {','.join(program.name for program in running)}\n",
    ]
    for program in running:
        log = _literal(_literal(home.logs / f"{program.name}.log"))  # supervisor expands this one twice
        parts.append(
            f"[program:{program.name}]\ncommand = {_literal(shlex.join(program.command))}\n"
            f"stdout_logfile = {log}\n{SETTINGS}"
        )
    return "\n".join(parts)


def _literal(value: object) -> str:
    """Supervisor expands %(names)s; a per cent sign of ours is doubled."""
    return str(value).replace("%", "%%")


_SPAWNED = re.compile(r"spawned: '(\w+)' with pid (\d+)")
_ENDED = re.compile(r"(?:exited|stopped): (\w+) \((?:exit status (\d+)|terminated by (\w+))")


def event_in(line: str) -> Event | None:
    """What a line of supervisor's log says about our programs, if anything."""
    if spawned := _SPAWNED.search(line):
        return Started(spawned[1], int(spawned[2]))
    if ended := _ENDED.search(line):
        return Stopped(ended[1], _reason(ended[2], ended[3]))
    return None


def _reason(status: str | None, signal_name: str | None) -> str:
    if status is not None:
        return f"exit status {status}"
    number = getattr(signal, signal_name or "", None)
    return f"killed by signal {int(number)}" if number else f"killed by {signal_name}"


class Supervision:
    """Supervisor as a child of this process: `events` tells what happens to the programs.

    Supervisor reads a pipe of which this process holds the other end, so the programs stop too when this process
    is killed without a chance to say so.
    """

    def __init__(self, home: Home, running: Sequence[Program], environment: Mapping[str, str]) -> None:
        self.events: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.pids: dict[str, int] = {}
        self._configuration = home.run / "supervisor.conf"
        self._text = configuration(home, running)
        self._environment = quiet_engine(environment)
        self._child: subprocess.Popen[str] | None = None
        self._listener: threading.Thread | None = None

    def start(self) -> None:
        """Start supervisor, and with it the programs."""
        self._configuration.write_text(self._text, encoding="utf-8")
        self._child = subprocess.Popen(
            # Its watchdog is a thread, and a thread makes newer Pythons warn of each fork.
            [sys.executable, "-W", "ignore", "-m", "bot.supervised", "-c", str(self._configuration)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            env=self._environment,
            text=True,
            errors="replace",
            start_new_session=True,  # the terminal's Ctrl-C is for us; we tell supervisor
        )
        self._listener = threading.Thread(target=self._listen, args=(self._child,), daemon=True)
        self._listener.start()

    def _listen(self, child: subprocess.Popen[str]) -> None:
        with child:  # closes the pipes and waits in the end
            for line in child.stdout or ():
                self._take_note(event_in(line))
        self.events.put(SupervisorEnded())

    def _take_note(self, event: Event | None) -> None:
        if isinstance(event, Started):
            self.pids[event.name] = event.pid
        elif isinstance(event, Stopped):
            self.pids.pop(event.name, None)
        if event is not None:
            self.events.put(event)

    def stop_program(self, name: str) -> None:
        """End one program; supervisor starts it again at once."""
        if pid := self.pids.get(name):
            _end_group(pid, signal.SIGTERM)

    def stop(self) -> None:
        """Stop everything, by force what does not stop by itself; nothing is left when it returns."""
        if self._child is not None and self._child.poll() is None:
            self._child.terminate()
            with suppress(subprocess.TimeoutExpired):
                self._child.wait(STOP_SECONDS + 3)
        self.end_orphans()

    def end_orphans(self) -> None:
        """Kill programs whose supervisor is gone."""
        if self._child is not None and self._child.poll() is None:
            self._child.kill()
        if self._listener is not None:
            self._listener.join()  # it reads to the end of what supervisor said, and waits for it
        for name in list(self.pids):
            _end_group(self.pids.pop(name), signal.SIGKILL)


def _end_group(pid: int, with_signal: signal.Signals) -> None:
    # Supervisor makes each program the leader of a group of its own.
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, with_signal)
