from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from models.baskets.own_history import Moments, known_pairs, own_pairs
from models.baskets.pair_features import LOG_TIMES, Surroundings, pair_features
from models.baskets.purchases import Purchases
from models.baskets.shop_state import ShopState
from models.baskets.sources import other_candidates
from models.baskets.training import training_pairs

CUSTOMERS = 40


@pytest.fixture(scope="module")
def shop():
    """Forty customers with nine random baskets of 25 items, some items far more likely than others."""
    rng = np.random.default_rng(5)
    rows = [
        (customer, item, f"{customer}/{visit}", 7 * visit + customer / 50)
        for customer in range(CUSTOMERS)
        for visit in range(9)
        for item in np.minimum(rng.geometric(0.12, 4), 25)
    ]
    lines = pd.DataFrame(rows, columns=["customer_id", "item", "basket", "day"])
    lines["at"] = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(lines["day"], unit="D")
    purchases = Purchases.from_lines(lines)
    return purchases, ShopState.of(purchases, np.ones(len(purchases.basket_day), bool))


def moments_of(purchases, customers, seen=8):
    start = purchases.basket_start[customers]
    return Moments(customers, purchases.basket_day[start + seen], np.full(len(customers), seen))


def rows(purchases, state, moments):
    """Customer and item of each candidate, with its features; in order of both."""
    around = Surroundings.of(purchases, state, moments)
    own = own_pairs(purchases, moments, *known_pairs(purchases, moments))
    other = other_candidates(purchases, state.popularity, moments, around)
    features = pair_features(purchases, state, moments, around, own, other)
    customer = moments.customer[np.concatenate([own.question, other[0]])]
    item = np.concatenate([own.item, other[1]])
    order = np.lexsort((item, customer))
    return customer[order], item[order], features[order]


def test_one_customer_alone_gets_what_all_together_get(shop):
    purchases, state = shop
    customer, item, features = rows(purchases, state, moments_of(purchases, np.arange(CUSTOMERS)))
    for one in range(CUSTOMERS):
        _, alone_item, alone = rows(purchases, state, moments_of(purchases, np.array([one])))
        mine = customer == one
        assert alone_item.tolist() == item[mine].tolist()
        assert np.allclose(alone, features[mine], atol=1e-5, equal_nan=True)
    assert np.isnan(features[:, LOG_TIMES]).any()


def test_the_hour_and_day_of_asking_change_nothing_but_the_week(shop):
    purchases, state = shop
    moments = moments_of(purchases, np.arange(CUSTOMERS))
    same_week = state.popularity.week(moments.day + 0.3) == state.popularity.week(moments.day)
    assert same_week.sum() > CUSTOMERS / 3
    moments = moments.chosen(same_week)
    later = Moments(moments.customer, moments.day + 0.3, moments.seen)
    for one, other in zip(rows(purchases, state, moments), rows(purchases, state, later), strict=True):
        assert np.array_equal(one, other, equal_nan=True)


def test_training_pairs_are_weighed_by_how_often_they_were_bought_before(shop, monkeypatch):
    purchases, state = shop
    monkeypatch.setattr("models.baskets.training.FEW_PAIRS", 0)
    moments = moments_of(purchases, np.repeat(np.arange(CUSTOMERS), 50), seen=7)
    pairs = training_pairs(purchases, state, moments, np.random.default_rng(0))
    times = np.exp(pairs.features[:, LOG_TIMES])
    assert (pairs.weight[pairs.bought] == 1).all()
    assert pairs.weight[~pairs.bought] == pytest.approx(1 / pairs.sampling.chance(times[~pairs.bought]), rel=1e-4)
    # What was left out is made up for: all pairs of a customer come to as many as there are items to choose from.
    customer, _, features = rows(purchases, state, moments_of(purchases, np.arange(CUSTOMERS), seen=7))
    assert pairs.weight.sum() == pytest.approx(50 * len(customer), rel=0.1)
    assert pairs.weight[times > 3].sum() == pytest.approx(50 * (np.exp(features[:, LOG_TIMES]) > 3.5).sum(), rel=0.2)
