"""Not being written to, by word or by a block; what was agreed to is in `consents.py`, being forgotten in `erasing/`.

What a customer said stands until they say otherwise. That they have blocked a channel is a fact of their address
there (`ChannelAddress.blocked_at`), which ends when they take it back, and says nothing of other channels.
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, or_, select
from sqlalchemy.orm import Session

from crm_store.consents import CONTACT, MARKETING, record_consent
from crm_store.followups import ASKED_FOR, OPEN
from crm_store.inbox import address_of
from crm_store.outbox import drop_unsent
from crm_store.tables import Consent, Conversation, Customer, FollowUp, FollowUpKind, FollowUpStatus, Lead, Order


def opt_out(session: Session, conversation: Conversation, now: datetime, said: str = "opted out") -> None:
    """Never write to this person again unless they ask, on any channel: consents refused, planned messages cancelled.

    `said` is in which words. That also goes for the customers whose contact was typed here: being left alone does
    nobody harm.
    """
    for purpose in (CONTACT, MARKETING):
        record_consent(session, conversation, purpose, False, said, now)
    ids = customers_of(session, conversation)
    for id in ids:
        session.get_one(Customer, id).opted_out_at = now
    of_person = or_(FollowUp.conversation_id == conversation.id, FollowUp.customer_id.in_(ids))
    _cancel_messages(session, of_person, "the customer wants no messages")
    unasked = select(FollowUp.message_id).where(of_person, FollowUp.kind.not_in(ASKED_FOR))
    drop_unsent(session, unasked, now)


def block(session: Session, conversation: Conversation, now: datetime) -> None:
    """The person has blocked the channel of this conversation: nothing more is planned here.

    Advertising needs a new yes after that, so that unblocking us in order to buy something is not taken for one.
    """
    record_consent(session, conversation, MARKETING, False, "blocked the channel", now)
    _cancel_messages(session, FollowUp.conversation_id == conversation.id, "the customer has blocked the channel")


def _cancel_messages(session: Session, of_person: ColumnElement[bool], reason: str) -> None:
    # A call that the customer asked for is theirs to cancel.
    for follow_up in session.scalars(
        select(FollowUp)
        .where(of_person, FollowUp.status.in_(OPEN), FollowUp.kind != FollowUpKind.CALL)
        .order_by(FollowUp.id)
        .with_for_update()
    ):
        follow_up.status = FollowUpStatus.CANCELLED
        follow_up.reason = reason
    session.flush()


def customers_of(session: Session, conversation: Conversation) -> set[int]:
    """The customers that this conversation, its orders or its lead point to."""
    ids = {conversation.customer_id}
    for table in (Order, Lead):
        ids.update(session.scalars(select(table.customer_id).where(table.conversation_id == conversation.id)))
    return {id for id in ids if id is not None}


def has_blocked(session: Session, conversation: Conversation) -> bool:
    """Whether nothing gets through to this person, as long as they have blocked the channel."""
    address = address_of(session, conversation.id)
    return address is not None and address.blocked_at is not None


def opted_out(session: Session, conversation: Conversation) -> bool:
    """True when this person does not want to be contacted; the newest word on it counts."""
    if has_blocked(session, conversation):
        return True
    if conversation.customer_id is not None:
        customer = session.get_one(Customer, conversation.customer_id)
        if customer.opted_out_at is not None:
            return True
    newest = session.scalar(
        select(Consent)
        .where(Consent.conversation_id == conversation.id, Consent.purpose == CONTACT)
        .order_by(Consent.at.desc(), Consent.id.desc())
        .limit(1)
    )
    return newest is not None and not newest.granted
