from __future__ import annotations

import importlib.util
import json
import pickle
import time
from datetime import timedelta

import numpy as np
import pandas as pd
import pytest
from sklearn.base import clone
from sklearn.exceptions import NotFittedError

from crm_store.demo.truth import expected_spend
from models.evaluation.purchase import evaluate_purchase
from models.evaluation.spend import evaluate_spend
from models.preparation.customer_features import training_rows
from models.preparation.encoding import ColumnMissing, NothingToLearnFrom
from models.spend import SpendRegressor, spend_rows
from tests.unit.models.test_customer_features import NOW, people, sold

USUAL = {"Tents": 300.0, "Fuel": 9.0, "Mats": 60.0}


def purchases(count=900, seed=1, spread=0.15):
    """Customers pay 5 % more of the usual for each further 10,000 of income, and 10 % less in the South."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame({
        "income": rng.uniform(20_000, 120_000, count),
        "region": rng.choice(["North", "South"], count),
        "shoe_size": rng.normal(42, 2, count),
        "category": rng.choice(list(USUAL), count),
    })  # fmt: skip
    level = 1 + 0.05 * (rows["income"] - 70_000) / 10_000 - 0.1 * (rows["region"] == "South")
    paid = rows["category"].map(USUAL) * level * np.exp(rng.normal(0, spread, count))
    return rows, paid.to_numpy()


@pytest.fixture(scope="module")
def fitted():
    return SpendRegressor().fit(*purchases())


def test_who_earns_more_is_expected_to_spend_more_in_every_category(fitted):
    rows = pd.DataFrame({"income": [40_000.0, 100_000.0], "region": "North", "shoe_size": 42.0})
    expected = fitted.expected_price(rows).expected
    assert expected.shape == (2, 3)
    assert expected[1] / expected[0] == pytest.approx(1.15 / 0.85, rel=0.05)
    assert fitted.expected_price(rows, "Tents").expected[:, 0] == pytest.approx([255, 345], rel=0.06)


def test_it_foresees_better_than_the_category_mean(fitted):
    rows, paid = purchases(seed=2)
    error = np.abs(fitted.predict(rows) - paid).mean()
    assert error < 0.8 * np.abs(rows["category"].map(USUAL) - paid).mean()


def test_intervals_hold_what_they_promise(fitted):
    rows, paid = purchases(3000, seed=3)
    low, expected, high = fitted.interval(rows)
    assert ((low <= expected) & (expected <= high)).all()
    assert ((paid >= low) & (paid <= high)).mean() == pytest.approx(0.8, abs=0.03)


def test_wider_coverage_gives_wider_intervals():
    rows, paid = purchases(300)
    narrow, wide = (SpendRegressor(coverage=share).fit(rows, paid).interval(rows) for share in (0.5, 0.9))
    assert (wide.high - wide.low > narrow.high - narrow.low).all()


def test_coefficients_read_as_sentences(fitted):
    effects = {(effect.column, effect.level): effect for effect in fitted.effects()}
    income = effects["income", None]
    assert income.change / income.step * 10_000 == pytest.approx(0.05, abs=0.005)
    assert income.sentence().startswith("each further 10,000 of income: +")
    assert effects["region", "South"].change == pytest.approx(-0.05, abs=0.015)  # half of the customers live there
    assert abs(effects["shoe_size", None].change if ("shoe_size", None) in effects else 0) < 0.02


def test_a_straight_line_is_kept_where_it_is_enough_and_left_where_it_is_not(fitted):
    assert fitted.shape_ == "line"
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"age": rng.uniform(20, 80, 800), "income": rng.uniform(1, 9, 800)})
    paid = 100 + 3 * np.abs(rows["age"] - 50) + rng.normal(0, 5, 800)
    assert SpendRegressor().fit(rows, paid).shape_ != "line"


def test_columns_that_act_together_are_let_act_together():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({"a": rng.choice([0.0, 1.0], 800), "b": rng.choice([0.0, 1.0], 800)})
    paid = 100 + 80 * (rows["a"] != rows["b"]) + rng.normal(0, 5, 800)
    assert SpendRegressor().fit(rows, paid).shape_ == "together"


def test_what_is_unknown_is_taken_for_the_mean(fitted):
    unknown = {"income": None, "region": None, "shoe_size": float("nan")}
    assert fitted.expected_price(unknown, ["Mats"]).expected[0, 0] == pytest.approx(60, rel=0.1)


def test_a_row_a_series_and_a_table_say_the_same(fitted):
    table = purchases(5)[0].drop(columns="category")
    of_table = fitted.expected_price(table).expected
    assert fitted.expected_price(table.iloc[3]).expected[0] == pytest.approx(of_table[3])
    assert fitted.expected_price(table.iloc[3].to_dict()).expected[0] == pytest.approx(of_table[3])


def test_a_category_never_sold_is_taken_for_the_mean_of_all(fitted):
    row = {"income": 70_000.0, "region": "North", "shoe_size": 42.0}
    assert fitted.expected_price(row, "Kayaks").expected[0, 0] == pytest.approx(fitted.overall_, rel=0.1)


def test_one_customer_and_all_categories_take_a_fraction_of_a_millisecond(fitted):
    row = {"income": 70_000.0, "region": "North", "shoe_size": 42.0}
    begin = time.process_time()
    for _ in range(200):
        fitted.expected_price(row)
    assert (time.process_time() - begin) / 200 < 0.0005


def test_the_same_rows_give_the_same_model(fitted):
    rows, paid = purchases()
    assert (clone(fitted).fit(rows, paid).predict(rows) == fitted.predict(rows)).all()


def test_too_little_to_learn_from_is_said():
    rows, paid = purchases(10)
    with pytest.raises(NothingToLearnFrom, match="10 purchases"):
        SpendRegressor().fit(rows, paid)
    with pytest.raises(NothingToLearnFrom, match="no column differs"):
        SpendRegressor().fit(pd.DataFrame({"income": [1.0] * 50}), np.arange(50))


def test_a_column_that_is_lacking_is_named(fitted):
    with pytest.raises(ColumnMissing, match="'income'"):
        fitted.predict(pd.DataFrame({"category": ["Tents"]}))


def test_a_model_that_has_not_learned_says_so():
    with pytest.raises(NotFittedError):
        SpendRegressor().levels({"income": 1.0})


def a_shop(count=400):
    """Orders of two years; who earns more buys dearer."""
    rng = np.random.default_rng(0)
    income = rng.uniform(30_000, 110_000, 80)
    lines = []
    for order in range(count):
        customer, category = int(rng.integers(80)), str(rng.choice(["Tents", "Helmets"]))
        price = (330 if category == "Tents" else 92) * income[customer] / 68_000 * rng.lognormal(0, 0.1)
        lines.append((order, customer, float(rng.uniform(1, 700)), category, price))
    return sold(*lines), people(*range(80), income=income)


def test_rows_by_line_and_by_order_come_from_the_same_orders():
    lines, customers = a_shop(60)
    rows = training_rows(lines, customers, NOW - timedelta(days=800), NOW)
    by_line, price, _ = spend_rows(rows, lines)
    assert (price.to_numpy() == lines["unit_price"].to_numpy()).all()
    assert (by_line["category"].to_numpy() == lines["category"].to_numpy()).all()
    _, total, customer = spend_rows(rows)
    assert total.sum() == pytest.approx((lines["unit_price"] * lines["quantity"]).sum())
    assert set(customer) == set(lines["customer_id"])


def test_the_evaluation_stands_beside_baselines_and_the_truth():
    report = evaluate_spend(*a_shop(), NOW, truth=expected_spend)
    item = report.figures["item"]["models"]
    assert item["linear regression"]["R2"] > item["mean of the category"]["R2"]
    assert item["linear regression"]["MAE"] < item["median of the category"]["MAE"]
    assert report.figures["truth"]["linear regression"]["correlation of levels"] > 0.9
    assert all(picture.startswith(b"\x89PNG") for picture in report.pictures.values())
    json.dumps(report.figures)


@pytest.mark.parametrize(
    "lines", [sold(), sold((1, 7, 10, "Tents", 200)), sold((1, 7, 10, "Tents", 9), (2, 7, 5, "Mats", 9))]
)
def test_a_shop_with_hardly_any_sales_is_told_so(lines):
    with pytest.raises(NothingToLearnFrom):
        evaluate_spend(lines, people(7), NOW)
    with pytest.raises(NothingToLearnFrom):
        evaluate_purchase(lines, people(7), NOW)


def test_a_model_is_the_same_after_it_was_stored(fitted):
    rows, _ = purchases(5)
    assert (pickle.loads(pickle.dumps(fitted)).predict(rows) == fitted.predict(rows)).all()


def test_the_benchmark_says_what_its_file_lacks(tmp_path):
    specification = importlib.util.spec_from_file_location("spend_benchmark", "benchmarks/spend.py")
    benchmark = importlib.util.module_from_spec(specification)
    specification.loader.exec_module(benchmark)
    file = tmp_path / "customers.csv"
    file.write_text("Age,Gender,AnnualIncome,Sport,orders,revenue\n40,F,50000,Golf,2,10\n")
    assert list(benchmark.read(file).columns) == ["Age", "Gender", "AnnualIncome", "Sport", "revenue"]
    file.write_text("Gender,AnnualIncome,revenue\nF,50000,10\n")
    with pytest.raises(SystemExit, match="there is no column Age"):
        benchmark.read(file)
