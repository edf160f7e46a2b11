from __future__ import annotations

from datetime import UTC, datetime, timedelta

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from models.preparation.customer_features import NEVER, customer_features, training_rows

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
COLUMNS = ["order_id", "customer_id", "placed_at", "sku", "product", "category", "department", "quantity", "unit_price"]


def sold(*lines):
    """Order lines from (order, customer, days before NOW, category, price)."""
    rows = [
        (order, customer, NOW - timedelta(days=days), f"{category}-1", category, category, "All", 1, float(price))
        for order, customer, days, category, price in lines
    ]
    table = pd.DataFrame(rows, columns=COLUMNS)
    table["placed_at"] = pd.to_datetime(table["placed_at"], utc=True).astype("datetime64[us, UTC]")
    return table.sort_values("placed_at", ignore_index=True)


def people(*ids, **columns):
    defaults = {
        "gender": "female",
        "birth_date": pd.Timestamp("1986-11-23"),
        "income": 50_000.0,
        "household_size": 2.0,
        "region": "North",
        "language": "en",
        "created_at": pd.Timestamp("2025-11-23 12:00", tz=UTC),
    }
    return pd.DataFrame({**defaults, **columns}, index=pd.Index(ids, name="customer_id"))


def test_profile_and_habit_are_those_of_the_moment():
    lines = sold((1, 7, 100, "Tents", 200), (2, 7, 40, "Stoves", 50), (2, 7, 40, "Fuel", 10), (3, 7, 10, "Fuel", 10))
    row = customer_features(lines, people(7), NOW - timedelta(days=5)).loc[7]
    assert row["age"] == pytest.approx(40, abs=0.05)
    assert (row["orders"], row["spent"], row["last_category"]) == (3, 270, "Fuel")
    assert row["days_since_order"] == pytest.approx(5)
    assert (row["bought Fuel"], row["bought Tents"]) == (2, 1)
    assert row["days since Tents"] == pytest.approx(95)
    assert row["lately Tents"] == pytest.approx(2 ** (-95 / 180), rel=1e-5)
    assert row["months_known"] == pytest.approx(12, abs=0.3)


def test_who_has_bought_nothing_has_never_bought():
    row = customer_features(sold((1, 7, 10, "Tents", 200)), people(7, 8), NOW).loc[8]
    assert (row["orders"], row["days_since_order"], row["days since Tents"]) == (0, NEVER, NEVER)
    assert row["last_category"] is None
    assert np.isnan(row["mean_order"])


def test_a_price_level_is_told_from_what_others_pay_in_the_category():
    lines = sold(
        *[(n, n, 60 - n, "Tents", 100) for n in range(1, 30)], (50, 7, 20, "Tents", 300), (51, 8, 19, "Tents", 40)
    )
    rows = customer_features(lines, people(7, 8), NOW)
    assert rows.loc[7, "price_level"] > 0.2
    assert rows.loc[8, "price_level"] < -0.15


def test_impossible_ages_are_unknown():
    born = [pd.Timestamp("1850-01-01"), pd.Timestamp("2027-01-01"), pd.NaT]
    assert customer_features(sold(), people(1, 2, 3, birth_date=born), NOW)["age"].isna().all()


def test_a_shop_without_sales_has_customers_with_a_profile():
    rows = customer_features(sold(), people(1, 2), NOW)
    assert list(rows.index) == [1, 2]
    assert (rows["orders"] == 0).all()


def test_wishes_count_from_when_they_were_stated():
    stated = pd.DataFrame({"customer_id": [7, 7], "at": [NOW - timedelta(days=3), NOW], "category": ["Tents", "Fuel"]})
    lines = sold((1, 7, 10, "Tents", 200), (1, 7, 10, "Fuel", 9))
    row = customer_features(lines, people(7), NOW, needs=stated).loc[7]
    assert row["days since asked for Tents"] == pytest.approx(3)
    assert row["days since asked for Fuel"] == NEVER  # said at the moment itself, not before it


some_lines = st.lists(
    st.tuples(
        st.integers(1, 12), st.integers(1, 3), st.integers(0, 400), st.sampled_from(["Tents", "Fuel", "Mats"]),
        st.floats(1, 500),
    ),
    max_size=12,
)  # fmt: skip


def orders_of_one_customer_and_time(drawn):
    """The drawn lines, with each order given the customer and the day of its first line."""
    first = {}
    return [
        (order, *first.setdefault(order, (customer, day)), name, price) for order, customer, day, name, price in drawn
    ]


@settings(deadline=None, max_examples=12)
@given(some_lines, st.integers(0, 400))
def test_nothing_at_or_after_the_moment_changes_anything(drawn, days):
    lines, moment = sold(*orders_of_one_customer_and_time(drawn)), NOW - timedelta(days=days)
    with_later = customer_features(lines, people(1, 2, 3), moment)
    without = customer_features(lines[lines["placed_at"] < moment], people(1, 2, 3), moment)
    pd.testing.assert_frame_equal(with_later, without)


@settings(deadline=None, max_examples=12)
@given(some_lines)
def test_a_training_row_is_what_was_known_just_before_the_order(drawn):
    lines, customers = sold(*orders_of_one_customer_and_time(drawn)), people(1, 2, 3)
    rows = training_rows(lines, customers, NOW - timedelta(days=200), NOW)
    names = list(rows.targets.columns)
    for order_id, order in rows.orders.iterrows():
        then = customer_features(lines, customers, order["placed_at"], categories=names).loc[order["customer_id"]]
        pd.testing.assert_series_equal(rows.features.loc[order_id], then, check_names=False, rtol=1e-4)
        bought = set(lines.loc[lines["order_id"] == order_id, "category"])
        assert set(rows.targets.columns[rows.targets.loc[order_id]]) == bought


def test_training_rows_are_split_by_time():
    lines = sold((1, 7, 100, "Tents", 200), (2, 7, 40, "Fuel", 10), (3, 8, 10, "Fuel", 10))
    rows = training_rows(lines, people(7, 8), NOW - timedelta(days=60), NOW)
    assert list(rows.orders.index) == [2, 3]
    assert list(rows.between(until=NOW - timedelta(days=20)).orders.index) == [2]
    assert list(rows.between(since=NOW - timedelta(days=20)).features.index) == [3]


def test_any_column_of_the_lines_can_be_what_is_foreseen():
    lines = sold((1, 7, 100, "Tents", 200), (2, 7, 40, "Fuel", 10)).assign(brand=["Litware", "Proseware"])
    targets = training_rows(lines, people(7), NOW - timedelta(days=200), NOW, target="brand").targets
    assert targets.loc[2].to_dict() == {"Litware": False, "Proseware": True}


def test_an_order_of_somebody_unknown_has_habit_and_no_profile():
    rows = training_rows(
        sold((1, 9, 90, "Tents", 200), (2, 9, 40, "Fuel", 10)), people(7), NOW - timedelta(days=60), NOW
    )
    assert rows.features.loc[2, "orders"] == 1
    assert np.isnan(rows.features.loc[2, "age"])
