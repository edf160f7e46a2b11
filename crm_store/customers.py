"""Customers: found by a contact detail, made when they order, summed up for a rep."""

from __future__ import annotations

import re
from datetime import datetime
from decimal import Decimal
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_store.contacts import find_contacts, valid_phone
from crm_store.errors import CustomerAmbiguous, CustomerNotFound, InvalidPhone
from crm_store.tables import (
    Customer,
    FollowUp,
    FollowUpStatus,
    Lead,
    LeadStage,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    Variant,
)
from crm_store.tables.base import HIGHEST_ID
from crm_store.text import one_line

_OWN_NUMBER = re.compile(r"#?(\d{1,10})", re.ASCII)


def find_customer(session: Session, email: str | None = None, phone: str | None = None) -> Customer | None:
    """The customer with this e-mail address (in any case), else with this phone number (E.164)."""
    for condition in (
        func.lower(Customer.email) == email.lower() if email else None,
        Customer.phone == phone if phone else None,
    ):
        if condition is not None:
            found = session.scalar(
                select(Customer).where(condition, Customer.erased_at.is_(None)).order_by(Customer.id).limit(1)
            )
            if found is not None:
                return found
    return None


def customer_by_key(session: Session, key: str) -> Customer:
    """The customer with this key in the shop's own files, else with this number; raises CustomerNotFound.

    "#17" is our number 17 and nothing else.
    """
    customer = _with_key(session, key) or _with_number(session, key)
    if customer is None:
        raise CustomerNotFound(key)
    return customer


def the_customer(session: Session, key: str) -> Customer:
    """As `customer_by_key`, for what must not hit the wrong person; raises CustomerAmbiguous too."""
    customer = customer_by_key(session, key)
    numbered = _with_number(session, key)
    if numbered is not None and numbered.id != customer.id:
        raise CustomerAmbiguous(key, customer.id, numbered.id)
    return customer


def _with_key(session: Session, key: str) -> Customer | None:
    """Raises CustomerNotFound when whose key it was is erased: it is nobody's number then."""
    customer = session.scalar(select(Customer).where(Customer.external_id == key))
    if customer is not None and customer.erased_at is not None:
        raise CustomerNotFound(key)
    return customer


def _with_number(session: Session, text: str) -> Customer | None:
    own = _OWN_NUMBER.fullmatch(text)
    if own is None or int(own[1]) > HIGHEST_ID:
        return None
    return session.scalar(select(Customer).where(Customer.id == int(own[1]), Customer.erased_at.is_(None)))


def make_customer(
    session: Session,
    *,
    name: str | None,
    email: str | None,
    phone: str | None,
    address: str | None,
    now: datetime,
) -> Customer:
    """A new customer with these (valid) contacts."""
    customer = Customer(
        name=one_line(name, 200),
        email=one_line(email, 254),
        phone=one_line(phone, 32),
        address=one_line(address, 500),
        attributes={},
        created_at=now,
    )
    session.add(customer)
    session.flush()
    return customer


def find_named(session: Session, text: str, region: str) -> Customer | None:
    """The customer whom a rep names by e-mail address, phone, number or full name; None when it is not one."""
    contacts = find_contacts(text, region)
    if "email" in contacts:
        return find_customer(session, email=contacts["email"])
    if "phone" in contacts and (found := _by_phone(session, contacts["phone"], region)):
        return found
    numbers = re.findall(r"\d+", text, re.ASCII)
    ids = [int(number) for number in numbers if len(number) <= 9]
    for condition in (
        Customer.external_id.in_(numbers),
        Customer.id.in_(ids),
        func.lower(Customer.name).in_(_possible_names(text)),
    ):
        found = session.scalars(select(Customer).where(condition, Customer.erased_at.is_(None)).limit(2)).all()
        if len(found) == 1:
            return found[0]
    return None


def _by_phone(session: Session, text: str, region: str) -> Customer | None:
    try:
        return find_customer(session, phone=valid_phone(text, region))
    except InvalidPhone:
        return None


def _possible_names(text: str) -> list[str]:
    """Every run of two to four words, and of two to four Chinese characters, as a name may be one."""
    words = re.findall(r"[^\W\d_][\w'’.-]*", text.lower())[:60]
    runs = [" ".join(words[i : i + n]) for n in (2, 3, 4) for i in range(len(words) - n + 1)]
    for chinese in re.findall(r"[\u4e00-\u9fff]{2,30}", text):
        runs += [chinese[i : i + n] for n in (2, 3, 4) for i in range(len(chinese) - n + 1)]
    return runs[:400]


def bought_codes(session: Session, customer_id: int) -> set[str]:
    """The codes of all products that a customer has bought and not cancelled."""
    return set(
        session.scalars(
            select(Product.code)
            .join(Variant, Variant.product_id == Product.id)
            .join(OrderLine, OrderLine.variant_id == Variant.id)
            .join(Order, Order.id == OrderLine.order_id)
            .where(Order.customer_id == customer_id, Order.status != OrderStatus.CANCELLED)
        )
    )


def customer_summary(session: Session, customer_id: int) -> dict[str, Any]:
    """What a rep wants to know at a glance: orders, spend (Decimal), last order, open leads, follow-ups."""
    customer = session.get_one(Customer, customer_id)
    count, spend, last = session.execute(
        select(func.count(Order.id), func.sum(Order.total), func.max(Order.placed_at)).where(
            Order.customer_id == customer_id, Order.status != OrderStatus.CANCELLED
        )
    ).one()
    open_leads = session.scalar(
        select(func.count(Lead.id)).where(
            Lead.customer_id == customer_id, Lead.stage.not_in([LeadStage.CONVERTED, LeadStage.LOST])
        )
    )
    follow_ups = session.scalar(
        select(func.count(FollowUp.id)).where(
            FollowUp.customer_id == customer_id, FollowUp.status.in_([FollowUpStatus.PLANNED, FollowUpStatus.DUE])
        )
    )
    return {
        "customer_id": customer_id,
        "name": customer.name,
        "email": customer.email,
        "phone": customer.phone,
        "orders": count,
        "spend": spend or Decimal("0.00"),
        "last_order": last,
        "open_leads": open_leads,
        "follow_ups": follow_ups,
        "opted_out": customer.opted_out_at is not None,
    }
