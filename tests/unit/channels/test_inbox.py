"""The inbox of a channel that is sent updates: the real turns and store, an engine that speaks the real protocol."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.engine import Engine
from bot.channels.inbox import ANSWER, Inbox, InboxLog
from bot.channels.measures import Measures
from crm_store import inbox
from crm_store.conversations import receive
from crm_store.database import reading, writing
from crm_store.outbox import MOMENTARY
from crm_store.tables import Direction, InboundUpdate, Message
from tests.factories import NOW, make_conversation
from tests.unit.channels.fake_engine import TOKEN, FakeEngine


class Parrot:
    """The inbox of a channel called parrot, as the app runs it."""

    def __init__(self, store: sessionmaker[Session], engine: FakeEngine, **settings: float) -> None:
        self.store = store
        self.answered: list[str] = []
        self.worked: list[str] = []
        self._engine = Engine(engine.url, TOKEN)
        self.inbox = Inbox(
            InboxLog(store, "parrot"),
            self._engine,
            Measures(),
            limit=settings.pop("limit", 5.0),
            one_moment=lambda language: f"one moment ({language})",
            working=self._work,
            answered=self.answered.append,
            **settings,  # type: ignore[arg-type]
        )

    async def _work(self, conversation_id: str) -> None:
        self.worked.append(conversation_id)

    @asynccontextmanager
    async def running(self) -> AsyncIterator[Inbox]:
        await self.inbox.start()
        yield self.inbox
        await self.inbox.stop()
        await self._engine.close()


def hear(store: sessionmaker[Session], person: str, *texts: str, answer: str | None = None) -> str:
    """Messages of a person are stored; returns the id of their conversation."""
    with writing(store) as session:
        address = inbox.find_address(session, "parrot", person)
        if address is None:
            conversation = make_conversation(session, channel="parrot", language="zh")
            address = inbox.add_address(session, conversation, person, {})
        for text in texts:
            key = f"{person}:{text}"
            message, _ = receive(session, address.conversation_id, text=text, external_id=key, now=datetime.now(UTC))
            if answer:
                message.payload = {ANSWER: {"text": answer}}
        return address.conversation_id


def said(store: sessionmaker[Session], conversation_id: str) -> list[str]:
    query = select(Message.text).where(
        Message.conversation_id == conversation_id, Message.direction == Direction.OUTBOUND
    )
    with reading(store) as session:
        return list(session.scalars(query.order_by(Message.id)))


async def until(condition: Callable[[], bool], seconds: float = 30.0) -> None:
    deadline = time.monotonic() + seconds
    while not (met := condition()) and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    assert met


def test_what_waits_from_before_is_handled_at_the_start_in_order(
    store: sessionmaker[Session], engine: FakeEngine
) -> None:
    async def test() -> None:
        hear(store, "ada", "one", "two", "three")
        async with Parrot(store, engine).running():
            await until(lambda: len(engine.effects) == 3)

    asyncio.run(test())
    assert engine.effects == ["one", "two", "three"]


def test_one_conversation_is_handled_in_order_and_many_at_once(
    store: sessionmaker[Session], engine: FakeEngine
) -> None:
    people = [f"person {number}" for number in range(8)]
    engine.together = threading.Barrier(len(people))  # one after the other none would be answered

    async def test() -> None:
        parrot = Parrot(store, engine)
        async with parrot.running() as running:
            for text in ("one", "two", "three"):
                for person in people:
                    running.arrived(hear(store, person, text))
            await until(lambda: len(engine.effects) == 24)

    asyncio.run(test())
    assert engine.overlaps == 0
    by_person: dict[str, list[str]] = {}
    for request in engine.requests:
        by_person.setdefault(request["sender"], []).append(request["message"])
    assert list(by_person.values()) == [["one", "two", "three"]] * 8


def test_the_channel_s_own_answers_keep_their_place(store: sessionmaker[Session], engine: FakeEngine) -> None:
    engine.seconds = 0.1

    async def test() -> str:
        conversation_id = hear(store, "ada", "one")
        hear(store, "ada", "[sticker]", answer="nice!")
        hear(store, "ada", "two")
        async with Parrot(store, engine).running():
            await until(lambda: len(said(store, conversation_id)) == 3)
        return conversation_id

    assert said(store, asyncio.run(test())) == ["You said: one", "nice!", "You said: two"]
    assert engine.effects == ["one", "two"]


def test_under_overload_a_customer_is_asked_for_a_moment_once(store: sessionmaker[Session], engine: FakeEngine) -> None:
    engine.seconds = 0.7

    async def test() -> list[str]:
        people = [hear(store, person, "hello") for person in ("ada", "ben")]
        parrot = Parrot(store, engine, patience=0.3, at_once=1)
        async with parrot.running():
            await until(lambda: len(engine.effects) == 2)
            assert set(parrot.answered) == set(people)
        return people

    ada, ben = asyncio.run(test())
    for person in (ada, ben):
        assert said(store, person) == ["one moment (zh)", "You said: hello"]


def test_without_an_engine_we_say_so_once_and_answer_when_it_is_back(
    store: sessionmaker[Session], engine: FakeEngine
) -> None:
    async def test() -> str:
        conversation_id = hear(store, "ada", "one", "two")
        engine.stop()
        parrot = Parrot(store, engine, patience=0.1, limit=0.2)
        async with parrot.running():
            await until(lambda: said(store, conversation_id) == ["one moment (zh)"])
            await asyncio.sleep(1.5)
            assert said(store, conversation_id) == ["one moment (zh)"]
            engine.start()
            await until(lambda: len(engine.effects) == 2)
        return conversation_id

    conversation_id = asyncio.run(test())
    assert said(store, conversation_id) == ["one moment (zh)", "You said: one", "You said: two"]
    with reading(store) as session:
        first = session.scalars(select(Message).where(Message.direction == Direction.OUTBOUND)).first()
    assert first is not None and first.payload[MOMENTARY]


def test_a_message_that_is_never_handled_does_not_hold_up_the_next_one(
    store: sessionmaker[Session], engine: FakeEngine
) -> None:
    engine.silent = lambda text: text == "poison"

    async def test() -> None:
        hear(store, "ada", "poison", "hello")
        async with Parrot(store, engine, limit=1.5).running():
            await until(lambda: engine.effects == ["hello"], seconds=8)

    asyncio.run(test())


def test_a_long_turn_shows_that_we_are_at_it(store: sessionmaker[Session], engine: FakeEngine) -> None:
    engine.seconds = 1.4

    async def test() -> None:
        conversation_id = hear(store, "ada", "hello")
        parrot = Parrot(store, engine)
        async with parrot.running():
            await until(lambda: parrot.worked == [conversation_id])
            assert engine.effects == []
            await until(lambda: engine.effects == ["hello"])

    asyncio.run(test())


def test_a_stop_leaves_what_waits_for_the_next_start(store: sessionmaker[Session], engine: FakeEngine) -> None:
    async def test() -> None:
        hear(store, "ada", "hello")
        engine.stop()
        async with Parrot(store, engine).running():
            await asyncio.sleep(0.2)
        engine.start()
        async with Parrot(store, engine).running():
            await until(lambda: engine.effects == ["hello"])

    asyncio.run(test())


def test_the_same_update_is_kept_once(store: sessionmaker[Session]) -> None:
    for _ in range(2):
        with writing(store) as session:
            new = inbox.keep_updates(session, "parrot", "bot", [(3, {"n": 3}), (2, {"n": 2}), (3, {"n": 3})], NOW)
    assert new == []
    with writing(store) as session:
        assert inbox.keep_updates(session, "parrot", "another bot", [(3, {})], NOW) == [3]
        assert inbox.keep_updates(session, "macaw", "bot", [(3, {})], NOW) == [3]
        kept = [update.position for update in inbox.waiting_updates(session, "parrot", "bot")]
    assert kept == [2, 3]


def test_old_updates_are_forgotten_once_they_are_read(store: sessionmaker[Session]) -> None:
    with writing(store) as session:
        inbox.keep_updates(session, "parrot", "bot", [(1, {}), (2, {}), (3, {"text": "waits"})], NOW)
        for update in inbox.waiting_updates(session, "parrot", "bot", limit=2):
            inbox.settle_update(session, update, readable=True)
        inbox.forget_updates(session, "parrot", NOW + timedelta(seconds=1))
        assert [update.position for update in session.scalars(select(InboundUpdate))] == [3]


def test_everybody_in_a_group_is_reached_under_its_new_id(store: sessionmaker[Session]) -> None:
    with writing(store) as session:
        for person in ("12:1", "12:2", "123:1", "1_2:1"):
            inbox.add_address(session, make_conversation(session, channel="parrot"), person, {"chat": 12})
        inbox.move_chat(session, "parrot", "12", "99", {"chat": 99})
        moved = inbox.addresses_in(session, "parrot", "99:")
        assert [one.external_id for one in moved] == ["99:1", "99:2"]
        assert moved[0].address == {"chat": 99}


def test_who_is_forgotten_leaves_no_update_behind(store: sessionmaker[Session]) -> None:
    with writing(store) as session:
        conversation = make_conversation(session, channel="parrot")
        inbox.add_address(session, conversation, "7:7", {"chat": 7, "user": 7007})
        updates = [(1, {"from": {"id": 7007}, "text": "mine"}), (2, {"from": {"id": 70070}, "text": "another's"})]
        inbox.keep_updates(session, "parrot", "bot", updates, NOW)
        for update in inbox.waiting_updates(session, "parrot", "bot"):
            inbox.settle_update(session, update, readable=False)
        assert inbox.forget_addresses(session, [conversation.id, "unknown"], after_reply=False) == 1
        assert inbox.address_of(session, conversation.id) is None
        payloads = session.scalars(select(InboundUpdate.payload).order_by(InboundUpdate.position)).all()
    assert [payload.get("text") for payload in payloads] == [None, "another's"]


def test_a_message_on_which_the_engine_stumbles_keeps_nobody_waiting_twice(
    store: sessionmaker[Session], engine: FakeEngine
) -> None:
    engine.stumbles = lambda text: text == "poison"

    async def test() -> None:
        hear(store, "ada", "poison")
        parrot = Parrot(store, engine, limit=6.0)
        async with parrot.running() as running:
            running.arrived(hear(store, "ada", "hello"))
            await until(lambda: engine.effects == ["hello"])
            await asyncio.sleep(5.0)  # now it waits for its next try of what is poison
            tries = engine.messages.count("poison")
            running.arrived(hear(store, "ada", "still there?"))
            await until(lambda: engine.effects == ["hello", "still there?"])
            assert engine.messages.count("poison") <= tries + 2, "it waited as long as for the first"

    asyncio.run(test())
    assert engine.effects == ["hello", "still there?"]
