"""What has been sold, to whom and out of what, as plain rows: the raw material of the models.

Rows come as tuples whose fields are named beside each query, money as whole cents: five million lines have to pass
through here, and an object for each would not.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from sqlalchemy import BigInteger, func, select, type_coerce
from sqlalchemy.orm import Session

from crm_store.catalog import load_categories, with_parents
from crm_store.tables import Category, Customer, Order, OrderLine, Product, Variant

ORDER_LINE_FIELDS = (
    "order_id", "order_number", "customer_id", "placed_at", "status", "currency", "sku", "product", "category_id",
    "quantity", "unit_cents",
)  # fmt: skip
CUSTOMER_FIELDS = (
    "customer_id", "gender", "birth_date", "income_cents", "household_size", "region", "language", "created_at",
)  # fmt: skip
PRODUCT_FIELDS = (
    "sku", "product", "name", "category_id", "brand", "price_cents", "cost_cents", "stock", "active", "first_sold_at",
)  # fmt: skip
_BATCH = 50_000


def order_line_records(session: Session) -> Iterator[tuple[Any, ...]]:
    """Every order line with `ORDER_LINE_FIELDS`, in the order of the orders' ids, cancelled orders too."""
    rows = session.execute(
        select(
            Order.id, Order.number, Order.customer_id, Order.placed_at, Order.status, Order.currency, Variant.sku,
            Product.code, Product.category_id, OrderLine.quantity, type_coerce(OrderLine.unit_price, BigInteger),
        )
        .join(OrderLine.order).join(OrderLine.variant).join(Variant.product)
        .order_by(Order.id, OrderLine.line_number)
        .execution_options(yield_per=_BATCH)
    )  # fmt: skip
    yield from map(tuple, rows)


def customer_records(session: Session) -> Iterator[tuple[Any, ...]]:
    """Every customer that is not erased, with `CUSTOMER_FIELDS`."""
    rows = session.execute(
        select(
            Customer.id, Customer.gender, Customer.birth_date, type_coerce(Customer.income, BigInteger),
            Customer.household_size, Customer.region, Customer.language, Customer.created_at,
        ).where(Customer.erased_at.is_(None)).order_by(Customer.id).execution_options(yield_per=_BATCH)
    )  # fmt: skip
    yield from map(tuple, rows)


def product_records(session: Session) -> Iterator[tuple[Any, ...]]:
    """Every variant, off sale too, with `PRODUCT_FIELDS`."""
    first_sold = (
        select(OrderLine.variant_id, func.min(Order.placed_at).label("at"))
        .join(OrderLine.order).group_by(OrderLine.variant_id).subquery()
    )  # fmt: skip
    rows = session.execute(
        select(
            Variant.sku, Product.code, Product.name, Product.category_id, Product.brand,
            type_coerce(Variant.price, BigInteger), type_coerce(Variant.cost, BigInteger), Variant.stock,
            Variant.active, first_sold.c.at,
        ).join(Variant.product).outerjoin(first_sold, first_sold.c.variant_id == Variant.id).order_by(Variant.id)
    )  # fmt: skip
    yield from map(tuple, rows)


def category_places(session: Session) -> dict[int, tuple[str, str]]:
    """Category id -> (its name, the name of the top category it belongs to)."""
    by_id: dict[int, Category] = load_categories(session)
    return {id: (category.name, with_parents(by_id, id)[-1].name) for id, category in by_id.items()}


def shared_contacts(session: Session) -> int:
    """How many customers share an e-mail address or phone number with another one."""
    shared = 0
    for column in (Customer.email, Customer.phone):
        groups = (
            select(func.count().label("n"))
            .where(column.is_not(None), Customer.erased_at.is_(None))
            .group_by(column)
            .having(func.count() > 1)
            .subquery()
        )
        shared += session.scalar(select(func.coalesce(func.sum(groups.c.n - 1), 0))) or 0
    return int(shared)
