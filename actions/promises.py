"""Promises: calls and reminders, booked, moved and taken back in the customer's own time zone."""

from __future__ import annotations

from datetime import date
from typing import Any

from actions import plain_words as words
from actions.call_times import (
    VAGUE_GRAINS,
    Known,
    Said,
    can_be_called,
    in_timezone,
    known_of,
    put_together,
    said_moment,
    timezone_text,
    wants_call_now,
    when_text,
)
from actions.checkout_details import read_details
from actions.contact_details import keep_contact
from actions.relationship import hand_off, say_no_call_booked
from actions.sales_action import SalesAction
from actions.turn import Turn
from actions.wording import local
from crm_store import followups, leads, orders
from crm_store.tables import Customer, FollowUp, FollowUpStatus

KIND_WORDS = {
    "email": ("email", "e-mail", "mail me", "邮件", "邮箱"),
    "message": ("remind", "message me", "text me", "write me", "提醒", "发消息", "短信", "留言"),
    "call": ("call", "phone", "ring me", "电话", "回电", "回访", "通话"),
}
# A moment in a message of these intents is an answer to "when?"; with another intent it may be a date of delivery.
_MAY_SAY_WHEN = frozenset(
    "change_followup book_followup out_of_scope affirm deny give_contact_details refine_need reject_offer".split()
)


class ActionBookFollowup(SalesAction):
    intent = "book_followup"

    def answer(self, turn: Turn) -> None:
        said = said_moment(turn, turn.conversation.timezone)
        about_booked = words.asks_to_cancel_call(turn.text) or said is None and words.only_asks(turn.text)
        if (about_booked or words.said(words.MOVES, turn.text)) and changes_planned(turn):
            return
        arrange(turn, _kind(turn.text), said)


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
    if said is None or kind == "call" and said.grain in VAGUE_GRAINS:
        turn.say("utter_follow_up_when")
        _ask_when(turn, kind, Known(known.day, not_before=said.day if said else known.not_before))
        return
    timezone = turn.conversation.timezone
    at, grain = put_together(said, known, _local_now(turn, timezone))
    due_at = in_timezone(at, timezone)
    if due_at <= turn.now:
        turn.say("utter_moment_past")
        _ask_when(turn, kind, Known(not_before=known.not_before))
    elif kind == "call" and not can_be_called(at):
        turn.say("utter_call_hours")
        _ask_when(turn, kind, Known(at.date() if said.names_day else known.day, not_before=known.not_before))
    else:
        details = read_details(turn.text, turn.shop.country)
        contact = (details.email if kind == "email" else details.phone) or _known_contact(turn, kind)
        promise = followups.book(
            turn.session, turn.conversation, kind=kind, due_at=due_at, grain=grain, timezone=timezone,
            contact=contact, note=turn.text, idempotency_key=f"message-{turn.message.id}", now=turn.now,
        )  # fmt: skip
        _say_booked(turn, promise)


def takes_moment(turn: Turn, question: dict[str, Any]) -> bool:
    """Take the day and the time, or only what was missing of them."""
    kind, known = question["follow_up_kind"], _known_in(question)
    said = said_moment(turn, turn.conversation.timezone, answering=True)
    if said or kind == "call" and wants_call_now(turn.text):
        arrange(turn, kind, said, known)
        return True
    details = read_details(turn.text, turn.shop.country)
    if details.phone or details.email:
        keep_contact(turn, details.name, details.email, details.phone)
        arrange(turn, kind, None, known)
        return True
    return False


def takes_time(turn: Turn, question: dict[str, Any]) -> bool:
    """Take the time for a call that has a day; without one it stays as it is, somewhen on that day."""
    promise = _still_planned(turn, question)
    if promise is None or words.asks_to_cancel_call(turn.text):
        return False
    said = said_moment(turn, promise.timezone, answering=True)
    details = read_details(turn.text, turn.shop.country)
    if details.phone or details.email:
        _reach_at(turn, promise, details.phone or details.email)
    elif said is None and turn.intent not in ("no_preference", "undecided", "deny"):
        return False
    if said is None or _move(turn, promise, said):
        _say_contact(turn, promise)
    return True


def takes_contact(turn: Turn, question: dict[str, Any]) -> bool:
    """Take the number or address to use for a promise that was just made."""
    details = read_details(turn.text, turn.shop.country)
    contact = details.phone or details.email
    if contact is None:
        if details.problem is None:
            return False
        turn.say(f"utter_error_{details.problem.code}", **details.problem.facts)
        turn.ask("follow_up_contact", follow_up=question["follow_up"])
        return True
    promise = turn.session.get_one(FollowUp, question["follow_up"])
    _reach_at(turn, promise, contact)
    turn.say("utter_follow_up_contact_kept", contact=contact, when=when_text(turn, promise))
    turn.outcome = "contact_kept"
    return True


# --- what is booked already ----------------------------------------------------------------------


def changes_planned(turn: Turn) -> bool:
    """Cancel, move or tell what is booked, as the words ask for it; False when nothing is booked."""
    planned = followups.planned(turn.session, turn.conversation.id)
    if not planned:
        return False
    promise, arguments = _meant(turn, planned), turn.understood.arguments
    if "cancel" in arguments or words.asks_to_cancel_call(turn.text) and not _gives_another_time(turn):
        _cancel(turn, promise)
    elif "move" in arguments:
        _ask_new_moment(turn, promise)
    else:
        _change(turn, promise, planned)
    return True


def takes_change(turn: Turn, question: dict[str, Any]) -> bool:
    """After it was told what is booked: another time, another number, or "cancel it"."""
    promise = _still_planned(turn, question)
    if promise is None or turn.understood.needs or turn.mentions.get("order_number"):
        return False
    if words.asks_to_cancel_call(turn.text):
        _cancel(turn, promise)
        return True
    said = said_moment(turn, promise.timezone, answering=True)
    if said is None or turn.intent not in _MAY_SAY_WHEN or words.only_asks(turn.text):
        return False
    _move(turn, promise, said, _known_in(question))
    return True


def _change(turn: Turn, promise: FollowUp, planned: list[FollowUp]) -> None:
    details = read_details(turn.text, turn.shop.country)
    contact = details.email if promise.kind == "email" else details.phone
    said = None if words.only_asks(turn.text) else said_moment(turn, promise.timezone)
    if contact:
        _reach_at(turn, promise, contact)
    if said:
        _move(turn, promise, said)
    if contact:
        turn.say("utter_follow_up_contact_kept", contact=contact, when=when_text(turn, promise))
        turn.outcome = "contact_kept" if not said else turn.outcome
    elif said:
        return
    elif words.denies_cancelling(turn.text) or words.only_asks(turn.text):
        _say_planned(turn, promise, planned)
    elif words.said(words.OTHER_CONTACT, turn.text):
        _ask_contact(turn, promise)
    elif words.said(words.MOVES, turn.text):
        _ask_new_moment(turn, promise)
    else:
        _say_planned(turn, promise, planned)


def _move(turn: Turn, promise: FollowUp, said: Said, known: Known | None = None) -> bool:
    """Move to what was said, keeping what was not; False when it cannot be then, which has been said."""
    before = known_of(promise)
    if known and known.day:
        before = Known(known.day, before.time, before.grain)
    at, grain = put_together(said, before, _local_now(turn, promise.timezone))
    due_at = in_timezone(at, promise.timezone)
    if said.grain == "month":
        _ask_new_moment(turn, promise)
        return False
    if due_at <= turn.now or promise.kind == "call" and not can_be_called(at):
        turn.say("utter_moment_past" if due_at <= turn.now else "utter_call_hours")
        day_said = at.date().isoformat() if said.names_day and due_at > turn.now else None
        turn.ask("follow_up_change", follow_up=promise.id, day=day_said)
        turn.outcome = "asked"
        return False
    followups.move(turn.session, promise, due_at, grain)
    turn.say("utter_follow_up_moved", when=when_text(turn, promise))
    turn.outcome = "follow_up_moved"
    return True


def _cancel(turn: Turn, promise: FollowUp) -> None:
    followups.cancel(turn.session, promise)
    turn.say("utter_follow_up_cancelled", when=when_text(turn, promise))
    turn.outcome = "follow_up_cancelled"


def _meant(turn: Turn, planned: list[FollowUp]) -> FollowUp:
    """The promise a button or the words name, or the one made last."""
    chosen = turn.understood.arguments.get("cancel") or turn.understood.arguments.get("move")
    lowered = turn.text.casefold()
    kinds = [kind for kind, known in KIND_WORDS.items() if any(word in lowered for word in known)]
    fitting = [p for p in planned if p.id == chosen] or [p for p in planned if p.kind in kinds] or planned
    return max(fitting, key=lambda promise: promise.id)


def _gives_another_time(turn: Turn) -> bool:
    """ "Not on Friday, call me on Monday instead" is a move, though it says what is off."""
    return "moment" in turn.mentions and words.said(words.MOVES, turn.text)


# --- what is said --------------------------------------------------------------------------------


def _say_booked(turn: Turn, promise: FollowUp) -> None:
    zone = timezone_text(turn, promise.timezone)
    turn.say(f"utter_follow_up_{promise.kind}", when=when_text(turn, promise), timezone=zone)
    turn.outcome = "follow_up_booked"
    if promise.kind == "call" and promise.grain == "day":
        turn.say("utter_follow_up_time")
        turn.ask("follow_up_time", follow_up=promise.id)
    else:
        _say_contact(turn, promise)


def _say_contact(turn: Turn, promise: FollowUp) -> None:
    if promise.contact:
        turn.say("utter_follow_up_uses", contact=promise.contact)
    elif promise.kind != "message":
        _ask_contact(turn, promise)


def _say_planned(turn: Turn, promise: FollowUp, planned: list[FollowUp]) -> None:
    for one in planned:
        zone = timezone_text(turn, one.timezone)
        turn.say(f"utter_planned_{one.kind}", when=when_text(turn, one), timezone=zone)
    turn.say("utter_planned_may_change")
    turn.offer(turn.phrase("utter_button_move_follow_up"), "change_followup", move=promise.id)
    turn.offer(turn.phrase("utter_button_cancel_follow_up"), "change_followup", cancel=promise.id)
    turn.ask("follow_up_change", follow_up=promise.id)
    turn.outcome = "follow_up_told"


def _ask_new_moment(turn: Turn, promise: FollowUp) -> None:
    turn.say("utter_follow_up_move_when", when=when_text(turn, promise))
    turn.ask("follow_up_change", follow_up=promise.id)
    turn.outcome = "asked"


def _ask_contact(turn: Turn, promise: FollowUp) -> None:
    turn.say("utter_follow_up_ask_email" if promise.kind == "email" else "utter_follow_up_ask_call")
    turn.ask("follow_up_contact", follow_up=promise.id)


def _ask_when(turn: Turn, kind: str, known: Known) -> None:
    days = {"day": known.day, "not_before": known.not_before}
    turn.ask("follow_up_when", follow_up_kind=kind, **{name: d.isoformat() for name, d in days.items() if d})
    turn.outcome = "asked"


def _known_in(question: dict[str, Any]) -> Known:
    days = {name: date.fromisoformat(question[name]) for name in ("day", "not_before") if question.get(name)}
    return Known(**days)


def _still_planned(turn: Turn, question: dict[str, Any]) -> FollowUp | None:
    promise = turn.session.get_one(FollowUp, question["follow_up"])
    return promise if promise.status is FollowUpStatus.PLANNED else None


def _reach_at(turn: Turn, promise: FollowUp, contact: str) -> None:
    followups.reach_at(turn.session, promise, contact)
    email, phone = (contact, None) if "@" in contact else (None, contact)
    keep_contact(turn, read_details(turn.text, turn.shop.country).name, email, phone)


def _local_now(turn: Turn, timezone: str) -> Any:
    return local(turn.now, timezone).replace(tzinfo=None)


def _kind(text: str) -> str:
    lowered = text.casefold()
    return next((kind for kind, words in KIND_WORDS.items() if any(word in lowered for word in words)), "call")


def _known_contact(turn: Turn, kind: str) -> str | None:
    """A number or address the customer gave before: for a call a number, if there is one."""
    conversation = turn.conversation
    known: list[str | None] = []
    for order in reversed(orders.orders_of_conversation(turn.session, conversation.id)):
        known += [order.phone, order.email]
    if conversation.customer_id:
        customer = turn.session.get_one(Customer, conversation.customer_id)
        known += [customer.phone, customer.email]
    if lead := leads.lead_of(turn.session, conversation.id):
        known += [lead.phone, lead.email]
    wants_email = kind == "email"
    return next((c for c in known if c and ("@" in c) == wants_email), None)
