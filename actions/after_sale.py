"""After the sale: where an order is, changing, cancelling and returning it, and the shop's terms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actions.checkout_details import read_details
from actions.sales_action import SalesAction
from actions.turn import Turn
from actions.wording import day, listed, local
from actions.yes_no import says_no, says_yes
from crm_store import after_sale as requests
from crm_store import catalog, orders
from crm_store.errors import OrderNotFound
from crm_store.tables import Order, OrderStatus, RequestKind

MOST_LOOKUPS = 5  # failed ones in a conversation, so that nobody can try numbers until one fits


class OrderAction(SalesAction):
    """An action about one order: it finds the order this person may see, or asks for number and contact."""

    def answer(self, turn: Turn) -> None:
        details = read_details(turn.text, turn.shop.country)
        number = turn.understood.arguments.get("number") or turn.mentions.get("order_number")
        order = find_order(turn, number, details.email or details.phone)
        if order is None:
            ask_for_order(turn, self.intent, number)
            return
        ORDER_ANSWERS[self.intent](turn, order)


class ActionTrackOrder(OrderAction):
    intent = "track_order"


class ActionCancelOrder(OrderAction):
    intent = "cancel_order"


class ActionChangeOrder(OrderAction):
    intent = "change_order"


class ActionRequestRefund(OrderAction):
    intent = "request_refund"


class ActionTrackRefund(OrderAction):
    intent = "track_refund"


class ActionAskInvoice(OrderAction):
    intent = "ask_invoice"


class ActionPaymentIssue(SalesAction):
    intent = "payment_issue"

    def answer(self, turn: Turn) -> None:
        requests.open_request(turn.session, RequestKind.PAYMENT, None, turn.conversation, turn.text, turn.now)
        turn.say("utter_payment_issue")
        turn.offer(turn.phrase("utter_button_human"), "talk_to_human")
        turn.outcome = "request_opened"


class ActionAskDelivery(SalesAction):
    intent = "ask_delivery"

    def answer(self, turn: Turn) -> None:
        shop = turn.shop
        free = shop.free_delivery_from
        turn.say(
            "utter_delivery_free_from" if free else "utter_delivery",
            first=shop.delivery_days_min, last=shop.delivery_days_max,
            fee=turn.money(shop.delivery_fee), free_from=turn.money(free) if free else "",
        )  # fmt: skip


class ActionAskReturnPolicy(SalesAction):
    intent = "ask_return_policy"

    def answer(self, turn: Turn) -> None:
        turn.say("utter_return_policy", days=turn.shop.return_days)


class ActionAskPaymentMethods(SalesAction):
    intent = "ask_payment_methods"

    def answer(self, turn: Turn) -> None:
        methods = [turn.phrase(f"utter_payment_{code}") for code in turn.shop.payment_methods]
        turn.say("utter_payment_methods", methods=listed(methods, turn.language))


class ActionAskWarranty(SalesAction):
    intent = "ask_warranty"

    def answer(self, turn: Turn) -> None:
        turn.say("utter_warranty", months=turn.shop.warranty_months)


def find_order(turn: Turn, number: str | None, contact: str | None) -> Order | None:
    """The order of this conversation, or by its number and a contact on it; None when too little was told."""
    own = orders.orders_of_conversation(turn.session, turn.conversation.id)
    if not number and not own:
        return None
    if number and not contact and not any(order.number == number for order in own):
        return None
    if not own and turn.conversation.pending.get("failed_lookups", 0) >= MOST_LOOKUPS:
        raise OrderNotFound(number=number)
    return orders.order_for(turn.session, turn.conversation, number, contact)


def ask_for_order(turn: Turn, then: str, number: str | None) -> None:
    turn.say("utter_ask_order_contact" if number else "utter_ask_order_reference", number=number)
    turn.ask("order", then=then, number=number)
    turn.outcome = "asked"


def takes_order_reference(turn: Turn, question: dict[str, Any]) -> bool:
    """Take the number and the contact, together or one after the other."""
    details = read_details(turn.text, turn.shop.country)
    contact = details.email or details.phone or question.get("contact")
    number = turn.mentions.get("order_number") or question.get("number")
    if not (turn.mentions.get("order_number") or details.email or details.phone):
        if details.problem:
            turn.say(f"utter_error_{details.problem.code}", **details.problem.facts)
            turn.ask("order", **{k: v for k, v in question.items() if k != "kind"})
            return True
        return False
    if not (number and contact):
        turn.say("utter_ask_order_contact" if number else "utter_ask_order_number", number=number)
        turn.ask("order", then=question["then"], number=number, contact=contact)
        turn.outcome = "asked"
        return True
    _look_up(turn, question["then"], number, contact)
    return True


def takes_cancel_confirmation(turn: Turn, question: dict[str, Any]) -> bool:
    order = orders.order_for(turn.session, turn.conversation, question["number"], question.get("contact"))
    if says_yes(turn) or turn.intent == "cancel_order":
        requests.cancel_order(turn.session, order, turn.now)
        turn.say("utter_order_cancelled", number=order.number)
        turn.outcome = "order_cancelled"
        return True
    if says_no(turn) or turn.intent == "stop":
        turn.say("utter_order_kept", number=order.number)
        return True
    return False


def takes_request_details(turn: Turn, question: dict[str, Any]) -> bool:
    """Whatever is typed next is the detail, unless it is taken back."""
    order = orders.order_for(turn.session, turn.conversation, question["number"], question.get("contact"))
    if turn.intent == "stop":
        turn.say("utter_order_kept", number=order.number)
        return True
    if RequestKind(question["request"]) is RequestKind.RETURN:
        requests.request_return(turn.session, order, turn.conversation, turn.text, turn.now)
        turn.say("utter_return_requested", number=order.number, days=turn.shop.return_days)
    else:
        requests.open_request(
            turn.session, RequestKind(question["request"]), order, turn.conversation, turn.text, turn.now
        )
        turn.say("utter_change_requested", number=order.number)
    turn.outcome = "request_opened"
    return True


def _look_up(turn: Turn, then: str, number: str, contact: str) -> None:
    failed = turn.conversation.pending.get("failed_lookups", 0)
    try:
        if failed >= MOST_LOOKUPS:
            raise OrderNotFound(number=number)
        order = orders.order_for(turn.session, turn.conversation, number, contact)
    except OrderNotFound as error:
        # Counted here, not by the error: an error takes back all that its turn has written.
        turn.conversation.pending = {**turn.conversation.pending, "failed_lookups": failed + 1}
        turn.say("utter_error_order_not_found", **error.facts)
        turn.outcome = error.code
        return
    ORDER_ANSWERS[then](turn, order)


def say_status(turn: Turn, order: Order) -> None:
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


def _confirm_cancel(turn: Turn, order: Order) -> None:
    if order.status is not OrderStatus.PLACED:
        requests.cancel_order(turn.session, order, turn.now)  # raises the sentence that says why not
    turn.say("utter_cancel_sure", number=order.number, total=turn.money(order.total))
    turn.ask("cancel_order", number=order.number, contact=order.email or order.phone)
    turn.offer(turn.phrase("utter_button_cancel_order"), "affirm")
    turn.offer(turn.phrase("utter_button_keep_order"), "deny")
    turn.outcome = "asked"


def _ask_why_return(turn: Turn, order: Order) -> None:
    requests.check_returnable(turn.session, order, turn.now)
    _ask_request_details(RequestKind.RETURN, "utter_return_why")(turn, order)


def _ask_request_details(kind: RequestKind, response: str) -> Callable[[Turn, Order], None]:
    def ask(turn: Turn, order: Order) -> None:
        turn.say(response, number=order.number)
        turn.ask("request_details", request=kind.value, number=order.number, contact=order.email or order.phone)
        turn.outcome = "asked"

    return ask


def _track_refund(turn: Turn, order: Order) -> None:
    response = "utter_refund_status" if order.status is OrderStatus.RETURNED else "utter_refund_none"
    turn.say("utter_refund_cancelled" if order.status is OrderStatus.CANCELLED else response, number=order.number)


def _send_invoice(turn: Turn, order: Order) -> None:
    requests.open_request(turn.session, RequestKind.INVOICE, order, turn.conversation, turn.text, turn.now)
    turn.say("utter_invoice_requested", number=order.number)
    turn.outcome = "request_opened"


ORDER_ANSWERS: dict[str, Callable[[Turn, Order], None]] = {
    "track_order": say_status,
    "cancel_order": _confirm_cancel,
    "change_order": _ask_request_details(RequestKind.CHANGE, "utter_change_what"),
    "request_refund": _ask_why_return,
    "track_refund": _track_refund,
    "ask_invoice": _send_invoice,
}
