from __future__ import annotations

from decimal import Decimal

import pytest

from models.next_question import next_question

BIKES = {"category": "Bikes"}


def test_the_facet_that_splits_best_is_asked(make_item):
    # Brand tells four products apart; colour only one from three.
    items = [
        make_item(brand=brand, color=color) for brand, color in zip("ABCD", ["Red", "Red", "Red", "Blue"], strict=True)
    ]
    question = next_question(items, BIKES, ())
    assert question is not None
    assert question.facet == "brand"
    assert question.gain == pytest.approx(2.0)
    assert set(question.values) == set("ABCD")


def test_a_use_is_asked_before_a_brand_that_tells_a_little_more(make_item):
    items = [make_item(brand=b, uses=(u,)) for b, u in zip("ABCDEF", ["touring", "racing", "city"] * 2, strict=True)]
    assert next_question(items, BIKES, ()).facet == "use"


def test_within_a_wide_category_the_kind_is_asked_first(make_item):
    kinds = [("Road Bikes", "Bikes"), ("City Bikes", "Bikes")] * 2
    items = [make_item(brand=b, categories=c) for b, c in zip("ABCD", kinds, strict=True)]
    question = next_question(items, {"category": "Bikes"}, ["category"])
    assert question.facet == "kind" and set(question.values) == {"Road Bikes", "City Bikes"}
    assert next_question(items, {"category": "Bikes"}, ["category", "kind"]).facet == "brand"


def test_what_was_asked_or_is_known_is_not_asked_again(make_item):
    items = [make_item(brand=brand, color=color) for brand, color in zip("ABCD", ["Red", "Blue"] * 2, strict=True)]
    assert next_question(items, BIKES, ["brand"]).facet == "color"
    assert next_question(items, {**BIKES, "attributes": {"color": ["Red"]}}, ["brand"]) is None


def test_a_facet_that_every_product_comes_in_does_not_split(make_item):
    sizes = [make_item(name, size=size) for name in ("A", "B", "C", "D") for size in ("S", "M")]
    split = [*sizes]
    assert next_question(split, BIKES, ["budget"]).gain == pytest.approx(0.5)


def test_a_facet_stated_by_half_of_the_products_is_worth_half(make_item):
    items = [make_item(brand="A"), make_item(brand="B"), make_item(), make_item()]
    assert next_question(items, BIKES, ()).gain == pytest.approx(0.5)


def test_without_a_category_the_category_is_asked_most_bought_first(make_item):
    items = [
        make_item(categories=("Tents", "Camping"), units_sold=1),
        make_item(categories=("Road Bikes", "Bikes"), units_sold=9),
    ]
    question = next_question(items, {}, ())
    assert (question.facet, question.values) == ("category", ("Bikes", "Camping"))


def test_a_weight_in_grams_is_no_question(make_item):
    items = [make_item(attributes={"weight_g": weight}) for weight in (9800, 12100, 13300)]
    assert next_question(items, BIKES, ()) is None


def test_prices_far_apart_are_asked_about_in_round_limits(make_item):
    items = [make_item(price=price) for price in (120, 240, 390, 800, 1500, 3100)]
    question = next_question(items, BIKES, ())
    assert question.facet == "budget"
    assert all(Decimal(limit) % 10 == 0 for limit in question.values)


def test_one_product_needs_no_question(make_item):
    assert next_question([make_item(brand="A")], BIKES, ()) is None
