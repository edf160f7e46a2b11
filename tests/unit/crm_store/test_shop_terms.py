from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy.orm import Session

from crm_store.errors import InvalidTerm
from crm_store.shop import ensure_shop
from crm_store.shop_terms import terms_of, valid_terms


def test_terms_are_read_as_a_shopkeeper_writes_them(session: Session) -> None:
    shop = ensure_shop(
        session,
        **valid_terms(
            {
                "name": " Corner Bikes ", "currency": "eur", "country": "de", "timezone": "Europe/Berlin",
                "email": "Hi@Corner.example", "delivery_days": "1-3", "delivery_fee": "4.90",
                "free_delivery_from": "none", "return_days": "14", "payment_methods": "card, bank transfer",
            }
        ),
    )  # fmt: skip
    terms = terms_of(shop)
    assert (terms["name"], terms["currency"], terms["country"]) == ("Corner Bikes", "EUR", "DE")
    assert (shop.delivery_days_min, shop.delivery_days_max, shop.delivery_fee) == (1, 3, Decimal("4.90"))
    assert (terms["free_delivery_from"], terms["payment_methods"]) == (None, ["card", "bank_transfer"])
    assert shop.exchange_rates["USD"] == pytest.approx(1.1111)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("currency", "bitcoin"),
        ("currency", "ZZZ"),
        ("country", "England"),
        ("timezone", "London"),
        ("email", "nobody"),
        ("phone", "12"),
        ("delivery_days", "5-2"),
        ("delivery_fee", "-1"),
        ("delivery_fee", "NaN"),
        ("delivery_fee", "free"),
        ("return_days", "a month"),
        ("payment_methods", "gold"),
        ("name", ""),
    ],
)
def test_a_term_that_means_nothing_is_named(name: str, text: str) -> None:
    with pytest.raises(InvalidTerm, match=f"--{name.replace('_', '-')} is"):
        valid_terms({name: text})
