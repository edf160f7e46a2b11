from __future__ import annotations

from collections import Counter, defaultdict
from copy import copy
from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from models.evaluation.chances import calibration_error
from models.learning import learn_spend
from models.offers.next_best_offer import NextBestOffer
from models.preparation.frames import NothingSold
from tests.unit.models.sales_history import (
    CONSUMABLES,
    NOW,
    SHELF,
    held_out,
    learned,
    lines_of,
    of_customers,
    sales_history,
    until,
)

STRANGER = 999_999


@pytest.fixture(scope="module")
def frames():
    return held_out()[0]


@pytest.fixture(scope="module")
def offers():
    return learned().offers


@pytest.fixture(scope="module")
def after():
    """(customer, product) of what was bought after the models were made."""
    lines = held_out()[1]
    return set(zip(lines["customer_id"], lines["product"], strict=True))


def fitted(frames, **settings):
    return NextBestOffer(**settings).fit(frames, learn_spend(frames))


@pytest.fixture(scope="module")
def few(frames):
    """A third of the customers: enough where only the way matters."""
    return of_customers(frames, *range(1, 41))


@pytest.fixture(scope="module")
def of_few(few):
    return fitted(few)


@pytest.fixture(scope="module")
def of_other_shelf(few):
    """Without costs, without bars, and with a kayak, which nobody has bought."""
    left = few.products[few.products["category"] != "Bars"]
    kayak = left.iloc[0].to_dict() | {"product": "Kayak", "name": "Kayak", "category": "Boats"}
    shelf = pd.concat([left, pd.DataFrame([kayak], index=pd.Index(["Kayak-1"], name="sku"))])
    return fitted(replace(few, products=shelf.assign(cost=np.nan)))


def is_consumable(product):
    return product.split()[0] in CONSUMABLES


def codes(ranked):
    return [one.product for one in ranked]


def last_purchase(frames, customer):
    """The consumable that a customer bought last, and how many days ago."""
    mine = frames.lines[(frames.lines["customer_id"] == customer) & frames.lines["category"].isin(CONSUMABLES)]
    return mine["product"].iloc[-1], (frames.now - mine["placed_at"].iloc[-1]) / timedelta(days=1)


def test_what_is_owned_and_lasts_is_never_offered(offers, frames):
    owned = defaultdict(set)
    for customer, product in zip(frames.lines["customer_id"], frames.lines["product"], strict=True):
        if not is_consumable(product):
            owned[customer].add(product)
    assert len(owned) > 80
    for customer, products in owned.items():
        assert not products & set(codes(offers.rank(customer, k=None)))


def test_what_lasts_and_was_bought_after_the_learning_is_not_offered_either(offers):
    assert "Boots 3" in codes(offers.rank(None, k=None, allowed=["Boots 3", "Bikes 1"]))
    assert codes(offers.rank(None, k=None, allowed=["Boots 3", "Bikes 1"], bought_since=["Boots 3"])) == ["Bikes 1"]


def test_what_is_used_up_is_offered_again_when_it_is_due(offers, frames):
    chances = {"due": [], "not due": []}
    first = []
    for customer in frames.customers.index:
        if not (frames.lines["customer_id"] == customer).any():
            continue
        product, days = last_purchase(frames, customer)
        usual = CONSUMABLES[product.split()[0]]
        ranked = {one.product: one.propensity for one in offers.rank(customer, k=None)}
        if 0.6 * usual < days < 1.1 * usual:
            chances["due"].append(ranked[product])
            first.append(next(iter(ranked)).split()[0] == product.split()[0])
        elif days < 15:
            chances["not due"].append(ranked[product])
    assert len(chances["due"]) > 20 and len(chances["not due"]) > 5
    assert np.mean(chances["due"]) > 2 * np.mean(chances["not due"])
    assert np.mean(first) > 0.9


def test_nothing_declined_or_outside_what_is_allowed_is_offered(offers):
    best = codes(offers.rank(1, k=3))
    assert not {best[0]} & set(codes(offers.rank(1, k=None, declined=[best[0], "no such product"])))
    assert set(codes(offers.rank(1, k=None, allowed=[best[1], best[2], "no such product"]))) == {best[1], best[2]}
    assert offers.rank(1, allowed=[]) == []


@pytest.mark.parametrize("k", [0, 1, 5, 1000])
def test_no_more_than_asked_for_and_none_twice(offers, k):
    ranked = codes(offers.rank(2, k=k))
    assert len(ranked) == len(set(ranked)) <= k
    assert len(ranked) == k or k == 1000


def test_not_all_is_of_one_category(offers):
    most = Counter(one.category for one in offers.rank(None, k=None))
    assert max(most.values()) == offers.most_of_category == 4
    one_each = copy(offers).set_params(most_of_category=1)
    assert len({one.category for one in one_each.rank(None, k=5)}) == 5


def test_everything_is_ranked_when_just_these_are_asked_for(offers, frames):
    assert sorted(codes(offers.rank(1, k=None, everything=True))) == sorted(frames.products["product"])


def test_a_stranger_is_treated_as_anybody_and_gets_what_most_want(offers, frames, after):
    assert not offers.knows(STRANGER) and offers.knows(1)
    assert offers.rank(STRANGER, k=None) == offers.rank(None, k=None)
    chances = pd.Series(offers.propensities(None), offers.choice_.shelf_.products)
    bought = pd.Series(Counter(product for _, product in after)).reindex(chances.index).fillna(0)
    assert chances.corr(bought, method="spearman") > 0.7
    assert all(one.times_bought == 0 and one.companion is None for one in offers.rank(STRANGER))


def test_the_chance_of_just_anybody_is_that_of_all_customers_on_the_whole(offers, frames):
    known = np.mean([offers.propensities(customer) for customer in frames.customers.index], axis=0)
    assert offers.propensities(None).sum() == pytest.approx(known.sum(), rel=0.25)
    assert [one.base for one in offers.rank(None)] == [one.propensity for one in offers.rank(None)]


def test_stated_chances_come_true_about_as_often_as_stated(offers, frames, after):
    ranked = [(id, one) for id in frames.customers.index for one in offers.rank(id, k=None, everything=True)]
    stated = np.array([one.propensity for _, one in ranked])
    bought = np.array([(id, one.product) in after for id, one in ranked])
    assert ((stated > 0) & (stated < 1)).all()
    assert stated.sum() == pytest.approx(bought.sum(), rel=0.25)
    assert calibration_error(bought, stated) < 0.03
    for low, high in [(0, 0.1), (0.1, 0.5), (0.5, 1)]:
        within = (stated >= low) & (stated < high)
        assert within.sum() > 20
        assert stated[within].mean() == pytest.approx(bought[within].mean(), abs=0.15)


def test_it_foresees_more_than_what_sells_most(offers, frames, after):
    popular = codes(offers.rank(None, k=3))
    buyers = {customer for customer, _ in after}
    ours = sum((id, product) in after for id in buyers for product in codes(offers.rank(id, k=3)))
    assert ours > 1.5 * sum((id, product) in after for id in buyers for product in popular)


def test_the_facts_for_reasons_are_counts(offers, frames):
    by_customer = {id: rows for id, rows in frames.lines.groupby("customer_id")}
    buyers = {category: set(rows["customer_id"]) for category, rows in frames.lines.groupby("category")}
    companions = 0
    for customer in range(1, 25):
        mine = by_customer[customer]
        for one in offers.rank(customer, k=None, everything=True):
            dates = mine.loc[mine["product"] == one.product, "placed_at"]
            assert one.times_bought == len(dates)
            assert (one.days_since is None) == dates.empty
            if one.companion:
                companions += 1
                assert one.companion.owned in set(mine["category"])
                assert one.companion.buyers == len(buyers[one.companion.owned])
                assert one.companion.share > one.companion.base
    assert companions > 20


def test_days_since_a_purchase_are_counted_to_the_moment_of_learning(few):
    """Also where the shop's latest order is older than that."""
    quiet = replace(few, now=few.now + timedelta(days=40))
    product, days = last_purchase(quiet, 1)
    told = {one.product: one.days_since for one in fitted(quiet).rank(1, k=None, everything=True)}
    assert told[product] == pytest.approx(days, abs=0.01)


def test_a_price_is_said_to_fit_only_where_it_does(offers, frames):
    fitting = [one for id in range(1, 25) for one in offers.rank(id, k=None, everything=True) if one.fits_spend]
    assert len(fitting) > 20
    assert all(one.fits_spend[0] <= one.price <= one.fits_spend[1] for one in fitting)
    assert all(one.fits_spend is None for one in offers.rank(None, k=None))


def test_who_has_more_is_offered_the_dearer_of_what_they_do_not_own_yet(offers, frames):
    riders = frames.customers[frames.customers["gender"] == "male"].sort_values("income")
    bikes = [f"Bikes {number}" for number in range(1, 6)]

    def price(customer):
        ranked = offers.rank(int(customer), k=None, allowed=bikes, everything=True)
        return sum(one.price * one.propensity for one in ranked) / sum(one.propensity for one in ranked)

    assert np.mean([*map(price, riders.index[-15:])]) > 1.15 * np.mean([*map(price, riders.index[:15])])


def test_margin_moves_the_ranking_as_far_as_it_is_told_to(offers):
    by_margin = copy(offers).set_params(margin_weight=1.0).rank(1, k=None, everything=True)
    worth = [one.expected_margin for one in by_margin]
    assert worth == sorted(worth, reverse=True)
    by_chance = copy(offers).set_params(margin_weight=0.0).rank(1, k=None, everything=True)
    assert [one.propensity for one in by_chance] == sorted((one.propensity for one in by_chance), reverse=True)
    assert codes(by_margin) != codes(by_chance)
    assert by_chance[0].expected_margin == pytest.approx(by_chance[0].propensity * by_chance[0].margin)


def test_without_costs_there_is_no_margin_and_there_are_offers(of_other_shelf):
    ranked = of_other_shelf.rank(1)
    assert len(ranked) == 5
    assert all(one.margin is None and one.expected_margin is None for one in ranked)


def test_what_happens_after_now_changes_nothing():
    small = of_customers(sales_history(), *range(1, 41))
    before = NOW - timedelta(days=150)
    whole = replace(small, now=before)  # with the lines of half a year to come
    assert len(whole.lines) > len(until(small, before).lines) + 30
    seeing, blind = fitted(whole), fitted(until(small, before))
    for customer in (None, 1, 2, 3, 4):
        assert seeing.rank(customer, k=None) == blind.rank(customer, k=None)


def test_the_same_seed_gives_the_same(few, of_few):
    assert fitted(few).rank(1, k=None) == of_few.rank(1, k=None)


def test_what_it_is_judged_by_was_offered_before_the_last_weeks(few, of_few):
    before = few.now - timedelta(days=60)
    assert set(of_few.held_out_) == set(few.lines.loc[few.lines["placed_at"] >= before, "customer_id"])
    owned_by_then = until(few, before).lines.groupby("customer_id")["product"].agg(set)
    for customer, products in of_few.held_out_.items():
        lasting = {product for product in owned_by_then[customer] if not is_consumable(product)}
        assert products and not lasting & set(products)


def test_a_product_nobody_has_bought_yet_can_be_offered(of_other_shelf):
    (kayak,) = of_other_shelf.rank(1, allowed=["Kayak"])
    assert 0 < kayak.propensity < 0.1 and kayak.category == "Boats" and kayak.companion is None


def test_what_is_no_longer_on_sale_is_not_ranked(of_other_shelf):
    ranked = of_other_shelf.rank(1, k=None)
    assert ranked and not any(one.category == "Bars" for one in ranked)


def test_too_few_lines_are_refused_with_what_to_do(frames):
    few = replace(frames, lines=frames.lines.iloc[:60])
    with pytest.raises(NothingSold, match="60 lines .* too few .*import orders"):
        fitted(few)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_shop_whose_customers_all_come_back_all_the_time_can_be_learned_from(frames):
    """A subscription: everybody has bought both within any two months."""
    purchases = [
        (100 * customer + number, customer, 20.0 * number + customer / 10 + 0.1, ("Bars 1", "Oil 1")[number % 2])
        for customer in range(1, 21)
        for number in range(30)
    ]
    weekly = replace(of_customers(frames, *range(1, 21)), lines=lines_of(purchases), now=NOW)
    ranked = NextBestOffer().fit(weekly, learn_spend(weekly)).rank(1, k=2)
    assert set(codes(ranked)) == {"Bars 1", "Oil 1"} and all(one.propensity > 0.5 for one in ranked)


def test_it_cannot_rank_before_it_has_learned():
    with pytest.raises(NotFittedError):
        NextBestOffer().rank(1)


def test_the_shelf_is_whole(offers):
    assert len(offers.propensities(1)) == sum(len(prices) for _, prices in SHELF.values())
