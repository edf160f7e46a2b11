"""By what a person would be found in files: read before it is gone from the tables."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.erasing.person import Person, rows_of
from crm_store.tables import (
    ChannelAddress,
    ChannelIdentity,
    Customer,
    Direction,
    FollowUp,
    Lead,
    Message,
    Order,
    ServiceRequest,
)

SHORTEST_TRACE = 6  # bytes: what is shorter is in every file
SHORTEST_WORDS = 20  # bytes of what somebody wrote: what is shorter, anybody may have written
_DETAILS: dict[type[Any], list[Any]] = {
    Customer: [Customer.name, Customer.email, Customer.phone, Customer.address],
    ChannelIdentity: [ChannelIdentity.external_id],
    Order: [Order.name, Order.email, Order.phone, Order.address],
    Lead: [Lead.name, Lead.email, Lead.phone],
    FollowUp: [FollowUp.contact],
}
_WORDS: dict[type[Any], Any] = {
    FollowUp: FollowUp.note,
    ServiceRequest: ServiceRequest.details,
    Message: Message.text,
}


def traces_of(session: Session, person: Person) -> list[str]:
    """A person's names, addresses and numbers, and whole messages of theirs that are long."""
    rows = rows_of(person)
    details = {
        value for table, columns in _DETAILS.items() for row in session.execute(select(*columns).where(rows[table]))
        for value in row if value
    }  # fmt: skip
    addresses = session.scalars(select(ChannelAddress.address).where(rows[ChannelAddress]))
    details.update(str(address["user"]) for address in addresses if address.get("user") is not None)
    words: set[str] = set()
    for table, column in _WORDS.items():
        query = select(column).where(rows[table])
        if table is Message:
            query = query.where(Message.direction == Direction.INBOUND)  # what we say, we say to everybody
        words.update(session.scalars(query))
    long_enough = {text for text in details if len(text.encode()) >= SHORTEST_TRACE}
    return sorted(long_enough | {text for text in words if len(text.encode()) >= SHORTEST_WORDS})
