"""Goods that people buy again, and after how long: the shop's own orders say it.

The interval of a product is the median of the days between two purchases of it by the same customer, from at least
`FEWEST` such pairs. A customer is due when so long has passed since they bought it last, and not twice as long.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from statistics import median

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from crm_store.consents import MARKETING
from crm_store.tables import Consent, Conversation, Customer, Order, OrderLine, OrderStatus, Variant

FEWEST = 8  # pairs of purchases from which an interval is known
SHORTEST, LONGEST = 7, 400  # days that make sense to remind after
SAME_PURCHASE = timedelta(days=2)  # orders so close are one purchase in two


@dataclass(frozen=True, slots=True)
class Repurchase:
    """A customer who may need something again: what, bought when, needed again after how many days."""

    conversation: Conversation
    order_id: int
    sku: str
    bought_at: datetime
    days: int


def repurchases_due(session: Session, now: datetime) -> Iterator[Repurchase]:
    """Who, of the customers that agreed to reminders, is likely to need something again now."""
    reached = _reached(session)
    if not reached:
        return
    bought = _purchases(session, list(reached))
    days = intervals(session, {product for product, *_ in bought.values()})
    for (customer_id, product), (_, order_id, sku, at, chat) in sorted(bought.items()):
        after, conversation = days.get(product), reached[customer_id]
        if not conversation.identified and chat != conversation.id:
            continue  # who wrote there need not be who bought elsewhere: anybody can type a contact
        if after is not None and timedelta(days=after) <= now - at < timedelta(days=2 * after):
            yield Repurchase(conversation, order_id, sku, at, after)


def intervals(session: Session, product_ids: set[int]) -> dict[int, int]:
    """The days after which each of these products is usually bought again, where that is known."""
    gaps: dict[int, list[float]] = defaultdict(list)
    before: tuple[int, int] | None = None
    last: datetime | None = None
    for product, customer, at in session.execute(
        select(Variant.product_id, Order.customer_id, Order.placed_at)
        .join(OrderLine, OrderLine.variant_id == Variant.id)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Variant.product_id.in_(product_ids), Order.customer_id.is_not(None), _counts())
        .order_by(Variant.product_id, Order.customer_id, Order.placed_at)
    ):
        if before == (product, customer) and last is not None and at - last > SAME_PURCHASE:
            gaps[product].append((at - last).total_seconds() / 86_400)
        before, last = (product, customer), at
    known = {product: round(median(found)) for product, found in gaps.items() if len(found) >= FEWEST}
    return {product: days for product, days in known.items() if SHORTEST <= days <= LONGEST}


def _reached(session: Session) -> dict[int, Conversation]:
    """The customers that once agreed to reminders and where they wrote last; whether they still do is asked later."""
    rows = session.scalars(
        select(Conversation)
        .join(Consent, Consent.conversation_id == Conversation.id)
        .join(Customer, Customer.id == Conversation.customer_id)
        .where(
            Consent.purpose == MARKETING,
            Consent.granted,
            or_(Customer.opted_out_at.is_(None), Customer.opted_out_at < Consent.at),
        )
        .order_by(Conversation.updated_at, Conversation.id)
    )
    return {conversation.customer_id: conversation for conversation in rows if conversation.customer_id is not None}


def _purchases(
    session: Session, customers: list[int]
) -> dict[tuple[int, int], tuple[int, int, str, datetime, str | None]]:
    """The last purchase of every product by these customers: (product, order, SKU, when, in which conversation)."""
    rows = session.execute(
        select(Order.customer_id, Variant.product_id, Order.id, Variant.sku, Order.placed_at, Order.conversation_id)
        .join(OrderLine, OrderLine.order_id == Order.id)
        .join(Variant, Variant.id == OrderLine.variant_id)
        .where(Order.customer_id.in_(customers), _counts())
        .order_by(Order.placed_at, Order.id)
    )
    return {(customer, product): (product, order, sku, at, chat) for customer, product, order, sku, at, chat in rows}


def _counts() -> ColumnElement[bool]:
    return Order.status.not_in([OrderStatus.CANCELLED, OrderStatus.RETURNED])
