"""What goes into the cart is what was asked for: no yes adds by itself, and words change quantities at any time."""

from __future__ import annotations

import pytest

FIRST, SECOND = {"positions": [1]}, {"positions": [2]}


@pytest.mark.parametrize("text", ["yes", "confirm", "好的", "ok"])
def test_a_yes_after_adding_adds_nothing(chat, cart, tent, text):
    answer = chat.says(text, "affirm")
    assert cart() == {tent: 1}
    assert "in your cart already" in answer and "Checkout" in chat.titles


def test_a_yes_to_several_products_asks_which(chat, bikes, cart):
    assert "Which one" in chat.says("yes", "affirm")
    assert cart() == {}
    chat.says("the second one", "accept_offer", mentions=SECOND)
    assert sum(cart().values()) == 1


def test_a_yes_to_one_product_asks_first_and_then_adds(chat, bikes, cart):
    chat.says("is the second one there in M?", "ask_availability", mentions={**SECOND, "attributes": {"size": ["M"]}})
    with_focus = chat.says("perfect", "affirm")
    if "Shall I" in with_focus:
        assert cart() == {}
        chat.says("yes", "affirm")
    assert list(cart().values()) == [1] and next(iter(cart())).endswith("-M")


def test_a_yes_right_after_the_offer_adds_what_was_offered(chat, bikes, cart):
    chat.says("what about the second?", "accept_offer", mentions=SECOND)
    assert bikes[1] in chat.says("yes", "affirm")
    assert sum(cart().values()) == 1
    assert "in your cart already" in chat.says("yes", "affirm")
    assert sum(cart().values()) == 1


def test_a_yes_after_something_else_was_answered_is_asked_for_again(chat, bikes, cart):
    chat.says("what about the second?", "accept_offer", mentions=SECOND)
    chat.says("what does delivery cost?", "ask_delivery")
    assert "Shall I" in chat.says("yes", "affirm")
    assert cart() == {}


def test_yes_with_a_place_takes_that_one(chat, bikes, cart):
    chat.says("yes, the second one", "affirm", mentions=SECOND)
    assert sum(cart().values()) == 1


def test_taking_the_same_again_is_not_two(chat, bikes, cart):
    chat.says("i'll take the first", "accept_offer", mentions=FIRST)
    assert "in your cart already" in chat.says("i'll take it", "accept_offer", mentions={"it": True})
    assert list(cart().values()) == [1]
    chat.presses("Add one more")
    assert list(cart().values()) == [2]


@pytest.mark.parametrize(
    ("text", "intent", "mentions"),
    [
        ("don't add it", "add_to_cart", {"it": True}),
        ("不要加入购物车", "add_to_cart", {}),
        ("no", "accept_offer", {}),
        ("先不买", "accept_offer", {}),
        ("第一个不要", "accept_offer", {"not_positions": [1]}),
        ("第二个呢", "accept_offer", SECOND),
        ("what about the second?", "add_to_cart", SECOND),
        ("第二个怎么样", "accept_offer", SECOND),
        ("not the first one", "deny", {"not_positions": [1]}),
        ("no, the second", "deny", SECOND),
    ],
)
def test_refusals_and_questions_add_nothing(chat, bikes, cart, text, intent, mentions):
    assert len(chat.says(text, intent, mentions=mentions)) > 10
    assert cart() == {}


def test_what_about_the_second_is_answered_with_the_second(chat, bikes):
    answer = chat.says("what about the second one?", "accept_offer", mentions=SECOND)
    assert "$" in answer and "Add to cart" in chat.titles


def test_a_request_with_a_question_mark_adds(chat, bikes, cart):
    chat.says("can I have the second one?", "accept_offer", mentions=SECOND)
    assert sum(cart().values()) == 1


def test_each_thing_has_its_own_count(chat, goods, cart):
    items = [{"product": "Doze Plus", "quantity": 2}, {"product": "Kettle Burner", "quantity": 1}]
    read = {"products": ["Doze Plus", "Kettle Burner"], "quantity": 2, "items": items}
    chat.says("add 2 Doze Plus and 1 Kettle Burner", "add_to_cart", mentions=read)
    assert cart() == {"Doze-Plus-ONE": 2, "Kettle-Burner-ONE": 1}


def test_places_have_their_own_counts(chat, bikes, cart):
    items = [{"position": 1, "quantity": 1}, {"position": 2, "quantity": 2}]
    chat.says(
        "第一个要一件，第二个要两件", "accept_offer", mentions={"positions": [1, 2], "quantity": 2, "items": items}
    )
    assert list(cart().values()) == [1, 2]


def test_a_product_and_a_kind_with_counts(chat, goods, cart):
    items = [{"product": "Firefly 600", "quantity": 2}, {"category": "Stoves", "quantity": 1}]
    read = {"products": ["Firefly 600"], "categories": ["Stoves"], "items": items}
    chat.says("萤火600两个，炉头一个", "add_to_cart", mentions=read)
    assert cart() == {"Firefly-600-ONE": 2, "Kettle-Burner-ONE": 1}


def test_the_tent_shown_and_four_sleeping_bags(chat, goods, cart):
    chat.says("what about the cairn?", "accept_offer", mentions={"products": ["Cairn Two"]})
    items = [{"category": "Tents", "quantity": 1}, {"category": "Sleeping Bags", "quantity": 4}]
    read = {"categories": ["Tents", "Sleeping Bags"], "quantity": 4, "items": items}
    chat.says("add the tent and 4 sleeping bags", "add_to_cart", mentions=read)
    assert cart() == {"Cairn-Two-ONE": 1, "Doze-Plus-ONE": 4}


@pytest.mark.parametrize(("text", "mentions"), [("add both", {}), ("两个都要", {"quantity": 2})])
def test_both_are_one_of_each(chat, goods, cart, text, mentions):
    chat.says("a tent", "state_need", needs={"category": "Tents"})
    chat.says(text, "accept_offer", mentions={**mentions, "all": True})
    assert cart() == {"Firefly-600-ONE": 1, "Cairn-Two-ONE": 1}


def test_both_of_three_is_asked(chat, bikes, cart):
    assert "Which one" in chat.says("both", "accept_offer", mentions={"all": True})
    assert cart() == {}


def test_the_second_and_not_the_first(chat, goods, cart):
    chat.says("a tent", "state_need", needs={"category": "Tents"})
    second = chat.cards[1]["name"]
    read = {"positions": [2], "not_positions": [1]}
    assert second in chat.says("第二个加入购物车，不要第一个", "add_to_cart", mentions=read)
    assert list(cart().values()) == [1]


def test_the_size_asked_about_is_the_one_added(chat, goods, cart):
    needs = {"category": "City Helmets", "product": "Kite Urban", "attributes": {"size": ["L"]}}
    chat.says("the kite urban in L", "state_need", needs=needs)
    chat.says("is it there in M?", "ask_availability", mentions={"it": True, "attributes": {"size": ["M"]}})
    chat.says("add it", "add_to_cart", mentions={"it": True})
    assert cart() == {"Kite-Urban-M": 1}


@pytest.mark.parametrize(
    ("pick", "place"), [({"attribute": "price", "to": "lowest"}, min), ({"attribute": "price", "to": "highest"}, max)]
)
def test_the_cheapest_and_the_dearest_are_picked_among_those_shown(chat, goods, cart, pick, place):
    chat.says("a tent", "state_need", needs={"category": "Tents"})
    chat.says("that one", "accept_offer", mentions={"pick": pick, "it": True})
    assert cart() == {"Firefly-600-ONE" if place is min else "Cairn-Two-ONE": 1}


def test_the_third_of_two_is_said_not_to_be(chat, goods, cart):
    chat.says("a tent", "state_need", needs={"category": "Tents"})
    assert "only 2" in chat.says("the third", "accept_offer", mentions={"positions": [3]})
    assert cart() == {}


def test_a_size_that_is_not_made_is_not_added_in_another(chat, goods, cart):
    read = {"products": ["Kite Urban"], "attributes": {"size": ["XXL"]}}
    assert "M and L" in chat.says("add the kite urban in xxl", "add_to_cart", mentions=read)
    assert cart() == {}


def test_a_kind_named_adds_that_kind_only(chat, tent, cart):
    chat.says("and a stove", "add_to_cart", mentions={"categories": ["Stoves"]}, needs={"category": "Stoves"})
    assert cart() == {tent: 1, "Kettle-Burner-ONE": 1}


def test_it_and_a_kind_adds_both(chat, goods, cart):
    chat.says("what about the cairn?", "accept_offer", mentions={"products": ["Cairn Two"]})
    chat.says("add it and a stove", "add_to_cart", mentions={"it": True, "categories": ["Stoves"]})
    assert cart() == {"Cairn-Two-ONE": 1, "Kettle-Burner-ONE": 1}


def test_the_best_of_a_kind_comes_in_the_customers_size(chat, goods, cart):
    chat.says("gloves in L", "state_need", needs={"category": "Gloves", "attributes": {"size": ["L"]}})
    chat.says("add a helmet", "add_to_cart", mentions={"categories": ["City Helmets"]})
    assert len(cart()) == 1 and next(iter(cart())).endswith("-L")
