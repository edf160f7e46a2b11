"""What waits for a person of the shop: calls for one (handoffs), and requests about orders (service requests).

They are rows of two tables, each with its own count, so a number says whose it is: h12 is a handoff, s7 a service
request.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, null, select
from sqlalchemy.orm import Session

from crm_store import consents, privacy
from crm_store.conversations import locked, push
from crm_store.errors import SalesError
from crm_store.leads import log_touchpoint
from crm_store.tables import (
    Conversation,
    Customer,
    Direction,
    Handoff,
    Lead,
    Message,
    Order,
    RequestStatus,
    ServiceRequest,
)
from crm_store.tables.base import HIGHEST_ID

AUTHOR, PERSON = "author", "person"  # in the payload of what a person of the shop wrote
_NUMBER = re.compile(r"([hs])([1-9]\d{0,9})", re.ASCII)
_HANDOFF, _SERVICE_REQUEST = "h", "s"
Row = Handoff | ServiceRequest
_OPEN: dict[type[Any], ColumnElement[bool]] = {
    Handoff: Handoff.closed_at.is_(None),
    ServiceRequest: ServiceRequest.status == RequestStatus.OPEN,
}


class RequestNotFound(SalesError):
    """No request has this number."""

    code = "request_not_found"

    def __init__(self, number: str) -> None:
        super().__init__(f"There is no request {number}; their numbers are such as h12 or s7.", number=number)


class RequestClosed(SalesError):
    """What is closed cannot be closed again."""

    code = "request_closed"

    def __init__(self, number: str) -> None:
        super().__init__(f"Request {number} is closed already.", number=number)


class NothingToSay(SalesError):
    """An answer without a word in it."""

    code = "nothing_to_say"

    def __init__(self) -> None:
        super().__init__("The answer is empty.")


class CustomerNotReachable(SalesError):
    """Nothing can or may be written into the chat of this request; `why` is in words."""

    code = "customer_not_reachable"

    def __init__(self, number: str, why: str) -> None:
        super().__init__(f"Request {number} cannot be answered in the chat: {why}.", number=number, why=why)


@dataclass(frozen=True, slots=True)
class Request:
    """One request as a person reads it; `kind` is why a person was called, or what is to be done about an order."""

    number: str
    kind: str
    since: datetime
    is_open: bool
    name: str | None
    contact: str | None  # all that is known: what was typed in the chat, then what the shop knows
    customer_id: int | None
    identified: bool  # whether it is proven that they are that customer
    channel: str | None
    conversation_id: str | None
    order: str | None
    about: str  # the customer's words


def listed(session: Session, *, everything: bool = False) -> Sequence[Request]:
    """The open requests, the longest waiting first; with `everything` also those that are closed."""
    handoffs, about_orders = _handoffs(), _about_orders()
    if not everything:
        handoffs, about_orders = handoffs.where(_OPEN[Handoff]), about_orders.where(_OPEN[ServiceRequest])
    found = [_described(*row) for query in (handoffs, about_orders) for row in session.execute(query)]
    return sorted(found, key=lambda one: (one.since, one.conversation_id or "", one.number))


def described(session: Session, number: str) -> Request:
    """The request of this number; raises RequestNotFound."""
    table, id = _read(number)
    query = _handoffs() if table is Handoff else _about_orders()
    row = session.execute(query.where(table.id == id)).first()
    if row is None:
        raise RequestNotFound(number)
    return _described(*row)


def last_messages(session: Session, conversation_id: str, most: int) -> Sequence[Message]:
    """The newest messages of a conversation, oldest first."""
    newest = select(Message).where(Message.conversation_id == conversation_id).order_by(Message.id.desc()).limit(most)
    return session.scalars(newest).all()[::-1]


def answer(session: Session, number: str, text: str, now: datetime) -> Message:
    """Say it in the customer's chat, as a person's words; the request stays open.

    Raises RequestNotFound, NothingToSay or CustomerNotReachable.
    """
    conversation = _locked_conversation(session, number)
    if not text.strip():
        raise NothingToSay
    if conversation is None:
        raise CustomerNotReachable(number, "it did not come from a chat")
    if why := _why_unreachable(session, conversation):
        raise CustomerNotReachable(number, why)
    said = {"text": text.strip(), "quick_replies": [], "products": [], AUTHOR: PERSON}
    return push(session, conversation.id, said, now)


def close(session: Session, number: str, reason: str | None, now: datetime) -> None:
    """It has been seen to; raises RequestNotFound or RequestClosed."""
    conversation = _locked_conversation(session, number)  # a turn that asks again must not meet a request half closed
    row = _row(session, number, lock=True)
    if not _is_open(row):
        raise RequestClosed(number)
    if isinstance(row, Handoff):
        row.closed_at = now
    else:
        row.status = RequestStatus.DONE
    ended = f"Request {number} ({_kind(row)}) closed"
    log_touchpoint(
        session,
        kind="request",
        summary=f"{ended}: {reason.strip()}" if reason and reason.strip() else f"{ended}.",
        now=now,
        conversation=conversation,
    )
    session.flush()


def waiting(session: Session) -> tuple[int, datetime | None]:
    """How many requests are open, and since when the oldest one waits."""
    count, oldest = 0, []
    for table, since in ((Handoff, Handoff.requested_at), (ServiceRequest, ServiceRequest.created_at)):
        found, first = session.execute(select(func.count(table.id), func.min(since)).where(_OPEN[table])).one()
        count += found
        oldest += [first] if found else []
    return count, min(oldest, default=None)


def _read(number: str) -> tuple[type[Row], int]:
    read = _NUMBER.fullmatch(number)
    if read is None or int(read[2]) > HIGHEST_ID:
        raise RequestNotFound(number)
    return (Handoff if read[1] == _HANDOFF else ServiceRequest), int(read[2])


def _row(session: Session, number: str, *, lock: bool = False) -> Row:
    table, id = _read(number)
    row = session.get(table, id, with_for_update=lock, populate_existing=lock)
    if row is None:
        raise RequestNotFound(number)
    return row


def _handoffs() -> Select[Any]:
    return (
        select(Handoff, Conversation, Customer, Lead, null())
        .join(Conversation, Conversation.id == Handoff.conversation_id)
        .outerjoin(Customer, Customer.id == Conversation.customer_id)
        .outerjoin(Lead, Lead.conversation_id == Conversation.id)
    )


def _about_orders() -> Select[Any]:
    return (
        select(ServiceRequest, Conversation, Customer, Lead, Order.number)
        .outerjoin(Conversation, Conversation.id == ServiceRequest.conversation_id)
        .outerjoin(Customer, Customer.id == Conversation.customer_id)
        .outerjoin(Lead, Lead.conversation_id == Conversation.id)
        .outerjoin(Order, Order.id == ServiceRequest.order_id)
    )


def _locked_conversation(session: Session, number: str) -> Conversation | None:
    id = _row(session, number).conversation_id
    return locked(session, id) if id else None


def _described(
    row: Row, conversation: Conversation | None, customer: Customer | None, lead: Lead | None, order: str | None
) -> Request:
    people = [person for person in (lead, customer) if person]
    contacts = [contact for person in people for contact in (person.email, person.phone) if contact]
    is_handoff = isinstance(row, Handoff)
    return Request(
        number=f"{_HANDOFF if is_handoff else _SERVICE_REQUEST}{row.id}",
        kind=_kind(row),
        since=row.requested_at if is_handoff else row.created_at,
        is_open=_is_open(row),
        name=next((person.name for person in people if person.name), None),
        contact=", ".join(dict.fromkeys(contacts)) or None,
        customer_id=customer.id if customer else None,
        identified=conversation is not None and conversation.identified,
        channel=conversation.channel if conversation else None,
        conversation_id=row.conversation_id,
        order=order,
        about=row.summary if is_handoff else row.details,
    )


def _kind(row: Row) -> str:
    return row.reason if isinstance(row, Handoff) else row.kind.value


def _is_open(row: Row) -> bool:
    return row.closed_at is None if isinstance(row, Handoff) else row.status is RequestStatus.OPEN


def _why_unreachable(session: Session, conversation: Conversation) -> str | None:
    """Why nothing may be written there now. Who writes to us again wants an answer, whatever was said before."""
    if privacy.has_blocked(session, conversation):
        return f"the customer has blocked us on {conversation.channel}"
    # What is erased is emptied. An erasure also names chats of others, in which the person was spoken of.
    words = Message.conversation_id == conversation.id, Message.direction == Direction.INBOUND, Message.text != ""
    wrote_last = session.scalar(select(func.max(Message.at)).where(*words))
    if wrote_last is None:
        return "the customer was forgotten and has not written since"
    customer = session.get(Customer, conversation.customer_id) if conversation.customer_id else None
    word = consents.latest_consent(session, conversation, consents.CONTACT)
    refused = [customer.opted_out_at if customer else None, word.at if word and not word.granted else None]
    if any(at >= wrote_last for at in refused if at):
        return "the customer wants no messages and has not written since"
    return None
