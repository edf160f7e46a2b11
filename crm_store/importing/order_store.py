"""The store's side of importing orders: what is known already, and writing what is new in bulk."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from sqlalchemy import insert, select, update
from sqlalchemy.orm import Session

from crm_store.importing.report import ImportReport, RowRefused
from crm_store.shop import current_shop
from crm_store.tables import Customer, Order, OrderLine, OrderStatus, Variant

if TYPE_CHECKING:
    from crm_store.importing.orders import ImportedLine, ImportedOrder

_NOTHING = Decimal("0.00")


class KnownOrders:
    """Products and customers by the keys a file may use, and the orders in the store; read in five queries."""

    def __init__(self, session: Session) -> None:
        self.variants: dict[str, tuple[int, Decimal]] = {}
        rows = session.execute(
            select(Variant.id, Variant.sku, Variant.external_id, Variant.price).order_by(Variant.id)
        ).all()
        for id, _, external_id, price in rows:
            if external_id:
                self.variants.setdefault(external_id, (id, price))
        self.variants.update({sku: (id, price) for id, sku, _, price in rows})
        self.customers: dict[str, int | None] = {}  # None for who was erased: their orders are nobody's
        self.emails: dict[str, int] = {}
        for id, external_id, email, erased_at in session.execute(
            select(Customer.id, Customer.external_id, Customer.email, Customer.erased_at).order_by(Customer.id)
        ):
            if external_id:
                self.customers[external_id.lower()] = id if erased_at is None else None
            if email:
                self.emails.setdefault(email.lower(), id)
        self.orders: dict[str, Any] = {
            row.number: row
            for row in session.execute(
                select(
                    Order.id,
                    Order.number,
                    Order.customer_id,
                    Order.placed_at,
                    Order.conversation_id,
                    Order.delivery_fee,
                )
            )
        }
        self.lines: dict[int, dict[int, Any]] = defaultdict(dict)
        for row in session.execute(
            select(
                OrderLine.id,
                OrderLine.order_id,
                OrderLine.line_number,
                OrderLine.variant_id,
                OrderLine.quantity,
                OrderLine.unit_price,
            )
        ):
            self.lines[row.order_id][row.line_number] = row


def write_orders(
    session: Session,
    orders: Iterable[ImportedOrder],
    known: KnownOrders,
    report: ImportReport,
    *,
    with_prices: bool,
) -> Counter[str]:
    """Store what is new or different; returns how many rows were created, updated or unchanged."""
    outcomes: Counter[str] = Counter()
    new: list[ImportedOrder] = []
    for order in orders:
        if not order.lines:
            continue  # every row of it was bad
        if order.number not in known.orders:
            new.append(order)
            outcomes["created"] += len(order.lines)
        else:
            try:
                outcomes += _merge(session, order, known, with_prices=with_prices)
            except RowRefused as refusal:
                for line in order.lines.values():
                    report.refuse(line.row, refusal)
    _insert(session, new)
    session.expire_all()
    return outcomes


def _insert(session: Session, orders: list[ImportedOrder]) -> None:
    if not orders:
        return
    currency = current_shop(session).currency
    stored = session.execute(
        insert(Order).returning(Order.number, Order.id),
        [_order_columns(order, currency) for order in orders],
    )
    ids = {number: id for number, id in stored}
    session.execute(
        insert(OrderLine),
        [_line_columns(ids[order.number], number, line) for order in orders for number, line in order.lines.items()],
    )


def _order_columns(order: ImportedOrder, currency: str) -> dict[str, Any]:
    subtotal = sum((line.unit_price * line.quantity for line in order.lines.values()), _NOTHING)
    cancelled = order.status == OrderStatus.CANCELLED
    return {
        "number": order.number,
        "customer_id": order.customer_id,
        "status": order.status,
        "currency": currency,
        "subtotal": subtotal,
        "delivery_fee": _NOTHING,
        "total": subtotal,
        "placed_at": order.placed_at,
        "cancelled_at": order.placed_at if cancelled else None,
    }


def _line_columns(order_id: int, number: int, line: ImportedLine) -> dict[str, Any]:
    return {
        "order_id": order_id,
        "line_number": number,
        "variant_id": line.variant_id,
        "quantity": line.quantity,
        "unit_price": line.unit_price,
    }


def _merge(session: Session, order: ImportedOrder, known: KnownOrders, *, with_prices: bool) -> Counter[str]:
    """Bring an order that is in the store in line with the file; raises RowRefused where that would be wrong."""
    stored = known.orders[order.number]
    lines = known.lines[stored.id]
    if order.customer_id is not None and stored.customer_id not in (None, order.customer_id):
        raise RowRefused("number", order.number, "this order is in the store with another customer")
    outcomes: Counter[str] = Counter()
    missing, changed = [], []
    for number, line in order.lines.items():
        current = lines.get(number)
        if current is None:
            missing.append(_line_columns(stored.id, number, line))
            outcomes["created"] += 1
        elif _differs(current, line, with_prices=with_prices):
            price = line.unit_price if with_prices else current.unit_price
            changed.append({**_line_columns(stored.id, number, line), "id": current.id, "unit_price": price})
            outcomes["updated"] += 1
        else:
            outcomes["unchanged"] += 1
    names_customer = order.customer_id is not None and stored.customer_id is None
    if not (missing or changed or names_customer):
        return outcomes
    if stored.conversation_id is not None:
        raise RowRefused("number", order.number, "this order was placed with the assistant; a file cannot change it")
    if missing:
        session.execute(insert(OrderLine), missing)
    if changed:
        session.execute(update(OrderLine), changed)
    _write_head(session, stored, order.customer_id, {**lines, **_as_rows(missing), **_as_rows(changed)})
    return outcomes


def _differs(current: Any, line: ImportedLine, *, with_prices: bool) -> bool:
    # Without prices in the file the price of the day of the first import stays: it is history.
    return (current.variant_id, current.quantity) != (line.variant_id, line.quantity) or (
        with_prices and current.unit_price != line.unit_price
    )


def _as_rows(lines: Iterable[Mapping[str, Any]]) -> dict[int, Mapping[str, Any]]:
    return {line["line_number"]: line for line in lines}


def _write_head(session: Session, stored: Any, customer_id: int | None, lines: Mapping[int, Any]) -> None:
    amounts = [
        (line["unit_price"], line["quantity"]) if isinstance(line, Mapping) else (line.unit_price, line.quantity)
        for line in lines.values()
    ]
    subtotal = sum((price * quantity for price, quantity in amounts), _NOTHING)
    session.execute(
        update(Order)
        .where(Order.id == stored.id)
        .values(
            subtotal=subtotal,
            total=subtotal + stored.delivery_fee,
            customer_id=stored.customer_id or customer_id,
        )
        .execution_options(synchronize_session=False)
    )
