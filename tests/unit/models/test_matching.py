from __future__ import annotations

from decimal import Decimal

import pytest

from models.matching import fitting_use, matching_items, nearest_items, price_limits

RATES = {"CNY": 7.0}


@pytest.fixture
def bikes(make_item):
    return [
        make_item("Kestrel", 1500, color="Black", size="M", brand="Kest"),
        make_item("Torva", 900, color="Red", size="M", brand="Torva"),
        make_item("Moraine", 700, color="Blue", size="L", brand="Torva", stock=0),
        make_item("Lid", 60, categories=("Helmets",), color="Black"),
    ]


@pytest.mark.parametrize(
    ("needs", "names"),
    [
        ({}, ["Kestrel", "Torva", "Moraine", "Lid"]),
        ({"category": "Bikes"}, ["Kestrel", "Torva", "Moraine"]),
        ({"category": "mountain bikes", "exclude": {"color": ["Red"]}}, ["Kestrel", "Moraine"]),
        ({"brand": "torva"}, ["Torva", "Moraine"]),
        ({"exclude": {"category": ["Helmets"], "brand": ["Torva"]}}, ["Kestrel"]),
        ({"budget": {"min": 100, "max": 900}}, ["Torva", "Moraine"]),
        ({"attributes": {"color": ["Black", "Blue"]}}, ["Kestrel", "Moraine", "Lid"]),
        ({"product": "Lid"}, ["Lid"]),
        ({"attributes": {"material": ["carbon"]}}, []),
    ],
)
def test_items_fit_when_they_have_all_that_is_asked_and_nothing_refused(bikes, needs, names):
    assert [item.name for item in matching_items(bikes, needs, "USD", {})] == names


def test_a_budget_in_another_currency_is_converted():
    needs = {"budget": {"max": 14000, "currency": "CNY"}}
    assert price_limits(needs, "USD", RATES) == (None, Decimal(2000))
    assert price_limits({"budget": {"max": 500, "currency": "USD"}}, "USD", RATES) == (None, Decimal(500))


def test_the_nearest_leaves_out_as_few_wishes_as_possible_taste_first(bikes):
    needs = {"category": "Bikes", "attributes": {"color": ["Purple"]}, "budget": {"max": 1000}}
    nearest = nearest_items(bikes, needs, "USD", {})
    assert nearest is not None
    assert nearest.fields == ("attributes.color",)
    assert [item.name for item in nearest.items] == ["Torva"]


def test_what_was_refused_stays_refused_and_sold_out_is_not_near(bikes):
    needs = {"category": "Bikes", "budget": {"max": 800}, "exclude": {"color": ["Red"]}}
    nearest = nearest_items(bikes, needs, "USD", {})
    assert nearest is not None
    assert [item.name for item in nearest.items] == ["Kestrel"]


def test_nothing_is_near_in_a_category_that_is_sold_out(bikes):
    assert nearest_items(bikes[2:3], {"category": "Bikes", "brand": "Kest"}, "USD", {}) is None


def test_an_attribute_that_nothing_of_the_kind_has_is_no_wish_to_fail_on(make_item):
    bike = make_item(color="Red")
    needs = {"category": "Bikes", "attributes": {"gender": ["men"]}}
    assert matching_items([bike], needs, "USD", {}) == [bike]
    assert matching_items([bike], {"category": "Bikes", "attributes": {"color": ["Blue"]}}, "USD", {}) == []


def test_a_use_is_recognised_in_the_customers_own_words(make_item):
    item = make_item(uses=("weekend trails",))
    assert (
        fitting_use(item, {"use": "weekend trails"})
        == fitting_use(item, {"use": "trails on the weekend"})
        == "weekend trails"
    )
    assert fitting_use(item, {"use": "周末骑", "purpose": "weekend trails"}) == "weekend trails"
    assert fitting_use(item, {"use": "commuting"}) is None and fitting_use(item, {}) is None
