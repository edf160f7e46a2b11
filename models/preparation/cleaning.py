"""Cleaning of order lines and customers, every step counted.

The order of the steps matters: what is no sale goes first, so that it cannot spoil the medians by which odd prices
and quantities are told.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

import pandas as pd

from models.preparation.quality import Done, NoteTaker, QualityNote

OLDEST, YOUNGEST = 110, 10  # years; a birthday outside is a slip of the pen
MOST_PEOPLE = 20  # in one household
FIRST_YEAR = 1990  # earlier orders are dates gone wrong, such as 1900-01-01
ODD_PRICE = 10  # times the product's median price, or a tenth of it
ODD_QUANTITY = 100  # times what is usually bought of the product at once
ENOUGH_LINES = 5  # to know what a product usually costs
DOUBLE_SECONDS = 120  # the same order again within this time was sent twice
_NO_SALE = ("cancelled", "returned")
_GENDERS = {
    "f": "female", "female": "female", "w": "female", "woman": "female", "women": "female", "女": "female",
    "m": "male", "male": "male", "man": "male", "men": "male", "男": "male",
}  # fmt: skip
LINE_COLUMNS = [
    "order_id", "customer_id", "placed_at", "sku", "product", "category", "department", "quantity", "unit_price",
]  # fmt: skip


def clean_order_lines(
    rows: pd.DataFrame, *, currency: str, rates: Mapping[str, float], now: datetime
) -> tuple[pd.DataFrame, list[QualityNote]]:
    """Return the lines that were sold, oldest first, with `LINE_COLUMNS`, and what was found.

    `rates` are units of a currency for one of the shop's. Prices of the result are in the shop's currency.
    """
    taker = NoteTaker("order lines", len(rows))
    for status in _NO_SALE:
        rows = _without(rows, rows["status"] == status, f"of {status} orders", taker)
    rows = _without(rows, rows["customer_id"].isna(), "without a customer", taker,
                    "give orders a customer where you know them: nothing personal is learned from these")  # fmt: skip
    year = rows["placed_at"].dt.year
    rows = _without(rows, (rows["placed_at"] > now) | (year < FIRST_YEAR), "dated in the future or before 1990",
                    taker, "correct the dates")  # fmt: skip
    rows = _without(rows, rows["quantity"] <= 0, "with a quantity of zero or less", taker,
                    "mark returns by the order's status instead of a negative line")  # fmt: skip
    rows = _without(rows, rows["unit_price"] < 0, "with a negative price", taker, "correct the prices")
    rows = _without(rows, _sent_twice(rows), "of orders that were sent twice", taker, "cancel the second one")
    rows = _in_currency(rows, currency, rates, taker)
    rows = _usual(rows, taker)
    rows = rows.sort_values(["placed_at", "order_id"], kind="stable").reset_index(drop=True)
    return rows[LINE_COLUMNS].astype({"customer_id": "int64", "quantity": "int64"}), taker.notes


def clean_customers(rows: pd.DataFrame, *, now: datetime) -> tuple[pd.DataFrame, list[QualityNote]]:
    """Return the customers with what cannot be true taken as unknown, and what was found."""
    rows, taker = rows.copy(), NoteTaker("customers", len(rows))
    ids = rows.index.to_series()
    age = (pd.Timestamp(now).tz_localize(None) - rows["birth_date"]).dt.days / 365.25
    _unknown(rows, "birth_date", (age < YOUNGEST) | (age > OLDEST), "impossible age", taker, ids)
    _unknown(rows, "income", rows["income"] < 0, "negative income", taker, ids)
    typical = rows["income"].median()
    _unknown(rows, "income", rows["income"] > 100 * typical, "income over 100 times the usual", taker, ids)
    people = rows["household_size"]
    _unknown(rows, "household_size", (people < 1) | (people > MOST_PEOPLE), "impossible household size", taker, ids)
    written = rows["gender"].astype("string").str.strip().str.casefold()
    # What is none of the words stays as it is written: there are more than two.
    named = written.map(_GENDERS).fillna(written).astype(object)
    spelled = rows["gender"].notna() & (named != rows["gender"])
    taker.note("gender spelled in several ways", spelled, Done.MENDED)
    rows["gender"] = named.where(named.notna() & (named != ""), None)
    for column, words in {"birth_date": "age", "income": "income", "household_size": "household size"}.items():
        share = rows[column].isna()
        if share.any() and not share.all():
            taker.note(f"{words} unknown", share, Done.KEPT)
    return rows, taker.notes


def _without(rows: pd.DataFrame, which: pd.Series, words: str, taker: NoteTaker, advice: str = "") -> pd.DataFrame:
    which = which.fillna(False).astype(bool)
    taker.note(words, which, Done.DROPPED, advice, rows["order_number"])
    return rows[~which]


def _unknown(rows: pd.DataFrame, column: str, which: pd.Series, words: str, taker: NoteTaker, ids: pd.Series) -> None:
    taker.note(words, which, Done.MENDED, "taken as unknown; correct it in your file", ids)
    rows[column] = rows[column].mask(which)


def _sent_twice(rows: pd.DataFrame) -> pd.Series:
    """Lines of orders that repeat the same customer's order before, line for line, within two minutes."""
    orders = rows.drop_duplicates("order_id").sort_values(["customer_id", "placed_at"], kind="stable")
    of_same = orders["customer_id"] == orders["customer_id"].shift()
    soon = orders["placed_at"].diff().dt.total_seconds() <= DOUBLE_SECONDS
    # An import with days instead of times cannot tell: there, two orders of one day are two orders.
    exact = orders["placed_at"].dt.normalize() != orders["placed_at"]
    suspect = of_same & soon & exact
    pairs = pd.DataFrame({"first": orders["order_id"].shift()[suspect], "second": orders["order_id"][suspect]})
    of_pairs = rows[rows["order_id"].isin(pd.concat([pairs["first"], pairs["second"]]))]
    lines = of_pairs["sku"] + "*" + of_pairs["quantity"].astype(str)
    what = lines.groupby(of_pairs["order_id"]).agg(lambda one: "|".join(sorted(one)))
    again = pairs["second"][pairs["first"].map(what).to_numpy() == pairs["second"].map(what).to_numpy()]
    return rows["order_id"].isin(again)


def _in_currency(rows: pd.DataFrame, currency: str, rates: Mapping[str, float], taker: NoteTaker) -> pd.DataFrame:
    foreign = rows["currency"] != currency
    rate = rows["currency"].map(dict(rates)).where(foreign, 1.0)
    unknown = foreign & ~(rate > 0)
    rows = _without(rows, unknown, "in a currency without an exchange rate", taker, "set its rate: ./salesclerk shop")
    taker.note(f"converted to {currency}", foreign & ~unknown, Done.MENDED)
    return rows.assign(unit_price=rows["unit_price"] / rate[rows.index])


def _usual(rows: pd.DataFrame, taker: NoteTaker) -> pd.DataFrame:
    """Odd prices become the product's usual one, odd quantities the most that is usual."""
    by_sku = rows.groupby("sku")
    enough = by_sku["sku"].transform("size") >= ENOUGH_LINES
    price, median = rows["unit_price"], by_sku["unit_price"].transform("median")
    odd = enough & (median > 0) & ((price > ODD_PRICE * median) | (price < median / ODD_PRICE))
    taker.note("price far from the product's usual one", odd, Done.MENDED,
               "taken as the usual price; check them", rows["order_number"])  # fmt: skip
    quantity, usual = rows["quantity"], by_sku["quantity"].transform("median")
    many = enough & (quantity > ODD_QUANTITY * usual)
    taker.note("quantity far from the usual one", many, Done.MENDED, "taken as the usual quantity; check them",
               rows["order_number"])  # fmt: skip
    return rows.assign(unit_price=price.mask(odd, median), quantity=quantity.mask(many, usual.round().astype("int64")))
