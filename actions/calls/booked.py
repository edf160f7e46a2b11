"""What is booked already: told, moved, cancelled, or reached at another number."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from actions import plain_words as words
from actions.calls.times import (
    Known,
    Said,
    can_be_called,
    in_timezone,
    known_of,
    moved_text,
    put_together,
    said_moment,
    spoken_timezone,
    timezone_text,
    when_text,
)
from actions.checkout.contact_details import keep_contact
from actions.checkout.details import read_details
from actions.topics import note_topic
from actions.turn import Turn
from actions.wording import local
from crm_store import followups
from crm_store.tables import FollowUp

KIND_WORDS = {
    "email": ("email", "e-mail", "mail me", "邮件", "邮箱"),
    "message": ("remind", "message me", "text me", "write me", "提醒", "发消息", "短信", "留言"),
    "call": ("call", "phone", "ring me", "电话", "回电", "回访", "通话"),
}
# A moment in a message of these intents is an answer to "when?"; with another intent it may be a date of delivery.
_MAY_SAY_WHEN = frozenset(
    "change_followup book_followup out_of_scope affirm deny give_contact_details refine_need reject_offer".split()
)


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
    promise = still_planned(turn, question)
    if promise is None or turn.understood.needs or turn.mentions.get("order_number"):
        return False
    if words.asks_to_cancel_call(turn.text):
        _cancel(turn, promise)
        return True
    said = said_moment(turn, promise.timezone, answering=True)
    if said is None or turn.intent not in _MAY_SAY_WHEN or words.only_asks(turn.text):
        return False
    if is_of_another_kind(turn.text, promise):
        return False
    move(turn, promise, said, known_in(question))
    return True


def cancels_last_call(turn: Turn) -> bool:
    """Cancel what was booked last; False when nothing is planned."""
    planned = followups.planned(turn.session, turn.conversation.id)
    if planned:
        _cancel(turn, max(planned, key=lambda promise: promise.id))
    return bool(planned)


def _change(turn: Turn, promise: FollowUp, planned: list[FollowUp]) -> None:
    details = read_details(turn.text, turn.countries)
    contact = details.email if promise.kind == "email" else details.phone
    moves = words.said(words.MOVES, turn.text)
    only_asks = words.only_asks(turn.text) and not moves
    said = None if only_asks or words.rules_a_moment_out(turn.text) else said_moment(turn, promise.timezone)
    if contact:
        reach_at(turn, promise, contact)
    if said:
        move(turn, promise, said)
    if contact:
        turn.say("utter_follow_up_contact_kept", contact=contact, when=when_text(turn, promise))
        turn.outcome = "contact_kept" if not said else turn.outcome
    elif said:
        return
    elif words.denies_cancelling(turn.text) or only_asks:
        say_planned(turn, promise, planned)
    elif words.said(words.OTHER_CONTACT, turn.text):
        ask_contact(turn, promise)
    elif moves or words.rules_a_moment_out(turn.text):
        _ask_new_moment(turn, promise)
    else:
        say_planned(turn, promise, planned)


def move(turn: Turn, promise: FollowUp, said: Said, known: Known | None = None) -> bool:
    """Move to what was said, keeping what was not; False when it cannot be then, which has been said.

    A day or a time that stays is the one the customer was told, also when they now name another zone.
    """
    note_topic(turn, "call")
    known, before = known or Known(), known_of(promise)
    timezone = spoken_timezone(turn.text) or known.timezone or promise.timezone
    if known.day:
        before = Known(known.day, before.time, before.grain)
    at, grain = put_together(said, before, local_now(turn, timezone))
    due_at = in_timezone(at, timezone)
    if said.grain == "month":
        _ask_new_moment(turn, promise, timezone)
        return False
    if due_at <= turn.now or promise.kind == "call" and not can_be_called(at):
        turn.say("utter_moment_past" if due_at <= turn.now else "utter_call_hours")
        day_said = at.date() if said.names_day and due_at > turn.now else None
        turn.ask("follow_up_change", follow_up=promise.id, **facts_of(Known(day_said, timezone=timezone)))
        turn.outcome = "asked"
        return False
    promise.timezone = timezone
    followups.move(turn.session, promise, due_at, grain)
    turn.say("utter_follow_up_moved", when=moved_text(turn, promise))
    turn.outcome = "follow_up_moved"
    return True


def _cancel(turn: Turn, promise: FollowUp) -> None:
    note_topic(turn, "call")
    followups.cancel(turn.session, promise)
    turn.say("utter_follow_up_cancelled", when=when_text(turn, promise))
    turn.outcome = "follow_up_cancelled"


def _meant(turn: Turn, planned: list[FollowUp]) -> FollowUp:
    """The promise a button or the words name, or the one made last."""
    chosen = turn.understood.arguments.get("cancel") or turn.understood.arguments.get("move")
    kinds = kinds_named(turn.text)
    fitting = [p for p in planned if p.id == chosen] or [p for p in planned if p.kind in kinds] or planned
    return max(fitting, key=lambda promise: promise.id)


def kinds_named(text: str) -> list[str]:
    """The kinds of promise that a text names: a call, an e-mail, a reminder."""
    lowered = text.casefold()
    return [kind for kind, known in KIND_WORDS.items() if any(word in lowered for word in known)]


def is_of_another_kind(text: str, promise: FollowUp) -> bool:
    """Whether a text names another kind of promise: "remind me at 5" after a call was booked is one more."""
    named = kinds_named(text)
    return bool(named) and promise.kind not in named


def _gives_another_time(turn: Turn) -> bool:
    """ "Not on Friday, call me on Monday instead" is a move, though it says what is off."""
    return "moment" in turn.mentions and words.said(words.MOVES, turn.text)


def say_planned(turn: Turn, promise: FollowUp, planned: list[FollowUp]) -> None:
    note_topic(turn, "call")
    for one in planned:
        zone = timezone_text(turn, one.timezone)
        turn.say(f"utter_planned_{one.kind}", when=when_text(turn, one), timezone=zone)
    turn.say("utter_planned_may_change")
    turn.offer(turn.phrase("utter_button_move_follow_up"), "change_followup", move=promise.id)
    turn.offer(turn.phrase("utter_button_cancel_follow_up"), "change_followup", cancel=promise.id)
    turn.ask("follow_up_change", follow_up=promise.id)
    turn.outcome = "follow_up_told"


def _ask_new_moment(turn: Turn, promise: FollowUp, timezone: str | None = None) -> None:
    note_topic(turn, "call")
    turn.say("utter_follow_up_move_when", when=when_text(turn, promise))
    named = spoken_timezone(turn.text) or timezone
    turn.ask("follow_up_change", follow_up=promise.id, **facts_of(Known(timezone=named)))
    turn.outcome = "asked"


def say_contact(turn: Turn, promise: FollowUp) -> None:
    note_topic(turn, "call")
    if promise.contact:
        turn.say("utter_follow_up_uses", contact=promise.contact)
    elif promise.kind != "message":
        ask_contact(turn, promise)


def ask_contact(turn: Turn, promise: FollowUp) -> None:
    note_topic(turn, "call")
    turn.say("utter_follow_up_ask_email" if promise.kind == "email" else "utter_follow_up_ask_call")
    turn.ask("follow_up_contact", follow_up=promise.id)


def known_in(question: dict[str, Any]) -> Known:
    """What the customer had said when the question was asked; `facts_of` put it there."""
    days = {name: date.fromisoformat(question[name]) for name in ("day", "not_before") if question.get(name)}
    return Known(**days, timezone=question.get("timezone"))


def facts_of(known: Known) -> dict[str, str]:
    """What a question for the moment has to remember of what was said already."""
    days = {"day": known.day, "not_before": known.not_before}
    facts = {name: one.isoformat() for name, one in days.items() if one}
    return facts | ({"timezone": known.timezone} if known.timezone else {})


def still_planned(turn: Turn, question: dict[str, Any]) -> FollowUp | None:
    promise = turn.session.get_one(FollowUp, question["follow_up"])
    return promise if followups.is_open(promise) else None


def reach_at(turn: Turn, promise: FollowUp, contact: str) -> None:
    note_topic(turn, "call")
    followups.reach_at(turn.session, promise, contact)
    email, phone = (contact, None) if "@" in contact else (None, contact)
    keep_contact(turn, read_details(turn.text, turn.countries).name, email, phone)


def local_now(turn: Turn, timezone: str) -> datetime:
    return local(turn.now, timezone).replace(tzinfo=None)
