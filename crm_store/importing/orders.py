"""Imports past orders, one line a row: history, which moves no stock."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy.orm import Session

from crm_store.catalog import raise_catalog_revision
from crm_store.importing.columns import Columns, recognise, require
from crm_store.importing.order_store import KnownOrders, write_orders
from crm_store.importing.report import ImportReport, RowRefused
from crm_store.importing.sheets import Sheet
from crm_store.importing.values import DateReader, money, whole_number
from crm_store.orders import order_number
from crm_store.shop import ensure_shop
from crm_store.tables import OrderStatus

ALIASES: Mapping[str, Sequence[str]] = {
    "number": (
        "ordernumber", "orderno", "salesordernumber", "orderid", "number", "invoiceno", "invoicenumber", "invoice",
        "order", "name", "订单号",
    ),
    "line": ("orderlineitem", "linenumber", "lineno", "salesorderlinenumber", "orderline", "lineitem", "line"),
    "date": (
        "orderdate", "placedat", "date", "createdat", "orderedat", "invoicedate", "purchasedate", "paidat", "日期",
    ),
    "product": (
        "productkey", "sku", "lineitemsku", "productsku", "itemsku", "variantsku", "stockcode", "productid",
        "variantid", "itemid", "product", "商品编号",
    ),
    "quantity": ("orderquantity", "quantity", "qty", "lineitemquantity", "units", "数量"),
    "unit_price": ("unitprice", "lineitemprice", "itemprice", "price", "saleprice", "单价"),
    "customer": ("customerkey", "customerid", "customerexternalid", "customernumber", "customer", "客户编号"),
    "email": ("email", "customeremail", "emailaddress", "billingemail", "邮箱"),
    "status": ("orderstatus", "status", "financialstatus"),
}  # fmt: skip
_STATUSES = {
    "cancelled": OrderStatus.CANCELLED,
    "canceled": OrderStatus.CANCELLED,
    "voided": OrderStatus.CANCELLED,
    "returned": OrderStatus.RETURNED,
    "refunded": OrderStatus.RETURNED,
}


@dataclass(slots=True)
class ImportedLine:
    row: int
    variant_id: int
    quantity: int
    unit_price: Decimal


@dataclass(slots=True)
class ImportedOrder:
    """An order as the file tells it; `row` is where it begins."""

    row: int
    number: str
    customer_id: int | None
    customer: str  # as the file names them
    placed_at: datetime
    status: OrderStatus
    lines: dict[int, ImportedLine] = field(default_factory=dict)
    rows_seen: int = 0


def import_orders(
    session: Session,
    sheet: Sheet,
    report: ImportReport,
    mapping: Mapping[str, str] | None,
    now: datetime,
    progress: Callable[[int], None],
) -> None:
    """Read the rows of an order file into the store, in bulk; status delivered unless the file says otherwise."""
    columns = recognise(sheet, ALIASES, mapping)
    require(sheet, columns, ALIASES, ("number",), ("date",), ("product",), ("quantity",))
    report.mapped = columns.mapped
    known = KnownOrders(session)
    reader = _RowReader(session, sheet, columns, known, now)
    orders: dict[str, ImportedOrder] = {}
    for line, cells in sheet.rows():
        report.read += 1
        try:
            reader.add(orders, line, cells)
        except RowRefused as refusal:
            report.refuse(line, refusal)
        progress(report.read)
    with_prices = "unit_price" in columns
    outcomes: Counter[str] = write_orders(session, orders.values(), known, report, with_prices=with_prices)
    report.count(outcomes)
    report.bad.sort(key=lambda bad: bad.row)
    if not with_prices:
        report.notes.append("The file has no prices: every line has the price of the product as it is now.")
    if "customer" not in columns and "email" not in columns:
        report.notes.append("The file names no customers: the orders belong to nobody.")
    if outcomes["created"] or outcomes["updated"]:
        raise_catalog_revision(session)  # what sells well has changed


class _RowReader:
    """Turns rows into orders and their lines."""

    def __init__(self, session: Session, sheet: Sheet, columns: Columns, known: KnownOrders, now: datetime) -> None:
        shop = ensure_shop(session)
        self._columns = columns
        self._known = known
        self._latest = now + timedelta(days=1)
        self._dates = DateReader(
            (columns.cell(cells, "date") for _, cells in sheet.rows()),
            country=shop.country,
            zone=ZoneInfo(shop.timezone),
        )

    def add(self, orders: dict[str, ImportedOrder], row: int, cells: Sequence[str]) -> None:
        """Add a row to the order it belongs to; raises RowRefused."""
        self._columns.check_width(cells)
        written = self._columns.needed(cells, "number")
        number = order_number(written)
        if len(number) > 32:
            raise RowRefused("number", written, "is longer than 32 characters")
        order = orders.get(number)
        if order is None:
            order = orders[number] = self._new_order(number, row, cells)
        order.rows_seen += 1
        self._check_customer(order, cells)
        line_number = self._line_number(order, cells)
        if line_number in order.lines:
            first = order.lines[line_number].row
            raise RowRefused("line", str(line_number), f"line {line_number} of order {number} is in row {first}")
        order.lines[line_number] = self._line(row, cells)

    def _new_order(self, number: str, row: int, cells: Sequence[str]) -> ImportedOrder:
        text = self._columns.needed(cells, "date")
        placed_at = self._dates.at(text, "date")
        if placed_at > self._latest:
            raise RowRefused("date", text, "is in the future")
        status = self._columns.cell(cells, "status").lower()
        customer_id, customer = self._customer(cells)
        return ImportedOrder(
            row, number, customer_id, customer, placed_at, _STATUSES.get(status, OrderStatus.DELIVERED)
        )

    def _customer(self, cells: Sequence[str]) -> tuple[int | None, str]:
        for column, known in (("customer", self._known.customers), ("email", self._known.emails)):
            if text := self._columns.cell(cells, column):
                if text.lower() not in known:
                    raise RowRefused(column, text, "there is no such customer; import customers first")
                return known[text.lower()], text
        return None, ""

    def _check_customer(self, order: ImportedOrder, cells: Sequence[str]) -> None:
        # Some shops name the customer only in the first row of an order.
        customer_id, customer = self._customer(cells)
        if customer_id is not None and customer_id != order.customer_id:
            belongs = f"belongs to customer {order.customer}" if order.customer else "has no customer"
            raise RowRefused("number", order.number, f"in row {order.row} this order {belongs}, not {customer}")

    def _line_number(self, order: ImportedOrder, cells: Sequence[str]) -> int:
        """The file's own line number, else the row's place in its order, which a repaired file keeps."""
        text = self._columns.cell(cells, "line")
        return whole_number(text, "line", least=1) if text else order.rows_seen

    def _line(self, row: int, cells: Sequence[str]) -> ImportedLine:
        text = self._columns.needed(cells, "product")
        variant = self._known.variants.get(text)
        if variant is None:
            raise RowRefused("product", text, "there is no such product; import products first")
        variant_id, price = variant
        if said := self._columns.cell(cells, "unit_price"):
            price = money(said, "unit_price")
        quantity = whole_number(self._columns.needed(cells, "quantity"), "quantity", least=1)
        return ImportedLine(row, variant_id, quantity, price)
