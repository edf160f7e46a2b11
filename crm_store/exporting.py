"""Hands out what the shop's other programs want: orders, leads, follow-ups and conversations, row by row."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Callable, Iterable, Iterator
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import Any, TextIO

from sqlalchemy import Select, select
from sqlalchemy.orm import Session

from crm_store.tables import Conversation, Customer, FollowUp, Lead, Message, Order, OrderLine, Product, Variant

FORMATS = ("jsonl", "csv")
_AT_ONCE = 1000
# A spreadsheet runs a cell that begins like this as a formula, and customers choose these texts.
_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d\s().-]*$)")


def export_rows(session: Session, kind: str) -> Iterator[dict[str, Any]]:
    """The rows of a kind as flat dicts, oldest first, read as they are asked for; KeyError for no such kind.

    `orders` has one row per order line, in the columns that `import orders` takes, `conversations` one per
    message. Amounts are Decimal, times aware datetimes.
    """
    query = _QUERIES[kind]()
    names = [column["name"] for column in query.column_descriptions]
    for row in session.execute(query.execution_options(yield_per=_AT_ONCE)):
        yield dict(zip(names, row, strict=True))


def write_rows(rows: Iterable[dict[str, Any]], format: str, stream: TextIO) -> int:
    """Write rows as "jsonl" or "csv" (with a header when there is a row); returns how many there were.

    Amounts are written as text with two places, times in ISO 8601. In CSV a text that a spreadsheet would run
    as a formula is led by an apostrophe.
    """
    if format not in FORMATS:
        raise ValueError(f"there is no format {format!r}; there is {', '.join(FORMATS)}")
    count = 0
    writer: Any = None
    for row in rows:
        count += 1
        written = {name: plain(value) for name, value in row.items()}
        if format == "jsonl":
            stream.write(json.dumps(written, ensure_ascii=False) + "\n")
            continue
        if writer is None:
            writer = csv.DictWriter(stream, fieldnames=list(written), lineterminator="\n")
            writer.writeheader()
        writer.writerow({name: _cell(value) for name, value in written.items()})
    return count


def plain(value: Any) -> Any:
    """A value as JSON has it: amounts as text, times and days in ISO 8601."""
    if isinstance(value, Decimal):
        return str(value)
    if isinstance(value, date):
        return value.isoformat()
    return value.value if isinstance(value, Enum) else value


def _cell(value: Any) -> Any:
    if isinstance(value, dict | list):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, str) and _FORMULA.match(value):
        return "'" + value
    return value


def _orders() -> Select[Any]:
    return (
        select(
            Order.number,
            OrderLine.line_number.label("line"),
            Order.placed_at,
            Order.status,
            Variant.sku,
            Product.name.label("product_name"),
            OrderLine.quantity,
            OrderLine.unit_price,
            Order.currency,
            Order.subtotal,
            Order.delivery_fee,
            Order.total,
            Order.customer_id.label("store_customer_id"),
            Customer.external_id.label("customer_id"),
            Order.name.label("customer_name"),
            Order.email,
            Order.phone,
            Order.address,
            Order.conversation_id,
        )
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Variant, Variant.id == OrderLine.variant_id)
        .join(Product, Product.id == Variant.product_id)
        .outerjoin(Customer, Customer.id == Order.customer_id)
        .order_by(Order.placed_at, Order.id, OrderLine.line_number)
    )


def _leads() -> Select[Any]:
    return select(
        Lead.id,
        Lead.stage,
        Lead.source,
        Lead.summary,
        Lead.wants,
        Lead.name,
        Lead.email,
        Lead.phone,
        Lead.assigned_to,
        Lead.customer_id,
        Lead.conversation_id,
        Lead.created_at,
        Lead.updated_at,
    ).order_by(Lead.id)


def _follow_ups() -> Select[Any]:
    return select(
        FollowUp.id,
        FollowUp.kind,
        FollowUp.status,
        FollowUp.due_at,
        FollowUp.grain,
        FollowUp.timezone,
        FollowUp.contact,
        FollowUp.note,
        FollowUp.about,
        FollowUp.assigned_to,
        FollowUp.reason,
        FollowUp.settled_at,
        FollowUp.customer_id,
        FollowUp.lead_id,
        FollowUp.conversation_id,
        FollowUp.created_at,
    ).order_by(FollowUp.due_at, FollowUp.id)


def _conversations() -> Select[Any]:
    return (
        select(
            Message.conversation_id,
            Conversation.channel,
            Conversation.language,
            Message.id.label("message_id"),
            Message.at,
            Message.direction,
            Message.reply_to,
            Message.text,
            Message.intent,
            Message.confidence,
            Message.needs,
            Message.mentions,
        )
        .join(Conversation, Conversation.id == Message.conversation_id)
        .order_by(Conversation.created_at, Conversation.id, Message.id)
    )


_QUERIES: dict[str, Callable[[], Select[Any]]] = {
    "orders": _orders,
    "leads": _leads,
    "followups": _follow_ups,
    "conversations": _conversations,
}
KINDS = tuple(_QUERIES)
