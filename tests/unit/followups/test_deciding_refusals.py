"""To whom nothing is said: who opted out, has blocked the channel or is forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.letters import mark_gone
from bot.followups import by_rep
from crm_store import inbox, privacy, quotes
from crm_store.erasing.rows import erase_customer, erase_person
from crm_store.occasions import Occasions
from crm_store.tables import Conversation, FollowUp, FollowUpStatus, OrderStatus
from tests.factories import (
    NOW,
    make_conversation,
    make_customer,
    make_message,
    make_order,
)
from tests.unit.followups.situations import Plan, Said, Settle, agree, filled_cart


def test_after_an_opt_out_nothing_is_written_but_a_call_stays_the_customers(
    session: Session, chat: Conversation, plan: Plan, settle: Settle, said: Said
) -> None:
    call = plan("call")
    shipped = plan("order_shipped")
    privacy.opt_out(session, chat, NOW)
    assert (shipped.status, shipped.reason) == (FollowUpStatus.CANCELLED, "the customer wants no messages")
    delivered = plan("order_delivered")
    assert settle(delivered) == "dropped"
    assert delivered.reason == "the customer wants no messages"
    assert settle(call) == "handed over"
    assert said() == []
    later = plan(now=NOW + timedelta(minutes=1), due_at=NOW + timedelta(minutes=2))
    assert settle(later, later.due_at) == "said", "who asks for a reminder after that wants it"


AN_HOUR = timedelta(hours=1)


@pytest.mark.parametrize(("kind", "status"), [("order_shipped", "shipped"), ("order_delivered", "delivered")])
def test_an_orders_own_news_is_due_to_whom_ordered_after_a_stop_but_not_before_one(
    session: Session, chat: Conversation, plan: Plan, settle: Settle, kind: str, status: str
) -> None:
    chat.customer_id = make_customer(session).id
    privacy.opt_out(session, chat, NOW - AN_HOUR, "stop")
    usual = {"conversation": chat, "status": OrderStatus(status)}
    before, after = (make_order(session, placed_at=NOW - hours * AN_HOUR, **usual) for hours in (2, 0))
    told = [plan(kind, about={"order": order.number}) for order in (before, after)]
    assert [settle(one) for one in told] == ["dropped", "said"]
    assert told[0].reason == "the customer wants no messages"
    privacy.opt_out(session, chat, NOW + AN_HOUR, "stop")
    assert settle(plan(kind, about={"order": after.number})) == "dropped"


def test_how_it_was_is_no_news_of_an_order(session: Session, chat: Conversation, plan: Plan, settle: Settle) -> None:
    privacy.opt_out(session, chat, NOW - AN_HOUR, "stop")
    order = make_order(session, conversation=chat, status=OrderStatus.DELIVERED)
    assert settle(ask := plan("how_was_it", about={"order": order.number})) == "dropped"
    assert ask.reason == "the customer wants no messages"


def test_a_yes_to_reminders_after_a_stop_is_a_yes_until_the_next_stop(
    session: Session, chat: Conversation, plan: Plan, settle: Settle
) -> None:
    chat.customer_id = make_customer(session).id
    filled_cart(session, chat)
    privacy.opt_out(session, chat, NOW - AN_HOUR)
    assert settle(plan("basket_left")) == "dropped"
    agree(session, chat)
    assert settle(plan("basket_left")) == "said"
    privacy.opt_out(session, make_conversation(session, customer_id=chat.customer_id), NOW + AN_HOUR)
    assert settle(plan("basket_left")) == "dropped"


def test_a_rep_who_moves_a_call_tells_who_asked_for_it_after_a_stop(
    session: Session, chat: Conversation, plan: Plan, said: Said
) -> None:
    privacy.opt_out(session, chat, NOW - AN_HOUR)
    call = plan("call")
    by_rep.move(session, call.id, "2026-12-03 15:00", NOW)
    assert said() == ["Moved: it is on Thursday, 3 December 2026, 15:00 now."]
    privacy.opt_out(session, chat, NOW)
    by_rep.move(session, call.id, "2026-12-04 15:00", NOW)
    assert len(said()) == 1


def test_who_has_blocked_the_channel_is_written_to_again_once_they_are_back(
    session: Session, plan: Plan, settle: Settle
) -> None:
    chat = make_conversation(session, channel="telegram")
    address = inbox.add_address(session, chat, "7:7", {"chat": 7, "user": 7})
    order = make_order(session, conversation=chat, status=OrderStatus.SHIPPED)
    mark_gone(session, chat.id, NOW)
    usual = {"conversation": chat, "about": {"order": order.number}}
    assert settle(gone := plan("order_shipped", **usual)) == "dropped"
    assert gone.reason == "the customer has blocked the channel"
    inbox.set_blocked(session, [address], None)
    assert settle(plan("order_shipped", **usual)) == "said"


@pytest.mark.parametrize("known", [True, False])
def test_nothing_is_said_to_who_has_been_forgotten(
    session: Session, chat: Conversation, settle: Settle, said: Said, known: bool
) -> None:
    """Whatever becomes of the order and the quote that stay: the chat is somebody's own, and has been emptied."""
    customer = make_customer(session)
    if known:
        chat.customer_id = customer.id
    make_message(session, chat, "two of those").at = NOW - timedelta(days=13)
    filled_cart(session, chat)
    quotes.draft_quote(session, chat, NOW - timedelta(days=13))
    order = make_order(session, conversation=chat, customer=customer)
    if known:
        erase_customer(session, customer.id, NOW)
    else:
        erase_person(session, chat, NOW)
    for status in (OrderStatus.SHIPPED, OrderStatus.DELIVERED):
        order.status = status
        looked = Occasions()
        looked.plan(session, looked.found(session, NOW), NOW)
        for follow_up in session.scalars(select(FollowUp)).all():
            settle(follow_up, follow_up.due_at)
    assert said() == []
    kept = session.scalars(select(FollowUp)).all()
    assert {one.reason for one in kept} <= {"the order is gone", "the quote is gone"} and len(kept) == 4


def test_who_was_only_spoken_of_by_somebody_who_is_forgotten_hears_of_their_order(
    session: Session, chat: Conversation, plan: Plan, settle: Settle
) -> None:
    make_message(session, chat, "for my friend ada@example.org").at = NOW - timedelta(days=2)
    make_message(session, chat, "two of those").at = NOW - timedelta(days=2)
    ada = make_customer(session, email="ada@example.org")
    order = make_order(
        session, conversation=chat, customer=make_customer(session), email="bo@example.org", status=OrderStatus.SHIPPED
    )
    erase_customer(session, ada.id, NOW)
    assert settle(plan("order_shipped", about={"order": order.number})) == "said"
