"""Which conversations and messages are a person's: all of a certain customer's, or those of whoever speaks."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, literal, not_, or_, select
from sqlalchemy.orm import Session

from crm_store.erasing.naming import is_contact, messages_naming, unmistakable
from crm_store.erasing.person import Person, rows_of
from crm_store.erasing.traces import SHORTEST_WORDS
from crm_store.tables import (
    ChannelAddress,
    ChannelIdentity,
    Conversation,
    Customer,
    Direction,
    FollowUp,
    Lead,
    Message,
    Order,
    Shop,
)

_NAMED: dict[Any, tuple[Any, ...]] = {
    Customer: (Customer.name, Customer.email, Customer.phone, Customer.address),
    Order: (Order.name, Order.email, Order.phone, Order.address),
    Lead: (Lead.name, Lead.email, Lead.phone),
    FollowUp: (FollowUp.contact, FollowUp.note),
}


def person_of(session: Session, customer: Customer) -> Person:
    """A customer whose identity is certain.

    Theirs are the conversations that have them as customer, and those of nobody else with an order, lead or promise
    of theirs, from their account of a channel, or in which their address or number was written. Of conversations of
    others, such as reps, only the messages that name them are.
    """
    of_nobody_else = and_(Conversation.customer_id.is_(None), not_(_has_somebody_else(customer)))
    with_rows = or_(*(_conversation_has(table, table.customer_id == customer.id) for table in (Order, Lead, FollowUp)))
    theirs = or_(Conversation.customer_id == customer.id, and_(of_nobody_else, with_rows))
    said_elsewhere = and_(~_in_conversations(theirs), Message.direction == Direction.INBOUND)
    written = messages_naming(session, _contacts_of(session, customer), said_elsewhere, contacts_only=True)
    named = and_(of_nobody_else, Conversation.id.in_(set(written.values())))
    theirs = or_(
        theirs,
        named,
        and_(of_nobody_else, Conversation.id.in_(_of_accounts(ChannelIdentity.customer_id == customer.id))),
    )
    ids = session.scalars(select(Conversation.id).where(theirs).order_by(Conversation.created_at, Conversation.id))
    person = Person((customer.id,), tuple(ids))
    words = _only_theirs(session, person, _words_of(session, person))
    elsewhere = _in_conversations(or_(Conversation.rep_name.is_not(None), with_rows))
    return _with_messages(
        person,
        messages_naming(session, words, elsewhere),
        messages_naming(session, words, Message.conversation_id.not_in(person.conversation_ids), contacts_only=True),
    )


def person_in(session: Session, conversation: Conversation) -> Person:
    """Whoever speaks here: this conversation, and others of the same account of its channel or proven customer."""
    same = Conversation.id == conversation.id
    if conversation.identified and conversation.customer_id is not None:
        proven = and_(Conversation.identified, Conversation.customer_id == conversation.customer_id)
        same = or_(same, proven)
    if user := account_of(session, conversation.id):
        same = or_(same, Conversation.id.in_(_conversations_of_account(conversation.channel, user)))
    ids = session.scalars(select(Conversation.id).where(same).order_by(Conversation.created_at, Conversation.id))
    return Person((), tuple(ids))


def with_messages_to_reps(session: Session, person: Person) -> Person:
    """The person with the messages of reps' chats that hold what nobody else's rows have: so nobody else is meant."""
    words = _only_theirs(session, person, _words_of(session, person))
    return _with_messages(
        person, messages_naming(session, words, _in_conversations(Conversation.rep_name.is_not(None)))
    )


def account_of(session: Session, conversation_id: str) -> str | None:
    """Who speaks in a conversation, as its channel numbers people; None where it does not."""
    address = session.get(ChannelAddress, conversation_id)
    user = address.address.get("user") if address else None
    return None if user is None else str(user)


def _contacts_of(session: Session, customer: Customer) -> list[str]:
    """Their address and number, without those that are also another customer's or the shop's own."""
    found = []
    for column in (Customer.email, Customer.phone):
        contact = getattr(customer, column.key)
        others = select(Customer.id).where(func.lower(column) == func.lower(contact), Customer.id != customer.id)
        if contact and contact.lower() not in _of_shop(session) and session.scalar(others.limit(1)) is None:
            found.append(contact)
    return found


def _of_shop(session: Session) -> set[str]:
    """The shop's own contacts, in small letters."""
    return {contact.lower() for row in session.execute(select(Shop.email, Shop.phone)) for contact in row if contact}


def _with_messages(person: Person, *found: dict[int, str]) -> Person:
    merged = {id: conversation for messages in found for id, conversation in messages.items()}
    return replace(
        person, messages=tuple(sorted(one for one in merged.items() if one[1] not in person.conversation_ids))
    )


def _in_conversations(condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return Message.conversation_id.in_(select(Conversation.id).where(condition))


def _conversation_has(table: Any, condition: ColumnElement[bool]) -> ColumnElement[bool]:
    return exists().where(table.conversation_id == Conversation.id, condition)


def _has_somebody_else(customer: Customer) -> ColumnElement[bool]:
    """Whether a conversation is a rep's, or has an order, lead or promise of another customer or contact."""
    others = [_conversation_has(table, table.customer_id != customer.id) for table in (Order, Lead, FollowUp)]
    email, phone = func.coalesce(func.lower(Lead.email), ""), func.coalesce(Lead.phone, "")
    known_by = [email == (customer.email or "-").lower(), phone == (customer.phone or "-")]
    of_another = and_(Lead.customer_id.is_(None), email + phone != "", not_(or_(*known_by)))
    others += [
        _conversation_has(Lead, of_another),
        Conversation.id.in_(_of_accounts(ChannelIdentity.customer_id != customer.id)),
    ]
    return or_(Conversation.rep_name.is_not(None), *others)


def _conversations_of_account(channel: Any, user: str) -> Any:
    """Also in groups, where an account has a conversation of its own: their ids end with it."""
    return select(ChannelAddress.conversation_id).where(
        ChannelAddress.channel == channel, ChannelAddress.external_id.endswith(f":{user}", autoescape=True)
    )


def _of_accounts(condition: ColumnElement[bool]) -> Any:
    """The conversations of the accounts that fulfil the condition."""
    account = and_(
        ChannelIdentity.channel == ChannelAddress.channel,
        ChannelAddress.external_id.endswith(literal(":").concat(ChannelIdentity.external_id)),
    )
    return select(ChannelAddress.conversation_id).join(ChannelIdentity, account).where(condition)


def _words_of(session: Session, person: Person) -> set[str]:
    """Contacts, unmistakable names, addresses and long notes that stand in a person's rows."""
    rows = rows_of(person)
    found = set()
    for table, columns in _NAMED.items():
        for column in columns:
            for word in session.scalars(select(column).where(rows[table], column.is_not(None)).distinct()):
                long_enough = unmistakable(word) if column.key == "name" else len(word.encode()) >= SHORTEST_WORDS
                if is_contact(word) or long_enough:
                    found.add(word)
    return found


def _only_theirs(session: Session, person: Person, words: Iterable[str]) -> set[str]:
    """The words that stand in no row of anybody else, nor of the shop itself."""
    rows, of_shop = rows_of(person), _of_shop(session)

    def shared(word: str) -> bool:
        if word.lower() in of_shop:
            return True
        for table, columns in _NAMED.items():
            same = or_(*(func.lower(column) == func.lower(word) for column in columns))
            others = select(table.id).where(same, table.id.not_in(select(table.id).where(rows[table])))
            if session.scalar(others.limit(1)) is not None:
                return True
        return False

    return {word for word in words if not shared(word)}
