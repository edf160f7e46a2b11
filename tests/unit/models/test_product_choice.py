from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest

from models.learning import learn_spend
from models.offers.product_choice import Owned, ProductChoice, Shelf
from models.preparation.customer_features import categories_of
from tests.unit.models.sales_history import NOW, SHELF, held_out, learned, lines_of, of_customers, sales_history, until

ANYBODY = np.full(3, np.nan)


@pytest.fixture(scope="module")
def frames():
    return held_out()[0]


@pytest.fixture(scope="module")
def choice():
    return learned().offers.choice_


def fitted(frames, now=None, **settings):
    categories = categories_of(frames.lines)
    return ProductChoice(**settings).fit(
        frames.lines, frames.customers, frames.products, learned().spend, categories, now or frames.now
    )


def shares(choice, level=1.0, owned=None):
    """Product -> the chance to be the one taken of its category."""
    return pd.Series(choice.shares(level, ANYBODY, owned or Owned()), choice.shelf_.products)


def having(choice, *codes):
    return choice.owned_by(pd.DataFrame({"product": codes}))


def mean_price(choice, category, level):
    rows = shares(choice, level).filter(like=category)
    return float(rows @ np.array(SHELF[category][1], dtype=float))


def test_in_each_category_one_is_taken(choice):
    for level in (0.5, 1.0, 2.0):
        by_category = shares(choice, level).groupby(lambda code: code.split()[0]).sum()
        assert by_category.to_numpy() == pytest.approx(1)
        assert set(by_category.index) == set(SHELF)


@pytest.mark.parametrize("category", ["Boots", "Bikes"])
def test_whoever_spends_more_looks_higher(choice, category):
    assert mean_price(choice, category, 1.3) > 1.2 * mean_price(choice, category, 0.7)


def test_what_was_taken_last_is_taken_again_where_customers_are_loyal(choice):
    for code in ("Bars 1", "Oil 3"):
        assert shares(choice, owned=having(choice, code))[code] > 1.5 * shares(choice)[code]
    loyal = dict(zip(choice.shelf_.categories, choice.loyalty_, strict=True))
    assert loyal["Bars"] > 0.6 and loyal["Oil"] > 0.6
    assert loyal["Boots"] == 0  # nobody came back for a second pair


def test_the_one_taken_last_counts_more_than_one_before(choice):
    mixed = shares(choice, owned=having(choice, "Bars 1", "Bars 3"))
    assert mixed["Bars 3"] > mixed["Bars 1"]


def test_what_is_owned_is_known_by_product_and_the_last_by_category(choice):
    owned = having(choice, "Bars 1", "Boots 2", "Bars 1", "Bars 2", "Gone 9")
    places, categories = choice.shelf_.place_of, choice.shelf_.categories
    assert owned.times == {places["Bars 1"]: 2, places["Boots 2"]: 1, places["Bars 2"]: 1}
    assert owned.last == {categories.index("Bars"): places["Bars 2"], categories.index("Boots"): places["Boots 2"]}


def test_what_sells_is_taken_where_nothing_else_is_known(frames):
    """Everybody of the same means, one brand-new price: what sells lately decides."""
    purchases = [(id, id, 20.0, "Bars 1" if id <= 40 else "Bars 2") for id in range(1, 51)]
    same = replace(
        of_customers(frames, *range(1, 51)), lines=lines_of(purchases),
        products=frames.products.assign(price=5.0), now=NOW,
    )  # fmt: skip
    found = shares(fitted(same))
    assert found["Bars 1"] > found["Bars 2"] > found["Bars 3"]
    assert found["Bars 3"] < 0.1


def test_what_a_group_takes_is_learned():
    """Women take the first, men the second."""
    frames = sales_history(80)
    women = frames.customers["gender"] == "female"
    purchases = [
        (1000 * id + n, id, 30.0 * n + 1, "Bars 1" if women[id] else "Bars 2")
        for id in women.index
        for n in range(1, 4)
    ]
    choice = fitted(replace(frames, lines=lines_of(purchases)))
    woman, man = (
        pd.Series(choice.shares(1.0, np.array([group, np.nan, np.nan]), Owned()), choice.shelf_.products)
        for group in (1.0, 0.0)
    )
    assert woman["Bars 1"] > 2 * man["Bars 1"]
    assert man["Bars 2"] > 2 * woman["Bars 2"]


def test_groups_are_told_from_the_profile_and_unknown_where_it_is(choice):
    rows = pd.DataFrame({
        "gender": ["female", "male", None, "other"], "household_size": [1.0, 3.0, np.nan, 5.0],
        "age": [choice.middle_age_ + 1, choice.middle_age_ - 1, np.nan, 99.0],
    })  # fmt: skip
    expected = [[1, 0, 1], [0, 1, 0], [np.nan, np.nan, np.nan], [np.nan, 1, 1]]
    assert np.array_equal(choice.groups_of(rows), expected, equal_nan=True)


def test_what_happens_after_now_changes_nothing():
    frames, before = sales_history(40), NOW - timedelta(days=200)
    blind = until(frames, before)
    assert len(frames.lines) > len(blind.lines) + 30
    categories, spend = categories_of(blind.lines), learn_spend(blind)
    seeing, again = (
        ProductChoice().fit(rows.lines, rows.customers, rows.products, spend, categories, before)
        for rows in (frames, blind)
    )
    assert seeing.coef_.equals(again.coef_)
    owned = having(again, "Bars 2", "Boots 1")
    assert np.array_equal(seeing.shares(1.2, ANYBODY, owned), again.shares(1.2, ANYBODY, owned))


def test_purchases_of_too_long_ago_teach_no_weights(frames):
    """Then only what sells counts, as it is."""
    choice = fitted(frames, days=0)
    assert (choice.coef_.drop("sells") == 0).all() and choice.coef_["sells"] == 1
    assert shares(choice).to_numpy() == pytest.approx(choice.share_)


def test_a_category_with_a_single_product_leaves_no_choice(frames):
    one = replace(frames, products=frames.products[frames.products["product"].isin(["Bars 2", "Boots 1", "Boots 4"])])
    found = shares(fitted(one))
    assert found["Bars 2"] == pytest.approx(1)
    assert found["Boots 1"] + found["Boots 4"] == pytest.approx(1)


def test_a_shelf_has_each_product_once_with_the_price_in_the_middle_of_its_variants():
    products = pd.DataFrame({
        "product": ["Tent", "Tent", "Tent", "Kayak", "Mat"], "category": ["Tents", "Tents", "Tents", "Boats", "Mats"],
        "price": [100.0, 300.0, 120.0, 900.0, 30.0],
    }, index=pd.Index(["t1", "t2", "t3", "k", "m"], name="sku"))  # fmt: skip
    shelf = Shelf.of(products, ["Mats", "Stoves", "Tents"])
    assert shelf.categories == ["Mats", "Stoves", "Tents", "Boats"]  # what nobody has bought from comes last
    assert list(shelf.products) == ["Kayak", "Mat", "Tent"]
    assert [shelf.categories[place] for place in shelf.category] == ["Boats", "Mats", "Tents"]
    assert list(shelf.price) == [900, 30, 120]
    assert shelf.place_of == {"Kayak": 0, "Mat": 1, "Tent": 2}
