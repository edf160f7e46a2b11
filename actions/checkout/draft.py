"""The details of an order as far as they are known: what is put in, and what is still to be asked."""

from __future__ import annotations

from typing import Any

from actions.checkout import addresses
from actions.checkout.details import Details

MOST_TOWN_QUESTIONS = 2  # then the address is taken as it is


def next_step(draft: dict[str, Any]) -> str:
    if not draft.get("name"):
        return "name"
    if not (draft.get("email") or draft.get("phone")):
        return "contact"
    if not draft.get("address"):
        return "address"
    asked = draft.get("town_questions", 0)
    return "confirm" if addresses.is_complete(draft["address"]) or asked >= MOST_TOWN_QUESTIONS else "address_more"


def fill(draft: dict[str, Any], details: Details) -> bool:
    """Put every detail found into the draft; False when there was none. A name once given is changed by correcting."""
    new = {
        "name": None if draft.get("name") else details.name,
        "email": details.email,
        "phone": details.phone,
        "address": details.address,
    }
    put(draft, {name: value for name, value in new.items() if value})
    if details.postcode and draft.get("address"):
        draft["address"] = addresses.completed(draft["address"], details.postcode)
    return any(new.values()) or bool(details.postcode and draft.get("address"))


def put(draft: dict[str, Any], new: dict[str, str]) -> None:
    if "address" in new:
        draft["town_questions"] = 0
        if old := draft.get("address"):
            new["address"] = _with_pieces(old, new["address"])
    draft.update(new)


def _with_pieces(old: str, new: str) -> str:
    """The new address, unless it or the old one is only a piece: "London" before or after "12 High Street"."""
    if addresses.is_fragment(old):
        return addresses.completed(new, old)
    return addresses.completed(old, new) if addresses.is_fragment(new) else new
