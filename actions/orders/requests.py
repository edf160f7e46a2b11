"""What is done about an order once it is known: its status, cancelling, changing, returning, the invoice."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from actions import plain_words as words
from actions.orders.changes import change_wish
from actions.orders.lookup import remember_order
from actions.relationship import file_complaint
from actions.topics import note_topic
from actions.turn import Turn
from actions.wording import day, listed, local
from actions.yes_no import denies, says_no, says_yes
from crm_store import after_sale as requests
from crm_store import catalog, orders
from crm_store.errors import OrderCannotChange
from crm_store.tables import Order, OrderStatus, RequestKind

# Taken back instead of explained; "don't want it any more" is a reason to return something.
_TAKEN_BACK = re.compile(
    r"\W*(?:no|nope|no thanks?|never ?mind|forget it|leave it|keep it|cancel that"
    r"|不用了?|不|算了.{0,8}|不[退改换]了.{0,6}|先不.{0,6})\W*",
    re.IGNORECASE,
)


def answer_about(turn: Turn, then: str, order: Order, said: str | None = None) -> None:
    """Go on with a wish (an intent of ORDER_ANSWERS) about an order; `said` are the words of the wish."""
    remember_order(turn, order)
    said = said if said is not None else turn.text
    if _came_wrong(turn, then, order, said):
        file_complaint(turn, order, said)
    else:
        ORDER_ANSWERS[then](turn, order, said)


def _came_wrong(turn: Turn, then: str, order: Order, said: str) -> bool:
    """Whether it is here and not as it should be, where the answer would be that it has not been sent yet."""
    if then not in ("track_order", "change_order", "request_refund") or not words.came_wrong(said):
        return False
    if then != "request_refund":
        return True
    return requests.why_no_return(turn.session, order, turn.now) == "not_sent"


def takes_cancel_confirmation(turn: Turn, question: dict[str, Any]) -> bool:
    """Cancel on a clear yes, keep on any denial, ask again when in doubt; nothing else is touched."""
    order = orders.order_for(turn.session, turn.conversation, question["number"], question.get("contact"))
    note_topic(turn, "order")
    if (number := turn.mentions.get("order_number")) and orders.order_number(number) != order.number:
        return False
    names_it = words.said(words.CANCEL, turn.text)
    if (turn.understood.button and turn.intent == "affirm") or _agrees_to_cancel(turn):
        requests.cancel_order(turn.session, order, turn.now)
        turn.say("utter_order_cancelled", number=order.number)
        turn.outcome = "order_cancelled"
        return True
    if words.only_asks(turn.text):
        return names_it and turn.intent == "cancel_order" and _confirm_cancel(turn, order, turn.text)
    if says_no(turn) or turn.intent == "stop" or names_it and denies(words.CANCEL.sub(" ", turn.text)):
        turn.say("utter_order_kept", number=order.number)
        return True
    return turn.intent == "cancel_order" and _confirm_cancel(turn, order, turn.text)


def _agrees_to_cancel(turn: Turn) -> bool:
    """A yes, or "cancel it" once more; the word itself is no denial here."""
    if words.is_question(turn.text) or words.denies_cancelling(turn.text):
        return False
    if says_yes(turn):
        return True
    rest = words.CANCEL.sub(" ", turn.text)
    asked_again = words.asks_to_cancel(turn.text) and turn.intent in ("affirm", "cancel_order", "stop")
    return asked_again and not denies(rest) and not words.ABOUT_A_CALL.search(rest)


def takes_request_details(turn: Turn, question: dict[str, Any]) -> bool:
    """Whatever is typed next is the detail, unless it is taken back or asks for something."""
    order = orders.order_for(turn.session, turn.conversation, question["number"], question.get("contact"))
    note_topic(turn, "order")
    if turn.intent == "stop" or _TAKEN_BACK.fullmatch(turn.text):
        turn.say("utter_order_kept", number=order.number)
        return True
    if words.only_asks(turn.text):
        return False
    if RequestKind(question["request"]) is RequestKind.RETURN:
        _file_return(turn, order, turn.text)
    else:
        _file_change(turn, order, turn.text)
    return True


def say_status(turn: Turn, order: Order, said: str = "") -> None:
    names = [_line_name(turn, order, line) for line in order.lines]
    placed = day(local(order.placed_at, turn.conversation.timezone), turn.language)
    earliest, latest = orders.estimated_delivery(order, turn.shop)
    turn.say(
        f"utter_status_{order.status.value}",
        number=order.number, placed=placed, total=turn.money(order.total),
        items=listed(names, turn.language, "standard"),
        earliest=day(earliest, turn.language), latest=day(latest, turn.language),
    )  # fmt: skip
    turn.outcome = "order_found"


def _line_name(turn: Turn, order: Order, line: Any) -> str:
    item = catalog.items_by_sku(turn.session, [line.variant.sku]).get(line.variant.sku)
    name = item.title(turn.language) if item else line.variant.sku
    return name if line.quantity == 1 else f"{line.quantity} × {name}"


def _confirm_cancel(turn: Turn, order: Order, said: str) -> bool:
    if words.said(words.CANCELLED_ALREADY, said):
        say_status(turn, order)
        return True
    if order.status is not OrderStatus.PLACED:
        requests.cancel_order(turn.session, order, turn.now)  # raises the sentence that says why not
    turn.say("utter_cancel_sure", number=order.number, total=turn.money(order.total))
    turn.ask("cancel_order", number=order.number, contact=order.email or order.phone, message=turn.message.id)
    turn.offer(turn.phrase("utter_button_cancel_order"), "affirm")
    turn.offer(turn.phrase("utter_button_keep_order"), "deny")
    turn.outcome = "asked"
    return True


# --- changes -------------------------------------------------------------------------------------


def _change(turn: Turn, order: Order, said: str) -> None:
    if order.status not in (OrderStatus.PLACED, OrderStatus.SHIPPED):
        raise OrderCannotChange(order.number, order.status.value)
    if change_wish(said, turn.countries)[0]:
        _file_change(turn, order, said)
    else:
        _ask_details(turn, order, RequestKind.CHANGE, "utter_change_what")


def _file_change(turn: Turn, order: Order, said: str) -> None:
    address = change_wish(said, turn.countries)[1]
    details = f"{said}\nNew address: {address}" if address else said
    requests.open_request(turn.session, RequestKind.CHANGE, order, turn.conversation, details, turn.now)
    turn.say(
        "utter_change_requested_address" if address else "utter_change_requested", number=order.number, address=address
    )
    turn.outcome = "request_opened"


# --- returns -------------------------------------------------------------------------------------


def _return(turn: Turn, order: Order, said: str) -> None:
    requests.check_returnable(turn.session, order, turn.now)
    if words.mentions_defect(said):
        turn.say("utter_sorry_defect")
        _file_return(turn, order, said)  # the reason has been told
    else:
        _ask_details(turn, order, RequestKind.RETURN, "utter_return_why")


def _file_return(turn: Turn, order: Order, said: str) -> None:
    requests.request_return(turn.session, order, turn.conversation, said, turn.now)
    turn.say("utter_return_requested", number=order.number, days=turn.shop.return_days)
    turn.outcome = "request_opened"


def _ask_details(turn: Turn, order: Order, kind: RequestKind, response: str) -> None:
    turn.say(response, number=order.number)
    turn.ask("request_details", request=kind.value, number=order.number, contact=order.email or order.phone)
    turn.outcome = "asked"


def _track_refund(turn: Turn, order: Order, said: str) -> None:
    response = "utter_refund_status" if order.status is OrderStatus.RETURNED else "utter_refund_none"
    turn.say("utter_refund_cancelled" if order.status is OrderStatus.CANCELLED else response, number=order.number)


def _send_invoice(turn: Turn, order: Order, said: str) -> None:
    requests.open_request(turn.session, RequestKind.INVOICE, order, turn.conversation, said, turn.now)
    turn.say("utter_invoice_requested", number=order.number)
    turn.outcome = "request_opened"


# Each takes the turn, the order and the customer's words, which may be from a message before.
ORDER_ANSWERS: dict[str, Callable[[Turn, Order, str], Any]] = {
    "track_order": say_status,
    "cancel_order": _confirm_cancel,
    "change_order": _change,
    "request_refund": _return,
    "track_refund": _track_refund,
    "ask_invoice": _send_invoice,
}
