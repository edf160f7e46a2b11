"""Needs add up, the choice narrows, and what is shown can be spoken of."""

from __future__ import annotations

from decimal import Decimal

from rasa_sdk.events import SlotSet

TRAIL_BIKE = {
    "category": "Mountain Bikes",
    "exclude": {"color": ["Red"]},
    "budget": {"max": 2000.0, "currency": "USD"},
    "use": "weekend trails",
}


def test_a_clear_need_is_answered_with_three_products_that_fit(chat):
    chat.says("a mountain bike for weekend trails, not red, up to 2 grand", "state_need", needs=TRAIL_BIKE)
    assert chat.events == [SlotSet("language", "en"), SlotSet("outcome", "shown")]
    assert len(chat.cards) == 3
    assert all(Decimal(card["price"]) <= 2000 and "Red" not in card["name"] for card in chat.cards)
    assert all(card["reason"] and card["stock"] for card in chat.cards)


def test_a_bare_category_is_answered_with_a_question_first(chat):
    answer = chat.says("mountain bikes", "state_need", needs={"category": "Mountain Bikes"})
    assert chat.events == [SlotSet("language", "en"), SlotSet("outcome", "asked")]
    assert answer.endswith("?") and not chat.cards


def test_needs_add_up_over_turns(chat):
    chat.says("a mountain bike", "state_need", needs={"category": "Mountain Bikes"})
    chat.says("in black", "refine_need", needs={"attributes": {"color": ["Black"]}})
    assert {card["name"] for card in chat.cards} >= {"Kestrel 500, Black, S"}
    assert all("Black" in card["name"] for card in chat.cards)


def test_a_question_is_not_asked_twice_and_never_more_than_three_in_a_row(chat):
    asked = []
    chat.says("mountain bikes", "state_need", needs={"category": "Mountain Bikes"})
    for _ in range(5):
        if chat.cards:
            break
        asked.append(chat.replies[-1].text)
        chat.says("no idea", "undecided")
    assert chat.cards
    assert 1 <= len(asked) <= 3
    assert len(set(asked)) == len(asked)


def test_cheaper_shows_what_costs_less_than_what_was_shown(chat):
    chat.says("a mountain bike", "state_need", needs=TRAIL_BIKE)
    least = min(Decimal(card["price"]) for card in chat.cards)
    chat.says("anything cheaper?", "refine_need", mentions={"change": [{"attribute": "price", "to": "lower"}]})
    assert Decimal(chat.cards[0]["price"]) < least
    assert len(chat.cards) >= 2


def test_when_nothing_is_cheaper_it_says_so_and_shows_the_cheapest(chat):
    cheap = {"category": "Mountain Bikes", "budget": {"max": 700.0}}
    chat.says("a mountain bike under 700", "state_need", needs=cheap)
    answer = chat.says("cheaper?", "refine_need", mentions={"change": [{"attribute": "price", "to": "lower"}]})
    assert "Nothing that fits costs less" in answer
    assert [card["price"] for card in chat.cards] == ["650.00"]


def test_lighter_goes_by_the_stated_weight(chat):
    chat.says("a bike", "state_need", needs={"category": "Mountain Bikes", "budget": {"max": 1300}})
    chat.says("something lighter", "refine_need", mentions={"change": [{"attribute": "weight", "to": "lower"}]})
    assert chat.cards


def test_when_nothing_fits_it_names_the_wish_to_relax_and_shows_the_nearest(chat):
    needs = {"category": "Mountain Bikes", "attributes": {"color": ["Purple"]}, "budget": {"max": 1000}}
    answer = chat.says("a purple one under 1000", "state_need", needs=needs)
    assert chat.events == [SlotSet("language", "en"), SlotSet("outcome", "relaxed")]
    assert "the colour (Purple)" in answer
    assert all(Decimal(card["price"]) <= 1000 for card in chat.cards)


def test_not_that_brand_leaves_the_brand_out(chat):
    chat.says("a bike", "state_need", needs=TRAIL_BIKE)
    brand = chat.cards[0]["name"].split()[0]
    chat.says("not that brand", "reject_offer", mentions={"reject": ["brand"], "positions": [1]})
    assert chat.cards and all(not card["name"].startswith(brand) for card in chat.cards)


def test_a_new_kind_of_product_is_a_new_topic(chat):
    chat.says("a bike", "state_need", needs=TRAIL_BIKE)
    chat.says("and a helmet", "state_need", needs={"category": "Helmets"})
    assert [card["sku"] for card in chat.cards] == ["LID-M"]


def test_the_answer_is_in_chinese_for_a_chinese_customer(chat):
    answer = chat.says("我想买山地车", "state_need", language="zh", language_certain=True, needs=TRAIL_BIKE)
    assert "最适合" in answer
    assert chat.events == [SlotSet("language", "zh"), SlotSet("outcome", "shown")]
    assert "预算" in "".join(card["reason"] for card in chat.cards) or all(card["reason"] for card in chat.cards)


def test_stating_a_need_makes_one_lead_with_what_is_wanted(chat, sessions):
    chat.says("a bike", "state_need", needs=TRAIL_BIKE)
    chat.says("in black", "refine_need", needs={"attributes": {"color": ["Black"]}})
    from crm_store.leads import lead_of

    with sessions() as session:
        lead = lead_of(session, chat.conversation_id)
        assert lead is not None and lead.wants["category"] == "Mountain Bikes"
        assert lead.wants["attributes"] == {"color": ["Black"]}


def test_what_is_not_sold_is_said_and_not_guessed(chat):
    answer = chat.says("do you sell kayaks?", "state_need", mentions={"not_sold": ["kayak"]})
    assert "(kayak)" in answer and chat.cards == []


def test_a_bare_number_is_the_budget_of_what_is_looked_for(chat):
    chat.says("a mountain bike", "state_need", needs={"category": "Mountain Bikes"})
    chat.says("1000", "give_contact_details", mentions={"amount": 1000})
    assert chat.cards and all(float(card["price"]) <= 1000 for card in chat.cards)


def test_an_answer_that_excludes_is_a_wish(chat):
    chat.says("a mountain bike", "state_need", needs={"category": "Mountain Bikes"})
    chat.says("not black", "refine_need", needs={"exclude": {"color": ["Black"]}})
    assert chat.cards and not any("Black" in card["name"] for card in chat.cards)


def test_any_colour_drops_the_wish_for_one(chat, session):
    blue = {"category": "Mountain Bikes", "attributes": {"color": ["Blue"]}}
    chat.says("a blue mountain bike", "state_need", needs=blue)
    assert {card["name"].split(", ")[1] for card in chat.cards} == {"Blue"}
    chat.says("any colour is fine", "no_preference", mentions={"open": ["color"], "asked": ["color"]})
    assert chat.conversation(session).needs == {"category": "Mountain Bikes"}


def test_who_leaves_it_to_us_is_told_our_choice_and_not_shown_the_same_again(chat, cart):
    chat.says("a mountain bike for weekend trails, not red, up to 2 grand", "state_need", needs=TRAIL_BIKE)
    first = chat.cards[0]["name"]
    answer = chat.says("随便", "no_preference")
    assert [card["name"] for card in chat.cards] == [first]
    assert answer.endswith("?") or answer.endswith("？")
    chat.says("yes", "affirm")
    assert list(cart().values()) == [1]


def test_all_is_the_same_before_anything_was_shown_is_answered_with_products(chat):
    chat.says("mountain bikes", "state_need", needs={"category": "Mountain Bikes"})
    for _ in range(4):
        if chat.cards:
            break
        chat.says("whatever", "no_preference")
    assert len(chat.cards) == 3
