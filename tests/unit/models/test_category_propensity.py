from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from sklearn.exceptions import NotFittedError

from models.offers.category_propensity import CategoryPropensity
from models.preparation.customer_features import customer_features
from tests.unit.models.sales_history import CONSUMABLES, NOW, held_out, lines_of, of_customers, sales_history, until


@pytest.fixture(scope="module")
def learned():
    frames, _ = held_out()
    return CategoryPropensity().fit(frames.lines, frames.customers, frames.now)


def chances(model, frames):
    """Customers x categories, as of the frames' own moment."""
    rows = customer_features(frames.lines, frames.customers, frames.now, categories=model.categories_)
    return pd.DataFrame(model.predict_proba(rows), index=frames.customers.index, columns=model.categories_)


@pytest.fixture(scope="module")
def stated(learned):
    return chances(learned, held_out()[0])


@pytest.fixture(scope="module")
def happened(stated):
    lines = held_out()[1]
    return pd.crosstab(lines["customer_id"], lines["category"]).reindex_like(stated).fillna(0) > 0


def test_it_knows_who_wants_what(stated):
    women = held_out()[0].customers["gender"] == "female"
    assert stated.loc[women, "Bars"].mean() > 5 * stated.loc[~women, "Bars"].mean()
    assert stated.loc[~women, "Oil"].mean() > 5 * stated.loc[women, "Oil"].mean()


def test_chances_come_true_about_as_often_as_stated(stated, happened):
    for category in CONSUMABLES:
        assert stated[category].sum() == pytest.approx(happened[category].sum(), rel=0.25)
    flat, bought = stated.to_numpy().ravel(), happened.to_numpy().ravel()
    for low, high in [(0, 0.1), (0.1, 0.5), (0.5, 1)]:
        within = (flat >= low) & (flat < high)
        assert flat[within].mean() == pytest.approx(bought[within].mean(), abs=0.15)


def test_it_foresees_better_than_the_base_rates(learned, stated, happened):
    error = ((stated - happened) ** 2).to_numpy().mean()
    assert error < 0.7 * ((learned.base_rates_ - happened) ** 2).to_numpy().mean()


def test_base_rates_are_shares_of_the_rows(learned):
    """Boots are bought once in up to 900 days by half of the customers; bars by nearly all of that half each 100."""
    rates = dict(zip(learned.categories_, learned.base_rates_, strict=True))
    assert rates["Boots"] < 0.12
    assert 0.2 < rates["Bars"] < 0.4


def test_what_is_used_up_is_wanted_more_the_nearer_its_end(learned):
    frames = of_customers(held_out()[0], 1)
    lately, long_ago = (
        replace(frames, lines=lines_of([(1, 1, days + 400, "Bars 1"), (2, 1, days, "Bars 1")], frames.now))
        for days in (5, 80)
    )
    assert chances(learned, long_ago).at[1, "Bars"] > 1.5 * chances(learned, lately).at[1, "Bars"]


def test_what_happens_after_now_changes_nothing():
    frames, before = sales_history(40), NOW - timedelta(days=200)
    blind = until(frames, before)
    seeing = CategoryPropensity().fit(frames.lines, frames.customers, before)
    assert len(frames.lines) > len(blind.lines) + 30
    again = CategoryPropensity().fit(blind.lines, blind.customers, before)
    assert seeing.categories_ == again.categories_
    assert np.array_equal(seeing.coef_, again.coef_) and np.array_equal(seeing.intercept_, again.intercept_)


def test_a_part_of_the_rows_is_enough_and_the_same_seed_takes_the_same_part():
    frames, _ = held_out()
    first, again = (
        CategoryPropensity(most_numbers=1).fit(frames.lines, frames.customers, frames.now) for _ in range(2)
    )
    assert np.array_equal(first.coef_, again.coef_)
    women = frames.customers["gender"] == "female"
    found = chances(first, frames)
    assert found.loc[women, "Bars"].mean() > 5 * found.loc[~women, "Bars"].mean()


def test_where_hardly_anything_was_bought_the_base_rate_is_all_there_is_to_say():
    frames, _ = held_out()
    rare = lines_of([(1, 1, 300, "Helmets 1")], frames.now)
    others = frames.lines[frames.lines["category"] == "Bars"]
    model = CategoryPropensity().fit(pd.concat([others, rare]), frames.customers, frames.now)
    stated = chances(model, frames)["Helmets"]
    assert stated.nunique() == 1
    assert stated.iloc[0] == pytest.approx(model.base_rates_[model.categories_.index("Helmets")], rel=1e-4)
    assert stated.iloc[0] < 0.01


def test_what_everybody_always_buys_is_likely_for_everybody():
    """A row without the purchase does not exist: there is nothing to tell apart, and the base rate says it all."""
    frames = of_customers(sales_history(), *range(1, 21))
    weekly = lines_of([(100 * id + week, id, 7.0 * week + 0.5, "Bars 1") for id in range(1, 21) for week in range(60)])
    frames = replace(frames, lines=weekly)
    model = CategoryPropensity().fit(frames.lines, frames.customers, frames.now)
    assert (chances(model, frames)["Bars"] > 0.9).all()


def test_a_history_shorter_than_the_horizon_is_learned_from():
    frames, _ = held_out()
    young = frames.lines[frames.lines["placed_at"] > frames.now - timedelta(days=30)]
    model = CategoryPropensity().fit(young, frames.customers, frames.now)
    stated = chances(model, replace(frames, lines=young))
    assert np.isfinite(stated.to_numpy()).all() and ((stated >= 0) & (stated <= 1)).all(axis=None)


def test_it_says_nothing_before_it_has_learned():
    with pytest.raises(NotFittedError):
        CategoryPropensity().predict_proba(pd.DataFrame({"month": [1]}))
