"""Order files become history that moves no stock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_store.catalog import load_catalog
from crm_store.erasing.rows import erase_customer
from crm_store.errors import ImportRefused
from crm_store.importing import ImportReport, import_file
from crm_store.tables import Customer, Order, OrderLine, OrderStatus, Variant
from tests.factories import NOW, make_conversation, make_customer, make_order, make_product, make_shop

Import = Callable[..., ImportReport]
HEAD = "OrderDate,OrderNumber,ProductKey,CustomerKey,OrderLineItem,OrderQuantity\n"


@pytest.fixture
def take(session: Session, tmp_path: Path) -> Import:
    make_shop(session, timezone="America/New_York")
    make_product(
        session,
        variants=[
            {"sku": "BIKE", "external_id": "332", "price": Decimal("699.10"), "stock": 1},
            {"sku": "CAP", "external_id": "225", "price": Decimal("8.99")},
        ],
    )
    make_customer(session, external_id="14657", email="ada@example.org")
    make_customer(session, external_id="29255", email="bob@example.org")

    def take(text: str, **options: object) -> ImportReport:
        path = tmp_path / "sales.csv"
        path.write_text(text, encoding="utf-8")
        return import_file(session, "orders", path, now=NOW, **options)

    return take


def the(session: Session, number: str) -> Order:
    return session.scalars(select(Order).where(Order.number == number)).one()


def test_lines_make_orders_with_the_prices_of_the_catalogue(session: Session, take: Import) -> None:
    report = take(HEAD + "2017-01-01,SO1,332,14657,1,1\n2017-01-01,SO1,225,14657,2,2\n2017-01-02,SO2,225,29255,1,1\n")
    assert (report.read, report.created, report.bad) == (3, 3, [])
    order = the(session, "SO1")
    assert (order.total, order.status, order.currency) == (Decimal("717.08"), OrderStatus.DELIVERED, "USD")
    assert order.placed_at == datetime(2017, 1, 1, 5, tzinfo=UTC)  # midnight in New York
    assert [(line.line_number, line.variant.sku, line.quantity) for line in order.lines] == [
        (1, "BIKE", 1),
        (2, "CAP", 2),
    ]
    assert any("no prices" in note for note in report.notes)


def test_history_moves_no_stock_but_counts_as_sold(session: Session, take: Import) -> None:
    take(HEAD + "2017-01-01,SO1,332,14657,1,3\n")
    assert session.scalar(select(Variant.stock).where(Variant.sku == "BIKE")) == 1
    assert {item.sku: item.units_sold for item in load_catalog(session)} == {"BIKE": 3, "CAP": 0}


def test_importing_twice_changes_nothing_even_after_a_price_change(session: Session, take: Import) -> None:
    text = HEAD + "2017-01-01,SO1,332,14657,1,1\n2017-01-01,SO1,225,14657,2,2\n"
    take(text)
    session.scalars(select(Variant).where(Variant.sku == "BIKE")).one().price = Decimal("1.00")
    again = take(text)
    assert (again.created, again.updated, again.unchanged) == (0, 0, 2)
    assert the(session, "SO1").total == Decimal("717.08")


def test_every_bad_row_is_named_and_the_good_ones_are_kept(session: Session, take: Import) -> None:
    report = take(
        HEAD
        + "2017-01-01,SO1,332,14657,1,1\n"
        + "2017-01-01,SO1,999,14657,2,1\n"
        + "2017-01-01,SO2,332,999,1,1\n"
        + "2017-01-01,SO1,225,14657,3,0\n"
        + "2017-01-01,SO1,225,14657,4,1.5\n"
        + "2017-13-01,SO3,225,14657,1,1\n"
        + "2099-01-01,SO4,225,14657,1,1\n"
        + "2017-01-01,,225,14657,1,1\n"
        + "2017-01-01,SO1,225,29255,5,1\n"
        + "2017-01-01,SO1,225,14657,1,1\n"
        + "2017-01-01,SO1,225,14657,6,1\n"
    )
    assert [(bad.row, bad.column, bad.value) for bad in report.bad] == [
        (3, "ProductKey", "999"),
        (4, "CustomerKey", "999"),
        (5, "OrderQuantity", "0"),
        (6, "OrderQuantity", "1.5"),
        (7, "OrderDate", "2017-13-01"),
        (8, "OrderDate", "2099-01-01"),
        (9, "OrderNumber", ""),
        (10, "OrderNumber", "SO1"),
        (11, "OrderLineItem", "1"),
    ]
    assert [line.line_number for line in the(session, "SO1").lines] == [1, 6]
    assert session.scalar(select(func.count(Order.id))) == 1
    assert report.read == report.created + len(report.bad)


def test_a_repaired_file_adds_what_was_missing(session: Session, take: Import) -> None:
    take("order id,date,sku,qty,email\nA1,2024-05-01,none,1,ada@example.org\nA1,2024-05-01,CAP,2,ada@example.org\n")
    report = take(
        "order id,date,sku,qty,email\nA1,2024-05-01,BIKE,1,ada@example.org\nA1,2024-05-01,CAP,3,ada@example.org\n"
    )
    assert (report.created, report.updated) == (1, 1)
    order = the(session, "A1")
    assert sorted((line.line_number, line.variant.sku, line.quantity) for line in order.lines) == [
        (1, "BIKE", 1),
        (2, "CAP", 3),
    ]
    assert order.total == Decimal("726.07")


def test_prices_and_cancellations_of_the_file_are_taken(session: Session, take: Import) -> None:
    take(
        "Name,Email,Financial Status,Created at,Lineitem quantity,Lineitem price,Lineitem sku\n"
        "#1001,ADA@example.org,refunded,2024-01-05 10:00:00 -0500,1,650.00,BIKE\n"
        "#1001,,,,2,8.00,CAP\n"
    )
    order = the(session, "1001")
    assert (order.total, order.status) == (Decimal("666.00"), OrderStatus.RETURNED)
    assert order.placed_at == datetime(2024, 1, 5, 15, tzinfo=UTC)


def test_an_order_of_another_customer_is_never_taken_over(session: Session, take: Import) -> None:
    take(HEAD + "2017-01-01,SO1,332,14657,1,1\n")
    report = take(HEAD + "2017-01-01,SO1,225,29255,2,1\n")
    assert [(bad.row, bad.value) for bad in report.bad] == [(2, "SO1")]
    assert len(the(session, "SO1").lines) == 1


def test_an_order_placed_by_chat_is_not_changed_by_a_file(session: Session, take: Import) -> None:
    variant = session.scalars(select(Variant).where(Variant.sku == "CAP")).one()
    make_order(session, number="SC-ABCDEF", lines=[(variant, 1)], conversation=make_conversation(session))
    report = take("number,line,placed_at,sku,quantity\nSC-ABCDEF,1,2026-11-23,CAP,1\n")
    assert report.unchanged == 1
    report = take("number,line,placed_at,sku,quantity\nSC-ABCDEF,1,2026-11-23,CAP,9\n")
    assert [bad.reason for bad in report.bad] == ["this order was placed with the assistant; a file cannot change it"]
    assert session.scalars(select(OrderLine.quantity)).all() == [1]


def test_a_dry_run_writes_nothing(session: Session, take: Import) -> None:
    report = take(HEAD + "2017-01-01,SO1,332,14657,1,1\n", dry_run=True)
    assert report.created == 1
    assert session.scalar(select(func.count(Order.id))) == 0


def test_a_file_without_quantities_is_refused(take: Import) -> None:
    with pytest.raises(ImportRefused, match="no column for quantity"):
        take("OrderDate,OrderNumber,ProductKey\n2017-01-01,SO1,332\n")


def test_the_key_of_who_was_erased_means_nobody(session: Session, take: Import) -> None:
    file = HEAD + "2017-01-01,SO1,332,14657,1,1\n"
    take(file)
    erase_customer(session, session.scalars(select(Customer.id).where(Customer.external_id == "14657")).one(), NOW)
    again = take(file + "2017-01-01,SO1,225,14657,2,1\n2017-01-02,SO2,225,14657,1,1\n")
    assert (again.bad, again.created) == ([], 2)
    assert [the(session, number).customer_id for number in ("SO1", "SO2")] == [None, None]
