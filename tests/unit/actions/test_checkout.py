"""From cart to order: details one by one, interruptions, refusals, once and only once."""

from __future__ import annotations

from decimal import Decimal

import pytest
from rasa_sdk.events import SlotSet
from sqlalchemy import select

from crm_store.tables import Lead, LeadStage, Order, Variant

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


# Only an explicit yes places the order ------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("不要下单", "place_order"),
        ("不下单", "place_order"),
        ("先不要下单", "place_order"),
        ("别下单", "affirm"),
        ("don't place the order", "place_order"),
        ("do not order it yet", "accept_offer"),
        ("不买了", "out_of_scope"),
        ("不要了", "reject_offer"),
        ("算了", "deny"),
        ("wait", "affirm"),
        ("等下", "give_contact_details"),
        ("how do i place the order?", "place_order"),
        ("yes but make it later", "affirm"),
        ("确认地址", "give_contact_details"),
        ("London", "affirm"),
    ],
)
def test_anything_but_a_yes_places_nothing(chat, sessions, words, intent):
    go_to_confirmation(chat)
    chat.says(words, intent)
    assert all_orders(sessions) == []


@pytest.mark.parametrize(
    ("words", "intent"),
    [
        ("looks good", "praise"),
        ("go ahead", "out_of_scope"),
        ("continue", "out_of_scope"),
        ("place the order", "place_order"),
        ("yes please", "affirm"),
        ("that's all correct, place my order", "place_order"),
        ("确认下单", "place_order"),
        ("没问题", "out_of_scope"),
    ],
)
def test_a_yes_in_many_words_places_the_order(chat, sessions, words, intent):
    go_to_confirmation(chat)
    chat.says(words, intent)
    assert len(all_orders(sessions)) == 1


@pytest.mark.parametrize("words", ["不要下单", "先不要下单", "不买了", "不要了", "not yet", "no thanks", "cancel it"])
def test_a_denial_leaves(chat, words):
    go_to_confirmation(chat)
    assert "nothing was ordered" in chat.says(words, "place_order")


def test_a_moment_to_think_is_given(chat, sessions):
    go_to_confirmation(chat)
    assert "until you say yes" in chat.says("wait a minute", "stop")
    chat.says("ok", "affirm")
    assert len(all_orders(sessions)) == 1


def test_a_new_wish_at_the_confirmation_is_no_yes(chat, sessions):
    go_to_confirmation(chat)
    answer = chat.says("yes and a helmet", "affirm", mentions={"categories": ["Helmets"]})
    assert all_orders(sessions) == [] and "Please check your order" in answer


# Corrections --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "intent", "expected"),
    [
        ("no, the name is wrong, it should be Peter O'Neill", "deny", "To: Peter O'Neill, 14 Mill Lane"),
        ("姓名写错了，是周洁", "deny", "To: 周洁, "),
        ("改名字叫王大明", "change_order", "To: 王大明, "),
        ("收货人改成李四", "change_order", "To: 李四, "),
        ("改收货人：李四", "place_order", "To: 李四, "),
        ("不是给周杰，是给我妈张兰", "deny", "To: 张兰, "),
        ("change the phone to 020 7946 0199", "change_order", "anna@example.org, +442079460199"),
        ("wrong email, it is bob@example.org", "deny", "Confirmation to bob@example.org"),
        (
            "change the address to 15 Baker Street, London NW1 6XE",
            "change_order",
            "Anna Schmidt, 15 Baker Street, London NW1 6XE.",
        ),
        ("地址换成上海市长宁区延安西路100号", "change_order", "Anna Schmidt, 上海市长宁区延安西路100号."),
        ("地址改为杭州市西湖区文三路100号，310012", "stop", "Schmidt, 杭州市西湖区文三路100号，310012."),
        ("我想换个地址，北京市朝阳区建国路88号", "refine_need", "Anna Schmidt, 北京市朝阳区建国路88号."),
        ("the postcode is wrong, it's BA1 2XZ", "deny", "14 Mill Lane, Bath, BA1 2XZ."),
        ("yes, but deliver it to 5 Hill Road, Leeds LS1 2AB", "affirm", "Schmidt, 5 Hill Road, Leeds LS1 2AB."),
        ("no, not 14 Mill Lane, it should be 16 Mill Lane, Bath BA1 2XY", "deny", "Schmidt, 16 Mill Lane, Bath"),
    ],
)
def test_a_detail_is_put_right_and_the_summary_shown_again(chat, sessions, words, intent, expected):
    go_to_confirmation(chat)
    answer = chat.says(words, intent)
    assert "Please check your order" in answer and expected in answer
    assert all_orders(sessions) == []


@pytest.mark.parametrize(
    ("words", "question", "value", "expected"),
    [
        ("no, the name is wrong", "name", "Bob Miller", "To: Bob Miller, "),
        ("地址错了", "deliver it", "15 Baker Street, London NW1 6XE", "15 Baker Street, London NW1 6XE"),
        ("the email is wrong", "e-mail", "bob@example.org", "bob@example.org"),
    ],
)
def test_a_detail_said_to_be_wrong_is_asked_for_again(chat, words, question, value, expected):
    go_to_confirmation(chat)
    assert question in chat.says(words, "deny")
    assert expected in chat.says(value, "give_contact_details")


def test_what_is_wrong_is_asked_when_it_is_not_said(chat):
    go_to_confirmation(chat)
    assert "What shall I change" in chat.says("不对", "deny")
    assert "Bob Miller" in chat.says("the name should be Bob Miller", "give_contact_details")


def test_a_wrong_new_email_is_said_and_the_old_one_stays(chat):
    go_to_confirmation(chat)
    assert "bob@nowhere" in chat.says("change the email to bob@nowhere", "change_order")
    assert "bob@example.org" in chat.says("bob@example.org", "give_contact_details")


# Names --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("words", "read"),
    [
        ("确认", {"intent": "affirm"}),
        ("购物车", {"intent": "out_of_scope"}),
        ("等下", {"intent": "give_contact_details"}),
        ("wait", {"intent": "give_contact_details"}),
        ("London", {"intent": "give_contact_details"}),
        ("aluminum", {"intent": "give_contact_details", "mentions": {"attributes": {"material": ["Aluminum"]}}}),
        ("改地址", {"intent": "give_contact_details"}),
        ("多少钱", {"intent": "give_contact_details"}),
        ("show the cart", {"intent": "give_contact_details"}),
    ],
)
def test_what_is_no_name_is_not_taken_for_one(chat, words, read):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    answer = chat.says(words, **read)
    assert "e-mail" not in answer


@pytest.mark.parametrize(
    "name",
    [
        "Anna Schmidt",
        "mia",
        "Peter O'Neill",
        "Jean-Luc Martin",
        "ok, Ann Lee",
        "dr. helen okonjo",
        "李娜",
        "欧阳明",
        "买买提·艾力",
    ],
)
def test_names_are_taken_when_asked_for(chat, name):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    assert "e-mail" in chat.says(name, "give_contact_details")


def test_a_surname_that_is_a_colour_is_a_name(chat):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    brown = {"attributes": {"color": ["Brown"]}}
    assert "e-mail" in chat.says("Tom Brown", "give_contact_details", mentions=brown, needs=brown)


# All in one message -------------------------------------------------------------------------------

ALL_IN_ONE = [
    (
        "checkout please. John Doe, jd.qa@example.com, 5 Main Street, Boston MA 02101, USA, phone 617 555 0100, "
        "standard shipping, pay by card",
        "To: John Doe, 5 Main Street, Boston MA 02101, USA. Confirmation to jd.qa@example.com, +16175550100.",
    ),
    (
        "收件人：刘洋，电话：13600001111，邮箱：liuyang@example.com，地址：成都市武侯区人民南路四段1号，610041",
        "刘洋, 成都市武侯区人民南路四段1号，610041. Confirmation to liuyang@example.com, +8613600001111.",
    ),
    (
        "下单。姓名李娜，邮箱lina@example.com，电话13900001111，地址广州市天河区体育西路1号，邮编510620",
        "李娜, 广州市天河区体育西路1号，510620. Confirmation to lina@example.com, +8613900001111.",
    ),
    (
        "吴磊 18612345678 wulei@example.com 南京市鼓楼区中山路1号 210018",
        "吴磊, 南京市鼓楼区中山路1号 210018. Confirmation to wulei@example.com, +8618612345678.",
    ),
]


@pytest.mark.parametrize(("words", "expected"), ALL_IN_ONE)
@pytest.mark.parametrize("intent", ["place_order", "give_contact_details", "out_of_scope"])
def test_a_message_with_everything_starts_the_checkout(chat, sessions, words, intent, expected):
    fill_cart(chat)
    answer = chat.says(words, intent)
    assert "Please check your order" in answer and expected in answer
    chat.says("yes", "affirm")
    (order,) = all_orders(sessions)
    assert order.email and order.phone


@pytest.mark.parametrize(("words", "expected"), ALL_IN_ONE)
def test_a_message_with_everything_answers_the_first_question(chat, words, expected):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    assert expected in chat.says(words, "ask_payment_methods")


def test_only_what_is_missing_is_asked_for(chat):
    fill_cart(chat)
    assert "e-mail" in chat.says("checkout, my name is John Doe, 5 Main Street, Boston MA 02101", "place_order")
    assert "Please check your order" in chat.says("jd@example.com", "give_contact_details")


def test_a_name_and_a_contact_start_the_checkout_of_a_full_cart(chat):
    fill_cart(chat)
    assert "deliver it" in chat.says("John Doe, jd@example.com", "give_contact_details")


def test_a_name_given_with_the_order_counts_before_the_one_known(chat):
    chat.says("my name is Ann Lee", "give_contact_details")
    fill_cart(chat)
    words = "checkout. name: Mary Jones, mary@example.org, 5 Hill Road, Leeds LS1 2AB"
    assert "To: Mary Jones, 5 Hill Road" in chat.says(words, "place_order")


def test_room_and_postcode_are_kept_and_are_no_phone_number(chat):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    chat.says("张三", "give_contact_details")
    chat.says("13800138000", "give_contact_details")
    summary = chat.says("北京市朝阳区建国路88号 1号楼302 100022", "give_contact_details")
    assert "张三, 北京市朝阳区建国路88号 1号楼302 100022. Confirmation to +8613800138000." in summary


# Addresses ----------------------------------------------------------------------------------------


def go_to_address(chat):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    chat.says("Anna Schmidt, anna@example.org", "give_contact_details")


def test_an_incomplete_address_is_completed_piece_by_piece(chat):
    go_to_address(chat)
    assert "town and postcode" in chat.says("12 High Street", "give_contact_details")
    assert "12 High Street, London." in chat.says("London", "ask_delivery")
    assert "12 High Street, London, SW1A 1AA." in chat.says("SW1A 1AA", "out_of_scope")
    summary = chat.says("UK", "out_of_scope")
    assert "To: Anna Schmidt, 12 High Street, London, SW1A 1AA, UK." in summary


def test_a_town_that_nobody_knows_is_taken_when_it_was_asked_for(chat):
    go_to_address(chat)
    chat.says("12 High Street", "give_contact_details")
    assert "To: Anna Schmidt, 12 High Street, little snoring." in chat.says("little snoring", "out_of_scope")


def test_no_more_than_the_street_is_accepted_after_asking(chat):
    go_to_address(chat)
    chat.says("12 High Street", "give_contact_details")
    assert "To: Anna Schmidt, 12 High Street." in chat.says("no", "deny")


def test_town_and_postcode_in_one_answer_are_added(chat):
    go_to_address(chat)
    chat.says("15 Baker Street", "give_contact_details")
    assert "To: Anna Schmidt, 15 Baker Street, London NW1 6XE." in chat.says("London NW1 6XE", "give_contact_details")


def test_a_town_given_first_stays_with_the_street(chat):
    go_to_address(chat)
    chat.says("上海", "give_contact_details")
    assert "Anna Schmidt, 上海浦东新区世纪大道100号." in chat.says("浦东新区世纪大道100号", "give_contact_details")


def test_a_postcode_in_a_sentence_is_added_alone(chat):
    go_to_confirmation(chat)
    assert "14 Mill Lane, Bath, BA1 2XZ." in chat.says("add the postcode BA1 2XZ", "add_to_cart")


def test_a_name_with_a_town_behind_it_is_a_name(chat):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    assert "e-mail" in chat.says("Bob Miller, Leeds", "give_contact_details")


def test_a_chinese_street_gets_its_city_in_front(chat):
    go_to_address(chat)
    assert "town and postcode" in chat.says("建国路88号", "give_contact_details")
    assert "Anna Schmidt, 北京市朝阳区建国路88号." in chat.says("北京市朝阳区", "give_contact_details")


@pytest.mark.parametrize(
    "address",
    [
        "12 High Street, London",
        "14 Mill Lane Bath BA1 2XY",
        "221 Elm Street, Apt 4B, Springfield, IL 62704",
        "Hauptstraße 5, 10115 Berlin",
        "19 rue des Lilas, Lyon",
        "flat 3, 90 Kings Parade, Brighton",
        "上海市长宁区延安西路100号",
        "深圳南山科技园路8号",
        "广东省 深圳市 南山区 科技园 1 号 518000",
    ],
)
def test_a_complete_address_is_not_asked_about(chat, address):
    go_to_address(chat)
    assert f"To: Anna Schmidt, {address}." in chat.says(address, "give_contact_details")


def test_a_question_while_the_town_is_open_is_answered(chat):
    go_to_address(chat)
    chat.says("12 High Street", "give_contact_details")
    answer = chat.says("how long does delivery take?", "ask_delivery")
    assert "working days" in answer and "town and postcode" in answer


# Interruptions ------------------------------------------------------------------------------------


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


# Beside the answers --------------------------------------------------------------------------------


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
