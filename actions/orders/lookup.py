"""Which order a customer means: one of this conversation, one looked up before, or by its number and a contact."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from actions.checkout.details import Details, read_details
from actions.topics import note_topic
from actions.turn import Turn
from crm_store import orders
from crm_store.errors import OrderNotFound
from crm_store.tables import Order

MOST_LOOKUPS = 5  # failed ones in a conversation, so that nobody can try numbers until one fits
_OURS = re.compile(r"SC-?[0-9A-Z]{6}", re.IGNORECASE)
_BARE = re.compile(r"(?<![A-Za-z0-9@.])(?=[A-Za-z]*\d)(?=\d*[A-Za-z])[0-9A-Za-z]{6}(?![A-Za-z0-9@])")


def known_order(turn: Turn) -> Order | None:
    """The order talked about last: the one looked up, or a newer one placed in this conversation."""
    own = orders.orders_of_conversation(turn.session, turn.conversation.id)
    seen = turn.conversation.pending.get("order")
    if seen and not (own and own[0].placed_at > datetime.fromisoformat(seen["at"])):
        try:
            return orders.order_for(turn.session, turn.conversation, seen["number"], seen["contact"])
        except OrderNotFound:  # the contact on it was changed or erased since
            turn.keep_pending("order", None)
    return own[0] if own else None


def remember_order(turn: Turn, order: Order) -> None:
    """Keep an order whose owner has shown to be this person for what they say next."""
    contact = order.email or order.phone
    turn.keep_pending("order", {"number": order.number, "contact": contact, "at": turn.now.isoformat()})
    note_topic(turn, "order")


def order_without_contact(turn: Turn, number: str | None) -> Order | None:
    """The order this conversation may see without telling a contact (again); None when there is none such."""
    known = known_order(turn)
    if number is None:
        return known
    own = orders.orders_of_conversation(turn.session, turn.conversation.id)
    wanted = orders.order_number(number)
    return next((order for order in (known, *own) if order is not None and order.number == wanted), None)


def number_said(turn: Turn, details: Details) -> str | None:
    """The order number of a message; digits that are the phone number are none."""
    number = turn.understood.arguments.get("number") or turn.mentions.get("order_number")
    if not number or is_ours(number):
        return number
    digits = re.sub(r"\D", "", number)
    return None if details.phone and digits and digits.lstrip("0") in details.phone else number


def is_ours(number: str) -> bool:
    return bool(_OURS.fullmatch(number.replace(" ", "")))


def bare_number(text: str) -> str | None:
    """A number as we give them, typed without its "SC-": "j5g77x"."""
    found = _BARE.search(re.sub(r"\S*@\S*", " ", text))
    return f"SC-{found.group().upper()}" if found else None


def look_up(turn: Turn, number: str, contact: str) -> Order | None:
    """The order of this number and contact; None when there is none such, which has been said and counted."""
    failed = turn.conversation.pending.get("failed_lookups", 0)
    try:
        if failed >= MOST_LOOKUPS:
            raise OrderNotFound(number=number)
        order = orders.order_for(turn.session, turn.conversation, number, contact)
    except OrderNotFound as error:
        # Counted here, not by the error: an error takes back all that its turn has written.
        turn.conversation.pending = {**turn.conversation.pending, "failed_lookups": failed + 1}
        turn.say("utter_error_order_not_found", **error.facts)
        turn.offer(turn.phrase("utter_button_human"), "talk_to_human")
        turn.outcome = error.code
        return None
    remember_order(turn, order)
    return order


def ask_for_order(turn: Turn, then: str, number: str | None = None, contact: str | None = None) -> None:
    """Ask for what is missing; the words are kept, so that a wish in them need not be said again."""
    response = {(False, False): "reference", (True, False): "contact", (False, True): "number"}[
        bool(number), bool(contact)
    ]
    turn.say(f"utter_ask_order_{response}", number=number)
    turn.ask("order", then=then, number=number, contact=contact, words=turn.text)
    turn.outcome = "asked"


def takes_reference(turn: Turn, question: dict[str, Any]) -> Order | None | bool:
    """Take number and contact, together or one after the other: the order, None when more is to be told, or False."""
    details = read_details(turn.text, turn.countries)
    said_contact = details.email or details.phone
    said_number = number_said(turn, details) or bare_number(turn.text)
    facts = {"then": question["then"], "words": question.get("words")}
    if not said_number and not said_contact:
        if details.problem is None:
            return False
        turn.say(f"utter_error_{details.problem.code}", **details.problem.facts)
        turn.ask("order", **facts, number=question.get("number"), contact=question.get("contact"))
        return None
    number, contact = said_number or question.get("number"), said_contact or question.get("contact")
    order = order_without_contact(turn, number) if number and not contact else None
    if order is not None:
        return order
    if not (number and contact):
        turn.say("utter_ask_order_contact" if number else "utter_ask_order_number", number=number)
        turn.ask("order", **facts, number=number, contact=contact)
        turn.outcome = "asked"
        return None
    found = look_up(turn, number, contact)
    if found is None:  # a number or a contact that follows is another try
        turn.ask("order", **facts, number=number, contact=contact)
    return found
