"""Who a customer is, once somebody who may say so has said it: the shop itself, which signs it."""

from __future__ import annotations

import re
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.errors import ConversationTaken, CustomerNotFound
from crm_store.tables import Conversation, Customer

_OWN_NUMBER = re.compile(r"#(\d{1,18})", re.ASCII)


def customer_vouched_for(session: Session, key: str) -> Customer:
    """The customer with this key in the shop's own files, or "#17" for our number 17; raises CustomerNotFound.

    A bare number is never taken for ours: the shop's 17, not yet imported, would become somebody else.
    """
    condition = Customer.external_id == key
    customer = session.scalar(select(Customer).where(condition, Customer.erased_at.is_(None)))
    if customer is None and (own := _OWN_NUMBER.fullmatch(key)):
        condition = Customer.id == int(own[1])
        customer = session.scalar(select(Customer).where(condition, Customer.erased_at.is_(None)))
    if customer is None:
        raise CustomerNotFound(key)
    return customer


def sign_in(session: Session, conversation: Conversation, customer: Customer, now: datetime) -> None:
    """The conversation is this customer's from now on, cart and all; raises ConversationTaken when it is another's."""
    if conversation.rep_name or (conversation.identified and conversation.customer_id != customer.id):
        raise ConversationTaken
    conversation.customer_id = customer.id
    conversation.identified = True
    conversation.updated_at = max(now, conversation.updated_at)
    session.flush()
