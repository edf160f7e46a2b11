"""The terms of a shop as a shopkeeper writes them: read, checked, shown."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Mapping
from decimal import Decimal
from typing import Any
from zoneinfo import available_timezones

from babel import Locale

from crm_store.contacts import valid_email, valid_phone
from crm_store.errors import InvalidTerm, SalesError
from crm_store.shop import rates_of
from crm_store.tables import Shop
from crm_store.tables.catalog import WEEKDAYS

Reader = Callable[[str, str], dict[str, Any]]
PAYMENT_METHODS = ("card", "paypal", "bank_transfer", "alipay", "wechat_pay", "cash_on_delivery")


def valid_terms(given: Mapping[str, str]) -> dict[str, Any]:
    """The columns of Shop that these words mean; raises InvalidTerm for the first that means nothing.

    `delivery_days` is "2-5"; the other names are those of the columns.
    """
    terms: dict[str, Any] = {}
    for name, text in given.items():
        try:
            terms.update(_READERS[name](name, text.strip()))
        except (ValueError, ArithmeticError, SalesError) as error:
            raise InvalidTerm(name, text, _WANTED.get(name, "a whole number such as 14")) from error
    return terms


def terms_of(shop: Shop) -> dict[str, Any]:
    """What a shopkeeper may set, as JSON can say it."""
    return {
        "name": shop.name,
        "name_zh": shop.name_zh,
        "currency": shop.currency,
        "country": shop.country,
        "timezone": shop.timezone,
        "email": shop.email,
        "phone": shop.phone,
        "delivery_days": f"{shop.delivery_days_min}-{shop.delivery_days_max}",
        "delivery_fee": str(shop.delivery_fee),
        "free_delivery_from": None if shop.free_delivery_from is None else str(shop.free_delivery_from),
        "return_days": shop.return_days,
        "warranty_months": shop.warranty_months,
        "quote_days": shop.quote_days,
        "payment_methods": list(shop.payment_methods),
        "contact_hours": f"{shop.contact_from}-{shop.contact_until}",
        "contact_days": ",".join(shop.contact_days),
    }


def _text(name: str, text: str) -> dict[str, Any]:
    if not 0 < len(text) <= 120:
        raise ValueError
    return {name: text}


def _code(pattern: str, known: Collection[str]) -> Reader:
    def read(name: str, text: str) -> dict[str, Any]:
        if not re.fullmatch(pattern, text.upper()) or text.upper() not in known:
            raise ValueError
        # Another currency has other rates to the rest.
        more = {"exchange_rates": rates_of(text.upper())} if name == "currency" else {}
        return {name: text.upper(), **more}

    return read


def _zone(name: str, text: str) -> dict[str, Any]:
    if text not in available_timezones():
        raise ValueError
    return {name: text}


def _whole(name: str, text: str) -> dict[str, Any]:
    if not 0 <= int(text) <= 3650:
        raise ValueError
    return {name: int(text)}


def _days(_name: str, text: str) -> dict[str, Any]:
    low, _, high = text.partition("-")
    least, most = int(low), int(high or low)
    if not 0 <= least <= most <= 365:
        raise ValueError
    return {"delivery_days_min": least, "delivery_days_max": most}


def _amount(name: str, text: str) -> dict[str, Any]:
    if text.casefold() in ("none", "") and name == "free_delivery_from":
        return {name: None}
    amount = Decimal(text)
    if not amount.is_finite() or amount < 0 or amount != round(amount, 2):
        raise ValueError
    return {name: amount}


def _methods(name: str, text: str) -> dict[str, Any]:
    methods = [method.strip().casefold().replace(" ", "_") for method in text.split(",") if method.strip()]
    if not methods or set(methods) - set(PAYMENT_METHODS):
        raise ValueError
    return {name: list(dict.fromkeys(methods))}


def _hours(_name: str, text: str) -> dict[str, Any]:
    begin, _, end = (part.strip().removesuffix(":00") for part in text.partition("-"))
    start, until = int(begin), int(end)
    if not 0 <= start < until <= 24:
        raise ValueError
    return {"contact_from": start, "contact_until": until}


def _weekdays(_name: str, text: str) -> dict[str, Any]:
    """ "mon-sat", "mon,wed-fri", "all"; a range may go over the weekend: "fri-mon"."""
    wanted: set[int] = set()
    for part in text.casefold().replace("all", "mon-sun").split(","):
        first, dash, last = (word.strip()[:3] for word in part.partition("-"))
        begin, end = WEEKDAYS.index(first), WEEKDAYS.index(last if dash else first)
        wanted.update((begin + ahead) % 7 for ahead in range((end - begin) % 7 + 1))
    return {"contact_days": [WEEKDAYS[day] for day in sorted(wanted)]}


_COUNTRIES = frozenset(code for code in Locale("en").territories if len(code) == 2 and code.isalpha())
_READERS: dict[str, Reader] = {
    "name": _text,
    "name_zh": _text,
    "currency": _code(r"[A-Z]{3}", frozenset(Locale("en").currencies)),
    "country": _code(r"[A-Z]{2}", _COUNTRIES),
    "timezone": _zone,
    "email": lambda name, text: {name: valid_email(text)},
    "phone": lambda name, text: {name: valid_phone(text, "US")},
    "delivery_days": _days,
    "delivery_fee": _amount,
    "free_delivery_from": _amount,
    "return_days": _whole,
    "warranty_months": _whole,
    "quote_days": _whole,
    "payment_methods": _methods,
    "contact_hours": _hours,
    "contact_days": _weekdays,
}
_WANTED = {
    "name": "a name of at most 120 characters",
    "name_zh": "a name of at most 120 characters",
    "currency": "a code such as USD",
    "country": "two letters such as GB",
    "timezone": "a zone such as Europe/London",
    "email": "an e-mail address",
    "phone": "a number with its country code, such as +44 20 7946 0018",
    "delivery_days": "days such as 2-5",
    "delivery_fee": "an amount such as 4.90",
    "free_delivery_from": "an amount such as 75, or none",
    "contact_hours": "full hours such as 9-20",
    "contact_days": "days such as mon-sat or mon,wed,fri",
    "payment_methods": f"some of {', '.join(PAYMENT_METHODS)}",
}
