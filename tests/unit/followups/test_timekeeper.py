"""The clock: a week of downtime, clocks set forward and back, occasions, and faults of ours, with real workflows."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from bot.followups import keeping
from bot.followups.durable import Workflows
from bot.followups.timekeeper import CROWD_AT_ONCE, CROWD_PER_SECOND, Timekeeper
from crm_store import followups
from crm_store.conversations import push
from crm_store.database import reading, writing
from crm_store.home import Home
from crm_store.occasions import Occasions, watch_stock
from crm_store.tables import Conversation, FollowUp, FollowUpStatus, Message, OrderStatus
from tests.conftest import ON_POSTGRESQL
from tests.factories import NOW, make_conversation, make_order, make_product, make_shop

LATER = datetime(2026, 11, 30, 12, 30, tzinfo=UTC)  # a week later, a Monday noon


class Shop:
    """A shop whose time is set by hand, and its follow-ups."""

    def __init__(self, sessions: sessionmaker[Session], home: Path) -> None:
        self.now = NOW
        self.sessions = sessions
        self.spoken: list[datetime] = []
        store = sessions.kw["bind"].url.render_as_string(hide_password=False)
        url = Home(home, store).followups_url

        def workflows(settle: Callable[[int], str], give_up: Callable[[int, str], None]) -> Workflows:
            self.workflows = Workflows(url, settle, give_up)
            return self.workflows

        self.keeper = Timekeeper(
            sessions,
            workflows,
            settled=lambda: self.spoken.append(self.now),
            occasions=Occasions(),
            clock=lambda: self.now,
            every=0.01,
        )

    def promise(self, kind: str = "message", due_at: datetime = NOW, **about: Any) -> int:
        with writing(self.sessions) as session:
            chat = session.scalars(select(Conversation)).one()
            return followups.book(
                session, chat, kind=kind, due_at=due_at, grain="minute", timezone=chat.timezone, contact=None,
                note="", about=about, idempotency_key=None, now=NOW,
            ).id  # fmt: skip

    def status(self, id: int) -> FollowUpStatus:
        with reading(self.sessions) as session:
            return session.get_one(FollowUp, id).status

    def becomes(self, id: int, status: FollowUpStatus) -> None:
        deadline = time.monotonic() + 30
        while self.status(id) is not status:
            assert time.monotonic() < deadline, f"it is {self.status(id)}"
            time.sleep(0.01)

    def forgets(self, count: int, at: datetime) -> None:
        """A workflow ends a moment after the store has what it did."""
        deadline = time.monotonic() + 30
        while count > 0:
            assert time.monotonic() < deadline, f"{count} have not ended"
            count -= self.workflows.forget_finished(at)

    def said(self) -> int:
        with reading(self.sessions) as session:
            return len(session.scalars(select(Message)).all())


@pytest.fixture
def shop(sessions: sessionmaker[Session], tmp_path: Path) -> Iterator[Shop]:
    with writing(sessions) as session:
        make_shop(session, timezone="Europe/London")
        make_conversation(session)
    shop = Shop(sessions, tmp_path)
    yield shop
    shop.keeper.stop()


def test_a_week_of_downtime_and_clocks_that_are_set(shop: Shop) -> None:
    reminder, quote, call = shop.promise(), shop.promise("quote_expiring", quote="Q-1"), shop.promise("call")
    tomorrow = shop.promise(due_at=LATER + timedelta(days=1))
    shop.now = LATER
    shop.keeper.start()
    shop.becomes(reminder, FollowUpStatus.DONE)
    shop.becomes(quote, FollowUpStatus.DROPPED)
    shop.becomes(call, FollowUpStatus.DUE)
    assert shop.status(tomorrow) is FollowUpStatus.PLANNED
    shop.now = NOW  # back: nothing that was said is said again
    again = shop.promise()
    shop.becomes(again, FollowUpStatus.DONE)
    shop.now = LATER + timedelta(days=1)  # and forward
    shop.becomes(tomorrow, FollowUpStatus.DONE)
    assert shop.said() == 3
    assert len(shop.spoken) == 4, "the call is told too"
    assert shop.workflows.forget_finished(datetime.now(UTC)) == 0
    shop.forgets(5, datetime.now(UTC) + timedelta(days=8))


def test_a_fault_of_ours_is_a_persons_and_does_not_hold_up_the_others(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, fine = shop.promise(), shop.promise()
    keep: Callable[..., str] = keeping.keep

    def stumbles(session: Session, id: int, now: datetime) -> str:
        if id == broken:
            raise KeyError("when")
        return keep(session, id, now)

    monkeypatch.setattr(keeping, "keep", stumbles)
    shop.keeper.start()
    shop.becomes(fine, FollowUpStatus.DONE)
    shop.becomes(broken, FollowUpStatus.DUE)
    with reading(shop.sessions) as session:
        assert session.get_one(FollowUp, broken).reason == "it could not be settled (KeyError): please see to it"


def test_a_damaged_file_of_what_has_begun_stands_in_no_promises_way(shop: Shop, tmp_path: Path) -> None:
    (tmp_path / "followups.db").write_bytes(b"no database at all " * 1000)
    reminder = shop.promise()
    shop.keeper.start()
    shop.becomes(reminder, FollowUpStatus.DONE)


def test_goods_that_come_back_are_told_of_without_anybody_saying_so(shop: Shop) -> None:
    with writing(shop.sessions) as session:
        variant = make_product(session, variants=[{"sku": "KITE"}]).variants[0]
        watch = watch_stock(session, session.scalars(select(Conversation)).one(), variant.sku, NOW, "m").id
    shop.keeper.start()
    shop.becomes(watch, FollowUpStatus.DONE)


def test_what_a_customer_waits_for_goes_before_a_crowd_that_falls_due_with_it(shop: Shop) -> None:
    """At the full hour there are many reminders of ours, and one that a customer asked for, booked last."""
    crowd = [shop.promise("quote_expiring", quote="Q-1") for _ in range(60)]
    asked = shop.promise()
    begun = time.monotonic()
    shop.keeper.start()
    shop.becomes(asked, FollowUpStatus.DONE)
    with reading(shop.sessions) as session:
        waiting = session.scalar(select(func.count()).where(FollowUp.status == FollowUpStatus.PLANNED))
    assert waiting > len(crowd) / 2
    shop.becomes(crowd[-1], FollowUpStatus.DROPPED)
    at_least = len(crowd) / CROWD_PER_SECOND - 1.0  # seconds: the first ones go at once
    assert time.monotonic() - begun > at_least - 0.2, "and it comes no faster than the outbox can send it"


def test_a_crowd_leaves_room_for_others_while_it_waits_to_write(shop: Shop) -> None:
    for _ in range(20):
        shop.promise("quote_expiring", quote="Q-1", due_at=NOW + timedelta(hours=1))
    shop.keeper.start()
    with writing(shop.sessions):
        shop.now = NOW + timedelta(hours=1)
        deadline = time.monotonic() + 30
        while len(shop.keeper._under_way) < CROWD_AT_ONCE and time.monotonic() < deadline:
            time.sleep(0.01)
        assert shop.keeper.look() == 0, "no more of them are begun until some are settled"
        assert len(shop.keeper._under_way) == CROWD_AT_ONCE


@pytest.mark.skipif(ON_POSTGRESQL, reason="the line of writers is SQLite's")
def test_only_what_a_customer_asked_for_passes_others_who_want_to_write(shop: Shop) -> None:
    with writing(shop.sessions) as session:
        chat = session.scalars(select(Conversation)).one()
        number = make_order(session, conversation=chat, status=OrderStatus.SHIPPED).number
    ours, asked = shop.promise("order_shipped", order=number), shop.promise()

    def another() -> None:
        with writing(shop.sessions) as session:
            push(session, session.scalars(select(Conversation.id)).one(), {"text": "an answer"}, NOW)

    writers = [
        threading.Thread(target=work)
        for work in (another, lambda: shop.keeper.settle(ours), lambda: shop.keeper.settle(asked))
    ]
    with writing(shop.sessions):
        for writer in writers:
            writer.start()
            time.sleep(0.2)  # so that they stand in line one behind the other
    for writer in writers:
        writer.join()
    shop.keeper.start()
    with reading(shop.sessions) as session:
        said = [text[:12] for text in session.scalars(select(Message.text).order_by(Message.id))]
    assert said == ["Here is the ", "an answer", "Your order S"]
