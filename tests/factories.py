"""Makers of rows for tests: every argument has a value that is fine where a test does not care.

They flush and never commit. `make_product` and whatever is made from it make the shop too.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from itertools import count
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store import conversations
from crm_store.shop import ensure_shop
from crm_store.tables import (
    Category,
    Conversation,
    Customer,
    FollowUp,
    FollowUpStatus,
    Lead,
    LeadStage,
    Message,
    Order,
    OrderLine,
    OrderStatus,
    Product,
    Shop,
    Variant,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
_numbers = count(1)


def make_shop(session: Session, **settings: Any) -> Shop:
    return ensure_shop(session, **{"name": "Fernhill Outdoor", "country": "GB", **settings})


def make_category(
    session: Session,
    name: str = "Mountain Bikes",
    *,
    name_zh: str | None = None,
    parent: Category | None = None,
    synonyms: Sequence[str] = (),
) -> Category:
    """The category of that name; made when it is not there yet."""
    category = session.scalar(select(Category).where(Category.name == name))
    if category is None:
        category = Category(name=name, name_zh=name_zh, parent=parent, synonyms=list(synonyms))
        session.add(category)
        session.flush()
    return category


def make_product(
    session: Session,
    name: str | None = None,
    *,
    code: str | None = None,
    category: Category | str = "Mountain Bikes",
    variants: Sequence[dict[str, Any]] = ({},),
    **columns: Any,
) -> Product:
    """A product with one variant, or with one for each dict in `variants` (columns of Variant)."""
    if session.scalar(select(Shop.id)) is None:
        make_shop(session)
    number = next(_numbers)
    product = Product(
        code=code or f"P{number}",
        name=name or f"Ridge {number}",
        category=make_category(session, category) if isinstance(category, str) else category,
        **{"brand": "Litware", "description": "", "uses": [], "synonyms": [], "attributes": {}, **columns},
    )
    session.add(product)
    for settings in variants:
        make_variant(session, product, **settings)
    session.flush()
    return product


def make_variant(session: Session, product: Product, **columns: Any) -> Variant:
    variant = Variant(
        product=product,
        **{
            "sku": f"SKU-{next(_numbers)}",
            "price": Decimal("100.00"),
            "cost": Decimal("60.00"),
            "stock": 5,
            "attributes": {},
            **columns,
        },
    )
    session.add(variant)
    session.flush()
    return variant


def make_customer(session: Session, **columns: Any) -> Customer:
    number = next(_numbers)
    customer = Customer(**{"name": "Ada Okafor", "email": f"ada{number}@example.org", "created_at": NOW, **columns})
    session.add(customer)
    session.flush()
    return customer


def make_conversation(session: Session, *, now: datetime = NOW, **columns: Any) -> Conversation:
    """A conversation on the web in English; further columns are set as given."""
    start = {"channel": "web", "language": "en", "timezone": "Europe/London"}
    start.update({name: columns.pop(name) for name in list(columns) if name in (*start, "source", "rep_name")})
    conversation = conversations.start_conversation(session, **start, now=now)
    for name, value in columns.items():
        setattr(conversation, name, value)
    session.flush()
    return conversation


def make_message(
    session: Session, conversation: Conversation, text: str = "hello", *, external_id: str | None = None
) -> Message:
    message, _ = conversations.receive(
        session, conversation.id, text=text, external_id=external_id or f"m{next(_numbers)}", now=NOW
    )
    return message


def make_order(
    session: Session,
    *,
    lines: Sequence[tuple[Variant, int]] = (),
    conversation: Conversation | None = None,
    customer: Customer | None = None,
    **columns: Any,
) -> Order:
    """An order of these (variant, quantity) lines, of one new product when none are given."""
    bought = list(lines) or [(make_product(session).variants[0], 1)]
    subtotal = sum((variant.price * quantity for variant, quantity in bought), Decimal("0.00"))
    order = Order(
        conversation_id=conversation.id if conversation else None,
        customer_id=customer.id if customer else None,
        **{
            "number": f"SC-T{next(_numbers):05d}",
            "status": OrderStatus.PLACED,
            "currency": "USD",
            "subtotal": subtotal,
            "delivery_fee": Decimal("0.00"),
            "total": subtotal,
            "name": "Ada Okafor",
            "email": customer.email if customer else "ada@example.org",
            "address": "1 Hill Road, Leeds LS1 4AP",
            "placed_at": NOW,
            **columns,
        },
    )
    for number, (variant, quantity) in enumerate(bought, start=1):
        order.lines.append(OrderLine(line_number=number, variant=variant, quantity=quantity, unit_price=variant.price))
    session.add(order)
    session.flush()
    return order


def make_lead(session: Session, *, conversation: Conversation | None = None, **columns: Any) -> Lead:
    lead = Lead(
        conversation_id=conversation.id if conversation else None,
        **{
            "stage": LeadStage.NEW,
            "source": "web",
            "wants": {},
            "summary": "",
            "created_at": NOW,
            "updated_at": NOW,
            **columns,
        },
    )
    session.add(lead)
    session.flush()
    return lead


def make_follow_up(session: Session, *, conversation: Conversation | None = None, **columns: Any) -> FollowUp:
    """A call planned for tomorrow."""
    follow_up = FollowUp(
        conversation_id=conversation.id if conversation else None,
        **{
            "kind": "call",
            "status": FollowUpStatus.PLANNED,
            "due_at": NOW + timedelta(days=1),
            "grain": "hour",
            "timezone": "Europe/London",
            "note": "",
            "created_at": NOW,
            **columns,
        },
    )
    session.add(follow_up)
    session.flush()
    return follow_up
