"""What goes into a cart and what it comes to."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from crm_store import carts
from crm_store.errors import OutOfStock, ProductNotFound, QuantityNotPossible
from tests.factories import NOW, make_conversation, make_product, make_shop


@pytest.fixture
def chat(session: Session) -> str:
    make_product(session, "Ridge", variants=[{"sku": "A", "price": Decimal("100.00"), "stock": 3}])
    make_product(session, "Cap", variants=[{"sku": "B", "price": Decimal("9.95"), "stock": None}])
    return make_conversation(session).id


def test_adding_the_same_variant_again_raises_its_quantity(session: Session, chat: str) -> None:
    carts.add(session, chat, "A", 1, NOW)
    carts.add(session, chat, "A", 2, NOW)
    carts.add(session, chat, "B", 2, NOW)
    cart = carts.cart_of(session, chat, NOW)
    assert [(line.variant.sku, line.quantity) for line in cart.lines] == [("A", 3), ("B", 2)]
    assert carts.total(cart) == Decimal("319.90")


def test_more_than_there_is_does_not_go_in(session: Session, chat: str) -> None:
    carts.add(session, chat, "A", 2, NOW)
    with pytest.raises(OutOfStock, match="only 3 left") as refused:
        carts.add(session, chat, "A", 2, NOW)
    assert refused.value.facts == {"sku": "A", "name": "Ridge", "available": 3}
    assert carts.cart_of(session, chat, NOW).lines[0].quantity == 2


@pytest.mark.parametrize("quantity", [0, -1, 1000, 10**30])
def test_an_impossible_quantity_is_refused(session: Session, chat: str, quantity: int) -> None:
    with pytest.raises(QuantityNotPossible):
        carts.add(session, chat, "B", quantity, NOW)


def test_adding_up_beyond_the_limit_is_refused(session: Session, chat: str) -> None:
    carts.add(session, chat, "B", 999, NOW)
    with pytest.raises(QuantityNotPossible):
        carts.add(session, chat, "B", 1, NOW)


def test_what_is_not_on_sale_does_not_go_in(session: Session, chat: str) -> None:
    make_product(session, variants=[{"sku": "OLD", "active": False}])
    for sku in ("OLD", "nothing"):
        with pytest.raises(ProductNotFound):
            carts.add(session, chat, sku, 1, NOW)


def test_quantities_are_set_and_lines_removed(session: Session, chat: str) -> None:
    carts.add(session, chat, "A", 3, NOW)
    assert carts.set_quantity(session, chat, "A", 1, NOW).quantity == 1
    assert carts.quantity_of(session, chat, "A", NOW) == 1
    assert carts.remove(session, chat, "A", NOW) == 1
    assert carts.remove(session, chat, "A", NOW) == 0
    assert carts.total(carts.cart_of(session, chat, NOW)) == 0


def test_a_cleared_cart_is_empty(session: Session, chat: str) -> None:
    carts.add(session, chat, "A", 1, NOW)
    carts.clear(session, chat, NOW)
    assert carts.cart_of(session, chat, NOW).lines == []


def test_delivery_is_free_from_an_amount_on(session: Session) -> None:
    shop = make_shop(session, delivery_fee=Decimal("4.00"), free_delivery_from=Decimal("50.00"))
    assert carts.delivery_fee(shop, Decimal("49.99")) == Decimal("4.00")
    assert carts.delivery_fee(shop, Decimal("50.00")) == 0
    shop.free_delivery_from = None
    assert carts.delivery_fee(shop, Decimal("5000")) == Decimal("4.00")
