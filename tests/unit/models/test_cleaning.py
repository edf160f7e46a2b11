"""What is learned from, and what cleaning does with the rest."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pandas as pd
import pytest

from models.preparation.cleaning import clean_customers, clean_order_lines
from models.preparation.quality import Done, QualityNote

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


def order_lines(*rows: dict[str, Any]) -> pd.DataFrame:
    """Raw lines: each an order of its own, an hour after the one before, unless it says otherwise."""
    usual = {
        "customer_id": 1, "status": "delivered", "currency": "USD", "sku": "A", "product": "P", "category": "Tents",
        "department": "Camping", "quantity": 1, "unit_price": 100.0,
    }  # fmt: skip
    made = [
        {
            **usual,
            "order_id": number,
            "order_number": f"SC-{number}",
            "placed_at": NOW - timedelta(days=30) + timedelta(hours=number),
            **row,
        }
        for number, row in enumerate(rows, start=1)
    ]
    frame = pd.DataFrame(made)
    frame["placed_at"] = pd.to_datetime(frame["placed_at"], utc=True).astype("datetime64[us, UTC]")
    frame["customer_id"] = frame["customer_id"].astype("Int64")
    return frame


def cleaned(*rows: dict[str, Any]) -> tuple[pd.DataFrame, list[QualityNote]]:
    return clean_order_lines(order_lines(*rows), currency="USD", rates={"USD": 1.0, "EUR": 0.5}, now=NOW)


def test_lines_as_they_should_be_stay_as_they_are():
    lines, notes = cleaned({}, {"sku": "B", "quantity": 2})
    assert notes == []
    assert lines["sku"].tolist() == ["A", "B"]
    assert lines["quantity"].tolist() == [1, 2]


@pytest.mark.parametrize(
    ("row", "finding"),
    [
        ({"status": "cancelled"}, "of cancelled orders"),
        ({"status": "returned"}, "of returned orders"),
        ({"customer_id": None}, "without a customer"),
        ({"placed_at": NOW + timedelta(days=2)}, "dated in the future or before 1990"),
        ({"placed_at": datetime(1900, 1, 1, tzinfo=UTC)}, "dated in the future or before 1990"),
        ({"quantity": -1}, "with a quantity of zero or less"),
        ({"unit_price": -5.0}, "with a negative price"),
        ({"currency": "XYZ"}, "in a currency without an exchange rate"),
    ],
)
def test_what_is_no_sale_is_dropped_and_named(row, finding):
    lines, [note] = cleaned({}, row)
    assert lines["order_id"].tolist() == [1]
    assert (note.finding, note.rows, note.of, note.done, note.examples) == (finding, 1, 2, Done.DROPPED, ("SC-2",))


def test_an_order_sent_twice_counts_once():
    at = NOW - timedelta(days=3, minutes=7)
    twice = [{"placed_at": at}, {"placed_at": at + timedelta(seconds=40)}]
    another = {"placed_at": at + timedelta(seconds=50), "sku": "B"}
    next_day = {"placed_at": at + timedelta(days=1)}
    lines, [note] = cleaned(*twice, another, next_day)
    assert lines["order_id"].tolist() == [1, 3, 4]
    assert (note.finding, note.rows) == ("of orders that were sent twice", 1)


def test_two_orders_of_one_day_are_two_where_the_shop_knows_days_alone():
    day = datetime(2026, 11, 1, tzinfo=UTC)
    lines, notes = cleaned({"placed_at": day}, {"placed_at": day})
    assert len(lines) == 2
    assert notes == []


def test_other_currencies_are_converted():
    lines, [note] = cleaned({"currency": "EUR", "unit_price": 50.0})
    assert lines["unit_price"].tolist() == [100.0]
    assert (note.finding, note.done) == ("converted to USD", Done.MENDED)


def test_a_slip_of_the_pen_in_a_price_or_quantity_becomes_the_usual_one():
    usual = [{"unit_price": price} for price in (95.0, 100.0, 100.0, 100.0, 110.0)]
    lines, notes = cleaned(*usual, {"unit_price": 10_000.0}, {"quantity": 1000})
    assert lines["unit_price"].max() == 110.0
    assert lines["quantity"].max() == 1
    assert {note.finding: note.rows for note in notes} == {
        "price far from the product's usual one": 1,
        "quantity far from the usual one": 1,
    }


def test_a_price_is_not_judged_by_a_handful_of_sales():
    lines, notes = cleaned({"unit_price": 1.0}, {"unit_price": 90.0})
    assert lines["unit_price"].tolist() == [1.0, 90.0]
    assert notes == []


def test_no_lines_at_all_are_no_trouble():
    lines, notes = clean_order_lines(order_lines({}).iloc[:0], currency="USD", rates={}, now=NOW)
    assert lines.empty
    assert notes == []


def test_what_cannot_be_true_of_a_customer_is_taken_as_unknown():
    rows = pd.DataFrame(
        {
            "gender": ["F", "male", "non-binary", None],
            "birth_date": pd.to_datetime(["1980-05-01", "1850-01-01", "2025-01-01", None]),
            "income": [50_000.0, -1.0, 60_000.0, 900_000_000.0],
            "household_size": [2.0, 0.0, 99.0, None],
        },
        index=pd.Index([1, 2, 3, 4], name="customer_id"),
    )
    customers, notes = clean_customers(rows, now=NOW)
    assert customers["gender"].tolist() == ["female", "male", "non-binary", None]
    assert customers["birth_date"].notna().tolist() == [True, False, False, False]
    assert customers["income"].fillna(0).tolist() == [50_000.0, 0, 60_000.0, 0]
    assert customers["household_size"].fillna(0).tolist() == [2.0, 0, 0, 0]
    found = {note.finding: note.rows for note in notes if note.done is Done.MENDED}
    assert found == {
        "impossible age": 2,
        "negative income": 1,
        "income over 100 times the usual": 1,
        "impossible household size": 2,
        "gender spelled in several ways": 1,
    }
