"""Opting out of being written to; what was agreed to is in `consents.py`, being forgotten in `erasing/`."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crm_store.consents import CONTACT, MARKETING, record_consent
from crm_store.followups import OPEN
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
    # A call that the customer asked for is theirs to cancel.
    for follow_up in session.scalars(
        select(FollowUp).where(of_person, FollowUp.status.in_(OPEN), FollowUp.kind != FollowUpKind.CALL)
    ):
        follow_up.status = FollowUpStatus.CANCELLED
        follow_up.reason = "the customer wants no messages"
    session.flush()


def customers_of(session: Session, conversation: Conversation) -> set[int]:
    """The customers that this conversation, its orders or its lead point to."""
    ids = {conversation.customer_id}
    for table in (Order, Lead):
        ids.update(session.scalars(select(table.customer_id).where(table.conversation_id == conversation.id)))
    return {id for id in ids if id is not None}


def opted_out(session: Session, conversation: Conversation) -> bool:
    """True when this person does not want to be contacted; the newest word on it counts."""
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
