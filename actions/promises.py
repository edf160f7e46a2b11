"""Promises: calls and reminders, booked, moved and taken back in the customer's own time zone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from actions.checkout_details import read_details
from actions.sales_action import SalesAction
from actions.turn import Turn
from actions.wording import DAY_PARTS, clock, day, local
from crm_store import followups, leads, orders
from crm_store.tables import Customer, FollowUp

KIND_WORDS = {
    "email": ("email", "e-mail", "mail me", "邮件", "邮箱"),
    "message": ("remind", "message me", "text me", "write me", "提醒", "发消息", "短信", "留言"),
}


class ActionBookFollowup(SalesAction):
    intent = "book_followup"

    def answer(self, turn: Turn) -> None:
        moment = turn.mentions.get("moment")
        kind = _kind(turn.text)
        if not moment:
            turn.say("utter_follow_up_when")
            turn.ask("follow_up_when", follow_up_kind=kind)
            turn.outcome = "asked"
            return
        _book(turn, kind, moment)


class ActionChangeFollowup(SalesAction):
    intent = "change_followup"

    def answer(self, turn: Turn) -> None:
        planned = followups.planned(turn.session, turn.conversation.id)
        if not planned:
            turn.say("utter_no_follow_up")
            return
        latest, moment = planned[-1], turn.mentions.get("moment")
        if moment is None:
            followups.cancel(turn.session, latest)
            turn.say("utter_follow_up_cancelled", when=when_text(turn, latest))
            turn.outcome = "follow_up_cancelled"
            return
        due_at = _due_at(moment, latest.timezone)
        if due_at <= turn.now:
            turn.say("utter_moment_past")
            return
        followups.move(turn.session, latest, due_at, moment.get("grain", "hour"))
        turn.say("utter_follow_up_moved", when=when_text(turn, latest))
        turn.outcome = "follow_up_moved"


def takes_moment(turn: Turn, question: dict[str, Any]) -> bool:
    moment = turn.mentions.get("moment")
    if not moment:
        return False
    _book(turn, question["follow_up_kind"], moment)
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
    promise.contact = contact
    _keep_contact(turn, details.name, details.email, details.phone)
    turn.say("utter_follow_up_contact_kept", contact=contact, when=when_text(turn, promise))
    turn.outcome = "contact_kept"
    return True


def when_text(turn: Turn, promise: FollowUp) -> str:
    """The due time as it was promised: no more exact than the customer said it."""
    moment = local(promise.due_at, promise.timezone)
    date_text = day(moment, turn.language)
    if promise.grain in DAY_PARTS:
        return turn.phrase(f"utter_when_{promise.grain}", day=date_text)
    if promise.grain in ("day", "week"):
        return date_text
    return turn.phrase("utter_when_time", day=date_text, time=clock(moment, turn.language))


def _book(turn: Turn, kind: str, moment: dict[str, Any]) -> None:
    timezone = turn.conversation.timezone
    due_at = _due_at(moment, timezone)
    if due_at <= turn.now:
        turn.say("utter_moment_past")
        turn.ask("follow_up_when", follow_up_kind=kind)
        return
    details = read_details(turn.text, turn.shop.country)
    contact = details.phone or details.email or _known_contact(turn, kind)
    promise = followups.book(
        turn.session, turn.conversation, kind=kind, due_at=due_at, grain=moment.get("grain", "hour"),
        timezone=timezone, contact=contact, note=turn.text, idempotency_key=f"message-{turn.message.id}", now=turn.now,
    )  # fmt: skip
    turn.say(f"utter_follow_up_{kind}", when=when_text(turn, promise), timezone=timezone.replace("_", " "))
    turn.outcome = "follow_up_booked"
    if contact:
        turn.say("utter_follow_up_uses", contact=contact)
    elif kind != "message":
        turn.say(f"utter_follow_up_ask_{kind}")
        turn.ask("follow_up_contact", follow_up=promise.id)


def _due_at(moment: dict[str, Any], timezone: str) -> datetime:
    naive = datetime.fromisoformat(moment["at"])
    return naive.replace(tzinfo=ZoneInfo(timezone)) if naive.tzinfo is None else naive


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


def _keep_contact(turn: Turn, name: str | None, email: str | None, phone: str | None) -> None:
    leads.capture_lead(turn.session, turn.conversation, wants={}, now=turn.now)
    leads.add_contact(turn.session, turn.conversation, name=name, email=email, phone=phone, now=turn.now)
