"""What becomes of follow-ups that fall due: said, dropped with a reason, put off, or a person's."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from bot.followups.keeping import give_up
from crm_store import followups
from crm_store.erasing.rows import erase_customer
from crm_store.occasions import Occasions
from crm_store.tables import Conversation, FollowUpStatus, Lead, OrderStatus
from tests.factories import (
    NOW,
    make_conversation,
    make_customer,
    make_lead,
    make_order,
    make_product,
)
from tests.unit.followups.situations import NIGHT, NINE, SUNDAY, Plan, Said, Settle


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
