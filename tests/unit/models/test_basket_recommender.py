from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.baskets import BasketRecommender, ColumnsMissing, NoPurchases, Source

START = datetime(2026, 1, 1, 9, tzinfo=UTC)
END = START + timedelta(days=200)


def make_lines(rows):
    """(customer, item, day) triples as order lines; one basket for each customer and day."""
    table = pd.DataFrame(rows, columns=["customer_id", "item", "day"])
    return pd.DataFrame(
        {
            "customer_id": table["customer_id"],
            "item": table["item"],
            "basket": table["customer_id"].astype(str) + "/" + table["day"].astype(str),
            "at": [START + timedelta(days=float(day)) for day in table["day"]],
            "quantity": 1,
        }
    )


def rhythms(customers=120, seed=0):
    """Milk every 10 days, detergent every 60; tents with pegs; and now and then one of many other things."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(customers):
        first = int(rng.integers(0, 10))
        for visit in range(first, 200, 10):
            rows.append((customer, "milk", visit))
            rows.append((customer, f"other {rng.integers(40)}", visit))
        rows += [(customer, "detergent", day) for day in range(first + 10 * int(rng.integers(6)), 200, 60)]
        if customer % 3 == 0:
            rows += [(customer, "tent", first + 100), (customer, "pegs", first + 100)]
    return rows


@pytest.fixture(scope="module")
def shop():
    return BasketRecommender().fit(
        make_lines(rhythms(customers=60) + [("camper", "tent", 195), ("camper", "milk", 195)]), at=END
    )


def items(candidates):
    return [candidate.item for candidate in candidates]


def test_a_repurchase_that_is_due_ranks_before_one_that_is_not(shop):
    day = timedelta(days=float(shop.purchases_.basket_day[shop.purchases_.basket_start[1] - 1]))
    last = datetime(1970, 1, 1, tzinfo=UTC) + day
    found = shop.recommend(0, 60, at=last + timedelta(days=10))
    assert items(found)[0] == "milk"
    due = [candidate for candidate in found if candidate.item == "milk"][0]
    assert due.source is Source.REPURCHASE
    assert due.evidence["times"] == 20
    assert due.evidence["usual_gap_days"] == 10.0
    assert due.evidence["days_since"] == 10.0


def test_detergent_waits_until_its_time_has_come(shop):
    bought = [day for customer, item, day in rhythms(customers=60) if (customer, item) == (0, "detergent")]
    moments = [START + timedelta(days=bought[1] + wait) for wait in (10, 60)]
    soon, later = (shop.propensities(0, ["detergent"], moment)[0] for moment in moments)
    assert later > 3 * soon


def test_what_goes_with_the_last_basket_is_a_companion(shop):
    found = {candidate.item: candidate for candidate in shop.recommend("camper", 60)}
    assert found["pegs"].source is Source.BOUGHT_TOGETHER
    assert found["pegs"].evidence == {"owned_item": "tent", "share": round(20 / 21, 4), "buyers": 21}


def test_someone_unknown_gets_what_sells(shop):
    found = shop.recommend("nobody", 3)
    assert found[0].item == "milk"
    assert {candidate.source for candidate in found} == {Source.POPULAR}
    assert found[0].evidence["share_of_baskets"] == pytest.approx(1.0, abs=0.01)


def test_best_comes_first_and_chances_are_chances(shop):
    chances = [candidate.propensity for candidate in shop.recommend(5, 30)]
    assert chances == sorted(chances, reverse=True)
    assert all(0 < chance < 1 for chance in chances)


def test_chances_add_up_to_what_is_bought():
    """Calibration: what customers buy next, seen from before, against the sum of the chances."""
    rng = np.random.default_rng(2)
    rows = []
    for customer in range(80):
        wants = rng.choice([0.05, 0.3, 0.8], 12)
        rows += [(customer, f"item {n}", 10 * v) for v in range(13) for n in np.flatnonzero(rng.random(12) < wants)]
    shop = BasketRecommender().fit(make_lines(rows), at=START + timedelta(days=120))
    found = {one: shop.recommend(one, 12, at=START + timedelta(days=120)) for one in range(80)}
    chances = np.array([candidate.propensity for one in found for candidate in found[one]])
    bought = np.array([(one, candidate.item, 120) in rows for one in found for candidate in found[one]])
    assert chances.sum() == pytest.approx(bought.sum(), rel=0.15)
    likely = chances > 0.5
    assert bought[likely].mean() == pytest.approx(chances[likely].mean(), abs=0.1)
    assert bought[~likely].mean() == pytest.approx(chances[~likely].mean(), abs=0.1)


def test_only_the_allowed_are_offered(shop):
    assert set(items(shop.recommend(0, 10, allowed=["pegs", "detergent", "never sold"]))) == {"detergent", "pegs"}
    assert shop.recommend(0, 10, allowed=[]) == []


def test_propensities_agree_with_the_recommendations_and_know_no_unknown_item(shop):
    found = shop.recommend(7, 20)
    chances = shop.propensities(7, [*items(found), "never sold"])
    assert chances[:-1] == pytest.approx([candidate.propensity for candidate in found])
    assert chances[-1] == 0


@settings(max_examples=3, deadline=None)
@given(st.integers(60, 190))
def test_lines_from_the_moment_on_change_nothing(day):
    rows = rhythms(customers=15, seed=1)
    at = START + timedelta(days=day)
    whole = BasketRecommender().fit(make_lines(rows), at=at)
    cut = BasketRecommender().fit(make_lines([row for row in rows if row[2] < day]), at=at)
    assert [whole.recommend(one, 10) for one in range(5)] == [cut.recommend(one, 10) for one in range(5)]


def test_a_moment_in_the_past_sees_no_later_purchase_of_the_customer(shop):
    found = shop.recommend("camper", 20, at=START + timedelta(days=190))
    assert {candidate.source for candidate in found} <= {Source.POPULAR, Source.NEW}
    times = [c.evidence["times"] for c in shop.recommend(0, 60, at=START + timedelta(days=50)) if c.item == "milk"]
    assert times == [5]


def test_the_same_seed_gives_the_same():
    lines = make_lines(rhythms(customers=20))
    first, again = (BasketRecommender(seed=4).fit(lines).recommend(3, 10) for _ in range(2))
    assert first == again
    shuffled = BasketRecommender(seed=4).fit(lines.sample(frac=1, random_state=1)).recommend(3, 10)
    assert items(shuffled) == items(first)


def test_new_items_are_offered_as_new():
    rows = rhythms(customers=20) + [(customer, "kite", 190 + customer % 9) for customer in range(0, 20)]
    found = BasketRecommender().fit(make_lines(rows)).recommend("nobody", 60)
    kite = next(candidate for candidate in found if candidate.item == "kite")
    assert kite.source is Source.NEW
    assert kite.evidence["days_on_sale"] == 9


@pytest.mark.parametrize("customer", [1, 2])
def test_one_order_is_enough_to_answer(customer):
    shop = BasketRecommender().fit(make_lines([(1, "bell", 0), (1, "lamp", 0)]))
    assert shop.model_ is None
    assert sorted(items(shop.recommend(customer, 5))) == ["bell", "lamp"]


def test_customers_who_came_once_and_one_who_came_twice():
    rows = [(customer, f"item {customer % 4}", customer) for customer in range(12)] + [(1, "item 2", 20)]
    found = BasketRecommender().fit(make_lines(rows)).recommend(1, 4)
    assert len(found) == 4


def test_nothing_to_learn_from_is_one_clear_line():
    with pytest.raises(NoPurchases, match="no purchase to learn from"):
        BasketRecommender().fit(make_lines([(1, "bell", 0)]).iloc[:0])
    with pytest.raises(NoPurchases):
        BasketRecommender().fit(make_lines([(1, "bell", 5)]), at=START)
    with pytest.raises(ColumnsMissing, match="lack the columns basket, at"):
        BasketRecommender().fit(pd.DataFrame({"customer_id": [1], "item": ["bell"]}))
