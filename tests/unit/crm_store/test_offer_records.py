from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from crm_store.conversations import existing_conversation
from crm_store.customers import customer_by_key, the_customer
from crm_store.errors import ConversationNotFound, CustomerAmbiguous, CustomerNotFound
from crm_store.offer_records import bought_skus, declined_codes
from crm_store.tables import OrderStatus
from tests.factories import NOW, make_conversation, make_customer, make_order, make_product


def test_a_customer_is_found_by_number_or_by_the_shops_own_key(session: Session) -> None:
    first, second = make_customer(session), make_customer(session, external_id="K-17")
    assert customer_by_key(session, str(first.id)) is first
    assert customer_by_key(session, "K-17") is second


def test_the_shops_own_key_comes_before_our_number(session: Session) -> None:
    first = make_customer(session)
    other = make_customer(session, external_id=str(first.id))
    assert customer_by_key(session, str(first.id)) is other


def test_a_number_sign_means_our_own_number(session: Session) -> None:
    first = make_customer(session)
    make_customer(session, external_id=str(first.id))
    assert customer_by_key(session, f"#{first.id}") is first


def test_who_must_not_be_mistaken_is_asked_for_when_a_key_is_also_a_number(session: Session) -> None:
    first, second = make_customer(session, external_id="2"), make_customer(session, external_id="3")
    with pytest.raises(CustomerAmbiguous, match="say #1 or #2"):
        the_customer(session, "2")
    assert (the_customer(session, "3"), the_customer(session, "#2")) == (second, second)
    first.erased_at = NOW
    with pytest.raises(CustomerNotFound):  # and never our number 2, which is somebody else
        the_customer(session, "2")


@pytest.mark.parametrize(
    "key",
    ["999", "#", "#999", f"#{2**31}", "nobody", "-1", "1.5", "", " ", "１", "²", "9" * 30, "1; drop table customers"],
)
def test_an_unknown_customer_is_said_to_be_unknown(session: Session, key: str) -> None:
    make_customer(session)
    with pytest.raises(CustomerNotFound, match="There is no customer"):
        customer_by_key(session, key)


def test_who_was_erased_is_found_no_more(session: Session) -> None:
    gone = make_customer(session, external_id="K-1", erased_at=NOW)
    for key in ("K-1", str(gone.id)):
        with pytest.raises(CustomerNotFound):
            customer_by_key(session, key)


def test_a_conversation_is_found_by_its_id(session: Session) -> None:
    chat = make_conversation(session)
    assert existing_conversation(session, chat.id) is chat
    with pytest.raises(ConversationNotFound, match="There is no conversation web-nothing"):
        existing_conversation(session, "web-nothing")


def test_a_no_is_counted_once_a_conversation_and_forgotten_with_time(session: Session) -> None:
    customer, other = make_customer(session), make_customer(session)
    for days, rejected in ((1, ["A", "A", "B"]), (30, ["A"]), (90, ["C"]), (91, ["A", "D"])):
        make_conversation(
            session, customer_id=customer.id, rejected=rejected, updated_at=NOW - timedelta(days=days)
        )  # fmt: skip
    make_conversation(session, customer_id=other.id, rejected=["E"], updated_at=NOW)
    make_conversation(session, customer_id=customer.id, updated_at=NOW)
    assert declined_codes(session, customer.id, NOW - timedelta(days=90)) == {"A": 2, "B": 1, "C": 1}


def test_what_was_bought_and_kept_comes_oldest_first(session: Session) -> None:
    boots, bars, tent = (
        make_product(session, code=code, variants=[{"sku": f"{code}-1"}]).variants[0]
        for code in ("Boots", "Bars", "Tent")
    )
    customer = make_customer(session)

    def buy(variants, days, status=OrderStatus.DELIVERED, by=customer):
        at = NOW - timedelta(days=days)
        make_order(session, customer=by, lines=[(one, 1) for one in variants], placed_at=at, status=status)

    buy([bars], 5, OrderStatus.PLACED)
    buy([boots, bars], 50)
    buy([tent], 20, OrderStatus.CANCELLED)
    buy([tent], 30, OrderStatus.RETURNED)
    buy([tent], 10, by=make_customer(session))
    kept = [("Boots-1", "Boots"), ("Bars-1", "Bars"), ("Bars-1", "Bars")]
    assert bought_skus(session, customer.id) == kept
    assert bought_skus(session, customer.id, NOW - timedelta(days=5)) == kept[2:]
    assert bought_skus(session, customer.id, NOW) == []
