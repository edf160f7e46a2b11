"""Words change what is in the cart at any time: quantities, removals, swaps, what is put back."""

from __future__ import annotations

import pytest

from crm_store.database import writing
from tests import factories
from tests.unit.actions.test_ordering import FIRST, SECOND

BIKES = {"category": "Mountain Bikes", "budget": {"max": 2000.0}}


@pytest.mark.parametrize(
    ("text", "intent", "mentions", "count"),
    [
        ("make it 3", "refine_need", {"quantity": 3}, 3),
        ("set Firefly 600 to 5", "change_order", {"products": ["Firefly 600"]}, 5),
        ("change the quantity to 5", "change_order", {}, 5),
        ("改成两个", "refine_need", {"quantity": 2}, 2),
        ("数量改成2", "change_order", {}, 2),
        ("把帐篷改成四个", "change_order", {"categories": ["Tents"]}, 4),
        ("I want 3 tents, not 2", "state_need", {"categories": ["Tents"], "quantity": 3}, 3),
        ("two of those", "accept_offer", {"quantity": 2, "it": True}, 2),
        ("I'll take two", "accept_offer", {"quantity": 2}, 2),
        ("再来两个", "add_to_cart", {"quantity": 2}, 3),
        ("two more", "out_of_scope", {}, 3),
        ("one more tent please", "add_to_cart", {"categories": ["Tents"]}, 2),
        ("再加一个帐篷", "add_to_cart", {"categories": ["Tents"]}, 2),
        ("can you make it three?", "account_help", {}, 3),
    ],
)
def test_the_words_set_the_quantity(chat, tent, cart, text, intent, mentions, count):
    answer = chat.says(text, intent, mentions=mentions, needs={"quantity": 2} if "quantity" in mentions else {})
    assert cart() == {tent: count}
    assert f"{count} × Firefly 600" in answer and f"${count * 120}" in answer


@pytest.mark.parametrize("text", ["take one out", "少要一个", "remove one", "one less"])
def test_one_is_taken_out(chat, tent, cart, text):
    chat.says("make it 3", "refine_need")
    chat.says(text, "remove_from_cart")
    assert cart() == {tent: 2}


def test_the_last_one_taken_out_leaves_an_empty_cart(chat, tent, cart):
    assert "out of your cart" in chat.says("take one out", "remove_from_cart")
    assert cart() == {}


@pytest.mark.parametrize("text", ["don't make it 3", "how much if I make it 3", "make it 3 seasons", "不要改成三个"])
def test_what_is_no_change_changes_nothing(chat, tent, cart, text):
    chat.says(text, "refine_need")
    assert cart() == {tent: 1}


def test_a_quantity_changes_in_the_checkout_and_the_checkout_goes_on(chat, tent, cart):
    chat.says("checkout", "place_order")
    answer = chat.says("make it 2", "refine_need")
    assert cart() == {tent: 2} and "name" in answer


def test_whose_quantity_is_asked_when_it_is_not_clear(chat, tent, cart):
    chat.says("and a kettle burner", "add_to_cart", mentions={"products": ["Kettle Burner"]})
    chat.says("a bike", "state_need", needs=BIKES)
    assert "which one" in chat.says("change the quantity to 2", "change_order").casefold()
    chat.presses("Kettle Burner")
    assert cart() == {tent: 1, "Kettle-Burner-ONE": 2}


def test_more_than_there_is_changes_nothing(chat, tent, cart):
    assert "only 20" in chat.says("make it 30", "refine_need", mentions={"quantity": 30})
    assert cart() == {tent: 1}


@pytest.mark.parametrize("text", ["empty my cart", "清空购物车", "remove everything"])
def test_the_cart_is_emptied(chat, tent, cart, text):
    assert "empty" in chat.says(text, "remove_from_cart")
    assert cart() == {}


def test_emptying_the_cart_ends_the_checkout(chat, tent, cart):
    chat.says("checkout", "place_order")
    chat.says("empty my cart", "remove_from_cart")
    assert cart() == {} and "name" not in chat.says("hello", "greet")


def test_a_number_says_nothing_of_the_cart_when_a_new_list_is_shown(chat, tent, cart):
    chat.says("a bike", "state_need", needs=BIKES)
    chat.says("two more", "state_need")
    assert cart() == {tent: 1}


@pytest.mark.parametrize(
    ("text", "mentions"),
    [("remove the helmet", {"categories": ["Helmets"]}), ("take out the Cairn Two", {"products": ["Cairn Two"]})],
)
def test_what_is_not_in_the_cart_is_said_and_nothing_goes_out(chat, tent, cart, text, mentions):
    answer = chat.says(text, "remove_from_cart", mentions=mentions)
    assert cart() == {tent: 1} and "none in your cart" in answer


def test_a_thing_nobody_knows_takes_nothing_out(chat, tent, cart):
    chat.says("remove the sunglasses", "remove_from_cart")
    assert cart() == {tent: 1}


@pytest.mark.parametrize(
    ("text", "intent", "mentions"),
    [
        ("不要萤火600了", "reject_offer", {"products": ["Firefly 600"]}),
        ("帐篷不要了", "deny", {"categories": ["Tents"]}),
        ("I don't want the tent any more", "state_need", {"categories": ["Tents"]}),
        ("take the tent out", "remove_from_cart", {"categories": ["Tents"]}),
        ("remove it", "remove_from_cart", {"it": True}),
        ("把它删掉吧", "remove_from_cart", {"it": True}),
    ],
)
def test_what_is_not_wanted_any_more_goes_out(chat, tent, cart, text, intent, mentions):
    chat.says("make it 3", "refine_need")
    assert "3 × Firefly 600" in chat.says(text, intent, mentions=mentions)
    assert cart() == {}


def test_the_second_line_of_the_cart_goes_out(chat, tent, cart):
    chat.says("add kettle burner", "add_to_cart", mentions={"products": ["Kettle Burner"]})
    chat.says("remove the second one", "remove_from_cart", mentions=SECOND)
    assert cart() == {tent: 1}


def test_of_a_kind_in_the_cart_twice_one_has_to_be_named(chat, tent, cart):
    chat.says("add the cairn", "add_to_cart", mentions={"products": ["Cairn Two"]})
    chat.says("a bike", "state_need", needs=BIKES)
    chat.says("remove the tent", "remove_from_cart", mentions={"categories": ["Tents"]})
    assert len(cart()) == 2 and "Cairn Two" in chat.titles


def test_two_of_three_are_removed(chat, tent, cart):
    chat.says("make it 3", "refine_need")
    chat.says("remove 2 firefly 600", "remove_from_cart", mentions={"products": ["Firefly 600"], "quantity": 2})
    assert cart() == {tent: 1}


@pytest.fixture
def helmet(chat, goods):
    read = {"products": ["Kite Road"], "attributes": {"size": ["L"]}}
    chat.says("add 2 kite road in L", "add_to_cart", mentions={**read, "quantity": 2})


@pytest.mark.parametrize("text", ["换成M码", "把它换成M码", "change it to M", "swap it for M"])
def test_another_size_takes_the_place(chat, helmet, cart, text):
    chat.says(text, "refine_need", mentions={"attributes": {"size": ["M"]}}, needs={"attributes": {"size": ["M"]}})
    assert cart() == {"Kite-Road-M": 2}


def test_another_product_takes_the_place(chat, helmet, cart):
    read = {"categories": ["City Helmets"], "products": ["Kite Urban"]}
    chat.says("replace the helmet with the Kite Urban", "change_order", mentions=read)
    assert list(cart().values()) == [2] and next(iter(cart())).startswith("Kite-Urban")


@pytest.mark.parametrize("text", ["不对，我要的是第一个", "no, I meant the first one", "the first one instead"])
def test_a_correction_right_after_adding_replaces(chat, goods, cart, text):
    chat.says("a tent", "state_need", needs={"category": "Tents"})
    first = chat.cards[0]["name"]
    chat.says("the second", "accept_offer", mentions=SECOND)
    assert first in chat.says(text, "deny", mentions=FIRST)
    assert list(cart()) == [first.replace(" ", "-") + "-ONE"]


def test_a_sold_out_one_does_not_take_the_place(chat, helmet, cart):
    chat.says("replace it with the Thornbury", "change_order", mentions={"products": ["Thornbury"], "it": True})
    assert cart() == {"Kite-Road-L": 2}


@pytest.mark.parametrize("text", ["No. 3 Mill Lane, Bath", "把地址改成中山路3号", "改成中山路3号"])
def test_a_house_number_swaps_nothing(chat, bikes, cart, text):
    chat.says("the second", "accept_offer", mentions=SECOND)
    before = cart()
    chat.says("checkout", "place_order")
    chat.says(text, "out_of_scope", mentions={"positions": [3]})
    assert cart() == before


def test_what_was_taken_out_does_not_come_back_with_the_checkout(chat, tent, cart):
    chat.says("remove it", "remove_from_cart", mentions={"it": True})
    assert "empty" in chat.says("checkout", "place_order")
    assert cart() == {}


@pytest.fixture
def three(chat, goods):
    """Three lines in the cart: a Firefly, a Doze Plus, a Kettle Burner; the page shows both tents."""
    for name in ("Firefly 600", "Doze Plus", "Kettle Burner"):
        chat.says(f"add the {name}", "add_to_cart", mentions={"products": [name]})
    chat.says("a tent", "state_need", needs={"category": "Tents"})


@pytest.mark.parametrize(
    ("text", "mentions"), [("change the first to 3", FIRST), ("把第一个改成3个", {**FIRST, "quantity": 3})]
)
def test_the_first_is_changed_to_three(chat, three, cart, text, mentions):
    chat.says(text, "change_order", mentions=mentions)
    assert cart() == {"Firefly-600-ONE": 3, "Doze-Plus-ONE": 1, "Kettle-Burner-ONE": 1}


@pytest.mark.parametrize("text", ["swap the third one for the second", "把第三个换成第二个"])
def test_a_place_is_swapped_for_another(chat, three, cart, text):
    second = chat.cards[1]["name"]
    chat.says(text, "change_order", mentions={"positions": [3, 2]})
    assert "Kettle-Burner-ONE" not in cart() and len(cart()) in (2, 3)
    assert second.replace(" ", "-") + "-ONE" in cart()


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("remove everything except the sleeping bag", {"mentions": {"categories": ["Sleeping Bags"], "all": True}}),
        ("remove everything but the bag", {"needs": {"exclude": {"category": ["Sleeping Bags"]}}}),
        ("除了睡袋都删掉", {"mentions": {"categories": ["Sleeping Bags"]}}),
        ("除了睡袋其他都不要了", {"mentions": {"categories": ["Sleeping Bags"], "all": True}}),
        ("only keep the second", {"mentions": SECOND}),
    ],
)
def test_what_is_excepted_stays(chat, three, cart, text, read):
    chat.says(text, "remove_from_cart", **read)
    assert cart() == {"Doze-Plus-ONE": 1}


def test_everything_except_something_unknown_takes_nothing_out(chat, three, cart):
    assert "should stay" in chat.says("remove everything except the sunglasses", "remove_from_cart")
    assert len(cart()) == 3
    chat.presses("Doze Plus")
    assert cart() == {"Doze-Plus-ONE": 1}


@pytest.fixture
def boots(chat, goods, sessions, cart):
    with writing(sessions) as session:
        variants = [{"sku": f"BOOT-{size}", "size": size, "price": 150, "stock": 50} for size in ("41", "42", "43")]
        factories.make_product(session, "Ridge Boot", category="Boots", variants=variants)
    read = {"products": ["Ridge Boot"], "attributes": {"size": ["42"]}}
    chat.says("add the ridge boot in 42", "add_to_cart", mentions=read)
    assert cart() == {"BOOT-42": 1}


@pytest.mark.parametrize("text", ["take 41 instead of 42", "make it 41", "改成41", "41 not 42"])
def test_a_number_that_is_a_size_is_no_quantity(chat, boots, cart, text):
    chat.says(text, "accept_offer", mentions={"quantity": 41})
    assert cart() == {"BOOT-41": 1}


def test_a_counted_number_is_a_quantity(chat, boots, cart):
    chat.says("make it 41 pairs", "refine_need", mentions={"quantity": 41})
    assert cart() == {"BOOT-42": 41}


@pytest.mark.parametrize("text", ["no, not the stove", "不要炉头"])
def test_not_that_right_after_adding_takes_it_out(chat, tent, cart, text):
    chat.says("add a stove", "add_to_cart", mentions={"categories": ["Stoves"]})
    chat.says(text, "deny", mentions={"categories": ["Stoves"]})
    assert cart() == {tent: 1}


@pytest.mark.parametrize("text", ["remove the most expensive", "把最贵的删掉"])
def test_the_dearest_goes_out(chat, three, cart, text):
    chat.says(text, "remove_from_cart", mentions={"pick": {"attribute": "price", "to": "highest"}})
    assert cart() == {"Doze-Plus-ONE": 1, "Kettle-Burner-ONE": 1}


@pytest.mark.parametrize("text", ["actually put the tent back", "还是把帐篷加回来吧"])
def test_what_was_taken_out_is_put_back_as_it_was(chat, tent, cart, text):
    chat.says("make it 3", "refine_need")
    chat.says("remove it", "remove_from_cart", mentions={"it": True})
    chat.says(text, "add_to_cart", mentions={"categories": ["Tents"]})
    assert cart() == {tent: 3}
