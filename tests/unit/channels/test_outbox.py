"""The outbox with a channel that only notes what it is given, over a real store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.delivery import Pace, Retries, TryLater, Undeliverable
from bot.channels.letters import Letters, Note
from bot.channels.outbox import Outbox
from crm_store import inbox, outbox, privacy
from crm_store.conversations import add_reply, push
from crm_store.database import reading, writing
from crm_store.lease import Lease
from crm_store.outbox import MOMENTARY, Letter
from crm_store.tables import Conversation, Delivery, DeliveryState, Message
from tests.factories import NOW, make_conversation, make_follow_up, make_message

FAST = Retries(most=3, first=0.01, longest=0.02)


class Recorder:
    """Sends each line of a text as a part; `troubles` are raised instead, one a part."""

    def __init__(self) -> None:
        self.sent: list[str] = []
        self.troubles: dict[str, list[Exception]] = {}
        self.seconds = 0.0
        self.under_way = self.most_under_way = 0
        self.after_sending: Callable[[str], Awaitable[None]] | None = None

    def parts(self, letter: Letter) -> Sequence[str]:
        return letter.payload["text"].split("\n")

    async def send(self, letter: Letter, part: str) -> None:
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        try:
            await asyncio.sleep(self.seconds)
            if self.troubles.get(part):
                raise self.troubles[part].pop(0)
            self.sent.append(part)
            if self.after_sending:
                await self.after_sending(part)
        finally:
            self.under_way -= 1


@pytest.fixture
def channel() -> Recorder:
    return Recorder()


def say(store: sessionmaker[Session], *texts: str, to: str = "7:7", **payload: object) -> str:
    """Replies in the conversation with that address; returns its id."""
    with writing(store) as session:
        address = inbox.find_address(session, "parrot", to)
        if address is None:
            conversation = make_conversation(session, channel="parrot")
            address = inbox.add_address(session, conversation, to, {"to": to})
        conversation = session.get_one(Conversation, address.conversation_id)
        message = make_message(session, conversation)
        for text in texts:
            add_reply(session, message, {"text": text, **payload}, NOW)
        return conversation.id


def deliveries(store: sessionmaker[Session]) -> list[Delivery]:
    with reading(store) as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.message_id)))


def states(store: sessionmaker[Session]) -> list[str]:
    return [delivery.state.value for delivery in deliveries(store)]


def run(
    store: sessionmaker[Session],
    channel: Recorder,
    until: Callable[[], bool],
    *,
    retries: Retries = FAST,
    letters: Letters | None = None,
    lease: Lease | None = None,
) -> None:
    """Run the outbox until the condition holds."""

    async def running() -> None:
        box = Outbox(letters or Letters(store), {"parrot": channel}, every=0.02, retries=retries, lease=lease)
        work = asyncio.create_task(box.run())
        deadline = time.monotonic() + 5
        while not await asyncio.to_thread(until) and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        await box.stop()
        await work

    asyncio.run(running())
    assert until()


def settled(store: sessionmaker[Session]) -> Callable[[], bool]:
    return lambda: bool(states(store)) and "waiting" not in states(store)


def test_what_the_log_has_is_sent_in_order_and_once(store: sessionmaker[Session], channel: Recorder) -> None:
    say(store, "one", "two")
    say(store, "three")
    run(store, channel, settled(store))
    run(store, channel, settled(store))
    assert channel.sent == ["one", "two", "three"]
    assert states(store) == ["sent"] * 3


def test_a_reminder_asked_for_goes_first_and_news_nobody_asked_for_wait_their_turn(
    store: sessionmaker[Session],
) -> None:
    answered, news, promised = say(store, "one"), say(store, to="8:8"), say(store, to="9:9")
    with writing(store) as session:
        push(session, news, {"text": "back in stock"}, NOW)
        for kind, conversation_id in (("restock", news), ("message", promised)):
            said = push(session, conversation_id, {"text": kind}, NOW)
            conversation = session.get_one(Conversation, conversation_id)
            make_follow_up(session, conversation=conversation, kind=kind, message_id=said.id)
        outbox.take_up(session, NOW)
    with reading(store) as session:
        assert outbox.conversations_due(session, "parrot", NOW) == [promised, answered, news]


def test_what_is_out_at_once_is_noted_together(store: sessionmaker[Session], channel: Recorder) -> None:
    for number in range(12):
        say(store, "one\ntwo", to=f"{number}:{number}")
    transactions: list[int] = []

    class Slow(Letters):
        def note(self, notes: Sequence[Note]) -> None:
            time.sleep(0.1)
            transactions.append(len(notes))
            super().note(notes)

    run(store, channel, settled(store), letters=Slow(store))
    assert sum(transactions) == 24
    assert len(transactions) <= 12
    assert sorted(channel.sent) == ["one"] * 12 + ["two"] * 12


def test_conversations_without_an_address_are_not_the_outbox_s_business(
    store: sessionmaker[Session], channel: Recorder
) -> None:
    with writing(store) as session:
        add_reply(session, make_message(session, make_conversation(session)), {"text": "on the web"}, NOW)
    say(store, "one")
    run(store, channel, settled(store))
    assert channel.sent == ["one"]


def test_a_failed_reply_holds_back_the_later_ones_of_its_conversation_alone(
    store: sessionmaker[Session], channel: Recorder
) -> None:
    channel.troubles["one"] = [TryLater("down", after=0.5), TryLater("down")]
    say(store, "one", "two")
    say(store, "other", to="8:8")
    run(store, channel, settled(store))
    assert channel.sent == ["other", "one", "two"]


def test_after_too_many_tries_it_is_given_up_and_the_next_one_goes(
    store: sessionmaker[Session], channel: Recorder
) -> None:
    channel.troubles["one"] = [TryLater("down")] * 9
    say(store, "one", "two")
    run(store, channel, settled(store))
    assert channel.sent == ["two"]
    dead = deliveries(store)[0]
    assert (dead.state, dead.tries, dead.error) == (DeliveryState.DEAD, 3, "down")
    assert len(channel.troubles["one"]) == 6


def test_being_too_early_is_no_try_and_waits_as_long_as_asked(store: sessionmaker[Session], channel: Recorder) -> None:
    channel.troubles["one"] = [TryLater("slow down", after=0.1, counts=False)] * 5
    say(store, "one")
    started = time.monotonic()
    run(store, channel, settled(store))
    assert time.monotonic() - started >= 0.5
    assert deliveries(store)[0].tries == 0


def test_the_time_of_the_next_try_survives_a_restart(store: sessionmaker[Session], channel: Recorder) -> None:
    channel.troubles["one"] = [TryLater("slow down", after=60.0, counts=False)]
    say(store, "one")
    run(store, channel, lambda: not channel.troubles["one"])
    say(store, "other", to="8:8")
    run(store, channel, lambda: channel.sent == ["other"])
    assert states(store) == ["waiting", "sent"]


def test_a_long_reply_goes_on_where_it_stopped(store: sessionmaker[Session], channel: Recorder) -> None:
    channel.troubles["b"] = [TryLater("down")]
    say(store, "a\nb\nc")
    run(store, channel, settled(store))
    assert channel.sent == ["a", "b", "c"]


def test_a_stop_repeats_at_most_what_was_on_the_wire(store: sessionmaker[Session], channel: Recorder) -> None:
    say(store, "a\nb\nc")
    hung = False

    async def hang_once(part: str) -> None:
        nonlocal hung
        if part == "b" and not hung:
            hung = True
            await asyncio.sleep(60)  # it arrived, and we are stopped before we know

    channel.after_sending = hang_once
    run(store, channel, lambda: hung)
    assert channel.sent == ["a", "b"]
    run(store, channel, settled(store))
    assert channel.sent == ["a", "b", "b", "c"]


def test_a_fault_of_ours_in_one_reply_is_given_up_like_any_other(
    store: sessionmaker[Session], channel: Recorder
) -> None:
    channel.troubles["one"] = [ZeroDivisionError("ours")] * 9
    say(store, "one", "two")
    run(store, channel, settled(store))
    assert channel.sent == ["two"]
    assert deliveries(store)[0].error == "ZeroDivisionError"


def test_who_is_gone_gets_nothing_more_and_no_follow_ups(store: sessionmaker[Session], channel: Recorder) -> None:
    channel.troubles["one"] = [Undeliverable("blocked", gone=True)]
    conversation_id = say(store, "one", "two")
    run(store, channel, settled(store))
    say(store, "three")
    run(store, channel, lambda: states(store) == ["dead"] * 3)
    assert channel.sent == []
    with reading(store) as session:
        assert privacy.opted_out(session, session.get_one(Conversation, conversation_id))


def test_one_moment_is_not_said_when_the_answer_is_there_already(
    store: sessionmaker[Session], channel: Recorder
) -> None:
    say(store, "one moment", **{MOMENTARY: True})
    say(store, "here it is")
    say(store, "one moment", to="8:8", **{MOMENTARY: True})
    run(store, channel, settled(store))
    assert sorted(channel.sent) == ["here it is", "one moment"]
    assert states(store) == ["dropped", "sent", "sent"]


def test_many_conversations_are_served_at_once(store: sessionmaker[Session], channel: Recorder) -> None:
    channel.seconds = 0.2
    for number in range(8):
        say(store, "a", to=f"{number}:1")
    run(store, channel, settled(store))
    assert channel.most_under_way >= 4


def test_a_message_that_becomes_visible_late_is_sent_too(store: sessionmaker[Session], channel: Recorder) -> None:
    conversation_id = say(store, "first")
    with writing(store) as session:
        later = make_message(session, session.get_one(Conversation, conversation_id))
        later.id = 1000  # another transaction's id is higher and visible sooner

    async def running() -> None:
        box = Outbox(Letters(store), {"parrot": channel}, every=0.02)
        work = asyncio.create_task(box.run())
        await asyncio.sleep(0.3)
        with writing(store) as session:
            reply = add_reply(session, session.get_one(Message, 1000), {"text": "late"}, NOW)
            reply.id = 500
        with writing(store) as session:
            make_message(session, session.get_one(Conversation, conversation_id))
        for _ in range(200):
            await asyncio.sleep(0.02)
            if len(channel.sent) == 2:
                break
        await box.stop()
        await work

    asyncio.run(running())
    assert channel.sent == ["first", "late"]


def test_only_what_was_given_up_can_be_sent_again(store: sessionmaker[Session], channel: Recorder) -> None:
    channel.troubles["a"] = []
    channel.troubles["b"] = [Undeliverable("refused")]
    say(store, "a\nb")
    run(store, channel, settled(store))
    with writing(store) as session:
        outbox.send_again(session, deliveries(store)[0].id, NOW + timedelta(seconds=1))
    run(store, channel, settled(store))
    assert channel.sent == ["a", "b"], "what had arrived is not repeated"
    with pytest.raises(outbox.NotGivenUp), writing(store) as session:
        outbox.send_again(session, deliveries(store)[0].id, NOW)


def test_pauses_double_up_to_the_longest_and_vary() -> None:
    retries = Retries(first=1, factor=2, longest=60)
    assert [retries.pause(tries, chance=1.0) for tries in (0, 1, 2, 10, 5000)] == [1, 2, 4, 60, 60]
    assert retries.pause(3, chance=0.0) == 4
    assert len({retries.pause(3) for _ in range(20)}) > 1


def test_a_pace_lets_a_burst_through_and_then_one_after_the_other() -> None:
    async def timed() -> list[float]:
        pace, started = Pace(per_second=20, burst=2), time.monotonic()
        times = []
        for _ in range(5):
            await pace.turn()
            times.append(time.monotonic() - started)
        return times

    first, second, *_, last = asyncio.run(timed())
    assert second - first < 0.04
    assert last >= 0.14


def test_a_pace_says_whether_one_may_go_without_waiting() -> None:
    pace = Pace(per_second=50, burst=2)
    assert [pace.takes_now() for _ in range(3)] == [True, True, False]
    time.sleep(0.03)
    assert pace.takes_now()


def forget(store: sessionmaker[Session], conversation_id: str) -> None:
    with writing(store) as session:
        assert inbox.forget_addresses(session, [conversation_id], after_reply=True) == 1
        assert inbox.find_address(session, "parrot", "7:7") is None, "who writes again is somebody new"


def test_who_is_to_be_forgotten_still_hears_that_they_are(store: sessionmaker[Session], channel: Recorder) -> None:
    conversation_id = say(store, "All your data is deleted.")
    say(store, "you stay", to="8:8")
    forget(store, conversation_id)
    run(store, channel, settled(store))
    run(store, channel, lambda: address_of(store, conversation_id) is None)
    assert sorted(channel.sent) == ["All your data is deleted.", "you stay"]
    say(store, "and this", to="8:8")
    run(store, channel, lambda: channel.sent[-1] == "and this")


def test_how_to_reach_who_is_forgotten_goes_though_they_have_blocked_us(
    store: sessionmaker[Session], channel: Recorder
) -> None:
    channel.troubles["All your data is deleted."] = [Undeliverable("blocked", gone=True)]
    conversation_id = say(store, "All your data is deleted.")
    forget(store, conversation_id)
    run(store, channel, lambda: address_of(store, conversation_id) is None)
    assert states(store) == ["dead"]


def test_how_to_reach_who_is_forgotten_goes_after_a_stop_in_between(
    store: sessionmaker[Session], channel: Recorder
) -> None:
    conversation_id = say(store, "All your data is deleted.")
    run(store, channel, settled(store))
    forget(store, conversation_id)
    run(store, channel, lambda: address_of(store, conversation_id) is None)


def test_nobody_is_let_go_before_their_last_word_is_in_the_outbox(store: sessionmaker[Session]) -> None:
    conversation_id = say(store, "All your data is deleted.")
    forget(store, conversation_id)
    Letters(store).forget("parrot")
    assert address_of(store, conversation_id) is not None


def test_when_another_process_delivers_this_one_stops_between_two_messages(
    store: sessionmaker[Session], channel: Recorder
) -> None:
    held = True

    class Given:
        def hold(self) -> bool:
            return held

        def release(self) -> None: ...

    async def lose(part: str) -> None:
        nonlocal held
        held = False
        await asyncio.sleep(0.2)  # meanwhile the outbox looks whether it is still ours

    channel.after_sending = lose
    say(store, "a\nb\nc")
    began = time.monotonic()
    run(store, channel, lambda: not held and time.monotonic() - began > 0.8, lease=Given())
    assert channel.sent == ["a"]
    channel.after_sending = None
    run(store, channel, settled(store))
    assert channel.sent == ["a", "b", "c"]


def address_of(store: sessionmaker[Session], conversation_id: str) -> object:
    with reading(store) as session:
        return inbox.address_of(session, conversation_id)
