"""Quotes: the cart at today's prices, promised for some days."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store import carts
from crm_store.errors import CartEmpty
from crm_store.leads import log_touchpoint, record_opportunity
from crm_store.shop import current_shop
from crm_store.tables import Conversation, Quote, QuoteLine

_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


def draft_quote(session: Session, conversation: Conversation, now: datetime) -> Quote:
    """A quote for what is in the cart, delivery included in the total; raises CartEmpty."""
    shop = current_shop(session)
    cart = carts.cart_of(session, conversation.id, now)
    if not cart.lines:
        raise CartEmpty
    subtotal = carts.total(cart)
    quote = Quote(
        number=_free_number(session),
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        currency=shop.currency,
        total=subtotal + carts.delivery_fee(shop, subtotal),
        valid_until=now + timedelta(days=shop.quote_days),
        created_at=now,
        lines=[
            QuoteLine(variant=line.variant, quantity=line.quantity, unit_price=line.variant.price)
            for line in cart.lines
        ],
    )
    session.add(quote)
    session.flush()
    record_opportunity(session, conversation, quote.total, quote.currency, now, quote=quote)
    log_touchpoint(
        session,
        kind="quote",
        summary=f"Quote {quote.number}: {quote.total} {quote.currency}.",
        now=now,
        conversation=conversation,
    )
    return quote


def _free_number(session: Session) -> str:
    while True:
        number = "Q-" + "".join(secrets.choice(_LETTERS) for _ in range(6))
        if session.scalar(select(Quote.id).where(Quote.number == number)) is None:
            return number
