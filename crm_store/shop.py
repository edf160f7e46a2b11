"""The shop itself: one row that says who sells and on which terms."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.errors import ShopNotSetUp
from crm_store.tables import Shop

# Rough units for one US dollar, good enough to read a budget said in another currency; a shop sets its own.
_FOR_ONE_DOLLAR = {
    "USD": 1.0,
    "EUR": 0.9,
    "GBP": 0.77,
    "CNY": 7.2,
    "HKD": 7.8,
    "JPY": 150.0,
    "CAD": 1.4,
    "AUD": 1.5,
}


def current_shop(session: Session) -> Shop:
    """The shop of this store; raises ShopNotSetUp when there is none yet."""
    shop = session.scalar(select(Shop).order_by(Shop.id).limit(1))
    if shop is None:
        raise ShopNotSetUp
    return shop


def ensure_shop(session: Session, **settings: Any) -> Shop:
    """The shop, made with sensible terms when there is none; `settings` are columns to set either way."""
    shop = session.scalar(select(Shop).order_by(Shop.id).limit(1))
    if shop is None:
        shop = Shop(**{**_default_terms(settings.get("currency", "USD")), **settings})
        session.add(shop)
    else:
        for name, value in settings.items():
            setattr(shop, name, value)
    session.flush()
    return shop


def _default_terms(currency: str) -> dict[str, Any]:
    return {
        "name": "our shop",
        "name_zh": "本店",
        "currency": currency,
        "country": "US",
        "timezone": "UTC",
        "delivery_days_min": 3,
        "delivery_days_max": 5,
        "delivery_fee": Decimal("5.90"),
        "free_delivery_from": Decimal("75.00"),
        "return_days": 30,
        "warranty_months": 24,
        "quote_days": 14,
        "payment_methods": ["card", "paypal", "bank_transfer"],
        "exchange_rates": rates_of(currency),
        "catalog_revision": 0,
    }


def rates_of(currency: str) -> dict[str, float]:
    """Units of the other currencies for one of this one; empty for a currency we have no rate of."""
    base = _FOR_ONE_DOLLAR.get(currency)
    if base is None:
        return {}
    return {code: round(rate / base, 4) for code, rate in _FOR_ONE_DOLLAR.items() if code != currency}
