"""What was known of a lead at a moment, as one row of a table; nothing from after that moment is in it.

A lead that is settled is looked at just before that: before the customer began to order, or before it was given up. Its
age is left out: won leads are settled when they buy and lost ones whenever somebody gives them up, so how long a lead
has been open tells of the end itself. Contacts count only from a lead's first `WINDOW`, for open leads are young.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import pandas as pd

from crm_store.lead_records import LeadRecord, Said
from crm_store.wants import merged_wants

WINDOW = timedelta(days=30)
ORDERING = frozenset({"place_order"})
CONTACT = frozenset({"give_contact_details", "book_followup", "request_quote"})  # what a contact is given with
_NEEDS = ("product", "brand", "category", "needed_by", "use", "recipient", "priority", "quantity")
_ASKED = {
    "asked about a product": frozenset({"ask_product_info", "compare_products"}),
    "asked the price": frozenset({"ask_price", "ask_promotion"}),
    "asked about stock": frozenset({"ask_availability"}),
    "asked about delivery": frozenset({"ask_delivery", "ask_payment_methods", "ask_return_policy", "ask_warranty"}),
    "asked for a quote": frozenset({"request_quote"}),
    "turned an offer down": frozenset({"reject_offer"}),
    "complained": frozenset({"complaint"}),
}


def lead_table(records: Sequence[LeadRecord], now: datetime) -> pd.DataFrame:
    """One row of features for each lead, as of `now` or of the moment before it was settled; index `lead_id`."""
    rows = [lead_features(record, seen_at(record, now)) for record in records]
    return pd.DataFrame(rows, index=pd.Index([record.id for record in records], name="lead_id"))


def settled_at(record: LeadRecord) -> datetime | None:
    """When it was decided: the order, or the last change of a lead that is lost; None while it is open."""
    if record.is_open:
        return None
    if not record.is_won:
        return record.updated_at
    bought = [at for at, _ in record.orders if record.created_at <= at <= record.updated_at]
    return min([at for at in (record.own_order_at, *bought) if at is not None], default=record.updated_at)


def seen_at(record: LeadRecord, now: datetime) -> datetime:
    """The moment up to which the lead is looked at."""
    settled = settled_at(record)
    if settled is not None and record.is_won:
        # The questions of the checkout belong to the order, as do the answers.
        settled = min(
            [said.at for said in record.messages if said.intent in ORDERING and said.at < settled] + [settled]
        )
    return min(settled or now, now, record.created_at + WINDOW)


def lead_features(record: LeadRecord, at: datetime) -> dict[str, Any]:
    """What was known of the lead before `at`: floats, and texts of which "yes" and "no" are two."""
    messages = [said for said in record.messages if said.at < at]
    contact_known = record.own_order_at is None or any(said.intent in CONTACT for said in messages)
    return {
        "source": record.source.casefold(),
        **_reach(record, contact_known),
        **_history(record, contact_known),
        **_wanted(_wants(record, messages)),
        **_touched(record, at),
        **_chatted(record, messages, at),
    }


def _reach(record: LeadRecord, known: bool) -> dict[str, str | None]:
    """An order writes its contact into the lead, which counts only where the customer had given one before.

    Every order has a name and an e-mail address: of a lead without a chat nobody can tell whether it had them before.
    """
    by_chat = bool(record.messages)
    return {
        "phone": _yes(known and record.phone),
        "e-mail": _yes(known and record.email) if by_chat else None,
        "name": _yes(known and record.name) if by_chat else None,
    }


def _history(record: LeadRecord, known: bool) -> dict[str, Any]:
    totals = [total for placed, total in record.orders if placed < record.created_at] if known else []
    return {
        "bought before": _yes(totals),
        "orders before": float(len(totals)),
        "spent before": sum(totals) if totals else None,
    }


def _wants(record: LeadRecord, messages: Sequence[Said]) -> Mapping[str, Any]:
    """What had been wished for by then; a lead that came of no chat says it all at once."""
    if not record.messages:
        return record.wants
    wants: dict[str, Any] = {}
    for said in messages:
        wants = merged_wants(wants, said.needs)
    return wants


def _wanted(wants: Mapping[str, Any]) -> dict[str, Any]:
    budget = wants.get("budget")
    limits = [budget[side] for side in ("max", "min") if budget.get(side)] if isinstance(budget, Mapping) else []
    attributes = wants.get("attributes")
    return {
        "budget named": _yes(limits),
        "budget": float(limits[0]) if limits and isinstance(limits[0], int | float) else None,
        **{f"{need} named": _yes(wants.get(need)) for need in _NEEDS},
        "category": str(wants["category"]) if wants.get("category") else None,
        "properties named": float(len(attributes)) if isinstance(attributes, Mapping) else 0.0,
    }


def _touched(record: LeadRecord, at: datetime) -> dict[str, str]:
    kinds = {kind for kind, when in record.touchpoints if when < at}
    return {
        "called": _yes("call" in kinds),
        "written to": _yes("email" in kinds or "message" in kinds),
        "visited": _yes("visit" in kinds),
        "has a quote": _yes("quote" in kinds),
    }


def _chatted(record: LeadRecord, messages: Sequence[Said], at: datetime) -> dict[str, Any]:
    intents = {said.intent for said in messages}
    return {
        "messages": float(len(messages)) if record.messages else None,
        **{words: _yes(intents & asked) for words, asked in _ASKED.items()},
        "has a cart": _yes(any(opened < at for opened in record.carts)),
        "promised a call": _yes(any(made < at for made in record.promises)),
        "wanted a person": _yes(any(reason == "asked" and when < at for reason, when in record.handoffs)),
    }


def _yes(it_is: object) -> str:
    return "yes" if it_is else "no"
