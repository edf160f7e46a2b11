from __future__ import annotations

from decimal import Decimal

from models.recommender import recommend, weight_of


def names(recommendations):
    return [offered.item.name for offered in recommendations]


def ranked(items, needs=None, **options):
    return recommend(items, needs or {}, currency="USD", rates={}, **options)


def test_what_sells_comes_first_when_nothing_else_is_known(make_item):
    items = [make_item("Rare", units_sold=1), make_item("Loved", units_sold=90), make_item("Liked", units_sold=20)]
    assert names(ranked(items)) == ["Loved", "Liked", "Rare"]


def test_the_use_outweighs_what_sells(make_item):
    items = [make_item("Loved", units_sold=90), make_item("Made for it", uses=("touring",))]
    best = ranked(items, {"use": "touring"})
    assert names(best)[0] == "Made for it"
    assert best[0].reason.code == "made_for_use"


def test_each_product_is_shown_once_and_sold_out_not_at_all(make_item):
    items = [make_item("A", size="S"), make_item("A", size="M"), make_item("B", stock=0), make_item("C", stock=None)]
    assert sorted(names(ranked(items))) == ["A", "C"]


def test_rejected_products_are_not_offered_again(make_item):
    assert names(ranked([make_item("A"), make_item("B")], rejected=["A"])) == ["B"]


def test_a_price_below_the_budget_fits_better_than_the_cheapest_or_the_limit(make_item):
    items = [make_item("Cheap", 100), make_item("Fair", 750), make_item("Limit", 1000)]
    assert names(ranked(items, {"budget": {"max": 1000}}))[0] == "Fair"


def test_with_price_as_priority_the_cheapest_comes_first(make_item):
    items = [make_item("Dear", 900, units_sold=9), make_item("Cheap", 100)]
    assert names(ranked(items, {"priority": "price"}))[0] == "Cheap"


def test_reasons_are_true_and_differ(make_item):
    items = [
        make_item("Light", 900, attributes={"weight_g": 9000}, units_sold=2),
        make_item("Cheap", 500, attributes={"weight_g": 12000}, units_sold=1),
        make_item("Loved", 800, attributes={"weight_g": 11000}, units_sold=50),
    ]
    reasons = {offered.item.name: offered.reason for offered in ranked(items, {"budget": {"max": 1000}})}
    assert reasons["Light"].code == "lightest"
    assert reasons["Cheap"].code == "lowest_price"
    assert reasons["Loved"].code == "best_seller"


def test_money_below_the_budget_is_named_exactly(make_item):
    (only,) = ranked([make_item("A", "899.50")], {"budget": {"max": 1000}})
    assert (only.reason.code, only.reason.facts["saving"]) == ("under_budget", Decimal("100.50"))


def test_weights_are_read_in_grams_whatever_the_column_says(make_item):
    assert weight_of(make_item(attributes={"weight_kg": "1.2"})) == 1200
    assert weight_of(make_item(attributes={"weight_g": "980"})) == 980
    assert weight_of(make_item(attributes={"weight_g": "light"})) is None
