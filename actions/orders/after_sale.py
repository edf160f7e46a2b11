"""After the sale: where an order is, changing, cancelling and returning it, and the shop's terms."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actions import plain_words as words
from actions.calls.booked import changes_planned
from actions.checkout.details import read_details
from actions.orders.lookup import (
    MOST_LOOKUPS,
    ask_for_order,
    known_order,
    look_up,
    number_said,
    order_without_contact,
    takes_reference,
)
from actions.orders.mentions import takes_order_mention
from actions.orders.requests import answer_about, takes_cancel_confirmation, takes_request_details
from actions.relationship import file_complaint
from actions.sales_action import SalesAction
from actions.turn import Turn
from actions.wording import listed
from crm_store import after_sale as requests
from crm_store.tables import RequestKind

__all__ = ["MOST_LOOKUPS", "takes_cancel_confirmation", "takes_order_mention", "takes_request_details"]


class OrderAction(SalesAction):
    """An action about one order: it finds the order this person may see, or asks for number and contact."""

    def answer(self, turn: Turn) -> None:
        details = read_details(turn.text, turn.countries)
        number, contact = number_said(turn, details), details.email or details.phone
        if not number and not contact and answers_in_general(turn, self.intent):
            return
        order = order_without_contact(turn, number)
        if order is None and number and contact:
            order = look_up(turn, number, contact)
            if order is None:
                turn.ask("order", then=self.intent, number=number, contact=contact, words=turn.text)
                return
        if order is None:
            if self.intent == "request_refund" and words.mentions_defect(turn.text):
                turn.say("utter_sorry_defect")
            ask_for_order(turn, self.intent, number, contact)
        else:
            answer_about(turn, self.intent, order)


class ActionTrackOrder(OrderAction):
    intent = "track_order"


class ActionCancelOrder(OrderAction):
    intent = "cancel_order"

    def answer(self, turn: Turn) -> None:
        """Not every message with this intent cancels: a denial keeps the order, a call is no order."""
        if words.denies_cancelling(turn.text) and not words.asks_to_cancel(turn.text):
            order = order_without_contact(turn, turn.mentions.get("order_number"))
            turn.say("utter_order_kept" if order else "utter_nothing_cancelled", number=order.number if order else "")
        elif words.said(words.ABOUT_A_CALL, turn.text) and changes_planned(turn):
            return
        elif words.said(words.CUSTOMER_IS_ANGRY, turn.text) and not words.said(words.CANCEL, turn.text):
            file_complaint(turn)
        else:
            super().answer(turn)


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
        if words.asks_about_customs(turn.text) and answers_in_general(turn, self.intent):
            return
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


def takes_order_reference(turn: Turn, question: dict[str, Any]) -> bool:
    """Take the number and the contact, together or one after the other, and go on with what was wanted."""
    found = takes_reference(turn, question)
    if found is False:
        return False
    if found is not None:
        answer_about(turn, question["then"], found, question.get("words"))
    return True


def answers_in_general(turn: Turn, intent: str) -> bool:
    """Answer a question about how something works with the shop's terms, before any order number is asked for."""
    if words.asks_about_customs(turn.text):
        turn.say("utter_customs")
        turn.offer(turn.phrase("utter_button_human"), "talk_to_human")
        return True
    if intent not in GENERAL_ANSWERS or not words.asks_policy(turn.text):
        return False
    order = known_order(turn)
    if order is not None and intent != "request_refund":
        return False
    GENERAL_ANSWERS[intent](turn)
    if order is None and not turn.checkout:  # the answer says what to tell: then it is known what for
        turn.ask("order", then=intent, number=None, contact=None, words=turn.text)
    if order is not None:
        turn.offer(turn.phrase("utter_button_return_order", number=order.number), "request_refund", number=order.number)
    return True


def _say_return_terms(turn: Turn) -> None:
    turn.say("utter_return_policy", days=turn.shop.return_days)
    turn.say("utter_return_how")


GENERAL_ANSWERS: dict[str, Callable[[Turn], None]] = {
    "track_order": lambda turn: turn.say("utter_track_how"),
    "cancel_order": lambda turn: turn.say("utter_cancel_how"),
    "request_refund": _say_return_terms,
    "track_refund": lambda turn: turn.say("utter_refund_how"),
    "ask_invoice": lambda turn: turn.say("utter_invoice_how"),
}
