"""Which rows of the store are about a person."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select
from sqlalchemy.orm import Session

from crm_store.tables import (
    Base,
    Button,
    Cart,
    CartLine,
    ChannelAddress,
    ChannelIdentity,
    Consent,
    Conversation,
    Customer,
    Delivery,
    FollowUp,
    Handoff,
    Lead,
    Message,
    Opportunity,
    Order,
    OrderLine,
    OrderStatus,
    Quote,
    QuoteLine,
    ServiceRequest,
    Touchpoint,
)

# What a chat leaves of a customer; rows of the same kind may stand in their chat and be of somebody else.
OF_CUSTOMERS: tuple[Any, ...] = (Consent, Order, Quote, Lead, FollowUp, Touchpoint)


@dataclass(frozen=True, slots=True)
class Person:
    """Customers who are one person, the conversations that are theirs, and single messages elsewhere that name them."""

    customer_ids: tuple[int, ...]
    conversation_ids: tuple[str, ...]
    messages: tuple[tuple[int, str], ...] = ()  # (id, conversation)


def rows_of(person: Person) -> dict[type[Base], ColumnElement[bool]]:
    """For every table with anything of people in it, which of its rows are about this one."""
    ids = person.conversation_ids

    def here(table: Any) -> ColumnElement[bool]:
        return table.conversation_id.in_(ids)

    def customer(column: Any) -> ColumnElement[bool]:
        return column.in_(person.customer_ids)

    def of(table: Any) -> ColumnElement[bool]:
        # What another customer ordered, say, in this conversation is theirs.
        return or_(customer(table.customer_id), and_(here(table), table.customer_id.is_(None)))

    orders, quotes, leads = (select(table.id).where(of(table)) for table in (Order, Quote, Lead))
    carts = select(Cart.id).where(here(Cart))
    return {
        Customer: customer(Customer.id),
        ChannelIdentity: customer(ChannelIdentity.customer_id),
        Consent: of(Consent),
        Conversation: Conversation.id.in_(ids),
        # What a rep was told of a call stands in the rep's own conversation.
        Message: or_(
            here(Message),
            Message.id.in_(select(FollowUp.message_id).where(of(FollowUp))),
            Message.id.in_([id for id, _ in person.messages]),
        ),
        Button: here(Button),
        Handoff: here(Handoff),
        ChannelAddress: here(ChannelAddress),
        Delivery: here(Delivery),
        Cart: here(Cart),
        CartLine: CartLine.cart_id.in_(carts),
        Order: of(Order),
        OrderLine: OrderLine.order_id.in_(orders),
        Quote: of(Quote),
        QuoteLine: QuoteLine.quote_id.in_(quotes),
        ServiceRequest: or_(here(ServiceRequest), ServiceRequest.order_id.in_(orders)),
        Lead: of(Lead),
        Opportunity: Opportunity.lead_id.in_(leads),
        FollowUp: of(FollowUp),
        Touchpoint: or_(of(Touchpoint), Touchpoint.lead_id.in_(leads)),
    }


def held_of(session: Session, person: Person) -> dict[str, list[dict[str, Any]]]:
    """Everything the store holds of a person, as rows by table; a table with nothing is left out.

    What others said of them in conversations of their own is not handed out: it speaks of others too.
    """
    held = {}
    for table, condition in rows_of(replace(person, messages=())).items():
        columns = list(table.__table__.columns)
        rows = session.execute(select(*columns).where(condition).order_by(*table.__table__.primary_key))
        found = [dict(row._mapping) for row in rows]
        if found:
            held[table.__tablename__] = [_by_name(row) for row in found]
    return held


def count_of(session: Session, person: Person) -> dict[str, int]:
    """How many rows of each table are about a person."""
    counts = {
        table.__tablename__: session.scalar(select(func.count()).select_from(table).where(condition)) or 0
        for table, condition in rows_of(person).items()
    }
    return {name: count for name, count in counts.items() if count}


def undelivered_orders(session: Session, person: Person) -> list[str]:
    """The numbers of orders that still have to reach the person."""
    under_way = [OrderStatus.PLACED, OrderStatus.SHIPPED]
    query = select(Order.number).where(rows_of(person)[Order], Order.status.in_(under_way)).order_by(Order.placed_at)
    return list(session.scalars(query))


def _by_name(row: dict[Any, Any]) -> dict[str, Any]:
    return {str(getattr(column, "key", column)): value for column, value in row.items()}
