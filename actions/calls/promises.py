"""Promises: calls and reminders, booked, moved and taken back in the customer's own time zone."""

from __future__ import annotations

from typing import Any

from actions import plain_words as words
from actions.calls import words as call_words
from actions.calls.booked import (
    KIND_WORDS,
    ask_contact,
    changes_planned,
    facts_of,
    known_in,
    local_now,
    move,
    reach_at,
    say_contact,
    still_planned,
)
from actions.calls.times import (
    VAGUE_GRAINS,
    Known,
    Said,
    can_be_called,
    in_timezone,
    put_together,
    said_moment,
    spoken_timezone,
    timezone_text,
    wants_call_now,
    when_text,
)
from actions.checkout.contact_details import keep_contact
from actions.checkout.details import read_details
from actions.relationship import hand_off, say_no_call_booked
from actions.sales_action import SalesAction
from actions.topics import note_topic
from actions.turn import Turn
from crm_store import followups, leads, orders
from crm_store.tables import Customer, FollowUp


class ActionBookFollowup(SalesAction):
    intent = "book_followup"

    def answer(self, turn: Turn) -> None:
        said = said_moment(turn, turn.conversation.timezone)
        asks_about_it = said is None and words.only_asks(turn.text) and words.said(words.ABOUT_A_CALL, turn.text)
        about_booked = words.asks_to_cancel_call(turn.text) or asks_about_it
        kind = _kind(turn.text)
        if (about_booked or words.said(words.MOVES, turn.text) or _is_booked(turn, kind)) and changes_planned(turn):
            return
        arrange(turn, kind, said)


def _is_booked(turn: Turn, kind: str) -> bool:
    """Whether a promise of this kind stands that another time is for; "another call" is one more."""
    if words.said(call_words.ANOTHER_CALL, turn.text) or kind == "call" and wants_call_now(turn.text):
        return False
    return any(p.kind == kind for p in followups.planned(turn.session, turn.conversation.id))


class ActionChangeFollowup(SalesAction):
    intent = "change_followup"

    def answer(self, turn: Turn) -> None:
        if changes_planned(turn):
            return
        said = said_moment(turn, turn.conversation.timezone)
        if said and not words.asks_to_cancel_call(turn.text) and not words.only_asks(turn.text):
            arrange(turn, _kind(turn.text), said)
        elif words.refuses_one_call(turn.text):
            say_no_call_booked(turn)
        else:
            turn.say("utter_no_follow_up")


# --- booking -------------------------------------------------------------------------------------


def arrange(turn: Turn, kind: str, said: Said | None, known: Known | None = None) -> None:
    """Book what was asked for, or ask for what is missing; "now" is for a person in this chat."""
    known = known or Known()
    if kind == "call" and wants_call_now(turn.text):
        hand_off(turn, "asked", "utter_handoff_now")
        return
    named = spoken_timezone(turn.text) or known.timezone
    if said is None or kind == "call" and said.grain in VAGUE_GRAINS:
        turn.say("utter_follow_up_when")
        _ask_when(turn, kind, Known(known.day, not_before=said.day if said else known.not_before, timezone=named))
        return
    timezone = named or turn.conversation.timezone
    at, grain = put_together(said, known, local_now(turn, timezone))
    due_at = in_timezone(at, timezone)
    if due_at <= turn.now:
        turn.say("utter_moment_past")
        _ask_when(turn, kind, Known(not_before=known.not_before, timezone=named))
    elif kind == "call" and not can_be_called(at):
        turn.say("utter_call_hours")
        day = at.date() if said.names_day else known.day
        _ask_when(turn, kind, Known(day, not_before=known.not_before, timezone=named))
    else:
        details = read_details(turn.text, turn.countries)
        contact = (details.email if kind == "email" else details.phone) or _known_contact(turn, kind)
        promise = followups.book(
            turn.session, turn.conversation, kind=kind, due_at=due_at, grain=grain, timezone=timezone,
            contact=contact, note=turn.text, idempotency_key=f"message-{turn.message.id}", now=turn.now,
        )  # fmt: skip
        _say_booked(turn, promise)


def takes_moment(turn: Turn, question: dict[str, Any]) -> bool:
    """Take the day and the time, or only what was missing of them."""
    kind, known = question["follow_up_kind"], known_in(question)
    said = said_moment(turn, turn.conversation.timezone, answering=True)
    if said or kind == "call" and wants_call_now(turn.text):
        arrange(turn, kind, said, known)
        return True
    details = read_details(turn.text, turn.countries)
    if details.phone or details.email:
        keep_contact(turn, details.name, details.email, details.phone)
        arrange(turn, kind, None, known)
        return True
    return False


def takes_time(turn: Turn, question: dict[str, Any]) -> bool:
    """Take the time for a call that has a day; without one it stays as it is, somewhen on that day."""
    promise = still_planned(turn, question)
    if promise is None or words.asks_to_cancel_call(turn.text):
        return False
    said = said_moment(turn, promise.timezone, answering=True)
    details = read_details(turn.text, turn.countries)
    if details.phone or details.email:
        reach_at(turn, promise, details.phone or details.email)
    elif said is None and turn.intent not in ("no_preference", "undecided", "deny"):
        return False
    if said is None or move(turn, promise, said):
        say_contact(turn, promise)
    return True


def takes_contact(turn: Turn, question: dict[str, Any]) -> bool:
    """Take the number or address to use for a promise that was just made."""
    details = read_details(turn.text, turn.countries)
    contact = details.phone or details.email
    if contact is None:
        promise = still_planned(turn, question)
        if details.problem is None and (promise is None or not details.name or words.is_question(turn.text)):
            return False
        if details.problem:
            turn.say(f"utter_error_{details.problem.code}", **details.problem.facts)
            turn.ask("follow_up_contact", follow_up=question["follow_up"])
        else:
            keep_contact(turn, details.name, None, None)
            turn.say("utter_name_noted", name=details.name)
            ask_contact(turn, promise)
        return True
    promise = turn.session.get_one(FollowUp, question["follow_up"])
    reach_at(turn, promise, contact)
    turn.say("utter_follow_up_contact_kept", contact=contact, when=when_text(turn, promise))
    turn.outcome = "contact_kept"
    return True


def _say_booked(turn: Turn, promise: FollowUp) -> None:
    note_topic(turn, "call")
    zone = timezone_text(turn, promise.timezone)
    turn.say(f"utter_follow_up_{promise.kind}", when=when_text(turn, promise), timezone=zone)
    turn.outcome = "follow_up_booked"
    if promise.kind == "call" and promise.grain == "day":
        turn.say("utter_follow_up_time")
        turn.ask("follow_up_time", follow_up=promise.id)
    else:
        say_contact(turn, promise)


def _ask_when(turn: Turn, kind: str, known: Known) -> None:
    turn.ask("follow_up_when", follow_up_kind=kind, **facts_of(known))
    turn.outcome = "asked"


def _kind(text: str) -> str:
    lowered = text.casefold()
    return next((kind for kind, words in KIND_WORDS.items() if any(word in lowered for word in words)), "call")


def _known_contact(turn: Turn, kind: str) -> str | None:
    """A number or address the customer gave before: for a call a number, if there is one."""
    conversation = turn.conversation
    known: list[str | None] = []
    for order in reversed(orders.orders_of_conversation(turn.session, conversation.id)):
        known += [order.phone, order.email]
    if conversation.identified and conversation.customer_id:
        customer = turn.session.get_one(Customer, conversation.customer_id)
        known += [customer.phone, customer.email]
    if lead := leads.lead_of(turn.session, conversation.id):
        known += [lead.phone, lead.email]
    wants_email = kind == "email"
    return next((c for c in known if c and ("@" in c) == wants_email), None)
