"""What was counted and what could not be measured end in different ways, and neither of them hangs."""

from __future__ import annotations

import argparse
import random
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from benchmarks.chaos_run import __main__ as chaos
from benchmarks.chaos_run import house, kills, peers
from benchmarks.chaos_run.counts import Found
from benchmarks.chaos_run.kills import Kill, Killer
from benchmarks.chaos_run.run import ALLOWED, WRONG, Outcome


def options(**changed: Any) -> argparse.Namespace:
    usual = {"updates": 10, "kills": 1, "chats": 1, "home": Path("var"), "no_peers": False, "json": False, "seed": 1}
    return argparse.Namespace(**usual | changed)


def outcome(**counts: int) -> Outcome:
    return Outcome({}, Found(Counter(counts)))


def broken(*_: Any, **__: Any) -> Any:
    raise AssertionError("not ready; it said:\nthis\nand that")


@pytest.mark.parametrize(
    ("found", "peers_of", "status"),
    [
        (outcome(), lambda *_: {}, 0),
        (outcome(), broken, 2),
        (outcome(**{WRONG[0]: 1}), lambda *_: {}, 1),
        (outcome(**{WRONG[0]: 1}), broken, 1),
        (outcome(**{ALLOWED: 1}), lambda *_: {}, 0),
        (outcome(**{"of a kind that nobody thought of": 1}), lambda *_: {}, 1),
    ],
)
def test_the_status_is_1_for_what_was_counted_and_2_for_peers_that_were_not_measured(
    found: Outcome, peers_of: Any, status: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(chaos, "_options", options)
    monkeypatch.setattr(chaos, "_measured", lambda *_: found)
    monkeypatch.setattr(chaos, "_peers", peers_of)
    monkeypatch.setattr(chaos.signal, "signal", lambda *_: None)
    assert chaos.main() == status
    assert capsys.readouterr().err.count("\n") == (peers_of is broken)


def test_what_cannot_be_measured_is_one_line_and_status_2(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(chaos, "_options", options)
    monkeypatch.setattr(chaos, "_measured", broken)
    monkeypatch.setattr(chaos.signal, "signal", lambda *_: None)
    assert chaos.main() == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.startswith("chaos: not measured: AssertionError: not ready; it said: this and that (test_chaos")
    assert said.err.count("\n") == 1


class Broken:
    """A stack that does not start and has left a process."""

    process = "up"
    stopped = False

    def start(self) -> None:
        raise AssertionError("not ready")

    def stop(self) -> None:
        self.stopped = True


def test_what_did_not_start_is_stopped() -> None:
    stack = Broken()
    with pytest.raises(AssertionError, match="not ready"), house.running(stack):
        pass
    assert stack.stopped


def test_who_does_not_come_back_ends_the_run(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kills, "BACK_WITHIN", 0.3)
    monkeypatch.setattr(kills, "DELAYS", (0.0, 0.0))
    monkeypatch.setattr(kills, "answers", lambda *_: False)
    killer = Killer(None, 2, 100, seed=1)

    def kill(victim: str) -> bool:
        killer.kills.append(Kill(victim, time.monotonic()))
        return True

    monkeypatch.setattr(killer, "_kill", kill)
    killer.start()
    with pytest.raises(RuntimeError, match="did not come back"):
        for _ in range(100):
            killer.progress(50)
            time.sleep(0.05)
    with pytest.raises(RuntimeError, match="did not come back"):
        killer.stop()


@pytest.mark.parametrize("kill_count", [0, 1, 60])
def test_a_small_run_of_the_peers_has_fewer_kills(kill_count: int) -> None:
    chance = random.Random(1)
    places = range(1, 20)
    drawn = peers._moments(places, kill_count, chance)
    assert len(set(drawn)) == len(drawn) == min(kill_count, 19) and set(drawn) <= set(places)
