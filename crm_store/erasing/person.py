"""Which rows of the store are about a person."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, and_, false, func, or_, select
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


@dataclass(frozen=True, slots=True)
class Person:
    """A customer and the conversations that are theirs; without a customer, whoever spoke in these conversations."""

    customer_id: int | None
    conversation_ids: tuple[str, ...]


def person_of(session: Session, customer: Customer) -> Person:
    """The customer with their conversations: those that are theirs, and those of nobody in which they were named."""
    theirs = Conversation.customer_id == customer.id
    nobodys = Conversation.customer_id.is_(None)
    for table in (Order, Lead, FollowUp):
        named = select(table.conversation_id).where(table.customer_id == customer.id)
        theirs = or_(theirs, and_(nobodys, Conversation.id.in_(named)))
    users = session.scalars(select(ChannelIdentity.external_id).where(ChannelIdentity.customer_id == customer.id))
    for user in users:  # the same person in a group, say
        there = select(ChannelAddress.conversation_id).where(
            ChannelAddress.external_id.endswith(f":{user}", autoescape=True)
        )
        theirs = or_(theirs, and_(nobodys, Conversation.id.in_(there)))
    for contact in filter(None, (customer.email, customer.phone)):
        written = select(Message.conversation_id).where(
            func.lower(Message.text).contains(contact.lower(), autoescape=True)
        )
        theirs = or_(theirs, and_(nobodys, Conversation.id.in_(written)))
    ids = session.scalars(select(Conversation.id).where(theirs).order_by(Conversation.created_at, Conversation.id))
    return Person(customer.id, tuple(ids))


def rows_of(person: Person) -> dict[type[Base], ColumnElement[bool]]:
    """For every table with anything of people in it, which of its rows are about this one."""
    ids = person.conversation_ids

    def here(table: Any) -> ColumnElement[bool]:
        return table.conversation_id.in_(ids)

    def customer(column: Any) -> ColumnElement[bool]:
        return false() if person.customer_id is None else column == person.customer_id

    def of(table: Any) -> ColumnElement[bool]:
        return or_(here(table), customer(table.customer_id))

    orders, quotes, leads = (select(table.id).where(of(table)) for table in (Order, Quote, Lead))
    carts = select(Cart.id).where(here(Cart))
    return {
        Customer: customer(Customer.id),
        ChannelIdentity: customer(ChannelIdentity.customer_id),
        Consent: of(Consent),
        Conversation: Conversation.id.in_(ids),
        # What a rep was told of a call stands in the rep's own conversation.
        Message: or_(here(Message), Message.id.in_(select(FollowUp.message_id).where(of(FollowUp)))),
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
    """Everything the store holds of a person, as rows by table; a table with nothing is left out."""
    held = {}
    for table, condition in rows_of(person).items():
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


def texts_in(values: Iterable[Any]) -> list[str]:
    """Every text in these values, however deep."""
    found: list[str] = []
    for value in values:
        if isinstance(value, str):
            found.append(value)
        elif isinstance(value, dict):
            found += texts_in(value.values())
        elif isinstance(value, list | tuple):
            found += texts_in(value)
    return found
