from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from itertools import islice
from math import sqrt

import pytest

from crm_store.demo import truth
from crm_store.demo.history import suits, whole_history
from crm_store.demo.preferences import true_preferences
from crm_store.demo.products import demo_products
from crm_store.tables import OrderStatus

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SEED, CUSTOMERS, FEW, DAYS = 7, 1200, 120, 60
AS_OF = NOW - timedelta(days=DAYS)
PRODUCTS = {product.code: product for product in demo_products()}
MINUTE = timedelta(minutes=1)


@pytest.fixture(scope="module")
def lives():
    """(person, their orders) of every customer."""
    return list(zip(*whole_history(seed=SEED, now=NOW, customers=CUSTOMERS), strict=True))


@pytest.fixture(scope="module")
def wanted():
    """What every customer wants in the days held out."""
    return true_preferences(seed=SEED, now=NOW, customers=CUSTOMERS, as_of=AS_OF, days=DAYS)


def by_category(preferences):
    totals = defaultdict(float)
    for code, expected in preferences.items():
        totals[PRODUCTS[code].category] += expected
    return totals


def first_purchase(category):
    """(place, their orders, when) of a few who first bought from the category over a year before the end."""
    lives = whole_history(seed=SEED, now=NOW, customers=FEW)[1]
    for place, orders in enumerate(lives):
        kept = [order for order in orders if order.status is not OrderStatus.CANCELLED]
        days = [order.placed_at for order in kept if category in {line.product.category for line in order.lines}]
        if days and days[0] < NOW - timedelta(days=365):
            yield place, orders, days[0]


@pytest.fixture(scope="module")
def tents():
    """What three customers want, by category, a minute before and a minute after they first bought a tent."""
    return [
        tuple(
            by_category(true_preferences(seed=SEED, now=NOW, customers=FEW, as_of=at + step)[place])
            for step in (-MINUTE, MINUTE)
        )
        for place, _, at in islice(first_purchase("Tents"), 3)
    ]


def test_every_customer_wants_something_that_is_made_for_them(lives, wanted):
    assert len(wanted) == CUSTOMERS
    for (person, orders), preferences in zip(lives, wanted, strict=True):
        assert preferences and all(expected >= 0 for expected in preferences.values())
        had = {line.product.code for order in orders for line in order.lines}
        assert all(suits(PRODUCTS[code], person) or code in had for code, expected in preferences.items() if expected)
        assert 0 < sum(preferences.values()) < 10


def test_what_is_expected_of_all_customers_is_what_came(lives, wanted):
    """The days held out were drawn by the simulation itself; who never buys at all cannot be told before."""
    expected, came = Counter(), Counter()
    for (person, orders), preferences in zip(lives, wanted, strict=True):
        if person.created_at >= AS_OF or not any(order.placed_at < AS_OF for order in orders):
            continue
        expected.update(by_category(preferences))
        for order in orders:
            if AS_OF <= order.placed_at < NOW:
                came.update(line.product.category for line in order.lines)
    assert expected.total() == pytest.approx(came.total(), rel=0.12)
    assert len(came) > 20
    for category, count in expected.items():
        assert abs(came[category] - count) < 4 * sqrt(count) + 0.15 * count


def test_longer_means_more():
    few = {"seed": SEED, "now": NOW, "customers": FEW, "as_of": AS_OF}
    month, two = (sum(sum(one.values()) for one in true_preferences(**few, days=days)) for days in (30, 60))
    ratio = month / two
    assert 0.4 < ratio < 0.65


def test_what_lasts_is_hardly_wanted_again_once_owned(tents):
    assert len(tents) == 3
    for before, after in tents:
        assert after["Tents"] / before["Tents"] == pytest.approx(truth.LASTS["Tents"], rel=0.15)


def test_a_purchase_wakes_the_wish_for_what_follows_it(tents):
    assert any(after["Camping Stoves"] > 1.5 * before["Camping Stoves"] for before, after in tents)


def test_what_runs_out_is_wanted_again_mostly_the_very_same():
    place, orders, at = next(first_purchase("Energy Bars"))
    after = true_preferences(seed=SEED, now=NOW, customers=FEW, as_of=at + MINUTE)[place]
    (order,) = [order for order in orders if order.placed_at == at]
    bought = [line.product.code for line in order.lines if line.product.category == "Energy Bars"]
    bars = {code: expected for code, expected in after.items() if PRODUCTS[code].category == "Energy Bars"}
    assert [max(bars, key=bars.get)] == bought
    assert bars[bought[0]] > truth.RUNS_OUT["Energy Bars"][0] * truth.SAME_AGAIN * 0.9


def test_a_rich_customer_wants_the_dearer_of_the_same(lives, wanted):
    def price(preferences):
        tents = {code: expected for code, expected in preferences.items() if PRODUCTS[code].category == "Tents"}
        total = sum(tents.values())
        return sum(float(PRODUCTS[code].price) * tents[code] for code in tents) / total if total else None

    people = [person for person, _ in lives]
    spends = [(truth.expected_spend(one, "Tents"), price(wish)) for one, wish in zip(people, wanted, strict=True)]
    told = sorted(pair for pair in spends if pair[1] is not None)
    fifth = len(told) // 5
    assert fifth > 20
    assert sum(at for _, at in told[-fifth:]) > 1.5 * sum(at for _, at in told[:fifth])


def test_the_same_seed_wants_the_same_and_another_something_else():
    few = {"now": NOW, "customers": 30, "as_of": AS_OF}
    assert true_preferences(seed=1, **few) == true_preferences(seed=1, **few) != true_preferences(seed=2, **few)


def test_without_a_moment_it_is_now():
    few = {"seed": SEED, "now": NOW, "customers": 30}
    assert true_preferences(**few) == true_preferences(**few, as_of=NOW)
