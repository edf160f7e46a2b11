from __future__ import annotations

import json
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from models.evaluation.purchase import category_scores, evaluate_groups, evaluate_purchase
from models.preparation.customer_features import NEVER, customer_features, training_rows
from models.preparation.encoding import ColumnMissing, NothingToLearnFrom
from models.purchase import Condition, PathReason, PurchaseTree
from tests.unit.models.test_customer_features import NOW, people, sold


def a_shop(customers=150, seed=0):
    """The old come for boots. The young come for tents, and then mostly for mats; now and then anybody wants socks."""
    rng = np.random.default_rng(seed)
    ages = np.where(np.arange(customers) % 2, 65, 30)
    lines, order = [], 0
    for customer, age in enumerate(ages):
        day, owned = float(rng.uniform(300, 700)), False
        while day > 1:
            usual = "Boots" if age == 65 else ("Mats" if owned else "Tents")
            category = usual if rng.random() < 0.85 else "Socks"
            owned |= category == "Tents"
            order += 1
            lines.append((order, customer, day, category, 50))
            day -= float(rng.uniform(30, 120))
    born = [pd.Timestamp(NOW.replace(tzinfo=None)) - pd.Timedelta(days=365.25 * int(age)) for age in ages]
    return sold(*lines), people(*range(customers), birth_date=born)


@pytest.fixture(scope="module")
def shop():
    return a_shop()


@pytest.fixture(scope="module")
def rows(shop):
    return training_rows(*shop, NOW - timedelta(days=800), NOW)


@pytest.fixture(scope="module")
def tree(rows):
    return PurchaseTree(min_orders=20).fit(rows)


def asked(shop, customer):
    return customer_features(*shop, NOW).loc[[customer]]


def test_the_habit_is_foreseen(shop, tree):
    lines, _ = shop
    owner = int(lines.loc[lines["category"] == "Tents", "customer_id"].iloc[0])
    assert tree.predict(asked(shop, owner))[0] == "Mats"
    assert tree.predict(asked(shop, 1))[0] == "Boots"  # 65 years old


def test_probabilities_are_those_of_a_distribution(rows, tree):
    chances = tree.predict_proba(rows.features)
    assert chances.shape == (len(rows.features), 4)
    assert chances.sum(axis=1) == pytest.approx(1)
    assert (chances > 0).all()


def test_a_reason_is_true_to_the_orders_that_its_path_leads_to(rows, tree):
    leaves = tree.tree_.apply(tree._matrix(rows.features))
    for place in (0, 40, 200):
        row = rows.features.iloc[place]
        told = tree.reason(row, "Boots")
        same = np.ones(len(rows.features), bool)
        for condition in told.conditions:
            values = rows.features[condition.column].to_numpy(float)
            same &= values > (-np.inf if condition.above is None else condition.above)
            same &= values <= (np.inf if condition.up_to is None else condition.up_to)
        assert (same == (leaves == leaves[place])).all()
        assert told.orders == same.sum()
        assert told.customers == rows.orders.loc[same, "customer_id"].nunique()
        assert told.share == pytest.approx(rows.targets.loc[same, "Boots"].mean())
        assert told.share_overall == pytest.approx(rows.targets["Boots"].mean())


def test_a_table_a_series_and_a_row_have_the_same_path(rows, tree):
    table = rows.features.iloc[[7]]
    assert tree.path(table) == tree.path(rows.features.iloc[7]) == tree.path(rows.features.iloc[7].to_dict())


def test_pruning_keeps_what_helps_and_drops_noise(rows, tree):
    assert tree.tree_.get_n_leaves() >= 3
    rng = np.random.default_rng(0)
    shuffled = rows.targets.set_axis(rng.permutation(rows.targets.index)).loc[rows.targets.index]
    noise = type(rows)(rows.features, shuffled, rows.orders)
    assert PurchaseTree(min_orders=20).fit(noise).tree_.get_n_leaves() <= 3
    assert tree.alpha_ in tree.validation_loss_


def test_the_same_seed_gives_the_same_tree(rows, tree):
    again = clone(tree).fit(rows)
    assert (again.predict_proba(rows.features) == tree.predict_proba(rows.features)).all()


def test_an_unknown_age_is_said(shop):
    lines, customers = shop
    born = customers["birth_date"].where(np.arange(len(customers)) % 3 > 0)
    rows = training_rows(lines, customers.assign(birth_date=born), NOW - timedelta(days=800), NOW)
    tree = PurchaseTree(min_orders=20).fit(rows)
    unknown = rows.features[rows.features["age"].isna()]
    said = [condition for place in range(30) for condition in tree.path(unknown.iloc[place])]
    ages = [condition for condition in said if condition.column == "age"]
    assert ages
    assert all(condition.words().endswith("or unknown") for condition in ages)


def test_stated_wishes_are_learned_from():
    rng = np.random.default_rng(0)
    lines = sold(*[(n, n, float(rng.uniform(1, 300)), str(rng.choice(["Tents", "Boots"])), 50) for n in range(300)])
    stated = pd.DataFrame({"customer_id": lines["customer_id"], "at": lines["placed_at"] - timedelta(hours=2)})
    stated["category"] = lines["category"]
    rows = training_rows(lines, people(*range(300)), NOW - timedelta(days=400), NOW, needs=stated)
    tree = PurchaseTree(min_orders=20).fit(rows)
    wish = pd.DataFrame({"customer_id": [5], "at": [NOW - timedelta(minutes=5)], "category": ["Tents"]})
    asking = customer_features(lines, people(5), NOW, needs=wish)
    assert tree.predict(asking)[0] == "Tents"
    told = tree.reason(asking, "Tents")
    assert told.share > 0.95
    assert all("asked for" in condition.column for condition in told.conditions)
    assert "who asked for Tents" in told.sentence() or "no wish lately for Boots" in told.sentence()


@pytest.mark.parametrize(
    ("condition", "words"),
    [
        (Condition("age", 30.5, 45.2), "aged 31 to 45"),
        (Condition("age", 52.0), "aged over 52"),
        (Condition("bought Tents", 0.5), "who bought Tents"),
        (Condition("bought Tents", 1.5), "who bought Tents at least 2 times"),
        (Condition("bought Tents", None, 0.5), "who never bought Tents"),
        (Condition("days since Tents", None, 90.0), "who bought Tents in the last 90 days"),
        (Condition("days since Tents", 90.0), "who did not buy Tents in the last 90 days"),
        (Condition("days since Tents", 27.0, 52.0), "who bought Tents last 27 to 52 days ago"),
        (Condition("days since Tents", 334.0, 5415.0), "who bought Tents last over 334 days ago"),
        (Condition("days since Tents", None, NEVER / 2 + 300), "who bought Tents before"),
        (Condition("days since asked for Tents", None, 7.0), "who asked for Tents in the last 7 days"),
        (Condition("region is Rockies", 0.5), "of region Rockies"),
        (Condition("last_category is Tents", None, 0.5), "whose last purchase was not Tents"),
        (Condition("income", 60_000.0, None, True), "with an income above 60,000 or unknown"),
        (Condition("month", 4.5, 8.5), "in May to August"),
    ],
)
def test_conditions_read_as_words(condition, words):
    assert condition.words() == words


def test_the_sentence_names_what_was_not_bought_at_the_end():
    conditions = (Condition("days since Fuel", 60.0), Condition("age", 30.0, 45.0), Condition("bought Mats", None, 0.5))
    told = PathReason("Tents", conditions, 0.23, 0.06, 200, 90)
    assert told.sentence() == (
        "Customers aged 31 to 45 with no purchase lately of Fuel or Mats: "
        "23 % of the orders they placed then had Tents, against 6 % of all."
    )
    assert told.lift == pytest.approx(0.23 / 0.06)


def test_too_little_to_learn_from_is_said(rows):
    with pytest.raises(NothingToLearnFrom, match="10 orders"):
        PurchaseTree().fit(type(rows)(rows.features[:10], rows.targets[:10], rows.orders[:10]))
    with pytest.raises(NothingToLearnFrom, match="1 categories"):
        PurchaseTree().fit(type(rows)(rows.features, rows.targets[["Boots"]], rows.orders))


def test_a_category_that_is_new_to_the_model_has_no_share(rows, tree):
    assert tree.reason(rows.features.iloc[0], "Kayaks").share == 0
    with pytest.raises(ColumnMissing):
        tree.predict(rows.features.drop(columns="age") if "age" in _used(tree) else rows.features[[]])


def _used(tree):
    return {tree.columns_[place] for place in tree._used}


def test_the_evaluation_stands_beside_baselines_and_the_truth(shop):
    lines, customers = shop
    old = customers["birth_date"] < pd.Timestamp("1980-01-01")
    wanted = pd.DataFrame({"Boots": old * 0.85, "Mats": ~old * 0.7, "Tents": ~old * 0.15, "Socks": 0.15})
    report = evaluate_purchase(lines, customers, NOW, wanted=wanted)
    models = report.figures["models"]
    for model in ("tree", "support vector machine"):
        assert models[model]["accuracy"] > models["popularity"]["accuracy"]
        assert models[model]["log loss"] < models["repetition"]["log loss"]
    assert report.figures["truth"]["the simulation's truth"]["accuracy"] > 0.6
    assert all(picture.startswith(b"\x89PNG") for picture in report.pictures.values())
    json.dumps(report.figures)


def test_groups_are_told_from_the_profile(shop):
    figures = evaluate_groups(*shop, NOW).figures
    assert figures["accuracy from the profile"] > figures["accuracy of the largest group"]
    assert sum(figures["groups"].values()) == pytest.approx(1)


def test_scores_of_a_perfect_forecast_are_perfect():
    bought = np.eye(4, dtype=bool)
    scores = category_scores(bought.astype(float), bought)
    assert (scores["accuracy"], scores["top 3"], scores["log loss"], scores["calibration error"]) == (1, 1, 0, 0)
