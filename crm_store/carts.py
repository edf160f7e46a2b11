"""The cart of a conversation: what would be ordered if the customer said yes now."""

from __future__ import annotations

from datetime import datetime
from decimal import Decimal

from sqlalchemy import func, select
from sqlalchemy.orm import Session, selectinload

from crm_store.errors import OutOfStock, ProductNotFound, QuantityNotPossible
from crm_store.tables import Cart, CartLine, Product, Shop, Variant

MOST_OF_ONE = 999


def cart_of(session: Session, conversation_id: str, now: datetime) -> Cart:
    """The conversation's cart with its lines, made when there is none."""
    cart = session.scalar(
        select(Cart)
        .where(Cart.conversation_id == conversation_id)
        .options(selectinload(Cart.lines).joinedload(CartLine.variant).joinedload(Variant.product))
    )
    if cart is None:
        cart = Cart(conversation_id=conversation_id, updated_at=now, lines=[])
        session.add(cart)
        session.flush()
    return cart


def add(session: Session, conversation_id: str, sku: str, quantity: int, now: datetime) -> CartLine:
    """Put more of a variant into the cart; raises ProductNotFound, QuantityNotPossible or OutOfStock."""
    _check_quantity(quantity)
    held = quantity_of(session, conversation_id, sku, now)
    return set_quantity(session, conversation_id, sku, held + quantity, now)


def set_quantity(session: Session, conversation_id: str, sku: str, quantity: int, now: datetime) -> CartLine:
    """Make the cart hold exactly this many of a variant; raises as `add` does."""
    _check_quantity(quantity)
    variant = variant_on_sale(session, sku)
    if variant.stock is not None and variant.stock < quantity:
        raise OutOfStock(sku, variant_title(variant), variant.stock)
    cart = cart_of(session, conversation_id, now)
    line = _line(cart, sku)
    if line is None:
        line = CartLine(variant=variant, quantity=quantity)
        cart.lines.append(line)
    line.quantity = quantity
    cart.updated_at = now
    session.flush()
    return line


def quantity_of(session: Session, conversation_id: str, sku: str, now: datetime) -> int:
    """How many of a variant the cart holds."""
    line = _line(cart_of(session, conversation_id, now), sku)
    return line.quantity if line else 0


def items_in(session: Session, conversation_id: str) -> int:
    """How many pieces are in the cart; 0 also when there is no cart."""
    pieces = select(func.sum(CartLine.quantity)).join(Cart).where(Cart.conversation_id == conversation_id)
    return session.scalar(pieces) or 0


def remove(session: Session, conversation_id: str, sku: str, now: datetime) -> int:
    """Take a variant out of the cart; returns how many of it there were, 0 when it was not in it."""
    cart = cart_of(session, conversation_id, now)
    line = _line(cart, sku)
    if line is None:
        return 0
    cart.lines.remove(line)
    cart.updated_at = now
    session.flush()
    return line.quantity


def clear(session: Session, conversation_id: str, now: datetime) -> None:
    """Empty the cart."""
    cart = cart_of(session, conversation_id, now)
    cart.lines.clear()
    cart.updated_at = now
    session.flush()


def total(cart: Cart) -> Decimal:
    """What the lines come to at today's prices, without delivery."""
    return sum((line.variant.price * line.quantity for line in cart.lines), Decimal("0.00"))


def delivery_fee(shop: Shop, subtotal: Decimal) -> Decimal:
    """What delivery of goods worth `subtotal` costs."""
    free_from = shop.free_delivery_from
    return Decimal("0.00") if free_from is not None and subtotal >= free_from else shop.delivery_fee


def variant_on_sale(session: Session, sku: str) -> Variant:
    """The variant with its stock and price as they are now; raises ProductNotFound."""
    variant = session.scalar(
        select(Variant)
        .join(Product)
        .where(Variant.sku == sku, Variant.active)
        .execution_options(populate_existing=True)
    )
    if variant is None:
        raise ProductNotFound(sku)
    return variant


def variant_title(variant: Variant) -> str:
    """The variant's English name as shown in an error or a summary."""
    if variant.name:
        return variant.name
    return ", ".join(part for part in (variant.product.name, variant.color, variant.size) if part)


def _line(cart: Cart, sku: str) -> CartLine | None:
    return next((line for line in cart.lines if line.variant.sku == sku), None)


def _check_quantity(quantity: int) -> None:
    if not 1 <= quantity <= MOST_OF_ONE:
        raise QuantityNotPossible(quantity)
