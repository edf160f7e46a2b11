from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone

from models.evaluation.chances import calibration_error
from models.habits import CustomerGroups, NeedSVM, main_targets, svm_table
from models.preparation.customer_features import NEVER
from models.preparation.encoding import NothingToLearnFrom


def circles(count=1500, seed=0, noise=0.1):
    """Inside, a ring, and outside: no straight line tells them apart. A tenth has a label drawn at random."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(count, 2)), columns=["a", "b"])
    distance = np.hypot(table["a"], table["b"])
    labels = np.where(distance < 0.8, "Tents", np.where(distance < 1.5, "Mats", "Boots")).astype(object)
    astray = rng.random(count) < noise
    labels[astray] = rng.choice(["Tents", "Mats", "Boots"], astray.sum())
    return table, labels


@pytest.fixture(scope="module")
def fitted():
    return NeedSVM(components=100).fit(*circles())


def test_the_kernel_tells_apart_what_no_line_does(fitted):
    table, labels = circles(seed=1)
    assert (fitted.predict(table) == labels).mean() > 0.85


def unsure(count, seed):
    """The further out, the less likely a tent, and no border is sharp."""
    rng = np.random.default_rng(seed)
    table = pd.DataFrame(rng.normal(size=(count, 2)), columns=["a", "b"])
    chance = 1 / (1 + np.exp(1.5 * (table["a"] ** 2 + table["b"] ** 2) - 2))
    return table, np.where(rng.random(count) < chance, "Tents", "Boots").astype(object)


def test_probabilities_are_right_as_often_as_they_say():
    model = NeedSVM(components=100).fit(*unsure(6000, seed=1))
    table, labels = unsure(4000, seed=2)
    chances = model.predict_proba(table)
    assert chances.sum(axis=1) == pytest.approx(1)
    assert calibration_error(model.classes_[1] == labels, chances[:, 1]) < 0.05


def test_two_classes_are_enough(fitted):
    table, labels = circles(400)
    either = np.where(labels == "Tents", "yes", "no")
    model = NeedSVM(components=50).fit(table, either)
    assert model.predict_proba(table).shape == (400, 2)
    assert (model.predict(table) == either).mean() > 0.8


def test_the_width_is_chosen_on_the_latest_rows(fitted):
    assert fitted.width_ == min(fitted.width_losses_, key=fitted.width_losses_.get)
    assert not hasattr(NeedSVM(components=50, width=0.5).fit(*circles(300)), "width_losses_")


def test_the_same_seed_gives_the_same_machine(fitted):
    table, labels = circles()
    assert (clone(fitted).fit(table, labels).predict_proba(table) == fitted.predict_proba(table)).all()


def test_labels_hardly_ever_seen_are_left_out():
    table, labels = circles(300)
    labels[:2] = "Kayaks"
    assert "Kayaks" not in NeedSVM(components=50, width=0.5).fit(table, labels).classes_


def test_a_label_seen_only_at_the_end_is_kept():
    table, labels = circles(300, noise=0)
    labels[280:] = "Kayaks"
    model = NeedSVM(components=50, width=0.5).fit(table, labels)
    assert "Kayaks" in model.classes_
    assert np.isfinite(model.predict_proba(table)).all()


def test_too_little_to_learn_from_is_said():
    table, labels = circles(100)
    with pytest.raises(NothingToLearnFrom, match="10 rows"):
        NeedSVM().fit(table[:10], ["Tents", "Mats"] * 5)
    with pytest.raises(NothingToLearnFrom, match="1 labels"):
        NeedSVM().fit(table, ["Tents"] * 100)


def test_time_since_fades_and_the_year_is_a_circle():
    table = svm_table(pd.DataFrame({"days since Tents": [0.0, 60.0, NEVER], "month": [1.0, 6.0, 12.0]}))
    assert table["days since Tents / 60"].tolist() == pytest.approx([1, np.exp(-1), 0], abs=1e-9)
    places = table[["month, sine", "month, cosine"]].to_numpy()
    assert np.linalg.norm(places[0] - places[2]) < np.linalg.norm(places[0] - places[1])


def test_an_order_is_for_its_rarest_category():
    targets = pd.DataFrame({"Fuel": [True, True, True], "Tents": [True, False, False]})
    assert main_targets(targets).tolist() == ["Tents", "Fuel", "Fuel"]


def purchases(counts):
    return pd.DataFrame(counts).add_prefix("bought ")


def test_groups_are_found_and_named_by_what_sets_them_apart():
    rng = np.random.default_rng(0)
    campers = {
        "Tents": rng.poisson(4, 60),
        "Mats": rng.poisson(3, 60),
        "Tubes": 0,
        "Tires": 0,
        "Bars": rng.poisson(2, 60),
    }
    riders = {
        "Tents": 0,
        "Mats": 0,
        "Tubes": rng.poisson(4, 60),
        "Tires": rng.poisson(3, 60),
        "Bars": rng.poisson(2, 60),
    }
    table = pd.concat([purchases(campers), purchases(riders)], ignore_index=True)
    groups = CustomerGroups(most=5).fit(table)
    found = groups.predict(table)
    assert len(groups.names_) == 2
    assert {name.split(", ")[0] for name in set(found[:60])} == {"Tents"}
    assert {name.split(", ")[0] for name in set(found[60:])} == {"Tubes"}


def test_who_has_bought_nothing_is_in_no_group():
    rng = np.random.default_rng(0)
    table = purchases({name: rng.poisson(2, 80) for name in ("Tents", "Tubes", "Bars")})
    groups = CustomerGroups(groups=2).fit(table)
    assert groups.predict(pd.DataFrame({"bought Tents": [0.0, 5.0]}))[0] is None
    assert len(set(groups.names_)) == 2


def test_too_few_customers_make_no_groups():
    with pytest.raises(NothingToLearnFrom, match="3 customers"):
        CustomerGroups().fit(purchases({"Tents": [5, 5, 5], "Tubes": [0, 1, 2]}))
