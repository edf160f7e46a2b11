"""What the outbox sends, in which order, and what it does when that fails."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.delivery import TryLater, Undeliverable
from bot.channels.letters import Letters, Note
from bot.channels.outbox import Outbox
from crm_store import inbox, outbox, privacy
from crm_store.conversations import add_reply, push
from crm_store.database import reading, writing
from crm_store.outbox import MOMENTARY
from crm_store.tables import Conversation, Delivery, DeliveryState, Message
from tests.factories import NOW, make_conversation, make_follow_up, make_message
from tests.unit.channels.outboxes import Recorder, deliveries, run, say, settled, states


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


def test_a_long_reply_goes_on_where_it_stopped(store: sessionmaker[Session], channel: Recorder) -> None:
    channel.troubles["b"] = [TryLater("down")]
    say(store, "a\nb\nc")
    run(store, channel, settled(store))
    assert channel.sent == ["a", "b", "c"]


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


def test_what_nobody_can_be_reached_with_is_not_looked_for_again(
    store: sessionmaker[Session], channel: Recorder
) -> None:
    channel.troubles["one"] = [Undeliverable("refused")]
    id = say(store, "one")
    run(store, channel, settled(store))
    with writing(store) as session:
        inbox.forget_addresses(session, [id], after_reply=False)
        with pytest.raises(outbox.NotReachable):
            outbox.send_again(session, deliveries(store)[0].id, NOW)
        assert outbox.send_all_again(session, NOW) == 0
        session.get_one(Delivery, deliveries(store)[0].id).state = DeliveryState.WAITING
    with reading(store) as session:
        assert outbox.conversations_due(session, "parrot", NOW + timedelta(days=1)) == []


def test_who_wants_no_messages_gets_none_that_waits_and_was_not_asked_for(
    store: sessionmaker[Session], channel: Recorder
) -> None:
    channel.troubles = {text: [TryLater("down", after=60.0)] for text in ("basket", "reminder")}
    for kind, text, to in (("cart", "basket", "7:7"), ("message", "reminder", "8:8")):
        id = say(store, text, to=to)
        with writing(store) as session:
            conversation = session.get_one(Conversation, id)
            said = session.scalars(select(Message).where(Message.text == text)).one()
            make_follow_up(session, conversation=conversation, kind=kind, message_id=said.id)
    run(store, channel, lambda: [one.error for one in deliveries(store)] == ["down", "down"])
    with writing(store) as session:
        for conversation in session.scalars(select(Conversation)).all():
            privacy.opt_out(session, conversation, NOW)
    assert states(store) == ["dropped", "waiting"]


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
