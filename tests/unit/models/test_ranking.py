from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.evaluation.ranking import coverage, ndcg_at_k, recall_at_k

items = st.sampled_from("abcdefgh")
gains = st.dictionaries(items, st.floats(0.01, 100), min_size=1)


def test_the_best_order_is_worth_one_and_no_hit_nothing():
    wanted = {"a": 3.0, "b": 2.0, "c": 1.0}
    assert ndcg_at_k(["a", "b", "c"], wanted) == pytest.approx(1)
    assert ndcg_at_k(["x", "y"], wanted) == 0
    assert ndcg_at_k([], wanted) == 0


def test_a_hit_further_down_is_worth_less_by_its_logarithm():
    assert ndcg_at_k(["x", "a"], {"a": 1.0}) == pytest.approx(1 / math.log2(3))
    assert ndcg_at_k(["x", "y", "a"], {"a": 1.0}) == pytest.approx(1 / 2)
    both = ndcg_at_k(["b", "a"], {"a": 2.0, "b": 1.0})
    assert both == pytest.approx((1 + 2 / math.log2(3)) / (2 + 1 / math.log2(3)))


def test_what_comes_after_the_first_k_counts_for_nothing():
    assert ndcg_at_k(["x", "y", "a"], {"a": 1.0}, k=2) == 0
    assert recall_at_k(["x", "y", "a"], ["a"], k=2) == 0
    assert coverage([["x", "y", "a"]], 4, k=2) == 0.5


def test_more_may_be_wanted_than_fits_into_k():
    wanted = dict.fromkeys("abcdef", 1.0)
    assert ndcg_at_k(list("abc"), wanted, k=3) == pytest.approx(1)
    assert recall_at_k(list("abc"), wanted, k=3) == 0.5


def test_where_nothing_is_wanted_there_is_nothing_to_find():
    assert ndcg_at_k(["a"], {}) == ndcg_at_k(["a"], {"a": 0.0}) == 0
    assert recall_at_k(["a"], []) == 0
    assert coverage([], 5) == coverage([["a"]], 0) == 0


def test_coverage_counts_each_item_once_whoever_gets_it():
    assert coverage([["a", "b"], ["b", "c"], []], 6) == 0.5


@given(st.lists(items, unique=True), gains)
def test_it_is_a_share_and_sorting_by_gain_is_never_worse(ranked, wanted):
    best = sorted(wanted, key=lambda item: -wanted[item])
    assert 0 <= ndcg_at_k(ranked, wanted, k=5) <= ndcg_at_k(best, wanted, k=5) + 1e-9
    assert ndcg_at_k(best, wanted, k=5) == pytest.approx(1)
    assert 0 <= recall_at_k(ranked, wanted, k=5) <= 1
