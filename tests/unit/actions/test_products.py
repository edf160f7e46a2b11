"""Questions about products are answered about the product that was meant."""

from __future__ import annotations

import pytest
from rasa_sdk.events import SlotSet

BIKE = {"category": "Mountain Bikes", "budget": {"max": 2000.0}}


@pytest.fixture
def bikes(chat):
    chat.says("a bike", "state_need", needs=BIKE)
    return [card["name"] for card in chat.cards]


def test_the_second_one_in_a_medium_is_the_second_product_in_that_size(chat, bikes):
    read = {"positions": [2], "attributes": {"size": ["M"]}}
    answer = chat.says("is the second one in stock in a medium?", "ask_availability", mentions=read)
    assert bikes[1].rsplit(", ", 1)[0] + ", M" in answer
    assert "Add to cart" in chat.titles
    assert f"{bikes[1].rsplit(', ', 1)[0]}, M" in chat.says("ok i'll take it", "accept_offer", mentions={"it": True})


def test_a_size_that_is_not_made_is_said_with_those_that_are(chat, bikes):
    read = {"positions": [1], "attributes": {"size": ["XXL"]}}
    answer = chat.says("do you have the first in xxl", "ask_availability", mentions=read)
    assert "XXL" in answer and "S, M, and L" in answer
    assert chat.events == [SlotSet("language", "en"), SlotSet("outcome", "not_made")]


def test_a_sold_out_product_is_said_to_be_sold_out(chat):
    answer = chat.says("is the Thornbury there?", "ask_availability", mentions={"products": ["Thornbury"]})
    assert "sold out" in answer


def test_comparing_the_first_and_the_third_says_where_they_differ(chat, bikes):
    answer = chat.says("compare the first and the third", "compare_products", mentions={"positions": [1, 3]})
    assert bikes[0] in answer and bikes[2] in answer and bikes[1] not in answer
    assert "weight" in answer and "costs the least" in answer


def test_a_product_is_described_by_what_the_catalogue_says(chat):
    answer = chat.says("tell me about the Torva 2", "ask_product_info", mentions={"products": ["Torva 2"]})
    assert "Torva 2" in answer and "$1,200" in answer and "13.9 kg" in answer


def test_the_price_of_a_kind_is_a_range(chat):
    answer = chat.says("what do mountain bikes cost?", "ask_price", needs={"category": "Mountain Bikes"})
    assert "$650" in answer and "$1,900" in answer


def test_no_promotion_is_an_honest_no(chat):
    assert "no mountain bikes on offer" in chat.says("deals?", "ask_promotion", needs={"category": "Mountain Bikes"})


def test_a_card_button_puts_that_product_into_the_cart(chat, bikes):
    answer = chat.presses("Add to cart")
    assert bikes[0] in answer and "cart" in answer


def test_two_of_those_are_two_in_the_cart(chat, bikes):
    chat.says("two of those", "add_to_cart", mentions={"positions": [1], "quantity": 2})
    assert "2 ×" in chat.says("cart", "view_cart")
    assert "out of your cart" in chat.says("take it out", "remove_from_cart")


def test_a_quote_has_a_number_a_total_and_an_end(chat, bikes):
    chat.says("the first", "accept_offer", mentions={"positions": [1]})
    answer = chat.says("send me a quote", "request_quote")
    assert "valid until" in answer
    assert chat.events == [SlotSet("language", "en"), SlotSet("outcome", "quoted")]


def test_a_button_of_another_conversation_means_nothing_here(chat, bikes, open_chat):
    stranger = open_chat()
    stranger.replies = chat.replies
    assert "no longer valid" in stranger.presses("Add to cart")
