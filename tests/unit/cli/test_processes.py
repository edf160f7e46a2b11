"""Supervisor with real, small programs: what dies comes back, and nothing outlives us."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.processes import Started, Stopped, Supervision, SupervisorEnded, configuration, event_in, programs
from crm_store.home import Home
from tests.unit.cli.starter import SLEEPER, wait_until_awake

WAIT = 20  # seconds for anything that takes a moment


@pytest.fixture
def home(tmp_path: Path) -> Home:
    home = Home.from_environment({"SALESCLERK_HOME": str(tmp_path / "100% home")})
    home.logs.mkdir(parents=True)
    home.run.mkdir()
    return home


@pytest.fixture
def supervision(home: Home) -> Iterator[Supervision]:
    supervision = Supervision(home, (SLEEPER,), os.environ)
    supervision.start()
    yield supervision
    supervision.stop()


def next_start(home: Home, supervision: Supervision, *, times: int = 1) -> int:
    """The pid of a program that has just been started and runs."""
    event = supervision.events.get(timeout=WAIT)
    assert isinstance(event, Started)
    wait_until_awake(home, times=times)
    return event.pid


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def ends(pid: int) -> bool:
    deadline = time.monotonic() + WAIT
    while is_running(pid) and time.monotonic() < deadline:
        time.sleep(0.05)
    return not is_running(pid)


def test_what_is_killed_is_started_again(home: Home, supervision: Supervision) -> None:
    first = next_start(home, supervision)
    os.kill(first, signal.SIGKILL)
    assert supervision.events.get(timeout=WAIT) == Stopped("sleeper", "killed by signal 9")
    assert next_start(home, supervision, times=2) != first


def test_stopping_leaves_no_process_behind(home: Home, supervision: Supervision) -> None:
    started = next_start(home, supervision)
    supervision.stop()
    assert not is_running(started)


def test_programs_end_when_who_started_them_is_killed(home: Home) -> None:
    starter = subprocess.Popen(
        [sys.executable, "-m", "tests.unit.cli.starter", str(home.path)], stdout=subprocess.PIPE, text=True
    )
    with starter:
        assert starter.stdout is not None
        started = int(starter.stdout.readline())
        starter.kill()
    assert ends(started)


def test_programs_end_when_their_supervisor_was_killed(home: Home, supervision: Supervision) -> None:
    started = next_start(home, supervision)
    os.kill(int((home.run / "supervisor.pid").read_text()), signal.SIGKILL)
    while supervision.events.get(timeout=WAIT) != SupervisorEnded():
        pass
    supervision.end_orphans()
    assert ends(started)


@pytest.mark.parametrize(
    ("line", "event"),
    [
        ("2026-11-23 09:00:00,000 INFO spawned: 'engine' with pid 41", Started("engine", 41)),
        ("... WARN exited: app (terminated by SIGKILL; not expected)", Stopped("app", "killed by signal 9")),
        ("... WARN exited: app (exit status 2; not expected)", Stopped("app", "exit status 2")),
        ("... INFO stopped: actions (exit status 0)", Stopped("actions", "exit status 0")),
        ("... INFO success: engine entered RUNNING state", None),
    ],
)
def test_supervisors_log_is_understood(line: str, event: object) -> None:
    assert event_in(line) == event


def test_the_token_is_neither_in_the_configuration_nor_on_a_command_line(home: Home) -> None:
    written = configuration(home, programs(home))
    assert "SALESCLERK_ENGINE_TOKEN" not in written and "environment" not in written and "--token" not in written


def test_a_process_runs_without_the_credentials_it_has_no_use_for(home: Home) -> None:
    secrets = {"TELEGRAM_BOT_TOKEN": "1:a", "DATABASE_URL": "sqlite://", "SALESCLERK_SECRET": "s"}
    left = {}
    for program in programs(home)[:2]:
        beginning = program.command[: program.command.index(next(w for w in program.command if "python" in w))]
        shown = subprocess.run([*beginning, "env"], env={**os.environ, **secrets}, capture_output=True, text=True)
        left[program.name] = {name for name in secrets if f"{name}=" in shown.stdout}
    assert left == {"engine": set(), "actions": {"DATABASE_URL", "SALESCLERK_SECRET"}}


def test_an_address_for_everyone_is_looked_at_from_here() -> None:
    home = Home.from_environment({"SALESCLERK_HOST": "0.0.0.0", "SALESCLERK_PORT": "9000"})
    assert programs(home)[2].health == "http://127.0.0.1:9000/healthz"
