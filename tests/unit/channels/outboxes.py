"""The outbox with a channel that only notes what it is given, over a real store."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.delivery import Retries
from bot.channels.letters import Letters
from bot.channels.outbox import Outbox
from bot.channels.sent_journal import SentJournal
from crm_store import inbox
from crm_store.conversations import add_reply
from crm_store.database import reading, writing
from crm_store.lease import Lease
from crm_store.outbox import Letter
from crm_store.tables import Conversation, Delivery
from tests.factories import NOW, make_conversation, make_message

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
    journal: SentJournal | None = None,
) -> None:
    """Run the outbox until the condition holds."""

    async def running() -> None:
        box = Outbox(
            letters or Letters(store), {"parrot": channel}, every=0.02, retries=retries, lease=lease, journal=journal
        )
        work = asyncio.create_task(box.run())
        deadline = time.monotonic() + 30
        while not await asyncio.to_thread(until) and time.monotonic() < deadline:
            await asyncio.sleep(0.01)
        await box.stop()
        await work

    asyncio.run(running())
    assert until()


def settled(store: sessionmaker[Session]) -> Callable[[], bool]:
    return lambda: bool(states(store)) and "waiting" not in states(store)
