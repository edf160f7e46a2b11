"""From cart to order: details one by one, interruptions, refusals, once and only once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from rasa_sdk.events import SlotSet
from sqlalchemy import select

from crm_store.database import writing
from crm_store.tables import Conversation, Customer, Lead, LeadStage, Order, Variant

BIKE = {"category": "Mountain Bikes", "budget": {"max": 2000.0}, "attributes": {"size": ["M"]}}


def fill_cart(chat):
    chat.says("a bike", "state_need", needs=BIKE)
    chat.says("the first one", "accept_offer", mentions={"positions": [1]})


def go_to_confirmation(chat):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    chat.says("Anna Schmidt", "give_contact_details")
    chat.says("anna@example.org", "give_contact_details")
    return chat.says("14 Mill Lane, Bath BA1 2XY", "give_contact_details")


def stock_of(sessions, sku):
    with sessions() as session:
        return session.scalars(select(Variant.stock).where(Variant.sku == sku)).one()


def all_orders(sessions):
    with sessions() as session:
        return list(session.scalars(select(Order)))


def test_a_checkout_becomes_an_order_and_stock_falls(chat, sessions):
    summary = go_to_confirmation(chat)
    assert "Anna Schmidt" in summary and "14 Mill Lane" in summary and "anna@example.org" in summary
    assert all_orders(sessions) == []
    answer = chat.says("yes", "affirm")
    assert chat.events == [SlotSet("language", "en"), SlotSet("outcome", "order_placed")]
    (order,) = all_orders(sessions)
    assert order.number in answer
    assert order.total == Decimal("1500.00") or order.total == Decimal("1900.00") or order.total > 0
    with sessions() as session:
        line = session.get_one(Order, order.id).lines[0]
        assert line.variant.stock == 4 - line.quantity
        assert session.scalars(select(Lead.stage)).one() is LeadStage.CONVERTED


def test_the_same_confirmation_handled_twice_is_one_order(chat, sessions):
    go_to_confirmation(chat)
    first = chat.says("yes", "affirm")
    again = chat.says("yes", "affirm", message_id=chat.last_message_id)
    assert again == first
    assert len(all_orders(sessions)) == 1


def test_a_wrong_email_is_named_and_asked_again(chat):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    chat.says("Anna Schmidt", "give_contact_details")
    answer = chat.says("anna@nowhere", "give_contact_details")
    assert "anna@nowhere" in answer and "e-mail" in answer
    assert "address" in chat.says("anna@example.org", "give_contact_details")


def test_several_details_in_one_message_are_all_taken(chat):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    summary = chat.says("Anna Schmidt, anna@example.org, 14 Mill Lane, Bath BA1 2XY", "give_contact_details")
    assert "Please check your order" in summary
    assert "Anna Schmidt, 14 Mill Lane, Bath BA1 2XY" in summary


def test_a_question_in_the_middle_is_answered_and_the_checkout_goes_on(chat):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    answer = chat.says("how long does delivery take?", "ask_delivery")
    assert "working days" in answer and "what name" in answer
    assert "e-mail" in chat.says("Anna Schmidt", "give_contact_details")


def test_cancel_leaves_the_checkout_and_keeps_the_cart(chat, sessions):
    go_to_confirmation(chat)
    assert "nothing was ordered" in chat.says("cancel", "stop")
    assert all_orders(sessions) == []
    assert "Anna" not in chat.says("my cart", "view_cart")
    assert "1 ×" in chat.says("my cart", "view_cart")


def test_no_at_the_end_orders_nothing(chat, sessions):
    go_to_confirmation(chat)
    chat.says("no", "deny")
    assert all_orders(sessions) == []


def test_the_last_one_sold_to_somebody_else_is_a_sentence_and_no_order(chat, open_chat, sessions):
    other = open_chat()
    for buyer in (chat, other):
        buyer.says("add the bramble lid", "add_to_cart", mentions={"products": ["Bramble Lid"]})
        buyer.says("checkout", "place_order")
        buyer.says("Anna Schmidt, anna@example.org, 14 Mill Lane, Bath BA1 2XY", "give_contact_details")
    chat.says("yes", "affirm")
    answer = other.says("yes", "affirm")
    assert other.events == [SlotSet("language", "en"), SlotSet("outcome", "out_of_stock")]
    assert "Bramble Lid" in answer
    assert len(all_orders(sessions)) == 1
    assert stock_of(sessions, "LID-M") == 0


def test_an_empty_cart_cannot_be_checked_out(chat):
    assert "cart is empty" in chat.says("checkout", "place_order")


def test_accepting_one_and_naming_another_kind_adds_both(chat):
    chat.says("a bike", "state_need", needs=BIKE)
    answer = chat.says(
        "ok i'll take the first, and a helmet", "accept_offer", mentions={"positions": [1], "categories": ["Helmets"]}
    )
    assert "Bramble Lid" in answer
    assert "Checkout" in chat.titles
    assert "Bramble Lid" in chat.says("cart", "view_cart")


def test_the_checkout_speaks_chinese(chat, sessions):
    zh = {"language": "zh", "language_certain": True}
    chat.says("我想买山地车", "state_need", needs=BIKE, **zh)
    chat.says("就要第一个", "accept_offer", mentions={"positions": [1]}, **zh)
    assert "姓名" in chat.says("结账", "place_order", **zh)
    assert "邮箱" in chat.says("李雷", "give_contact_details", **zh)
    assert "地址" in chat.says("13800138000", "give_contact_details")
    assert "核对" in chat.says("上海市长宁区延安西路100号", "give_contact_details", **zh)
    assert "已下单" in chat.says("确认", "affirm", **zh)
    assert len(all_orders(sessions)) == 1


def test_when_it_will_arrive_is_a_question_about_delivery(chat):
    go_to_confirmation(chat)
    answer = chat.says("when will it arrive?", "track_order")
    assert "working days" in answer and "Please check your order" in answer


@pytest.mark.parametrize("intent", ["stop", "deny", "ask_return_policy"])
def test_a_question_never_leaves_the_checkout(chat, intent):
    go_to_confirmation(chat)
    assert "nothing was ordered" not in chat.says("can i send it back if it doesn't fit?", intent)
    assert "Please check your order" in chat.says("my cart", "view_cart")


@pytest.mark.parametrize(
    ("words", "intent", "mentions"),
    [
        ("actually I want 3 bikes, not 2", "deny", {"quantity": 3, "categories": ["Mountain Bikes"]}),
        ("把数量改成三个", "change_order", {"quantity": 3}),
        ("change the quantity to 3", "refine_need", {"quantity": 3}),
    ],
)
def test_another_quantity_changes_the_cart_and_the_checkout_goes_on(chat, sessions, words, intent, mentions):
    go_to_confirmation(chat)
    answer = chat.says(words, intent, mentions=mentions)
    assert "Please check your order" in answer and "3 ×" in answer
    assert all_orders(sessions) == []


def test_taking_out_the_last_thing_ends_the_checkout(chat):
    go_to_confirmation(chat)
    chat.says("remove the bike", "remove_from_cart", mentions={"categories": ["Mountain Bikes"]})
    assert "empty" in chat.says("my cart", "view_cart")


@pytest.mark.parametrize("text", ["wait, what's in my order?", "订单里都有什么？"])
def test_what_is_in_the_order_is_the_summary_and_places_nothing(chat, sessions, text):
    go_to_confirmation(chat)
    answer = chat.says(text, "track_order")
    assert "Anna Schmidt" in answer and "$" in answer and all_orders(sessions) == []
    chat.says("yes", "affirm")
    assert len(all_orders(sessions)) == 1


@pytest.mark.parametrize("text", ["not now", "Not now, thanks.", "现在不", "下次再说"])
@pytest.mark.parametrize("steps", [0, 1, 2])
def test_not_now_leaves_the_checkout_at_any_step(chat, text, steps):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    for answer in ("Anna Schmidt", "anna@example.org")[:steps]:
        chat.says(answer, "give_contact_details")
    assert "nothing was ordered" in chat.says(text, "out_of_scope")


def test_what_was_given_is_kept_when_the_checkout_is_left(chat):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    chat.says("Anna Schmidt", "give_contact_details")
    chat.says("anna@example.org", "give_contact_details")
    chat.says("not now", "deny")
    assert "deliver" in chat.says("checkout", "place_order").casefold()
    assert "anna@example.org" in chat.says("14 Mill Lane, Bath BA1 2XY", "give_contact_details")


@pytest.mark.parametrize("text", ["change the delivery address", "改一下收货地址"])
def test_a_change_of_the_address_after_leaving_goes_on_with_the_order(chat, sessions, text):
    go_to_confirmation(chat)
    chat.says("no", "deny")
    chat.says(text, "change_order")
    summary = chat.says("3 Park Road, Leeds LS1 4AP", "give_contact_details")
    assert "Anna Schmidt" in summary and "3 Park Road" in summary and "14 Mill Lane" not in summary
    assert all_orders(sessions) == []


@pytest.mark.parametrize("text", ["change name to Robert Hill", "名字改成Robert Hill"])
def test_a_change_of_the_name_at_the_next_step_is_acknowledged(chat, text):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    chat.says("Anna Schmidt", "give_contact_details")
    assert "Noted: Robert Hill" in chat.says(text, "change_order")


@pytest.mark.parametrize(
    "text", ["I'd rather not give my address", "我不想给地址", "do I have to give you my address?"]
)
def test_why_an_address_is_needed_is_said(chat, text):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    chat.says("Anna Schmidt", "give_contact_details")
    chat.says("anna@example.org", "give_contact_details")
    assert "parcel needs an address" in chat.says(text, "out_of_scope")
    chat.presses("Leave the order for now")
    assert chat.outcome == "checkout_left"


def test_an_answer_says_which_detail_it_asks_for(chat):
    fill_cart(chat)
    asked = []
    for text, intent in (
        ("checkout", "place_order"),
        ("Anna Schmidt", "give_contact_details"),
        ("how long does delivery take?", "ask_delivery"),
        ("anna@", "give_contact_details"),
        ("anna@example.org", "give_contact_details"),
        ("14 Mill Lane, Bath BA1 2XY", "give_contact_details"),
        ("yes", "affirm"),
    ):
        chat.says(text, intent)
        asked.append(chat.replies[-1].payload.get("asks"))
    assert asked == ["name", "contact", "contact", "contact", "address", "confirm", None]


def test_only_what_was_given_here_is_filled_in_for_a_customer_who_is_not_proven(chat, sessions):
    go_to_confirmation(chat)
    chat.says("yes", "affirm")
    with writing(sessions) as session:  # an import finds the customer by the address that was typed
        made = session.get_one(Customer, session.get_one(Conversation, chat.conversation_id).customer_id)
        made.name, made.phone, made.address = "Ada Okafor", "+442079460999", "77 Marzipan Crescent, Leeds LS9 9ZZ"
    fill_cart(chat)
    summary = chat.says("checkout", "place_order")
    assert "Anna Schmidt" in summary and "14 Mill Lane" in summary
    assert "Ada Okafor" not in summary and "Marzipan" not in summary
    with writing(sessions) as session:
        session.get_one(Conversation, chat.conversation_id).identified = True
    chat.says("never mind the order", "stop")
    with writing(sessions) as session:
        session.get_one(Conversation, chat.conversation_id).pending = {}
    assert "77 Marzipan Crescent" in chat.says("checkout", "place_order")
