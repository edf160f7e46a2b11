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


@pytest.mark.parametrize(
    ("hours", "days", "shown"),
    [
        ("8-18", "mon-fri", ("8-18", "mon,tue,wed,thu,fri")),
        ("9:00 - 24:00", "Monday, wed-thu", ("9-24", "mon,wed,thu")),
        ("0-24", "all", ("0-24", "mon,tue,wed,thu,fri,sat,sun")),
        ("9-20", "sat-mon", ("9-20", "mon,sat,sun")),
    ],
)
def test_the_shop_says_when_customers_may_be_written_to(
    session: Session, hours: str, days: str, shown: tuple[str, str]
) -> None:
    terms = terms_of(ensure_shop(session, **valid_terms({"contact_hours": hours, "contact_days": days})))
    assert (terms["contact_hours"], terms["contact_days"]) == shown


@pytest.mark.parametrize(
    ("name", "text"),
    [("contact_hours", t) for t in ("20-9", "9", "9-25", "9-9")]
    + [("contact_days", t) for t in ("", "someday", "mon-", "x-fri")],
)
def test_hours_and_days_that_mean_nothing_are_refused(name: str, text: str) -> None:
    with pytest.raises(InvalidTerm):
        valid_terms({name: text})
