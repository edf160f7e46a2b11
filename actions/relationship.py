"""The relationship: a person to talk to, complaints, opting out and being forgotten."""

from __future__ import annotations

from typing import Any

from actions import plain_words as words
from actions.browsing.needs import understand_needs
from actions.browsing.showing import show_or_ask
from actions.checkout.contact_details import keep_contact
from actions.checkout.details import read_details
from actions.orders.changes import change_wish
from actions.orders.lookup import number_said, order_without_contact
from actions.sales_action import SalesAction
from actions.turn import Turn
from actions.yes_no import says_no, says_yes
from crm_store import after_sale as requests
from crm_store import conversations, followups, leads, orders, privacy
from crm_store.erasing.rows import erase_person
from crm_store.tables import Customer, Order, RequestKind, ServiceRequest

# More of a complaint, rather than a wish of its own.
_MORE_OF_IT = frozenset("complaint out_of_scope give_contact_details track_order payment_issue".split())
# Wishes that words must name; without them, a message with an order number only tells more.
_NAMED_WISHES = frozenset("cancel_order change_order request_refund".split())
# Where a report of something broken may be hidden by a wrong guess; returning and the warranty have their answers.
_HIDES_DEFECT = frozenset(
    "out_of_scope state_need refine_need ask_product_info give_contact_details reject_offer".split()
)


class ActionTalkToHuman(SalesAction):
    intent = "talk_to_human"

    def answer(self, turn: Turn) -> None:
        if not words.said(words.REFUSES_PERSON, turn.text):
            hand_off(turn, "asked", "utter_handoff")
        elif understand_needs(turn):
            show_or_ask(turn)
        else:
            turn.say("utter_no_handoff")


class ActionComplaint(SalesAction):
    intent = "complaint"

    def answer(self, turn: Turn) -> None:
        file_complaint(turn)


class ActionOptOut(SalesAction):
    intent = "opt_out"

    def answer(self, turn: Turn) -> None:
        if words.said(words.STAYS_SUBSCRIBED, turn.text):
            turn.say("utter_opted_out_not")
            return
        if words.refuses_one_call(turn.text):
            _refuse_call(turn)
            return
        privacy.opt_out(turn.session, turn.conversation, turn.now, turn.text)
        turn.say("utter_opted_out")
        turn.outcome = "opted_out"


class ActionEraseMyData(SalesAction):
    intent = "erase_my_data"

    def answer(self, turn: Turn) -> None:
        if words.denies_deleting(turn.text):
            turn.say("utter_erase_not")
        elif not turn.understood.arguments and not words.said(words.DELETES, turn.text):
            # Asking to see or export the data is no wish to lose it.
            turn.say("utter_privacy")
            turn.offer(turn.phrase("utter_button_human"), "talk_to_human")
        else:
            _ask_to_erase(turn)


class ActionAccountHelp(SalesAction):
    intent = "account_help"

    def answer(self, turn: Turn) -> None:
        turn.say("utter_account_help")
        turn.offer(turn.phrase("utter_button_human"), "talk_to_human")


def hand_off(turn: Turn, reason: str, response: str) -> None:
    """Call a person, with a summary of what was wanted, and ask once how to reach the customer."""
    lead = leads.lead_of(turn.session, turn.conversation.id)
    summary = "\n".join(part for part in (lead.summary if lead else "", turn.text) if part)
    conversations.request_handoff(turn.session, turn.conversation, reason, summary, turn.now)
    turn.say(response)
    turn.outcome = "handed_off"
    if "contact" not in turn.conversation.asked and not known_contact(turn):
        turn.say("utter_handoff_contact")
        turn.ask("handoff_contact")
        turn.mark_asked(["contact"])


def takes_handoff_contact(turn: Turn, question: dict[str, Any]) -> bool:
    details = read_details(turn.text, turn.countries)
    if details.problem and not (details.email or details.phone):
        turn.say(f"utter_error_{details.problem.code}", **details.problem.facts)
        turn.ask("handoff_contact")
        return True
    if not (details.email or details.phone):
        return False
    keep_contact(turn, details.name, details.email, details.phone)
    turn.say("utter_handoff_contact_kept", contact=details.email or details.phone)
    turn.outcome = "contact_kept"
    return True


def takes_erase_confirmation(turn: Turn, question: dict[str, Any]) -> bool:
    """Only a clear yes erases; a question is answered and the answer waited for."""
    if (
        (turn.understood.button and turn.intent == "affirm")
        or not words.is_question(turn.text)
        and _agrees_to_erase(turn)
    ):
        counts = erase_person(turn.session, turn.conversation, turn.now)
        turn.session.refresh(turn.conversation)
        turn.message.text = ""
        turn.say("utter_erased_to_check" if counts.get("left_to_check") else "utter_erased")
        turn.outcome = "erased"
        return True
    if words.is_question(turn.text):
        if turn.intent != "erase_my_data" and not words.said(words.ABOUT_DATA, turn.text):
            return False
        turn.say("utter_privacy")
        _ask_to_erase(turn)
        return True
    if words.denies_deleting(turn.text) or says_no(turn) or turn.intent == "stop":
        turn.say("utter_erase_not")
        return True
    return False


def _agrees_to_erase(turn: Turn) -> bool:
    return not words.denies_deleting(turn.text) and (says_yes(turn) or words.surely_deletes(turn.text))


def takes_complaint_more(turn: Turn, question: dict[str, Any]) -> bool:
    """Add an order number, a contact or more words to the complaint that was just made."""
    details = read_details(turn.text, turn.countries)
    contact, number = details.email or details.phone, number_said(turn, details)
    is_more = turn.intent in _MORE_OF_IT or turn.intent in _NAMED_WISHES and not _names_wish(turn)
    if (
        not contact
        and not is_more
        or _wants_person(turn)
        or words.only_asks(turn.text)
        or words.calls_for_somebody(turn.text)
    ):
        return False
    if contact:
        keep_contact(turn, details.name, details.email, details.phone)
    complaint = turn.session.get_one(ServiceRequest, question["request"])
    requests.add_to_request(turn.session, complaint, turn.text, _order_complained_of(turn, number))
    turn.say("utter_complaint_added")
    if contact:
        turn.say("utter_handoff_contact_kept", contact=contact)
    turn.ask("complaint_more", request=complaint.id)
    turn.outcome = "complaint_added"
    return True


def _names_wish(turn: Turn) -> bool:
    text = turn.text
    return words.asks_to_cancel(text) or words.said(words.SENDS_BACK, text) or change_wish(text, turn.countries)[0]


def _wants_person(turn: Turn) -> bool:
    """A person is called again when the customer asks for one; "nobody answers" is more of the complaint."""
    asks_for_one = turn.intent == "talk_to_human" or words.said(words.WANTS_PERSON, turn.text)
    return asks_for_one and not words.said(words.REFUSES_PERSON, turn.text)


def takes_defect_report(turn: Turn) -> bool:
    """Something bought is broken, in words that were taken for something else: sympathy first, and a person."""
    if turn.intent not in _HIDES_DEFECT or turn.checkout or not words.reports_defect(turn.text):
        return False
    file_complaint(turn)
    return True


def takes_wish_for_person(turn: Turn) -> bool:
    """ "I want to speak to a human", taken for something else."""
    if turn.checkout or not words.said(words.WANTS_PERSON, turn.text) or not _wants_person(turn):
        return False
    if words.only_asks(turn.text) or turn.intent == "book_followup":
        return False
    hand_off(turn, "asked", "utter_handoff")
    return True


def takes_call_for_somebody(turn: Turn) -> bool:
    """ "Hello? Anyone there?" while a person is awaited."""
    if not words.calls_for_somebody(turn.text) or turn.understood.needs:
        return False
    if not followups.person_awaited(turn.session, turn.conversation.id):
        return False
    turn.say("utter_handoff_waiting")
    turn.outcome = "handed_off"
    return True


def file_complaint(turn: Turn, order: Order | None = None, said: str | None = None) -> None:
    """Record a complaint, against the order it names, and call a person; what is said next may belong to it.

    `said` are its words when they are from a message before.
    """
    details = read_details(turn.text, turn.countries)
    contact = details.email or details.phone
    if contact:
        keep_contact(turn, None, details.email, details.phone)
    order = order or _order_complained_of(turn, number_said(turn, details))
    said = said or turn.text
    complaint = requests.open_request(turn.session, RequestKind.COMPLAINT, order, turn.conversation, said, turn.now)
    broken = words.reports_defect(said) or words.came_wrong(said)
    hand_off(turn, "complaint", "utter_complaint_defect" if broken else "utter_complaint")
    if order is None:
        turn.say("utter_complaint_order")
    turn.ask("complaint_more", request=complaint.id)


def _order_complained_of(turn: Turn, number: str | None) -> Order | None:
    """The order of a complaint: the one named, or the one talked about. Nothing of it is told to who names it."""
    if order := order_without_contact(turn, number):
        return order
    return requests.order_named(turn.session, orders.order_number(number)) if number else None


def _refuse_call(turn: Turn) -> None:
    """ "Don't call me" takes back a call that is booked, and unsubscribes nobody."""
    calls = [p for p in followups.planned(turn.session, turn.conversation.id) if p.kind == "call"]
    for call in calls:
        followups.cancel(turn.session, call)
    if calls:
        turn.say("utter_calls_cancelled")
        turn.outcome = "follow_up_cancelled"
        return
    say_no_call_booked(turn)


def say_no_call_booked(turn: Turn) -> None:
    """ "Don't call me" where no call is booked: that unsubscribes only who says so."""
    turn.say("utter_no_call_booked")
    turn.offer(turn.phrase("utter_button_unsubscribe"), "opt_out")


def _ask_to_erase(turn: Turn) -> None:
    turn.say("utter_erase_sure")
    turn.ask("erase", message=turn.message.id)
    turn.offer(turn.phrase("utter_button_erase"), "affirm")
    turn.offer(turn.phrase("utter_button_not_now"), "deny")
    turn.outcome = "asked"


def known_contact(turn: Turn) -> str | None:
    if turn.conversation.identified and turn.conversation.customer_id:
        customer = turn.session.get_one(Customer, turn.conversation.customer_id)
        if contact := customer.email or customer.phone:
            return contact
    lead = leads.lead_of(turn.session, turn.conversation.id)
    return (lead.email or lead.phone) if lead else None
