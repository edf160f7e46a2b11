from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

from sqlalchemy.orm import Session

from crm_store.sales_records import (
    CUSTOMER_FIELDS,
    ORDER_LINE_FIELDS,
    PRODUCT_FIELDS,
    category_places,
    customer_records,
    order_line_records,
    product_records,
    shared_contacts,
)
from crm_store.tables import OrderStatus
from tests.factories import NOW, make_category, make_customer, make_order, make_product


def named(fields, rows):
    return [dict(zip(fields, row, strict=True)) for row in rows]


def test_every_line_of_every_order_comes_with_its_product_in_whole_cents(session: Session) -> None:
    boots = make_product(session, code="B", category="Boots", variants=[{"sku": "B-1", "price": Decimal("89.95")}])
    bars = make_product(session, code="R", category="Bars", variants=[{"sku": "R-1", "price": Decimal("2.50")}])
    customer = make_customer(session)
    lines = [(boots.variants[0], 1), (bars.variants[0], 12)]
    order = make_order(session, customer=customer, lines=lines, currency="EUR", number="SC-7")
    first, second = named(ORDER_LINE_FIELDS, order_line_records(session))
    assert first == {
        "order_id": order.id, "order_number": "SC-7", "customer_id": customer.id, "placed_at": NOW,
        "status": OrderStatus.PLACED, "currency": "EUR", "sku": "B-1", "product": "B",
        "category_id": boots.category_id, "quantity": 1, "unit_cents": 8995,
    }  # fmt: skip
    assert (second["sku"], second["quantity"], second["unit_cents"]) == ("R-1", 12, 250)


def test_cancelled_orders_and_those_of_nobody_known_are_there_too(session: Session) -> None:
    """Cleaning counts what it leaves out."""
    make_order(session, status=OrderStatus.CANCELLED)
    make_order(session, customer=make_customer(session))
    rows = named(ORDER_LINE_FIELDS, order_line_records(session))
    assert [row["status"] for row in rows] == [OrderStatus.CANCELLED, OrderStatus.PLACED]
    assert rows[0]["customer_id"] is None
    assert rows[0]["order_id"] < rows[1]["order_id"]


def test_what_was_paid_is_not_what_the_tag_says_now(session: Session) -> None:
    variant = make_product(session, variants=[{"price": Decimal("100")}]).variants[0]
    make_order(session, lines=[(variant, 1)])
    variant.price = Decimal("120")
    session.flush()
    assert named(ORDER_LINE_FIELDS, order_line_records(session))[0]["unit_cents"] == 10_000
    assert named(PRODUCT_FIELDS, product_records(session))[0]["price_cents"] == 12_000


def test_customers_come_with_their_profile_and_without_those_who_were_erased(session: Session) -> None:
    known = make_customer(
        session, gender="female", birth_date=date(1986, 5, 4), income=Decimal("52000.50"), household_size=3,
        region="North", language="zh",
    )  # fmt: skip
    make_customer(session, erased_at=NOW)
    plain = make_customer(session)
    first, second = named(CUSTOMER_FIELDS, customer_records(session))
    assert first == {
        "customer_id": known.id, "gender": "female", "birth_date": date(1986, 5, 4), "income_cents": 5_200_050,
        "household_size": 3, "region": "North", "language": "zh", "created_at": NOW,
    }  # fmt: skip
    assert second["customer_id"] == plain.id
    assert second["gender"] is second["birth_date"] is second["income_cents"] is None


def test_variants_come_with_cost_stock_and_when_they_were_first_sold(session: Session) -> None:
    settings = [
        {"sku": "A-1", "price": Decimal("10"), "cost": Decimal("6.25"), "stock": 0},
        {"sku": "A-2", "price": Decimal("11"), "cost": None, "stock": None, "active": False},
    ]
    product = make_product(session, "Ridge", code="A", brand="Litware", variants=settings)
    for days in (3, 40, 9):
        make_order(session, lines=[(product.variants[0], 1)], placed_at=NOW - timedelta(days=days))
    sold, off_sale = named(PRODUCT_FIELDS, product_records(session))
    assert sold == {
        "sku": "A-1", "product": "A", "name": "Ridge", "category_id": product.category_id, "brand": "Litware",
        "price_cents": 1000, "cost_cents": 625, "stock": 0, "active": True, "first_sold_at": NOW - timedelta(days=40),
    }  # fmt: skip
    assert (off_sale["sku"], off_sale["active"]) == ("A-2", False)
    assert off_sale["cost_cents"] is off_sale["stock"] is off_sale["first_sold_at"] is None


def test_a_category_has_a_name_and_the_one_at_the_top(session: Session) -> None:
    top = make_category(session, "Cycling")
    middle = make_category(session, "Bikes", parent=top)
    low = make_category(session, "City Bikes", parent=middle)
    assert category_places(session) == {
        top.id: ("Cycling", "Cycling"),
        middle.id: ("Bikes", "Cycling"),
        low.id: ("City Bikes", "Cycling"),
    }


def test_customers_who_share_an_address_or_a_number_are_counted(session: Session) -> None:
    assert shared_contacts(session) == 0
    for _ in range(3):
        make_customer(session, email="li@example.org", phone=None)
    for email in ("a@example.org", "b@example.org"):
        make_customer(session, email=email, phone="+442079460000")
    make_customer(session, email=None, phone=None)
    make_customer(session, email=None, phone=None)
    make_customer(session, email="a@example.org", erased_at=NOW)
    assert shared_contacts(session) == 3  # two more with the address of the first, one with the number


def test_an_empty_store_has_nothing(session: Session) -> None:
    assert list(order_line_records(session)) == list(customer_records(session)) == list(product_records(session)) == []
    assert category_places(session) == {}
