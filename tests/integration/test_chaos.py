"""Under traffic from Telegram engine, actions and app are killed: nothing is lost, doubled or out of order."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from benchmarks.chaos_run.run import run
from benchmarks.chaos_run.scripts import SCRIPTS
from benchmarks.chaos_run.wire import CALM, Disturbance, WildTelegram
from tests.stack import Stack

SPOKEN = ("helmet, cancelled", "call, moved and cancelled", "头盔", "算了")


@pytest.fixture
def wild(telegram: WildTelegram) -> Iterator[WildTelegram]:
    telegram.disturbance = Disturbance()
    yield telegram
    telegram.disturbance = CALM


def test_nothing_is_lost_doubled_or_out_of_order(stack: Stack, wild: WildTelegram) -> None:
    scripts = [script for script in SCRIPTS if script.name in SPOKEN]
    outcome = run(
        stack, wild, stack.database_url,
        updates=150, kills=4, at_once=20, seed=3, tell=print, scripts=scripts, reminded=3,
    )  # fmt: skip
    assert outcome.is_clean, outcome.found.notes
    assert outcome.figures["kills"] == 4
    assert all(outcome.figures[f"{victim} killed"] for victim in ("engine", "actions", "app"))
