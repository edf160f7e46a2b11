"""What becomes of follow-ups that fall due: said, dropped with a reason, put off, or a person's."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.letters import mark_gone
from bot.followups import by_rep
from bot.followups.keeping import give_up
from crm_store import carts, consents, followups, inbox, privacy, quotes
from crm_store.after_sale import open_request
from crm_store.erasing.rows import erase_customer, erase_person
from crm_store.occasions import Occasions
from crm_store.shop import current_shop
from crm_store.tables import Conversation, FollowUp, FollowUpStatus, Lead, OrderStatus, RequestKind
from tests.factories import (
    NOW,
    make_conversation,
    make_customer,
    make_lead,
    make_message,
    make_order,
    make_product,
)

Plan = Callable[..., FollowUp]
Settle = Callable[..., str]
Said = Callable[[], list[str]]
SUNDAY = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def filled_cart(session: Session, chat: Conversation) -> str:
    product = make_product(session, "Kite Urban", variants=[{"stock": 3}])
    carts.add(session, chat.id, product.variants[0].sku, 1, NOW)
    return product.code


def agree(session: Session, chat: Conversation) -> None:
    consents.record_consent(session, chat, consents.MARKETING, True, "May I write?", NOW)


def test_a_reminder_is_said_once(plan: Plan, settle: Settle, said: Said) -> None:
    reminder = plan()
    assert settle(reminder) == "said"
    assert settle(reminder) == "nothing"
    assert said() == ['Here is the reminder you asked for: "order chains"']
    assert (reminder.status, reminder.settled_at) == (FollowUpStatus.DONE, NOW)


def test_before_its_time_nothing_happens(plan: Plan, settle: Settle) -> None:
    assert settle(plan(due_at=NOW + timedelta(seconds=1))) == "nothing"


def test_it_is_said_in_the_language_of_the_conversation(
    session: Session, plan: Plan, settle: Settle, said: Said
) -> None:
    settle(plan(conversation=make_conversation(session, language="zh"), note="买链条"))
    assert said() == ["您要的提醒：“买链条”"]


def test_a_reminder_comes_at_the_hour_the_customer_named(plan: Plan, settle: Settle) -> None:
    assert settle(plan(due_at=SUNDAY), SUNDAY) == "said"
    assert settle(plan(due_at=NIGHT), NIGHT) == "said"


def test_a_late_reminder_says_so_and_waits_for_the_morning(plan: Plan, settle: Settle, said: Said) -> None:
    reminder = plan(due_at=NOW)
    assert settle(reminder, NIGHT) == "put off"
    assert reminder.due_at == NINE
    late = plan(due_at=NOW)
    assert settle(late, NINE) == "said"
    assert said() == [
        'I am late with this, sorry. On Monday, 23 November 2026, 12:00 you wanted to be reminded: "order chains"'
    ]
    assert late.reason == "1260 minutes late"


def test_a_late_reminder_that_waited_for_the_morning_is_late_all_the_same(
    plan: Plan, settle: Settle, said: Said
) -> None:
    reminder = plan(due_at=NOW)
    assert settle(reminder, NIGHT) == "put off"
    assert settle(reminder, NINE) == "said"
    assert said() == [
        'I am late with this, sorry. On Monday, 23 November 2026, 12:00 you wanted to be reminded: "order chains"'
    ]
    assert reminder.reason == "1260 minutes late"


def test_what_is_put_off_is_of_use_no_longer_than_from_its_first_moment(
    session: Session, chat: Conversation, plan: Plan, settle: Settle
) -> None:
    order = make_order(session, conversation=chat, status=OrderStatus.SHIPPED)
    sent = plan("order_shipped", about={"order": order.number})
    assert settle(sent, NIGHT) == "put off"
    assert settle(sent, NOW + timedelta(days=7, hours=1)) == "dropped"
    assert sent.reason == "too late to be of use (due 2026-11-23 12:00 UTC)"


def test_what_nobody_named_a_time_for_is_not_late_when_it_waits_for_the_morning(
    session: Session, chat: Conversation, plan: Plan, settle: Settle
) -> None:
    order = make_order(session, conversation=chat, status=OrderStatus.SHIPPED)
    sent = plan("order_shipped", about={"order": order.number}, due_at=NIGHT)
    assert settle(sent, NIGHT) == "put off"
    assert settle(sent, NINE) == "said"
    assert sent.reason == "outside the hours at which customers are written to"


def test_what_is_moved_or_waits_for_goods_again_starts_anew(
    session: Session, chat: Conversation, plan: Plan, settle: Settle, said: Said
) -> None:
    reminder = plan(due_at=NOW)
    settle(reminder, NIGHT)
    followups.move(session, reminder, NINE, "minute")
    assert settle(reminder, NINE) == "said"
    assert said() == ['Here is the reminder you asked for: "order chains"']
    variant = make_product(session, "Kite", variants=[{"sku": "KITE", "stock": 1}]).variants[0]
    watch = plan("back_in_stock", about={"sku": "KITE"})
    assert settle(watch, NIGHT) == "put off"
    variant.stock = 0
    assert settle(watch, NINE) == "waits"
    variant.stock, months_later = 1, NINE + timedelta(days=90)
    looked = Occasions()
    looked.plan(session, looked.found(session, months_later), months_later)
    assert settle(watch, months_later) == "said"


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


def test_a_call_becomes_the_reps_who_is_told_in_their_chat(
    session: Session, chat: Conversation, plan: Plan, settle: Settle, said: Said
) -> None:
    chat.customer_id = make_customer(session, name="Ada Okafor").id
    make_lead(session, conversation=chat, assigned_to="Ravi")
    make_conversation(session, rep_name="Ravi")
    call = plan("call", contact="+447700900123", note="about the Ridge")
    assert call.assigned_to == "Ravi"
    assert settle(call, NOW + timedelta(minutes=65)) == "handed over"
    assert (call.status, call.reason) == (FollowUpStatus.DUE, "65 minutes late")
    assert said() == [
        "Please call Ada Okafor now: +447700900123, promised for Monday, 23 November 2026, 12:00. about the Ridge\n"
        "It is late: 65 minutes past the time."
    ]
    assert [one.id for one in followups.due_followups(session, NOW, rep="Ravi")] == [call.id]
    assert followups.planned(session, chat.id) == [call], "the customer can still move it"


def test_who_is_erased_is_in_no_reps_chat_either(
    session: Session, chat: Conversation, plan: Plan, settle: Settle, said: Said
) -> None:
    customer = make_customer(session)
    chat.customer_id = customer.id
    make_lead(session, conversation=chat, assigned_to="Ravi")
    make_conversation(session, rep_name="Ravi")
    settle(plan("call", contact="+447700900123"))
    open_one = plan()
    erase_customer(session, customer.id, NOW)
    session.refresh(open_one)
    assert said() == [""]
    assert open_one.status is FollowUpStatus.CANCELLED


def test_a_call_nobody_is_named_for_goes_to_the_least_busy_rep(session: Session, plan: Plan) -> None:
    session.add_all([Lead(stage="new", source="web", assigned_to=n, created_at=NOW, updated_at=NOW) for n in "AB"])
    assert [plan("call").assigned_to for _ in range(3)] == ["A", "B", "A"]


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


def test_a_fault_of_ours_makes_it_a_persons(session: Session, plan: Plan) -> None:
    reminder = plan()
    give_up(session, reminder, "KeyError")
    assert reminder.status is FollowUpStatus.DUE
    assert reminder.reason == "it could not be settled (KeyError): please see to it"


def test_what_is_moved_is_kept_again_at_the_other_time(plan: Plan, session: Session, settle: Settle) -> None:
    reminder = plan()
    settle(reminder)
    later = NOW + timedelta(days=1)
    followups.move(session, reminder, later, "hour")
    assert settle(reminder) == "nothing"
    assert settle(reminder, later) == "said"
    assert reminder.sequence == 1
