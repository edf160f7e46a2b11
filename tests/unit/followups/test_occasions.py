"""What happens in the shop becomes a follow-up, once."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.followups.keeping import keep
from crm_store import carts, consents, occasions, privacy, quotes
from crm_store.occasions import Occasions, watch_stock
from crm_store.repurchases import intervals
from crm_store.tables import Conversation, FollowUp, FollowUpStatus, OrderStatus, Variant
from tests.factories import NOW, make_conversation, make_customer, make_order, make_product, make_shop


@pytest.fixture
def chat(session: Session) -> Conversation:
    make_shop(session)
    return make_conversation(session)


def look(session: Session, at=NOW) -> list[FollowUp]:
    """Plan twice what there is at a moment, as two processes would; the follow-ups there are then."""
    looked = Occasions()
    found = looked.found(session, at)
    for _ in range(2):
        looked.plan(session, found, at)
    assert not looked.found(session, at)
    return list(session.scalars(select(FollowUp).order_by(FollowUp.id)))


def agree(session: Session, chat: Conversation, granted: bool = True) -> None:
    consents.record_consent(session, chat, consents.MARKETING, granted, "May I write?", NOW)


def test_a_quote_is_followed_up_a_day_before_it_expires(session: Session, chat: Conversation) -> None:
    carts.add(session, chat.id, make_product(session).variants[0].sku, 1, NOW)
    quote = quotes.draft_quote(session, chat, NOW)
    [reminder] = look(session)
    assert (reminder.kind, reminder.about) == ("quote_expiring", {"quote": quote.number})
    assert reminder.due_at == quote.valid_until - timedelta(days=1)
    assert reminder.timezone == "Europe/London"


def test_a_quote_for_a_day_needs_no_reminder(session: Session, chat: Conversation) -> None:
    make_shop(session, quote_days=1)
    carts.add(session, chat.id, make_product(session).variants[0].sku, 1, NOW)
    quotes.draft_quote(session, chat, NOW)
    assert look(session) == []


def test_a_basket_left_behind_is_one_reminder_and_only_with_consent(session: Session, chat: Conversation) -> None:
    carts.add(session, chat.id, make_product(session).variants[0].sku, 1, NOW)
    later = NOW + timedelta(hours=21)
    assert look(session, later) == []
    agree(session, chat)
    assert look(session) == [], "it has not been left yet"
    assert [one.kind for one in look(session, later)] == ["basket_left"]
    carts.add(session, chat.id, make_product(session).variants[0].sku, 1, later)
    assert len(look(session, later + timedelta(days=1))) == 1, "once"


def test_a_basket_of_who_took_the_consent_back_is_left_alone(session: Session, chat: Conversation) -> None:
    carts.add(session, chat.id, make_product(session).variants[0].sku, 1, NOW)
    agree(session, chat)
    agree(session, chat, granted=False)
    assert look(session, NOW + timedelta(days=1)) == []


def test_an_order_is_followed_from_the_shop_to_the_question_how_it_was(session: Session, chat: Conversation) -> None:
    order = make_order(session, conversation=chat)
    make_order(session, status=OrderStatus.DELIVERED)  # of an import: history
    assert look(session) == []
    order.status = OrderStatus.SHIPPED
    assert [one.kind for one in look(session)] == ["order_shipped"]
    order.status = OrderStatus.DELIVERED
    _, delivered, how = look(session)
    assert (delivered.kind, how.kind) == ("order_delivered", "how_was_it")
    assert how.due_at == NOW + occasions.ENJOYED


def test_goods_that_are_back_wake_who_waits_for_them(session: Session, chat: Conversation) -> None:
    variant = make_product(session, variants=[{"stock": 0}]).variants[0]
    watch = watch_stock(session, chat, variant.sku, NOW, "message-1")
    assert watch_stock(session, chat, variant.sku, NOW, "message-2") is watch
    assert [one.status for one in look(session)] == [FollowUpStatus.WAITING]
    variant.stock = 1
    [woken] = look(session, NOW + timedelta(days=2))
    assert (woken.status, woken.due_at) == (FollowUpStatus.PLANNED, NOW + timedelta(days=2))


def test_nobody_waits_for_ever(session: Session, chat: Conversation) -> None:
    variant = make_product(session, variants=[{"stock": 0}]).variants[0]
    watch_stock(session, chat, variant.sku, NOW, "message-1")
    [watch] = look(session, NOW + timedelta(days=181))
    assert (watch.status, watch.reason) == (FollowUpStatus.DROPPED, "what it waited for has not happened")


def bought_every(session: Session, variant: Variant, days: int, customers: int = 4, times: int = 3) -> None:
    for _ in range(customers):
        customer = make_customer(session)
        for number in range(times):
            at = NOW - timedelta(days=days * number + 300)
            make_order(session, customer=customer, lines=[(variant, 1)], placed_at=at)


def test_time_to_buy_again_follows_from_how_the_shops_customers_buy(session: Session, chat: Conversation) -> None:
    oil = make_product(session, "Chain Oil").variants[0]
    bike = make_product(session, "Ridge").variants[0]
    bought_every(session, oil, days=60)
    assert intervals(session, {oil.product_id, bike.product_id}) == {oil.product_id: 60}
    customer = make_customer(session)
    chat.customer_id, chat.identified = customer.id, True
    for variant in (oil, bike):
        make_order(session, customer=customer, lines=[(variant, 1)], placed_at=NOW - timedelta(days=61))
    assert look(session) == []
    agree(session, chat)
    [again] = look(session)
    assert again.kind == "buy_again"
    assert again.about == {"sku": oil.sku, "days": 60, "bought_at": (NOW - timedelta(days=61)).isoformat()}


def test_who_only_typed_a_contact_hears_nothing_of_what_was_bought_elsewhere(
    session: Session, chat: Conversation
) -> None:
    oil = make_product(session, "Chain Oil").variants[0]
    bought_every(session, oil, days=60)
    chat.customer_id = make_customer(session).id
    order = make_order(session, lines=[(oil, 1)], placed_at=NOW - timedelta(days=61))
    order.customer_id = chat.customer_id
    agree(session, chat)
    assert look(session) == []
    order.conversation_id = chat.id
    assert [one.kind for one in look(session)] == ["buy_again"]


def test_who_bought_it_long_ago_or_lately_is_not_reminded(session: Session, chat: Conversation) -> None:
    oil = make_product(session, "Chain Oil").variants[0]
    bought_every(session, oil, days=60)
    agree(session, chat)
    chat.customer_id = make_customer(session).id
    order = make_order(session, lines=[(oil, 1)], placed_at=NOW - timedelta(days=59))
    order.customer_id = chat.customer_id
    assert look(session) == []
    order.placed_at = NOW - timedelta(days=121)
    assert look(session) == []


def test_who_took_a_stop_back_for_reminders_is_reached_again(session: Session, chat: Conversation) -> None:
    oil = make_product(session, "Chain Oil").variants[0]
    bought_every(session, oil, days=60)
    customer = make_customer(session)
    chat.customer_id, chat.identified = customer.id, True
    make_order(session, customer=customer, lines=[(oil, 1)], placed_at=NOW - timedelta(days=61))
    agree(session, chat)
    privacy.opt_out(session, chat, NOW + timedelta(minutes=1))
    assert look(session) == []
    consents.record_consent(session, chat, consents.MARKETING, True, "May I write?", NOW + timedelta(minutes=2))
    assert [one.kind for one in look(session)] == ["buy_again"]


@pytest.mark.parametrize(
    ("drafted", "due"),
    [
        ("2026-11-15T12:00", "2026-11-27T19:00"),  # it expires on a Sunday: Friday, in the last hour
        ("2026-11-16T08:00", "2026-11-27T19:00"),  # on a Monday before the shop may write
        ("2026-11-16T12:00", "2026-11-29T12:00"),  # on a Monday noon: a day before, put off to that morning
        ("2026-11-18T12:00", "2026-12-01T12:00"),
    ],
)
def test_a_quote_is_told_of_while_the_shop_may_still_write(
    session: Session, chat: Conversation, drafted: str, due: str
) -> None:
    make_shop(session, contact_days=["mon", "tue", "wed", "thu", "fri"])
    at, due_at = (datetime.fromisoformat(f"{moment}+00:00") for moment in (drafted, due))
    carts.add(session, chat.id, make_product(session).variants[0].sku, 1, at)
    quote = quotes.draft_quote(session, chat, at)
    assert quote.valid_until == at + timedelta(days=14)
    [reminder] = look(session, at)
    assert reminder.due_at == due_at
    told = [keep(session, reminder.id, due_at)]
    if told == ["put off"]:
        told.append(keep(session, reminder.id, reminder.due_at))
    assert told[-1] == "said" and reminder.due_at < quote.valid_until


def test_a_quote_that_can_only_be_told_of_before_it_is_made_is_not(session: Session, chat: Conversation) -> None:
    make_shop(session, contact_days=["fri"], quote_days=3)
    saturday = datetime(2026, 11, 28, 12, tzinfo=UTC)
    carts.add(session, chat.id, make_product(session).variants[0].sku, 1, saturday)
    quotes.draft_quote(session, chat, saturday)
    assert look(session, saturday) == []


def test_a_crowd_is_planned_in_parts_and_each_once(session: Session, chat: Conversation) -> None:
    for _ in range(5):
        make_order(session, conversation=chat, status=OrderStatus.SHIPPED)
    looked = Occasions()
    found = looked.found(session, NOW)
    parts = list(found.parts(2))
    assert [len(part.occasions) for part in parts] == [2, 2, 1]
    for part in parts:
        looked.plan(session, part, NOW)
    assert len(session.scalars(select(FollowUp)).all()) == 5
    assert list(looked.found(session, NOW).parts(2)) == []
