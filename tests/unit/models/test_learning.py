from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pytest

from models.learning import learn, learn_spend, order_rows
from models.preparation.encoding import NothingToLearnFrom
from models.preparation.frames import NothingSold
from models.registry import ModelRegistry, ModelsRefused
from tests.unit.models.sales_history import NOW, held_out, learned, lines_of, of_customers, sales_history, until


def test_everything_is_learned_in_one_go_and_each_step_is_told():
    steps = []
    frames = of_customers(held_out()[0], *range(1, 31))
    models = learn(frames, None, steps.append)
    assert steps == ["spend", "purchases", "habits", "offers"]
    assert models.learned_at == frames.now
    assert models.leads is None
    assert list(models.profiles.index) == list(frames.customers.index)
    assert models.offers.knows(30) and not models.offers.knows(31)


def test_each_part_has_found_the_structure():
    models, frames = learned(), held_out()[0]
    assert set(models.purchase.classes_) == set(models.habits.classes_) == set(frames.lines["category"])
    assert models.spend.usual_["Bikes"] > 5 * models.spend.usual_["Boots"]
    income = frames.customers["income"]
    place = models.offers.known_.place
    rich, poor = ([place[id] for id in income.index[rows]] for rows in (income > 80_000, income < 40_000))
    assert models.offers.known_.level[rich].mean() > 1.3 * models.offers.known_.level[poor].mean()
    assert models.groups is not None and len(models.groups.names_) >= 2


def test_the_path_of_a_customer_is_that_of_their_profile():
    models = learned()
    path = models.path(1, "Bars")
    assert path == models.purchase.reason(models.profiles.loc[[1]], "Bars")
    assert path.category == "Bars" and path.conditions
    assert models.path(2, "Bars").share == 0  # a rider
    assert models.path(None, "Bars") is None
    assert models.path(999_999, "Bars") is None
    assert models.path(1, "Kayaks").share == 0


def test_what_a_path_says_of_the_orders_of_such_customers_is_counted():
    """Told of the orders learned from, each as of just before it, and compared with what was in them."""
    models, rows = learned(), order_rows(held_out()[0])
    paths = [models.purchase.reason(rows.features.loc[[id]], "Bars") for id in rows.features.index[:300]]
    by_path = {}
    for path, bought in zip(paths, rows.targets["Bars"][:300], strict=True):
        by_path.setdefault(path, []).append(bought)
    often = {path: orders for path, orders in by_path.items() if len(orders) >= 30}
    assert often
    for path, orders in often.items():
        assert path.share == pytest.approx(np.mean(orders), abs=0.15)
        assert path.orders >= len(orders) and path.customers <= path.orders


def test_what_happens_after_now_changes_nothing_in_what_is_learned_of_spend():
    frames, before = sales_history(40), NOW - timedelta(days=200)
    seeing, blind = learn_spend(replace(frames, now=before)), learn_spend(until(frames, before))
    rows = order_rows(until(frames, before)).features
    assert len(order_rows(replace(frames, now=before)).orders) == len(rows)
    assert np.array_equal(seeing.levels(rows), blind.levels(rows))


def test_what_was_learned_ranks_the_same_when_it_comes_back_from_the_registry(tmp_path):
    registry = ModelRegistry(tmp_path, b"secret")
    name = registry.save(learned(), {"orders": 1}, NOW)
    back = registry.load()
    assert registry.in_use() == name
    for customer in (None, 1, 2, 999_999):
        assert back.offers.rank(customer, k=None) == learned().offers.rank(customer, k=None)
    assert back.path(1, "Bars") == learned().path(1, "Bars")
    assert back.learned_at == learned().learned_at
    with pytest.raises(ModelsRefused):
        ModelRegistry(tmp_path, b"another home's secret").load()


def test_a_store_without_orders_is_refused():
    frames = held_out()[0]
    with pytest.raises(NothingToLearnFrom, match="no order of a known customer"):
        learn(replace(frames, lines=frames.lines.iloc[:0]), None)


def test_a_single_order_is_refused():
    frames = of_customers(held_out()[0], 1)
    with pytest.raises(NothingToLearnFrom, match="1 purchases .* at least 30"):
        learn(replace(frames, lines=frames.lines.iloc[:1]), None)


def test_a_hundred_lines_are_the_least():
    frames = held_out()[0]
    with pytest.raises(NothingSold, match="99 lines"):
        learn(replace(frames, lines=frames.lines.iloc[:99]), None)


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_single_customer_is_refused_or_learned_from_but_never_a_fault():
    """All orders by one hand, as of a shop that keeps its walk-in sales under one name."""
    codes = ("Bars 1", "Boots 2", "Oil 1")
    lines = lines_of([(number, 1, 5.0 * number + 1, codes[number % 3]) for number in range(130)])
    frames = replace(of_customers(sales_history(), 1), lines=lines)
    try:
        models = learn(frames, None)
    except (NothingSold, NothingToLearnFrom) as error:
        assert "\n" not in str(error)
    else:
        assert models.offers.knows(1)
