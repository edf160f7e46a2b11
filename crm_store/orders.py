"""Orders: placed from a cart in one piece, and found again only by whom they belong to."""

from __future__ import annotations

import re
import secrets
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session, selectinload

from crm_store import carts, leads
from crm_store.after_sale import cancel_order, change_address, open_request, request_return
from crm_store.contacts import find_email, valid_phone
from crm_store.customers import find_customer, make_customer
from crm_store.database import wait_for
from crm_store.errors import CartEmpty, InvalidPhone, OrderNotFound, OutOfStock
from crm_store.shop import current_shop
from crm_store.tables import (
    Cart,
    Conversation,
    Customer,
    Order,
    OrderLine,
    OrderStatus,
    Shop,
    Variant,
)
from crm_store.text import one_line

__all__ = [
    "Delivery",
    "cancel_order",
    "change_address",
    "estimated_delivery",
    "open_request",
    "order_for",
    "orders_of_conversation",
    "place_order",
    "request_return",
]

# Without 0/O, 1/I/L: numbers are read out on the phone.
_NUMBER_LETTERS = "23456789ABCDEFGHJKMNPQRSTVWXYZ"


@dataclass(frozen=True, slots=True)
class Delivery:
    """Who gets the order and how to reach them: a valid e-mail address or phone number, or both."""

    name: str
    email: str | None
    phone: str | None
    address: str


def place_order(
    session: Session, conversation: Conversation, delivery: Delivery, *, idempotency_key: str, now: datetime
) -> Order:
    """Order what is in the cart at the prices of now; the same key again returns the first order.

    Raises CartEmpty, or OutOfStock and then nothing has changed: not the stock of another line, not the cart.
    """
    key = idempotency_key[:80]
    if first := _placed_with(session, key):
        return first
    try:
        with session.begin_nested():
            return _place(session, conversation, delivery, key, now)
    except IntegrityError:
        # Another process placed the same order between the look-up and now.
        if first := _placed_with(session, key):
            return first
        raise


def _placed_with(session: Session, key: str) -> Order | None:
    return session.scalar(select(Order).where(Order.idempotency_key == key))


def _place(session: Session, conversation: Conversation, delivery: Delivery, key: str, now: datetime) -> Order:
    shop = current_shop(session)
    cart = carts.cart_of(session, conversation.id, now)
    if not cart.lines:
        raise CartEmpty
    _take_from_stock(session, cart)
    customer = _customer_of(session, conversation, delivery, now)
    order = _new_order(session, shop, cart, delivery, now)
    order.idempotency_key = key
    order.conversation_id = conversation.id
    order.customer_id = customer.id
    session.add(order)
    cart.lines.clear()
    cart.updated_at = now
    session.flush()
    leads.win(session, conversation, order, now)
    return order


def _customer_of(session: Session, conversation: Conversation, delivery: Delivery, now: datetime) -> Customer:
    """The customer with this contact, or a new one, whom the conversation then belongs to.

    Typing a contact does not prove it is yours: a customer known already gets the order, but the conversation
    is not linked to them (it would show it their address) and nothing typed here is added to their row.
    """
    for contact in sorted(filter(None, (delivery.email, delivery.phone))):
        wait_for(session, f"customer {contact.lower()}")  # two orders at once must not make one person two customers
    known = find_customer(session, delivery.email, delivery.phone)
    if known is not None:
        return known
    customer = make_customer(
        session,
        name=delivery.name,
        email=delivery.email,
        phone=delivery.phone,
        address=delivery.address,
        now=now,
    )
    conversation.customer_id = conversation.customer_id or customer.id
    return customer


def _take_from_stock(session: Session, cart: Cart) -> None:
    """Lower the stock of every line, each by one statement that cannot take more than there is."""
    # Everybody takes in the same order, so that two orders never wait for each other.
    for line in sorted(cart.lines, key=lambda line: line.variant_id):
        taken = session.execute(
            update(Variant)
            .where(
                Variant.id == line.variant_id,
                Variant.active,
                or_(Variant.stock.is_(None), Variant.stock >= line.quantity),
            )
            .values(stock=Variant.stock - line.quantity)
            .execution_options(synchronize_session=False)
        )
        session.refresh(line.variant)  # the stock, and the price as of now
        if taken.rowcount == 0:
            left = (line.variant.stock or 0) if line.variant.active else 0
            raise OutOfStock(line.variant.sku, carts.variant_title(line.variant), left)


def _new_order(session: Session, shop: Shop, cart: Cart, delivery: Delivery, now: datetime) -> Order:
    subtotal = carts.total(cart)
    fee = carts.delivery_fee(shop, subtotal)
    return Order(
        number=_free_number(session),
        status=OrderStatus.PLACED,
        currency=shop.currency,
        subtotal=subtotal,
        delivery_fee=fee,
        total=subtotal + fee,
        name=one_line(delivery.name, 200),
        email=one_line(delivery.email, 254),
        phone=one_line(delivery.phone, 32),
        address=one_line(delivery.address, 500),
        placed_at=now,
        lines=[
            OrderLine(
                line_number=number,
                variant=line.variant,
                quantity=line.quantity,
                unit_price=line.variant.price,
            )
            for number, line in enumerate(cart.lines, start=1)
        ],
    )


def _free_number(session: Session) -> str:
    while True:
        number = "SC-" + "".join(secrets.choice(_NUMBER_LETTERS) for _ in range(6))
        if session.scalar(select(Order.id).where(Order.number == number)) is None:
            return number


def order_for(
    session: Session, conversation: Conversation, number: str | None = None, contact: str | None = None
) -> Order:
    """The order this person may see; raises OrderNotFound, which does not tell whether there is one.

    That is one of their conversation (the newest without a number), or one whose number they give together
    with an e-mail address or phone number on it.
    """
    of_conversation = select(Order).where(Order.conversation_id == conversation.id)
    if number is None:
        order = session.scalar(of_conversation.order_by(Order.placed_at.desc(), Order.id.desc()).limit(1))
    else:
        order = session.scalar(select(Order).where(Order.number == order_number(number)))
        if order is not None and order.conversation_id != conversation.id:
            order = order if contact and _is_contact_of(session, order, contact) else None
    if order is None:
        raise OrderNotFound(number)
    return order


def order_number(text: str) -> str:
    """An order number as it is stored, from the ways people write it: " #sc7k3m9q" is "SC-7K3M9Q"."""
    number = re.sub(r"[\s#]", "", text).upper()
    ours = re.fullmatch(r"SC-?([0-9A-Z]{6})", number)
    return f"SC-{ours.group(1)}" if ours else number


def _is_contact_of(session: Session, order: Order, contact: str) -> bool:
    customer = session.get(Customer, order.customer_id) if order.customer_id else None
    holders = [holder for holder in (order, customer) if holder is not None]
    if email := find_email(contact):
        return email.lower() in [holder.email.lower() for holder in holders if holder.email]
    try:
        phone = valid_phone(contact, current_shop(session).country)
    except InvalidPhone:
        return False
    return phone in [holder.phone for holder in holders]


def orders_of_conversation(session: Session, conversation_id: str) -> list[Order]:
    """The orders placed in a conversation, newest first, with their lines."""
    return list(
        session.scalars(
            select(Order)
            .where(Order.conversation_id == conversation_id)
            .order_by(Order.placed_at.desc(), Order.id.desc())
            .options(selectinload(Order.lines).joinedload(OrderLine.variant))
        )
    )


def estimated_delivery(order: Order, shop: Shop) -> tuple[date, date]:
    """The first and the last day on which the order should arrive, in the shop's time zone."""
    placed = order.placed_at.astimezone(ZoneInfo(shop.timezone)).date()
    return _working_days_after(placed, shop.delivery_days_min), _working_days_after(placed, shop.delivery_days_max)


def _working_days_after(day: date, count: int) -> date:
    """The terms speak of working days: parcels rest on Saturdays and Sundays."""
    while count > 0:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day
