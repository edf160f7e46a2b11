"""Orders on their way: the shop says that it has sent one, and that it has arrived."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.errors import SalesError
from crm_store.leads import log_touchpoint
from crm_store.tables import Conversation, Order, OrderStatus

_BEFORE = {
    OrderStatus.SHIPPED: frozenset({OrderStatus.PLACED}),
    OrderStatus.DELIVERED: frozenset({OrderStatus.PLACED, OrderStatus.SHIPPED}),
}


class NoSuchOrder(SalesError):
    """The shop has no order of this number."""

    code = "no_such_order"

    def __init__(self, number: str) -> None:
        super().__init__(f"There is no order {number}.", number=number)


class OrderCannotGoOn(SalesError):
    """An order that was cancelled or is further already is neither sent nor delivered."""

    code = "order_cannot_go_on"

    def __init__(self, number: str, status: str, to: str) -> None:
        super().__init__(f"Order {number} is {status} and cannot become {to}.", number=number, status=status)


def mark(session: Session, number: str, status: OrderStatus, now: datetime) -> Order:
    """The order is shipped or delivered; raises NoSuchOrder or OrderCannotGoOn.

    A customer who ordered in the chat is told there: see `occasions`.
    """
    order = session.scalar(select(Order).where(Order.number == number.strip().upper()).with_for_update())
    if order is None:
        raise NoSuchOrder(number)
    if order.status not in _BEFORE[status]:
        raise OrderCannotGoOn(order.number, order.status.value, status.value)
    order.status = status
    log_touchpoint(
        session,
        kind="order",
        summary=f"Order {order.number} {status.value}.",
        now=now,
        conversation=session.get(Conversation, order.conversation_id) if order.conversation_id else None,
        customer_id=order.customer_id,
    )
    session.flush()
    return order


def under_way(session: Session) -> Sequence[Order]:
    """The orders of the chat that have not arrived yet, oldest first."""
    waiting = Order.status.in_([OrderStatus.PLACED, OrderStatus.SHIPPED])
    return session.scalars(
        select(Order).where(waiting, Order.conversation_id.is_not(None)).order_by(Order.placed_at, Order.id)
    ).all()
