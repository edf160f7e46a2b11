"""Fills an empty store with the demo shop."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

from sqlalchemy import insert, select
from sqlalchemy.orm import Session

from crm_store.catalog import raise_catalog_revision
from crm_store.demo.history import History, SoldOrder, simulate
from crm_store.demo.people import Person
from crm_store.demo.products import demo_products, write_products
from crm_store.demo.prospects import Prospect, draw_prospects
from crm_store.errors import SalesError
from crm_store.shop import ensure_shop
from crm_store.tables import Customer, Lead, Order, OrderLine, OrderStatus, Product, Shop, Touchpoint
from crm_store.wants import wants_sentence

SHOP: Mapping[str, Any] = {
    "name": "Fernhill Outdoor",
    "name_zh": "蕨岭户外",
    "currency": "USD",
    "country": "US",
    "timezone": "America/New_York",
    "email": "hello@fernhill.example",
    "phone": "+12025550123",
    "delivery_days_min": 2,
    "delivery_days_max": 5,
    "delivery_fee": Decimal("6.90"),
    "free_delivery_from": Decimal("75.00"),
    "return_days": 30,
    "warranty_months": 24,
    "quote_days": 14,
    "payment_methods": ["card", "paypal", "bank_transfer", "alipay", "wechat_pay"],
}


class StoreNotEmpty(SalesError):
    """The demo shop is only put where there is nothing yet."""

    code = "store_not_empty"

    def __init__(self) -> None:
        super().__init__("There is a shop in this store already; the demo shop needs an empty one.")


def load_demo(
    session: Session,
    *,
    progress: Callable[[str], None] | None = None,
    seed: int = 7,
    now: datetime | None = None,
    customers: int = 3000,
) -> None:
    """Add the demo shop with its catalogue, customers and three years of orders up to `now`, and its leads.

    Flushes, never commits. The same `seed`, `now` and `customers` give the same store. Raises StoreNotEmpty.
    """
    tell = progress or (lambda step: None)
    shop, variants = load_demo_catalogue(session)
    tell(f"{len(demo_products())} products in {len(variants)} variants")
    now = now or datetime.now(UTC)
    history = simulate(seed=seed, now=now, customers=customers)
    customer_ids = _write_people(session, history.people)
    tell(f"{len(customer_ids)} customers")
    _write_orders(session, shop, history, customer_ids, variants)
    tell(f"{len(history.orders)} orders")
    prospects = draw_prospects(history, seed=seed, now=now)
    _write_leads(session, prospects, customer_ids)
    tell(f"{len(prospects)} leads")


def load_demo_catalogue(session: Session) -> tuple[Shop, dict[str, int]]:
    """Add the demo shop and what it sells, without customers; returns the shop and SKU -> variant id.

    Flushes, never commits. Raises StoreNotEmpty.
    """
    if any(session.scalar(select(table.id).limit(1)) for table in (Shop, Product, Customer)):
        raise StoreNotEmpty
    shop = ensure_shop(session, **SHOP)
    variants = write_products(session)
    raise_catalog_revision(session)
    return shop, variants


def _write_people(session: Session, people: list[Person]) -> list[int]:
    """Add the customers; returns their ids in the same order."""
    if not people:
        return []
    stored = session.execute(
        insert(Customer).returning(Customer.id, sort_by_parameter_order=True),
        [_customer_columns(person) for person in people],
    )
    return list(stored.scalars())


def _customer_columns(person: Person) -> dict[str, Any]:
    columns = (
        "name", "email", "phone", "address", "gender", "birth_date", "income", "household_size", "region", "language",
        "timezone", "opted_out_at", "created_at",
    )  # fmt: skip
    return {**{column: getattr(person, column) for column in columns}, "attributes": {}}


def _write_orders(
    session: Session, shop: Shop, history: History, customer_ids: list[int], variants: Mapping[str, int]
) -> None:
    if not history.orders:
        return
    rows = [
        _order_columns(shop, order, number, history.people[order.person], customer_ids[order.person])
        for number, order in enumerate(history.orders, start=1)
    ]
    session.execute(insert(Order), rows)
    ids = dict(session.execute(select(Order.number, Order.id)).all())
    lines = [
        {
            "order_id": ids[row["number"]],
            "line_number": number,
            "variant_id": variants[line.sku],
            "quantity": line.quantity,
            "unit_price": line.unit_price,
        }
        for row, order in zip(rows, history.orders, strict=True)
        for number, line in enumerate(order.lines, start=1)
    ]
    session.execute(insert(OrderLine), lines)


def _order_columns(shop: Shop, order: SoldOrder, number: int, person: Person, customer_id: int) -> dict[str, Any]:
    subtotal = sum((line.unit_price * line.quantity for line in order.lines), Decimal("0.00"))
    free = shop.free_delivery_from is not None and subtotal >= shop.free_delivery_from
    fee = Decimal("0.00") if free else shop.delivery_fee
    cancelled = order.status is OrderStatus.CANCELLED
    return {
        # The numbers that the shop mints later have no zero, so these can never meet them.
        "number": f"SC-0{number:05X}",
        "customer_id": customer_id,
        "status": order.status,
        "currency": shop.currency,
        "subtotal": subtotal,
        "delivery_fee": fee,
        "total": subtotal + fee,
        "name": person.name,
        "email": person.email,
        "phone": person.phone,
        "address": person.address,
        "placed_at": order.placed_at,
        "cancelled_at": order.placed_at + timedelta(hours=1) if cancelled else None,
    }


def _write_leads(session: Session, prospects: list[Prospect], customer_ids: list[int]) -> None:
    if not prospects:
        return
    rows = [_lead_columns(prospect, customer_ids) for prospect in prospects]
    ids = session.execute(insert(Lead).returning(Lead.id, sort_by_parameter_order=True), rows).scalars()
    touchpoints = [
        {
            "lead_id": lead_id,
            "customer_id": row["customer_id"],
            "kind": contact.kind,
            "summary": contact.summary,
            "rep_name": prospect.assigned_to if contact.kind == "call" else None,
            "at": contact.at,
        }
        for lead_id, row, prospect in zip(ids, rows, prospects, strict=True)
        for contact in prospect.contacts
    ]
    session.execute(insert(Touchpoint), touchpoints)


def _lead_columns(prospect: Prospect, customer_ids: list[int]) -> dict[str, Any]:
    columns = (
        "stage", "source", "wants", "name", "email", "phone", "assigned_to", "created_at", "updated_at",
    )  # fmt: skip
    return {
        **{column: getattr(prospect, column) for column in columns},
        "summary": wants_sentence(prospect.wants),
        "customer_id": None if prospect.person is None else customer_ids[prospect.person],
    }
