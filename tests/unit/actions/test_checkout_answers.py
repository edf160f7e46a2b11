"""Only an explicit yes orders; details are taken in any order and put right at any time."""

from __future__ import annotations

import pytest

from tests.unit.actions.test_checkout import all_orders, fill_cart, go_to_confirmation


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
