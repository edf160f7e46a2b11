"""What happens to an order afterwards: cancelled, readdressed, sent back, asked about."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from crm_store.errors import OrderCannotBeCancelled, OrderCannotChange, ReturnNotPossible
from crm_store.leads import log_touchpoint
from crm_store.shop import current_shop
from crm_store.tables import (
    Conversation,
    Opportunity,
    OpportunityStage,
    Order,
    OrderStatus,
    RequestKind,
    RequestStatus,
    ServiceRequest,
    Variant,
)
from crm_store.text import one_line, storable


def cancel_order(session: Session, order: Order, now: datetime) -> Order:
    """Cancel an order that is not on its way yet and put its goods back; raises OrderCannotBeCancelled."""
    changed = session.execute(
        update(Order)
        .where(Order.id == order.id, Order.status == OrderStatus.PLACED)
        .values(status=OrderStatus.CANCELLED, cancelled_at=now)
        .execution_options(synchronize_session=False)
    )
    session.refresh(order)
    if changed.rowcount == 0:
        raise OrderCannotBeCancelled(order.number, order.status.value)
    for line in sorted(order.lines, key=lambda line: line.variant_id):
        session.execute(
            update(Variant)
            .where(Variant.id == line.variant_id)
            .values(stock=Variant.stock + line.quantity)
            .execution_options(synchronize_session=False)
        )
        session.refresh(line.variant)
    for opportunity in session.scalars(select(Opportunity).where(Opportunity.order_id == order.id)):
        opportunity.stage = OpportunityStage.LOST
        opportunity.updated_at = now
    _log(session, order, f"Order {order.number} cancelled by the customer.", now)
    return order


def change_address(session: Session, order: Order, address: str) -> Order:
    """Send an order that is not on its way yet to another address; raises OrderCannotChange."""
    if order.status != OrderStatus.PLACED:
        raise OrderCannotChange(order.number, order.status.value)
    order.address = one_line(address, 500)
    session.flush()
    return order


def request_return(
    session: Session, order: Order, conversation: Conversation, reason: str, now: datetime
) -> ServiceRequest:
    """Ask for a return within the shop's terms; asking again returns the open request.

    Raises ReturnNotPossible; its fact `reason` is one of not_sent, cancelled, returned, too_late.
    """
    session.refresh(order, with_for_update=True)
    if open_one := _open_return(session, order):
        return open_one
    check_returnable(session, order, now)
    return open_request(session, RequestKind.RETURN, order, conversation, reason, now)


def check_returnable(session: Session, order: Order, now: datetime) -> None:
    """Raise ReturnNotPossible when the shop's terms or the state of the order do not allow a return."""
    if refusal := why_no_return(session, order, now):
        raise ReturnNotPossible(order.number, refusal)


def _open_return(session: Session, order: Order) -> ServiceRequest | None:
    return session.scalar(
        select(ServiceRequest)
        .where(
            ServiceRequest.order_id == order.id,
            ServiceRequest.kind == RequestKind.RETURN,
            ServiceRequest.status == RequestStatus.OPEN,
        )
        .order_by(ServiceRequest.id)
        .limit(1)
    )


def why_no_return(session: Session, order: Order, now: datetime) -> str | None:
    """The reason why an order cannot be sent back: not_sent, cancelled, returned or too_late."""
    shop = current_shop(session)
    if order.status in (OrderStatus.CANCELLED, OrderStatus.RETURNED):
        return order.status.value
    # A shop that never marks orders as sent must still take them back once they can have arrived.
    if order.status == OrderStatus.PLACED and now < order.placed_at + timedelta(days=shop.delivery_days_min):
        return "not_sent"
    # Whole days count for the customer: the last day is theirs until its end.
    days = shop.delivery_days_max + shop.return_days + 1
    return "too_late" if now >= order.placed_at + timedelta(days=days) else None


def open_request(
    session: Session,
    kind: RequestKind,
    order: Order | None,
    conversation: Conversation,
    details: str,
    now: datetime,
) -> ServiceRequest:
    """File something that a person in the shop has to do for a customer."""
    request = ServiceRequest(
        order_id=order.id if order else None,
        conversation_id=conversation.id,
        kind=kind,
        status=RequestStatus.OPEN,
        details=storable(details),
        created_at=now,
    )
    session.add(request)
    session.flush()
    return request


def order_named(session: Session, number: str) -> Order | None:
    """The order of a number that anybody may have typed: to file something under it, never to tell of it."""
    return session.scalar(select(Order).where(Order.number == number.upper()))


def add_to_request(session: Session, request: ServiceRequest, words: str, order: Order | None = None) -> ServiceRequest:
    """Add what a customer said later, and the order it is about, to a request."""
    request.details = storable(f"{request.details}\n{words}")
    if order is not None:
        request.order_id = order.id
    session.flush()
    return request


def _log(session: Session, order: Order, summary: str, now: datetime) -> None:
    conversation = session.get(Conversation, order.conversation_id) if order.conversation_id else None
    log_touchpoint(
        session,
        kind="order",
        summary=summary,
        now=now,
        conversation=conversation,
        customer_id=order.customer_id,
    )
