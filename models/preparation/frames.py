"""The store as pandas tables, cleaned: where every model begins."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

import pandas as pd
from sqlalchemy.orm import Session

from crm_store import sales_records
from crm_store.errors import SalesError
from crm_store.shop import current_shop
from models.preparation.cleaning import clean_customers, clean_order_lines
from models.preparation.quality import QualityNote, catalogue_notes, contact_notes


class NothingSold(SalesError):
    """There are no sales to learn from."""

    code = "nothing_sold"

    def __init__(self, why: str = "there is no order of a known customer in this store yet") -> None:
        super().__init__(f"{why}; import some first: ./salesclerk import orders FILE")


@dataclass(frozen=True, slots=True)
class SalesFrames:
    """What the models learn from, as of `now`.

    `lines`: one row a sold line, oldest first: order_id, customer_id, placed_at (UTC), sku, product, category,
    department, quantity, unit_price (the shop's currency).
    `customers`: by customer_id: gender, birth_date, income, household_size, region, language, created_at.
    `products`: by sku, what is on sale: product, name, category, department, brand, price, cost, in_stock,
    first_sold_at.
    `notes`: what cleaning found.
    """

    lines: pd.DataFrame
    customers: pd.DataFrame
    products: pd.DataFrame
    now: datetime
    notes: tuple[QualityNote, ...] = field(default=(), compare=False)


def sales_frames(session: Session, now: datetime) -> SalesFrames:
    """Read and clean the whole store; an empty one gives empty tables."""
    shop = current_shop(session)
    raw_lines, products = _order_lines(session), _products(session)
    rates = {code: float(rate) for code, rate in shop.exchange_rates.items()}
    lines, line_notes = clean_order_lines(raw_lines, currency=shop.currency, rates=rates, now=now)
    customers, customer_notes = clean_customers(_customers(session), now=now)
    lines = lines[lines["customer_id"].isin(customers.index)].reset_index(drop=True)
    notes = (*line_notes, *customer_notes, *catalogue_notes(products),
             *contact_notes(sales_records.shared_contacts(session)))  # fmt: skip
    on_sale = products[products.pop("active")]
    return SalesFrames(lines, customers, on_sale, now, notes)


def _order_lines(session: Session) -> pd.DataFrame:
    rows = pd.DataFrame.from_records(
        sales_records.order_line_records(session), columns=list(sales_records.ORDER_LINE_FIELDS)
    )
    _add_places(rows, session)
    rows["placed_at"] = pd.to_datetime(rows["placed_at"], utc=True).astype("datetime64[us, UTC]")
    rows["unit_price"] = rows.pop("unit_cents").astype("float64") / 100
    rows["customer_id"] = rows["customer_id"].astype("Int64")
    return rows


def _customers(session: Session) -> pd.DataFrame:
    rows = pd.DataFrame.from_records(
        sales_records.customer_records(session), columns=list(sales_records.CUSTOMER_FIELDS)
    ).set_index("customer_id")
    rows["birth_date"] = pd.to_datetime(rows["birth_date"], errors="coerce").astype("datetime64[us]")
    rows["created_at"] = pd.to_datetime(rows["created_at"], utc=True).astype("datetime64[us, UTC]")
    rows["income"] = rows.pop("income_cents").astype("float64") / 100
    rows["household_size"] = rows["household_size"].astype("float64")
    return rows


def _products(session: Session) -> pd.DataFrame:
    rows = pd.DataFrame.from_records(
        sales_records.product_records(session), columns=list(sales_records.PRODUCT_FIELDS)
    ).set_index("sku")
    _add_places(rows, session)
    rows["price"] = rows.pop("price_cents").astype("float64") / 100
    rows["cost"] = rows.pop("cost_cents").astype("float64") / 100
    stock = rows.pop("stock")
    rows["in_stock"] = stock.isna() | (stock > 0)
    rows["active"] = rows["active"].astype(bool)
    rows["first_sold_at"] = pd.to_datetime(rows["first_sold_at"], utc=True)
    return rows


def _add_places(rows: pd.DataFrame, session: Session) -> None:
    """Replace the category's id by its name and that of its department."""
    places = sales_records.category_places(session)
    ids = rows.pop("category_id")
    rows["category"] = ids.map({id: name for id, (name, _) in places.items()}).astype(object)
    rows["department"] = ids.map({id: top for id, (_, top) in places.items()}).astype(object)
