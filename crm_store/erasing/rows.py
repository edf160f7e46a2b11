"""A person taken out of the tables: orders keep what the books need, everything else is emptied or gone."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Delete, Update, delete, func, or_, select, update
from sqlalchemy.orm import Session

from crm_store.conversations import locked, request_handoff
from crm_store.erasing.finding import account_of, person_in, person_of, with_messages_to_reps
from crm_store.erasing.person import OF_CUSTOMERS, Person, rows_of
from crm_store.erasing.traces import traces_of
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
_PERSONAL_COLUMNS = "name email phone address gender birth_date income household_size region language timezone".split()
_NOBODY = {"name": None, "email": None, "phone": None}


def erase_person(session: Session, conversation: Conversation, now: datetime) -> dict[str, int]:
    """Forget the person in this conversation; returns how many rows of each kind were emptied.

    That goes as far as their own conversations. A customer is emptied too when it is certain to be them: proven, or
    made by this chat and known from nowhere else. Anybody can type an address; of the other customers that were named
    here `left_to_check` is the number, and a rep is asked to check who it is. `erase_customer` then does the rest.
    """
    here = person_in(session, conversation)
    chats = [locked(session, id) for id in here.conversation_ids]
    known = sorted({id for chat in chats for id in customers_of(session, chat)})
    certain = {id for id in known if _is_certain(session, id, conversation, here)}
    to_check = [id for id in known if id not in certain]
    for table in OF_CUSTOMERS:  # what was given here is forgotten, whoever it turns out to be
        given_here = table.conversation_id.in_(here.conversation_ids)
        session.execute(update(table).where(given_here, table.customer_id.not_in(certain)).values(customer_id=None))
    session.expire_all()
    person = with_messages_to_reps(session, replace(here, customer_ids=tuple(sorted(certain))))
    account = account_of(session, conversation.id)
    counts = Counter(_erase(session, person, now, replying=True))
    session.execute(  # who writes next from this account is somebody new
        delete(ChannelIdentity).where(
            ChannelIdentity.channel == conversation.channel, ChannelIdentity.external_id == account
        )
    )
    if to_check:
        who = ", ".join(f"#{id}" for id in to_check)
        summary = f"Asked to be erased: check that it is customer {who}."
        request_handoff(session, conversation, "erasure", summary, now)
        counts["left_to_check"] = len(to_check)
    session.flush()
    return dict(counts)


def erase_customer(session: Session, customer_id: int, now: datetime) -> dict[str, int]:
    """Forget a customer whose identity is certain, everywhere; their orders stay without the person.

    The key of the shop's own files stays, so that the next import does not bring the person back.
    Files are cleaned after the commit: `finishing.finish`.
    """
    return _erase(session, person_of(session, session.get_one(Customer, customer_id)), now, replying=False)


def _is_certain(session: Session, customer_id: int, conversation: Conversation, here: Person) -> bool:
    """Whether a chat may have this customer emptied, and nothing of theirs is beyond it."""
    # Nobody orders as them between this look and the end.
    customer = session.get_one(Customer, customer_id, with_for_update=True, populate_existing=True)
    proven = conversation.identified and conversation.customer_id == customer.id
    if not proven and not _made_here(session, customer, here):
        return False
    elsewhere = [
        select(Conversation.id).where(
            Conversation.customer_id == customer.id, Conversation.id.not_in(here.conversation_ids)
        )
    ]
    for table in OF_CUSTOMERS:
        beyond = table.conversation_id.not_in(here.conversation_ids)
        if not proven:
            beyond = or_(beyond, table.conversation_id.is_(None))  # imported
        elsewhere.append(select(table.id).where(table.customer_id == customer.id, beyond))
    return all(session.scalar(query.limit(1)) is None for query in elsewhere)


def _made_here(session: Session, customer: Customer, here: Person) -> bool:
    """Whether an order of this chat made the customer, and nobody has added to the row since, as an import does."""
    first = session.scalar(
        select(Order).where(
            Order.conversation_id.in_(here.conversation_ids),
            Order.customer_id == customer.id,
            Order.placed_at == customer.created_at,
        )
    )
    if first is None or customer.external_id is not None or customer.attributes:
        return False
    return all(getattr(customer, column) == getattr(first, column, None) for column in _PERSONAL_COLUMNS)


def _erase(session: Session, person: Person, now: datetime, *, replying: bool) -> dict[str, int]:
    """Empty all that is of a person; with `replying` their address is kept until the reply that says so is out."""
    session.flush()
    _keep_proof(session, person, now)
    identities = session.execute(delete(ChannelIdentity).where(ChannelIdentity.customer_id.in_(person.customer_ids)))
    counts = _empty(session, person, now, replying=replying)
    for id in person.customer_ids:
        customer = session.get_one(Customer, id)
        for column in _PERSONAL_COLUMNS:
            setattr(customer, column, None)
        customer.attributes = {}
        customer.opted_out_at = customer.erased_at = now
    session.flush()  # the empty rows stay: SQLite would give their numbers to somebody else
    return {**counts, "customers": len(person.customer_ids), "identities": identities.rowcount}


def _keep_proof(session: Session, person: Person, now: datetime) -> None:
    """Note that it was asked for, and by what the person would be found in files, before that is gone."""
    rows = rows_of(person)
    sold = [session.scalar(select(func.count()).select_from(table).where(rows[table])) for table in (Order, Lead)]
    chats = {*person.conversation_ids, *(conversation for _, conversation in person.messages)}
    for id in person.customer_ids or (None,):
        session.add(
            Erasure(
                customer_id=id,
                conversation_ids=sorted(chats),
                traces=traces_of(session, person),
                learned_from=any(sold),
                asked_at=now,
            )
        )
    session.flush()


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
            Delivery,
            Delivery.state.in_([DeliveryState.WAITING, DeliveryState.DEAD]),
            state=DeliveryState.DROPPED,
            settled_at=now,
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
