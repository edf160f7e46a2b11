"""What is said that no customer asked for: quotes, baskets, orders, goods that are back, time to buy again."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from crm_store import carts, quotes
from crm_store.after_sale import open_request
from crm_store.shop import current_shop
from crm_store.tables import Conversation, FollowUp, FollowUpStatus, OrderStatus, RequestKind
from tests.factories import (
    NOW,
    make_message,
    make_order,
    make_product,
)
from tests.unit.followups.situations import Plan, Said, Settle, agree, filled_cart


def quote_reminder(session: Session, chat: Conversation, plan: Plan) -> FollowUp:
    filled_cart(session, chat)
    quote = quotes.draft_quote(session, chat, NOW - timedelta(days=13))
    return plan("quote_expiring", about={"quote": quote.number})


def test_a_quote_that_is_about_to_expire_is_told(
    session: Session, chat: Conversation, plan: Plan, settle: Settle, said: Said
) -> None:
    reminder = quote_reminder(session, chat, plan)
    assert settle(reminder) == "said"
    [text] = said()
    assert "is valid until Tuesday, 24 November 2026, 12:00" in text
    assert "£100" in text


@pytest.mark.parametrize("days", [1, 7])
def test_a_quote_that_has_expired_is_not(
    session: Session, chat: Conversation, plan: Plan, settle: Settle, days: int
) -> None:
    reminder = quote_reminder(session, chat, plan)
    assert settle(reminder, NOW + timedelta(days=days)) == "dropped"
    assert reminder.reason == "the quote has expired"


def test_a_quote_that_expires_before_the_shop_may_write_is_not_told_in_the_night(
    session: Session, chat: Conversation, plan: Plan, settle: Settle
) -> None:
    reminder = quote_reminder(session, chat, plan)
    assert settle(reminder, NOW + timedelta(hours=23, minutes=59)) == "said"
    again = quote_reminder(session, chat, plan)
    current_shop(session).contact_days = ["sun"]
    assert settle(again) == "dropped"
    assert again.reason == "the quote has expired before the customer may be written to again"


def test_who_has_ordered_hears_no_more_of_the_quote(
    session: Session, chat: Conversation, plan: Plan, settle: Settle
) -> None:
    reminder = quote_reminder(session, chat, plan)
    make_order(session, conversation=chat)
    assert settle(reminder) == "dropped"
    assert reminder.reason == "the customer has ordered"


def test_a_basket_left_behind_needs_consent(
    session: Session, chat: Conversation, plan: Plan, settle: Settle, said: Said
) -> None:
    filled_cart(session, chat)
    assert settle(without := plan("basket_left")) == "dropped"
    assert without.reason == "the customer has not agreed to reminders"
    agree(session, chat)
    assert settle(plan("basket_left")) == "said"
    assert said() == [
        "There is still something in your cart: Kite Urban, £100 in all. You agreed that I may remind you, and I do "
        "it once. Shall we go on with it?"
    ]


def test_a_basket_is_not_mentioned_to_who_came_back(
    session: Session, chat: Conversation, plan: Plan, settle: Settle
) -> None:
    filled_cart(session, chat)
    agree(session, chat)
    reminder = plan("basket_left", now=NOW - timedelta(hours=1))
    make_message(session, chat, "hello again")
    assert settle(reminder) == "dropped"
    assert reminder.reason == "the customer has written since"
    carts.clear(session, chat.id, NOW)
    assert settle(empty := plan("basket_left")) == "dropped"
    assert empty.reason == "the cart is empty"


@pytest.mark.parametrize(
    ("kind", "status", "begins"),
    [
        ("order_shipped", "shipped", "is on its way and should be with you by Monday, 30 November 2026."),
        ("order_delivered", "delivered", "has been delivered. If anything is not as it should be"),
        ("how_was_it", "delivered", "(Ridge, Black) has been with you for a while. How was it?"),
    ],
)
def test_an_order_is_followed_up(
    session: Session, chat: Conversation, plan: Plan, settle: Settle, said: Said, kind: str, status: str, begins: str
) -> None:
    variant = make_product(session, "Ridge", variants=[{"color": "Black"}]).variants[0]
    order = make_order(session, conversation=chat, lines=[(variant, 1)], status=OrderStatus(status))
    assert settle(plan(kind, about={"order": order.number})) == "said"
    assert begins in said()[0]
    order.status = OrderStatus.RETURNED
    assert settle(other := plan(kind, about={"order": order.number})) == "dropped"
    assert other.reason == "the order is returned by now"


def test_who_waits_for_an_answer_about_an_order_is_not_asked_how_it_was(
    session: Session, chat: Conversation, plan: Plan, settle: Settle
) -> None:
    order = make_order(session, conversation=chat, status=OrderStatus.DELIVERED)
    open_request(session, RequestKind.COMPLAINT, order, chat, "broken", NOW)
    assert settle(ask := plan("how_was_it", about={"order": order.number})) == "dropped"
    assert ask.reason == "a request about the order is open"


def test_goods_that_are_back_are_told_of_unless_they_are_gone_again_or_bought(
    session: Session, chat: Conversation, plan: Plan, settle: Settle, said: Said
) -> None:
    variant = make_product(session, "Kite", variants=[{"sku": "KITE", "stock": 0}]).variants[0]
    watch = plan("back_in_stock", about={"sku": "KITE"})
    assert settle(watch) == "waits"
    assert watch.status is FollowUpStatus.WAITING
    variant.stock = 2
    assert settle(plan("back_in_stock", about={"sku": "KITE"})) == "said"
    assert said() == ["You asked me to tell you: Kite is back in stock, at £100."]
    make_order(session, conversation=chat, lines=[(variant, 1)], placed_at=NOW + timedelta(minutes=1))
    assert settle(bought := plan("back_in_stock", about={"sku": "KITE"})) == "dropped"
    assert bought.reason == "the customer has bought it"


def test_who_is_talking_with_us_is_not_interrupted(
    session: Session, chat: Conversation, plan: Plan, settle: Settle
) -> None:
    order = make_order(session, conversation=chat, status=OrderStatus.DELIVERED)
    make_message(session, chat, "do you have helmets?")
    told = plan("how_was_it", about={"order": order.number})
    assert settle(told, NOW + timedelta(minutes=1)) == "put off"
    assert told.due_at == NOW + timedelta(minutes=11)
    assert settle(told, told.due_at) == "said"


def test_time_to_buy_again_says_why(
    session: Session, chat: Conversation, plan: Plan, settle: Settle, said: Said
) -> None:
    make_product(session, "Chain Oil", variants=[{"sku": "OIL"}])
    agree(session, chat)
    about = {"sku": "OIL", "days": 60, "bought_at": (NOW - timedelta(days=61)).isoformat()}
    assert settle(plan("buy_again", about=about)) == "said"
    assert said() == [
        "On Wednesday, 23 September 2026 you bought Chain Oil. Customers usually need it again after about 60 days, "
        "so I thought I'd remind you, as you agreed. Shall I put it in your cart?"
    ]
