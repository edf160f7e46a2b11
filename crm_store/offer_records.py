"""What stands against offering something to a customer: what they turned down, and what they have bought meanwhile."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.tables import Conversation, Order, OrderLine, OrderStatus, Product, Variant


def declined_codes(session: Session, customer_id: int, since: datetime) -> Counter[str]:
    """Product code -> in how many of the customer's conversations since then it was turned down."""
    rejected = session.scalars(
        select(Conversation.rejected).where(Conversation.customer_id == customer_id, Conversation.updated_at >= since)
    )
    return Counter(code for codes in rejected for code in set(codes))


def bought_skus(session: Session, customer_id: int, since: datetime | None = None) -> list[tuple[str, str]]:
    """(SKU, product code) of what a customer has bought and not cancelled, oldest first."""
    query = (
        select(Variant.sku, Product.code)
        .join(OrderLine, OrderLine.variant_id == Variant.id)
        .join(Variant.product)
        .join(Order, Order.id == OrderLine.order_id)
        .where(Order.customer_id == customer_id, Order.status.not_in([OrderStatus.CANCELLED, OrderStatus.RETURNED]))
        .order_by(Order.placed_at, OrderLine.id)
    )
    if since is not None:
        query = query.where(Order.placed_at >= since)
    return [(sku, code) for sku, code in session.execute(query)]
