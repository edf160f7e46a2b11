"""What may still be done about an order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from crm_store import orders
from crm_store.errors import OrderCannotBeCancelled, OrderCannotChange, ReturnNotPossible
from crm_store.tables import OrderStatus, RequestKind, RequestStatus
from tests.factories import NOW, make_conversation, make_order, make_product, make_shop


def test_a_cancelled_order_puts_its_goods_back(session: Session) -> None:
    counted = make_product(session, variants=[{"stock": 1}]).variants[0]
    uncounted = make_product(session, variants=[{"stock": None}]).variants[0]
    order = make_order(session, lines=[(counted, 2), (uncounted, 1)], conversation=make_conversation(session))
    orders.cancel_order(session, order, NOW)
    assert (order.status, order.cancelled_at) == (OrderStatus.CANCELLED, NOW)
    assert (counted.stock, uncounted.stock) == (3, None)


def test_cancelling_twice_puts_the_goods_back_once(session: Session) -> None:
    variant = make_product(session, variants=[{"stock": 1}]).variants[0]
    order = make_order(session, lines=[(variant, 2)])
    orders.cancel_order(session, order, NOW)
    with pytest.raises(OrderCannotBeCancelled, match="is cancelled"):
        orders.cancel_order(session, order, NOW)
    assert variant.stock == 3


def test_an_order_on_its_way_is_neither_cancelled_nor_readdressed(session: Session) -> None:
    order = make_order(session, status=OrderStatus.SHIPPED)
    with pytest.raises(OrderCannotBeCancelled):
        orders.cancel_order(session, order, NOW)
    with pytest.raises(OrderCannotChange):
        orders.change_address(session, order, "2 Hill Road")


def test_an_order_not_sent_yet_goes_to_the_new_address(session: Session) -> None:
    order = make_order(session)
    orders.change_address(session, order, " 2 Hill Road,\nLeeds ")
    assert order.address == "2 Hill Road, Leeds"


@pytest.mark.parametrize(
    ("status", "days", "reason"),
    [
        (OrderStatus.PLACED, 0, "not_sent"),
        (OrderStatus.PLACED, 4, None),
        (OrderStatus.SHIPPED, 1, None),
        (OrderStatus.DELIVERED, 35, None),
        (OrderStatus.DELIVERED, 36, "too_late"),
        (OrderStatus.CANCELLED, 1, "cancelled"),
        (OrderStatus.RETURNED, 1, "returned"),
    ],
)
def test_a_return_is_taken_within_the_terms(
    session: Session, status: OrderStatus, days: int, reason: str | None
) -> None:
    make_shop(session, delivery_days_min=3, delivery_days_max=5, return_days=30)
    order = make_order(session, status=status, placed_at=NOW - timedelta(days=days))
    chat = make_conversation(session)
    if reason is None:
        request = orders.request_return(session, order, chat, "too small", NOW)
        assert (request.kind, request.status) == (RequestKind.RETURN, RequestStatus.OPEN)
    else:
        with pytest.raises(ReturnNotPossible) as refused:
            orders.request_return(session, order, chat, "too small", NOW)
        assert refused.value.facts["reason"] == reason


def test_asking_twice_for_a_return_is_one_request(session: Session) -> None:
    order = make_order(session, status=OrderStatus.DELIVERED)
    chat = make_conversation(session)
    first = orders.request_return(session, order, chat, "too small", NOW)
    assert orders.request_return(session, order, chat, "too small!", NOW).id == first.id


def test_a_request_may_be_about_no_order(session: Session) -> None:
    request = orders.open_request(
        session, RequestKind.COMPLAINT, None, make_conversation(session), "nobody answers", NOW
    )
    assert (request.order_id, request.details) == (None, "nobody answers")
