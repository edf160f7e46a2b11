"""What goes into the cart is what was asked for: no yes adds by itself, and words change quantities at any time."""

from __future__ import annotations

import pytest

from crm_store import carts
from crm_store.database import writing
from tests import factories

BIKES = {"category": "Mountain Bikes", "budget": {"max": 2000.0}}
FIRST, SECOND = {"positions": [1]}, {"positions": [2]}


@pytest.fixture
def goods(shop, sessions):
    """Beside the bikes: two tents, a sleeping bag, a kettle burner, gloves and helmets in sizes."""
    with writing(sessions) as session:
        for name, kind, price, sizes in (
            ("Firefly 600", "Tents", 120, (None,)),
            ("Cairn Two", "Tents", 200, (None,)),
            ("Doze Plus", "Sleeping Bags", 80, (None,)),
            ("Kettle Burner", "Stoves", 40, (None,)),
            ("Grip", "Gloves", 30, ("M", "L")),
            ("Kite Urban", "City Helmets", 70, ("M", "L")),
            ("Kite Road", "City Helmets", 75, ("M", "L")),
        ):
            variants = [
                {"sku": f"{name}-{size or 'ONE'}".replace(" ", "-"), "size": size, "price": price, "stock": 20}
                for size in sizes
            ]
            factories.make_product(session, name, category=kind, variants=variants)


@pytest.fixture
def cart(chat, sessions, now):
    """Return a function that tells what is in the chat's cart: SKU -> how many."""

    def contents() -> dict[str, int]:
        with sessions() as session:
            lines = carts.cart_of(session, chat.conversation_id, now).lines
            return {line.variant.sku: line.quantity for line in lines}

    return contents


@pytest.fixture
def bikes(chat):
    chat.says("a bike", "state_need", needs=BIKES)
    return [card["name"] for card in chat.cards]


@pytest.fixture
def tent(chat, goods):
    """A chat with one Firefly in the cart."""
    chat.says("add the firefly 600", "add_to_cart", mentions={"products": ["Firefly 600"]})
    return "Firefly-600-ONE"


# Nothing by accident -----------------------------------------------------------------------------


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


# Quantities --------------------------------------------------------------------------------------


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


# Several things at once --------------------------------------------------------------------------


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


# Taking out --------------------------------------------------------------------------------------


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


# What is pointed at ------------------------------------------------------------------------------


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


# One for another ---------------------------------------------------------------------------------


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


# Words that decide ---------------------------------------------------------------------------------


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
