from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from models.baskets.item_habits import ItemHabits
from models.baskets.neighbours import item_neighbours, strongest
from models.baskets.own_history import Moments, known_pairs, own_pairs
from models.baskets.popularity import Popularity
from models.baskets.purchases import Purchases, ranges


def purchases(rows):
    """(customer, item, day) triples; one basket for each customer and day."""
    lines = pd.DataFrame(rows, columns=["customer_id", "item", "day"])
    lines["basket"] = lines["customer_id"].astype(str) + "/" + lines["day"].astype(str)
    lines["at"] = pd.Timestamp("2026-01-01", tz="UTC") + pd.to_timedelta(lines["day"], unit="D")
    return Purchases.from_lines(lines)


def moment(bought, customer, day):
    start = pd.Timestamp("2026-01-01", tz="UTC").timestamp() / 86400
    seen = bought.baskets_before(customer, start + day)
    return Moments(np.array([customer]), np.array([start + day]), np.array([seen]))


def test_an_item_counts_once_a_basket():
    bought = purchases([(1, "a", 0), (1, "a", 0), (1, "b", 0), (1, "a", 3)])
    assert bought.basket_size.tolist() == [2, 1]
    assert bought.event_item.tolist() == [0, 0, 1]
    assert bought.content.toarray().tolist() == [[1, 1], [1, 0]]


def test_own_history_counts_what_lies_before_the_moment():
    bought = purchases([(1, "a", 0), (1, "a", 10), (1, "b", 10), (1, "a", 30), (2, "c", 5)])
    asked = moment(bought, 0, 20)
    own = own_pairs(bought, asked, *known_pairs(bought, asked))
    assert own.item.tolist() == [0, 1]
    assert own.times.tolist() == [2, 1]
    assert own.last_age.tolist() == pytest.approx([10, 10])
    assert own.first_ago.tolist() == [2, 1]
    assert own.decayed[:, 0] == pytest.approx([0.8 + 1, 0.95 + 1, 0.985 + 1])


def test_own_history_of_someone_who_had_nothing_yet_is_empty():
    bought = purchases([(1, "a", 10)])
    asked = moment(bought, 0, 5)
    assert len(own_pairs(bought, asked, *known_pairs(bought, asked)).item) == 0


def test_neighbours_are_cosines_without_the_item_itself():
    rows = np.array([[1, 1, 0], [1, 1, 0], [1, 0, 1]] * 5, dtype=np.float32)
    near = item_neighbours(sparse.csr_matrix(rows), most=2, shrinkage=0.0).toarray()
    assert near[0, 1] == pytest.approx(10 / np.sqrt(15 * 10))
    assert near[1, 2] == 0
    assert np.diag(near).tolist() == [0, 0, 0]


def test_neighbours_keep_the_strongest_only():
    matrix = sparse.csr_matrix(np.array([[3.0, 1.0, 2.0, 0.0], [0.0, 0.0, 4.0, 0.0]]))
    assert strongest(matrix, 2).toarray().tolist() == [[3, 0, 2, 0], [0, 0, 4, 0]]


def test_popularity_knows_only_earlier_weeks():
    bought = purchases([(1, "old", 0), (2, "old", 1), (1, "fresh", 20)])
    popularity = Popularity.of(bought)
    start = pd.Timestamp("2026-01-01", tz="UTC").timestamp() / 86400
    early, late = (popularity.shares[popularity.week(np.array([start + day]))[0]] for day in (19.5, 20.5))
    fresh, old = (bought.items.get_loc(name) for name in ("fresh", "old"))
    assert early[fresh] == 0
    assert early[old] == pytest.approx(1)
    assert late[fresh] > 0
    week = popularity.week(np.array([start + 20.5]))[0]
    assert bought.items[popularity.arrivals(week, 5)].tolist() == ["old", "fresh"]
    assert bought.items[popularity.best_sellers(week, 1)].tolist() == ["old"]


def test_habits_are_the_mean_gap_drawn_to_that_of_all():
    bought = purchases([(c, "weekly", day) for c in range(200) for day in (0, 7, 14)] + [(1, "once", 3)])
    habits = ItemHabits.of(bought, np.ones(len(bought.event_item), bool))
    weekly, once = (bought.items.get_loc(name) for name in ("weekly", "once"))
    assert habits.gap[weekly] == pytest.approx(7)
    assert habits.again[weekly] > 0.98
    assert habits.again[once] < habits.again[weekly]


def test_ranges_follow_each_other():
    assert ranges(np.array([5, 2]), np.array([2, 3])).tolist() == [5, 6, 2, 3, 4]
