"""Products found by their own words."""

from __future__ import annotations

import pytest

from models.text_match import TextMatch


@pytest.fixture
def shop(make_item):
    return [
        make_item("Bluecap", categories=("Stove Fuel",), description="Gas for camping stoves, boils water in minutes."),
        make_item("Sleet", categories=("Rain Jackets",), description="Keeps you dry in heavy rain on the bike."),
        make_item(
            "Hearth",
            categories=("Sleeping Bags",),
            description="Warm down to minus ten.",
            description_zh="保暖睡袋，适合冬季露营。",
        ),
    ]


@pytest.mark.parametrize(
    ("words", "code"),
    [
        ("something to boil water with", "Bluecap"),
        ("staying dry in heavy rian", "Sleet"),
        ("冬季露营", "Hearth"),
        ("slepping bag", "Hearth"),
    ],
)
def test_the_product_whose_words_are_nearest_comes_first(shop, words, code):
    near = TextMatch(shop).nearness(words)
    assert max(near, key=near.get) == code
    assert near[code] == 1.0


@pytest.mark.parametrize("words", ["", "   ", "qqqq xxyyzz"])
def test_words_that_share_nothing_find_nothing(shop, words):
    assert TextMatch(shop).nearness(words) == {}


def test_an_empty_shop_finds_nothing():
    assert TextMatch([]).nearness("rain") == {}
