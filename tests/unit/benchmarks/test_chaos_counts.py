"""The count after a chaos run sees what it is there to see."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest

from benchmarks.chaos_run.counts import Found, Log, Outbound, check_messages, check_replies_in_log, replies_in_log
from benchmarks.chaos_run.effects import Promised, Times, check_effects, check_stock, check_times
from benchmarks.chaos_run.kills import SHARES, Kill, deck, with_company
from benchmarks.chaos_run.promises import outages, seconds_away
from benchmarks.chaos_run.replies import OnTheWire, check_replies
from benchmarks.chaos_run.scripts import SCRIPTS, Script
from benchmarks.chaos_run.traffic import Chat
from benchmarks.chaos_run.wire import Arrival, WildTelegram, mixed
from bot.channels.telegram.client import CONNECTIONS
from crm_store.outbox import MOMENTARY
from crm_store.tables import MessageState
from tests.fake_telegram.people import Person
from tests.fake_telegram.server import BOT

HANDLED = MessageState.HANDLED


@pytest.fixture
def fake() -> Iterator[WildTelegram]:
    server = WildTelegram(seed=1)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def chat(fake: WildTelegram) -> Chat:
    return Chat(Person(fake, 7), Script("three", "en", ("a", "b", "c")), hasty=False, sent=[1, 2, 3])


def log_of(*updates: int, answers: tuple[int | None, ...] = (1, 2, 3)) -> Log:
    """A log in which these updates came, with ids of the same number, and these were answered in this order."""
    inbound = [(update, f"{BOT['id']}:{update}", HANDLED) for update in updates]
    outbound = [Outbound(10 + n, to, {"text": f"answer {to}"}, "sent") for n, to in enumerate(answers)]
    return Log("telegram-x", inbound, outbound)


@pytest.mark.parametrize(
    ("log", "wrong"),
    [
        (log_of(1, 2, 3), {}),
        (log_of(1, 3, answers=(1, 3)), {"messages lost": 1}),
        (log_of(1, 2, 3, answers=(1, 2)), {"messages lost": 1}),
        (log_of(1, 2, 2, 3), {"messages doubled": 1}),
        (log_of(2, 1, 3, answers=(1, 2, 3)), {"messages out of order": 1}),
        (log_of(1, 2, 3, answers=(1, 3, 2)), {"messages out of order": 1}),
    ],
)
def test_messages_lost_doubled_and_out_of_order_are_counted(chat: Chat, log: Log, wrong: dict[str, int]) -> None:
    found = Found()
    check_messages(chat, log, found)
    assert dict(found.counts) == wrong


@pytest.mark.parametrize(
    ("arrived", "kills", "wrong"),
    [
        ((1, 2, 3), (), {}),
        ((1, 3), (), {"replies lost": 1}),
        ((1, 2), (), {"replies lost": 1}),
        ((1, 2, 2, 3), (), {"replies doubled": 1}),
        ((1, 2, 2, 3), (1.5,), {"replies on the wire, repeated": 1}),
        ((1, 2, 2, 2, 3), (1.5,), {"replies on the wire, repeated": 1, "replies doubled": 1}),
        ((1, 2, 2, 3), (0.5,), {"replies on the wire, repeated": 1}),
        ((1, 2, 2, 3), (0.4,), {"replies doubled": 1}),
        ((1, 2, 2, 2, 3), (1.5, 2.5), {"replies on the wire, repeated": 2}),
        ((1, 1, 2, 3), (2.5,), {"replies doubled": 1}),
        ((1, 2, 3, 3), (0.5,), {"replies doubled": 1}),
        ((1, 2, 3, 1), (), {"replies out of order": 1}),
        ((1, 2, 9, 3), (), {"replies nobody wrote": 1}),
    ],
)
def test_replies_lost_doubled_and_out_of_order_are_counted(
    chat: Chat, arrived: tuple[int, ...], kills: tuple[float, ...], wrong: dict[str, int]
) -> None:
    found = Found()
    arrivals = [Arrival(float(place), f"answer {number}", ()) for place, number in enumerate(arrived)]
    check_replies(chat, log_of(1, 2, 3), arrivals, OnTheWire(kills), found)
    assert dict(found.counts) == wrong


def test_a_kill_explains_what_was_on_the_wire_and_no_more() -> None:
    wire = OnTheWire([10.0])
    assert not any(wire.explains(1, first, 20.0) for first in (7.9, 10.6))
    assert not wire.explains(1, 9.0, 9.5)  # came again before anything was killed
    assert [wire.explains(chat, 9.5, 20.0) for chat in range(CONNECTIONS + 2)] == [True] * CONNECTIONS + [False] * 2


@pytest.mark.parametrize(
    ("log", "wrong"),
    [
        (log_of(1, 2, 3, answers=(1, 2, 2, 3)), {}),
        (log_of(1, 2, 3, answers=(1, 2, 2, 3, 3)), {"replies doubled in the log": 1}),
        (log_of(1, 2, 3, answers=(1, 2, 3)), {"replies lost": 1}),
        (log_of(1, 2, 3, answers=(1, 2, 2, 3, None)), {"replies doubled in the log": 1}),
        (log_of(1, 2, 3, answers=(1, 2, 2, 3, 9)), {"replies doubled in the log": 1}),
    ],
)
def test_each_message_has_as_many_replies_as_in_a_calm_conversation(
    chat: Chat, log: Log, wrong: dict[str, int]
) -> None:
    calm = replies_in_log(chat, log_of(1, 2, 3, answers=(1, 2, 2, 3)))
    log.outbound.append(Outbound(99, None, {"text": "one moment", MOMENTARY: True}, "sent"))
    found = Found()
    check_replies_in_log(chat, log, calm, found)
    assert dict(found.counts) == wrong


def test_effects_are_held_against_those_of_a_calm_conversation(chat: Chat) -> None:
    found = Found()
    check_effects(chat, Counter(orders=2, ordered=1), Counter(orders=1, ordered=1, leads=1), found)
    assert dict(found.counts) == {"effects doubled": 1, "effects lost": 1}


TODAY, TOMORROW = date(2026, 11, 29), date(2026, 11, 30)
CALL = Promised("call", datetime(2026, 11, 30, 15, tzinfo=UTC), "hour", 1)


@pytest.mark.parametrize(
    ("has", "days", "wrong"),
    [
        (CALL, {TODAY}, 0),
        (replace(CALL, due=datetime(2026, 11, 30, 16, tzinfo=UTC)), {TODAY}, 1),
        (replace(CALL, due=datetime(2026, 12, 1, 15, tzinfo=UTC)), {TODAY}, 1),
        (replace(CALL, due=datetime(2026, 12, 1, 15, tzinfo=UTC)), {TODAY, TOMORROW}, 0),
        (replace(CALL, due=datetime(2026, 12, 1, 16, tzinfo=UTC)), {TODAY, TOMORROW}, 1),
        (replace(CALL, moved=2), {TODAY}, 1),
    ],
)
def test_promises_are_for_the_time_they_had_in_a_calm_conversation(
    chat: Chat, has: Promised, days: set[date], wrong: int
) -> None:
    found = Found()
    check_times(chat, Times([has], frozenset(days)), Times([CALL], frozenset({TODAY})), found)
    assert found.counts["promises at another time"] == wrong


def test_what_leaves_the_stock_is_what_is_ordered() -> None:
    found = Found()
    check_stock({1: 10, 2: 10, 3: 10}, {1: 10, 2: 9, 3: 12}, found)
    assert dict(found.counts) == {"pieces of stock astray": 3}


def test_kills_are_spread_over_the_run_and_everybody_gets_some() -> None:
    chance = random.Random(1)
    victims = Counter(deck(200, SHARES, chance))
    assert victims.total() == 200 and victims["app"] == 100 and victims["engine"] == 40
    assert set(deck(4, SHARES, chance)) == {"engine", "actions", "app"}
    times = with_company(200, 20_000, chance)
    assert sorted(times) == times and len(times) == 200
    assert all(sum(part <= time < part + 10_000 for time in times) >= 75 for part in (0, 10_000))


def test_chats_are_mixed_and_each_keeps_its_order(fake: WildTelegram) -> None:
    people = [Person(fake, number) for number in (1, 2, 3)]
    updates = [person.message(text=str(number)) for number in range(10) for person in people]
    shuffled = mixed(updates, random.Random(3))
    assert shuffled != updates and len(shuffled) == len(updates)
    for person in people:
        texts = [update["message"]["text"] for update in shuffled if update["message"]["chat"]["id"] == person.id]
        assert texts == [str(number) for number in range(10)]


def test_lateness_does_not_count_while_the_app_is_away() -> None:
    kills = [Kill("app", 10.0, 15.0), Kill("app", 14.0, 18.0), Kill("engine", 1.0, 9.0)]
    down = outages(kills, "app")
    assert down == [(10.0, 18.0)]
    assert [seconds_away(due, 20.0, down) for due in (9.0, 12.0, 18.0)] == [8.0, 6.0, 0.0]


def test_every_script_says_what_it_leaves() -> None:
    assert {script.language for script in SCRIPTS} == {"en", "zh"}
    assert all(script.effects for script in SCRIPTS)
