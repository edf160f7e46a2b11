"""A name, an e-mail address or a phone number that a customer leaves with the shop."""

from __future__ import annotations

from actions.checkout.details import read_details
from actions.sales_action import SalesAction
from actions.turn import Turn
from crm_store import leads


class ActionGiveContactDetails(SalesAction):
    """Notes a contact for the lead. Details for an order never come here: they start the checkout."""

    intent = "give_contact_details"

    def answer(self, turn: Turn) -> None:
        details = read_details(turn.text, turn.countries)
        contact = details.contact
        if details.problem and not contact:
            turn.say(f"utter_error_{details.problem.code}", **details.problem.facts)
        elif not (contact or details.name):
            turn.say("utter_address_at_checkout" if details.address else "utter_contact_unclear")
        else:
            keep_contact(turn, details.name, details.email, details.phone)
            turn.say("utter_contact_kept" if contact else "utter_name_kept", contact=contact, name=details.name)
            turn.outcome = "contact_kept"


def keep_contact(turn: Turn, name: str | None, email: str | None, phone: str | None) -> None:
    leads.capture_lead(turn.session, turn.conversation, wants=turn.conversation.needs, now=turn.now)
    leads.add_contact(turn.session, turn.conversation, name=name, email=email, phone=phone, now=turn.now)
