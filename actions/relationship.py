"""The relationship: a person to talk to, complaints, opting out and being forgotten."""

from __future__ import annotations

from typing import Any

from actions.checkout_details import read_details
from actions.contact_details import keep_contact
from actions.sales_action import SalesAction
from actions.turn import Turn
from actions.yes_no import says_no, says_yes
from crm_store import after_sale as requests
from crm_store import conversations, leads, orders, privacy
from crm_store.tables import Customer, RequestKind


class ActionTalkToHuman(SalesAction):
    intent = "talk_to_human"

    def answer(self, turn: Turn) -> None:
        hand_off(turn, "asked", "utter_handoff")


class ActionComplaint(SalesAction):
    intent = "complaint"

    def answer(self, turn: Turn) -> None:
        own = orders.orders_of_conversation(turn.session, turn.conversation.id)
        order = own[-1] if own else None
        requests.open_request(turn.session, RequestKind.COMPLAINT, order, turn.conversation, turn.text, turn.now)
        hand_off(turn, "complaint", "utter_complaint")


class ActionOptOut(SalesAction):
    intent = "opt_out"

    def answer(self, turn: Turn) -> None:
        privacy.opt_out(turn.session, turn.conversation, turn.now)
        turn.say("utter_opted_out")
        turn.outcome = "opted_out"


class ActionEraseMyData(SalesAction):
    intent = "erase_my_data"

    def answer(self, turn: Turn) -> None:
        turn.say("utter_erase_sure")
        turn.ask("erase")
        turn.offer(turn.phrase("utter_button_erase"), "affirm")
        turn.offer(turn.phrase("utter_button_not_now"), "deny")
        turn.outcome = "asked"


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
    details = read_details(turn.text, turn.shop.country)
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
    if says_yes(turn) or turn.intent == "erase_my_data":
        counts = privacy.erase_person(turn.session, turn.conversation, turn.now)
        turn.session.refresh(turn.conversation)
        turn.message.text = ""
        turn.say("utter_erased_to_check" if counts.get("left_to_check") else "utter_erased")
        turn.outcome = "erased"
        return True
    if says_no(turn) or turn.intent == "stop":
        turn.say("utter_erase_not")
        return True
    return False


def known_contact(turn: Turn) -> str | None:
    if turn.conversation.customer_id:
        customer = turn.session.get_one(Customer, turn.conversation.customer_id)
        if contact := customer.email or customer.phone:
            return contact
    lead = leads.lead_of(turn.session, turn.conversation.id)
    return (lead.email or lead.phone) if lead else None
