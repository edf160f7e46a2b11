"""A person taken out of the tables: orders keep what the books need, everything else is emptied or gone."""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, Update, delete, func, or_, select, update
from sqlalchemy.orm import Session

from crm_store.conversations import request_handoff
from crm_store.erasing.person import Person, person_of, rows_of, texts_in
from crm_store.followups import OPEN
from crm_store.inbox import forget_addresses
from crm_store.privacy import customers_of
from crm_store.tables import (
    Button,
    CartLine,
    ChannelIdentity,
    Consent,
    Conversation,
    Customer,
    Delivery,
    DeliveryState,
    Direction,
    Erasure,
    FollowUp,
    FollowUpStatus,
    Handoff,
    Lead,
    Message,
    Order,
    Quote,
    ServiceRequest,
    Touchpoint,
)

ERASED = ""  # what stands where a person's words were
SHORTEST_TRACE = 6  # bytes: what is shorter is in every file
SHORTEST_CLAUSE = 12  # bytes: the part of a message that somebody may have written down
_CLAUSES = re.compile(r"[\n,;:.!?，。；：！？、]+\s*")
_PERSONAL_COLUMNS = "name email phone address gender birth_date income household_size region language timezone".split()
_NOBODY = {"name": None, "email": None, "phone": None}


def erase_person(session: Session, conversation: Conversation, now: datetime) -> dict[str, int]:
    """Forget the person in this conversation; returns how many rows of each kind were emptied.

    A customer who is known from elsewhere too (an import, another conversation) is not erased on the word of
    whoever typed their address here: this conversation forgets them, a rep is asked to check who it is, and
    `left_to_check` counts such customers. `erase_customer` then does the rest.
    """
    known = customers_of(session, conversation)
    to_check = sorted(id for id in known if not _known_only_here(session, id, conversation.id))
    counts: Counter[str] = Counter()
    forgotten: set[str] = set()
    for id in sorted(known.difference(to_check)):
        forgotten.update(person_of(session, session.get_one(Customer, id)).conversation_ids)
        counts.update(erase_customer(session, id, now, replying=True))
    if conversation.id not in forgotten:
        here = Person(None, (conversation.id,))
        _keep_proof(session, here, now)
        counts.update(_empty(session, here, now, replying=True))
    if to_check:
        who = ", ".join(str(id) for id in to_check)
        summary = f"Asked to be erased: check that it is customer {who}."
        request_handoff(session, conversation, "erasure", summary, now)
        counts["left_to_check"] = len(to_check)
    session.flush()
    return dict(counts)


def erase_customer(session: Session, customer_id: int, now: datetime, *, replying: bool = False) -> dict[str, int]:
    """Forget a customer whose identity is certain, everywhere; their orders stay without the person.

    With `replying` the channel's address is kept until the reply that says so is out. The key of the shop's own
    files stays, so that the next import does not bring the person back.
    Files are cleaned after the commit: `finishing.finish`.
    """
    customer = session.get_one(Customer, customer_id)
    person = person_of(session, customer)
    _keep_proof(session, person, now)
    counts = _empty(session, person, now, replying=replying)
    identities = session.execute(delete(ChannelIdentity).where(ChannelIdentity.customer_id == customer_id))
    for column in _PERSONAL_COLUMNS:
        setattr(customer, column, None)
    customer.attributes = {}
    customer.opted_out_at = customer.erased_at = now
    session.flush()  # the empty row stays: SQLite would give its number to somebody else
    return {**counts, "customers": 1, "identities": identities.rowcount}


def _known_only_here(session: Session, customer_id: int, conversation_id: str) -> bool:
    elsewhere = select(func.count()).where(Conversation.customer_id == customer_id, Conversation.id != conversation_id)
    bought_elsewhere = select(func.count()).where(
        Order.customer_id == customer_id,
        or_(Order.conversation_id.is_(None), Order.conversation_id != conversation_id),
    )
    return (
        session.get_one(Customer, customer_id).external_id is None
        and session.scalar(elsewhere) == 0
        and session.scalar(bought_elsewhere) == 0
    )


def _keep_proof(session: Session, person: Person, now: datetime) -> Erasure:
    """Note that it was asked for, and by what the person would be found in files, before that is gone."""
    rows = rows_of(person)
    sold = [session.scalar(select(func.count()).select_from(table).where(rows[table])) for table in (Order, Lead)]
    erasure = Erasure(
        customer_id=person.customer_id,
        conversation_ids=list(person.conversation_ids),
        traces=traces_of(session, person),
        learned_from=any(sold),
        asked_at=now,
    )
    session.add(erasure)
    session.flush()
    return erasure


def traces_of(session: Session, person: Person) -> list[str]:
    """The words by which a person would be found: names, addresses, numbers, and what they wrote."""
    rows = rows_of(person)
    columns: dict[type[Any], list[Any]] = {
        Customer: [Customer.name, Customer.email, Customer.phone, Customer.address, Customer.attributes],
        ChannelIdentity: [ChannelIdentity.external_id],
        Order: [Order.name, Order.email, Order.phone, Order.address],
        Lead: [Lead.name, Lead.email, Lead.phone],
        FollowUp: [FollowUp.contact, FollowUp.note],
        ServiceRequest: [ServiceRequest.details],
        Message: [Message.text],
    }
    found: set[str] = set()
    for table, wanted in columns.items():
        query = select(*wanted).where(rows[table])
        if table is Message:
            query = query.where(Message.direction == Direction.INBOUND)  # what we say, we say to everybody
        found.update(texts_in(tuple(row) for row in session.execute(query)))
    whole = {text for text in found if len(text.encode()) >= SHORTEST_TRACE}
    clauses = {part.strip() for text in found for part in _CLAUSES.split(text)}
    return sorted(whole | {part for part in clauses if len(part.encode()) >= SHORTEST_CLAUSE})


def _empty(session: Session, person: Person, now: datetime, *, replying: bool) -> dict[str, int]:
    """Blank what was said and what was written down of the person."""
    session.flush()
    counts = {
        name: session.execute(statement.execution_options(synchronize_session=False)).rowcount
        for name, statement in _statements(person, now).items()
    }
    session.expire_all()
    ids = person.conversation_ids
    for conversation in session.scalars(select(Conversation).where(Conversation.id.in_(ids))):
        _forget_state(conversation, now)
    session.flush()
    addresses = forget_addresses(session, ids, after_reply=replying)
    return {**counts, "conversations": len(ids), "addresses": addresses}


def _statements(person: Person, now: datetime) -> dict[str, Update | Delete]:
    rows = rows_of(person)

    def change(table: type[Any], *more: Any, **values: Any) -> Update:
        return update(table).where(rows[table], *more).values(**values)

    def remove(table: type[Any]) -> Delete:
        return delete(table).where(rows[table])

    cancelled = {"status": FollowUpStatus.CANCELLED, "settled_at": now}
    unlinked = {"customer_id": None}
    return {
        "messages": change(Message, text=ERASED, payload={}, needs={}, mentions={}),
        "unsent": change(
            Delivery, Delivery.state == DeliveryState.WAITING, state=DeliveryState.DROPPED, settled_at=now
        ),
        "deliveries": change(Delivery, error=None),
        "cancelled": change(FollowUp, FollowUp.status.in_(OPEN), **cancelled),
        "follow_ups": change(FollowUp, contact=None, note=ERASED, about={}, reason=None, **unlinked),
        "touchpoints": change(Touchpoint, summary=ERASED, **unlinked),
        "requests": change(ServiceRequest, details=ERASED),
        "handoffs": change(Handoff, summary=ERASED),
        "leads": change(Lead, **_NOBODY, wants={}, summary=ERASED, **unlinked),
        "cart_lines": remove(CartLine),
        "quotes": change(Quote, **unlinked),
        "orders": change(Order, **_NOBODY, address=None, **unlinked),
        "buttons": remove(Button),
        "consents": remove(Consent),
    }


def _forget_state(conversation: Conversation, now: datetime) -> None:
    conversation.customer_id, conversation.identified = None, False
    conversation.source = None
    conversation.needs, conversation.pending = {}, {}
    conversation.asked, conversation.shown, conversation.rejected = [], [], []
    conversation.focus_sku = None
    conversation.questions_in_row = 0
    conversation.updated_at = now
