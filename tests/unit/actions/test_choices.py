"""What a number, a description or a kind named in passing means while products are on the table."""

from __future__ import annotations

import pytest

from crm_store.database import writing
from tests import factories

FIRST = {"positions": [1]}


@pytest.fixture
def solo(goods, sessions):
    with writing(sessions) as session:
        variants = [{"sku": "SOLO", "price": 99, "stock": 5}]
        factories.make_product(session, "Solo", category="Tents", attributes={"people": "1"}, variants=variants)


@pytest.fixture
def lamps(goods, chat, sessions):  # noqa: F811
    """Three lanterns on the table, and "which one do you mean?" not asked yet."""
    with writing(sessions) as session:
        for name, color, material, lumens, price in (
            ("Dome", "Black", "Steel", "300", 30),
            ("Beam", "Red", "Plastic", "900", 50),
            ("Glow", "Green", "Wood", "120", 20),
        ):
            variants = [{"sku": name.upper(), "color": color, "price": price, "stock": 9}]
            more = {"material": material, "lumens": lumens}
            factories.make_product(session, name, category="Lanterns", attributes=more, variants=variants)
    chat.says("a lantern", "state_need", needs={"category": "Lanterns"})
    return [card["name"].split(",")[0] for card in chat.cards]


@pytest.mark.parametrize(
    ("text", "name", "read"),
    [
        ("the brightest one", "BEAM", {}),
        ("the steel one", "DOME", {}),
        ("the black one", "DOME", {"attributes": {"color": ["Black"]}}),
        ("the green one please", "GLOW", {}),
        ("最便宜的", "GLOW", {"pick": {"attribute": "price", "to": "lowest"}}),
        ("最亮的那个", "BEAM", {}),
    ],
)
def test_which_one_is_answered_by_a_description(chat, lamps, cart, text, name, read):  # noqa: F811
    assert "Which one" in chat.says("yes", "affirm")
    chat.says(text, "out_of_scope", mentions=read)
    assert cart() == {name: 1}


def test_which_one_is_answered_by_a_bare_number(chat, lamps, cart):  # noqa: F811
    chat.says("yes", "affirm")
    chat.says("2", "out_of_scope", mentions={"amount": 2})
    assert cart() == {lamps[1].upper(): 1}


@pytest.mark.parametrize("text", ["whatever you think is best", "ok", "yes", "随便", "I don't mind"])
def test_which_one_may_be_left_to_us(chat, lamps, cart, text):  # noqa: F811
    chat.says("yes", "affirm")
    assert lamps[0] in chat.says(text, "affirm")
    assert cart() == {lamps[0].upper(): 1}


def test_after_two_tries_they_are_shown_again(chat, lamps, cart):  # noqa: F811
    for _ in range(2):
        assert "Which one" in chat.says("add one of these", "add_to_cart")
    assert "Which one" not in chat.says("add one of these", "add_to_cart")
    assert len(chat.cards) == 3 and cart() == {}


def test_a_bare_number_with_one_product_adds_nothing_until_a_yes(chat, goods, cart):  # noqa: F811
    chat.says("a stove", "state_need", needs={"category": "Stoves"})
    assert "2 × Kettle Burner" in chat.says("2", "accept_offer", mentions={"amount": 2, "quantity": 2})
    assert cart() == {}
    chat.says("yes", "affirm")
    assert cart() == {"Kettle-Burner-ONE": 2}


@pytest.mark.parametrize("text", ["the cheapest", "最便宜的", "which is the cheapest?"])
def test_the_cheapest_is_shown_and_can_be_added(chat, lamps, cart, text):  # noqa: F811
    assert "Glow" in chat.says(text, "refine_need", mentions={"pick": {"attribute": "price", "to": "lowest"}})
    assert cart() == {}
    chat.says("add it", "add_to_cart", mentions={"it": True})
    assert cart() == {"GLOW": 1}


@pytest.mark.parametrize("text", ["2 of those, and one sleeping bag", "这个要两个，再加一个睡袋"])
def test_a_count_of_those_is_not_that_of_a_further_kind(chat, goods, cart, text):  # noqa: F811
    chat.says("a stove", "state_need", needs={"category": "Stoves"})
    read = {"it": True, "categories": ["Sleeping Bags"], "quantity": 2}
    chat.says(text, "accept_offer", mentions=read)
    assert cart() == {"Kettle-Burner-ONE": 2, "Doze-Plus-ONE": 1}


@pytest.mark.parametrize("text", ["add the first, and show me a 3 person tent", "第一个加入购物车，再看看3人的帐篷"])
def test_what_is_to_be_shown_is_not_added(chat, goods, lamps, cart, text):  # noqa: F811
    items = [{"position": 1, "quantity": 1}, {"category": "Tents", "quantity": 3}]
    read = {**FIRST, "categories": ["Tents"], "items": items}
    chat.says(text, "add_to_cart", mentions=read, needs={"category": "Tents"})
    assert list(cart().values()) == [1] and len(chat.cards) == 2


def test_a_number_of_people_is_no_count(chat, goods, lamps, cart):  # noqa: F811
    items = [{"category": "Tents", "quantity": 3}]
    chat.says("add a 3 person tent", "add_to_cart", mentions={"categories": ["Tents"], "items": items, "quantity": 3})
    assert sum(cart().values()) <= 1


@pytest.mark.parametrize("text", ["add the tent you'd recommend for 3 people", "加一个3人的帐篷"])
def test_a_kind_in_a_size_that_is_not_there_is_shown(chat, goods, solo, lamps, cart, text):  # noqa: F811
    chat.says(text, "add_to_cart", mentions={"categories": ["Tents"], "attributes": {"people": ["3"]}})
    assert cart() == {} and chat.cards


@pytest.mark.parametrize("text", ["also a stove and some gloves please", "还要炉头和手套"])
def test_kinds_named_while_browsing_are_shown(chat, goods, lamps, cart, text):  # noqa: F811
    answer = chat.says(text, "add_to_cart", mentions={"categories": ["Stoves", "Gloves"]}, needs={"category": "Stoves"})
    assert cart() == {} and "gloves next" in answer and "Gloves" in chat.titles


@pytest.mark.parametrize("text", ["add a stove", "再加一个炉头", "加一个炉头到购物车"])
def test_a_kind_that_is_said_to_be_added_is_added(chat, goods, lamps, cart, text):  # noqa: F811
    chat.says(text, "add_to_cart", mentions={"categories": ["Stoves"]})
    assert cart() == {"Kettle-Burner-ONE": 1}


def test_what_is_not_sold_is_said(chat, goods, lamps, cart):  # noqa: F811
    read = {**FIRST, "not_sold": ["Pedals"], "categories": ["Stoves"]}
    answer = chat.says("the first, plus pedals and a stove", "accept_offer", mentions=read)
    assert "no Pedals" in answer and len(cart()) == 2


@pytest.mark.parametrize("text", ["remove the first one and add a stove", "删掉第一个，再加一个炉头"])
def test_one_goes_out_and_another_comes_in(chat, tent, cart, text):  # noqa: F811
    chat.says(text, "remove_from_cart", mentions={**FIRST, "categories": ["Stoves"]})
    assert cart() == {"Kettle-Burner-ONE": 1}


@pytest.mark.parametrize("text", ["which is the lightest of these?", "哪个更轻？", "which one is lighter?"])
def test_the_comparison_names_the_winner_in_what_is_asked(chat, bikes, text):  # noqa: F811
    answer = chat.says(text, "compare_products")
    assert "is the lightest: 12" in answer or "is the lightest: 13" in answer
    assert "costs the least" not in answer


def test_it_after_a_comparison_is_the_winner(chat, lamps, cart):  # noqa: F811
    assert "Beam" in chat.says("which is brightest?", "compare_products").splitlines()[-1]
    chat.says("add it", "add_to_cart", mentions={"it": True})
    assert cart() == {"BEAM": 1}


def test_what_the_catalogue_does_not_say_is_not_made_up(chat, lamps):
    assert "don't have that figure" in chat.says("which is the lightest?", "compare_products")


def test_one_alone_is_not_compared(chat, goods):  # noqa: F811
    chat.says("a stove", "state_need", needs={"category": "Stoves"})
    assert "only one" in chat.says("which is the lightest of these?", "compare_products")
