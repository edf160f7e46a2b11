"""The count after a chaos run sees what it is there to see."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator

import pytest

from benchmarks.chaos_run.counts import Found, Log, Outbound, check_effects, check_messages
from benchmarks.chaos_run.kills import SHARES, Kill, deck, with_company
from benchmarks.chaos_run.promises import outages, seconds_away
from benchmarks.chaos_run.replies import check_replies
from benchmarks.chaos_run.scripts import SCRIPTS, Script
from benchmarks.chaos_run.traffic import Chat
from benchmarks.chaos_run.wire import Arrival, WildTelegram, mixed
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


def log_of(*updates: int, answers: tuple[int, ...] = (1, 2, 3)) -> Log:
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
        ((1, 1, 2, 3), (5.5,), {"replies doubled": 1}),
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
    check_replies(chat, log_of(1, 2, 3), arrivals, kills, found)
    assert dict(found.counts) == wrong


def test_effects_are_held_against_those_of_a_calm_conversation(chat: Chat) -> None:
    found = Found()
    check_effects(chat, Counter(orders=2, ordered=1), Counter(orders=1, ordered=1, leads=1), found)
    assert dict(found.counts) == {"effects doubled": 1, "effects lost": 1}


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
