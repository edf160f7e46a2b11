"""Messages about a booked call, told by their words: another time, another number, "when is it?"."""

from __future__ import annotations

from actions import plain_words as words
from actions.calls import words as call_words
from actions.calls.booked import changes_planned, is_of_another_kind, move, reach_at, say_contact, say_planned
from actions.calls.times import Said, hour_said, said_moment, when_text
from actions.checkout.addresses import is_chinese
from actions.checkout.details import read_details
from actions.topics import just_spoken_of, last_topic
from actions.turn import Turn
from crm_store import followups
from crm_store.tables import FollowUp

# What is named with a moment may be wanted then: a tent for Friday is no call on Friday.
_GOODS = ("products", "categories", "brands", "items", "positions", "order_number")

BRIEF, BRIEF_CHINESE = 4, 10  # words and characters of a message that only says a time


def takes_call_change(turn: Turn) -> bool:
    """ "Make it 4pm", "tomorrow morning would be better", "10": the call that was just spoken of is moved."""
    promise = _last_planned(turn)
    if promise is None or turn.checkout or turn.understood.button or last_topic(turn) != "call":
        return False
    if words.asks_to_cancel_call(turn.text) or any(turn.mentions.get(name) for name in _GOODS):
        return False
    if is_of_another_kind(turn.text, promise):
        return False
    details = read_details(turn.text, turn.countries)
    contact = details.email if promise.kind == "email" else details.phone
    said = _new_moment(turn, promise) if just_spoken_of(turn, "call") else None
    if said is None and (contact is None or not _gives_number(turn, contact)):
        return False
    if contact:
        reach_at(turn, promise, contact)
    moved = said is not None and move(turn, promise, said)
    if contact:
        turn.say("utter_follow_up_contact_kept", contact=contact, when=when_text(turn, promise))
        turn.outcome = "contact_kept" if said is None else turn.outcome
    elif moved and not promise.contact:
        say_contact(turn, promise)
    return True


def takes_call_question(turn: Turn) -> bool:
    """ "When is it?", "which number do you have?", "do I have any calls booked?": answered from what is booked."""
    if turn.checkout or turn.understood.button or not words.is_question(turn.text):
        return False
    promise, is_topic = _last_planned(turn), just_spoken_of(turn, "call")
    if (
        words.said(call_words.ASKS_WHETHER_BOOKED, turn.text)
        or is_topic
        and words.said(words.CANCELLED_ALREADY, turn.text)
    ):
        if not changes_planned(turn):
            turn.say("utter_no_follow_up")
        return True
    if promise is None:
        return False
    if words.said(call_words.ASKS_NUMBER, turn.text) and (last_topic(turn) == "call" or "call" in turn.text.casefold()):
        say_contact(turn, promise)
        return True
    if is_topic and words.said(call_words.ASKS_WHEN, turn.text):
        say_planned(turn, promise, [promise])
        return True
    return False


def _last_planned(turn: Turn) -> FollowUp | None:
    planned = followups.planned(turn.session, turn.conversation.id)
    return max(planned, key=lambda promise: promise.id, default=None)


def _new_moment(turn: Turn, promise: FollowUp) -> Said | None:
    """The other time that is wanted; a time that is only asked about or does not suit is none."""
    if words.rules_a_moment_out(turn.text) or words.said(call_words.OF_OTHER_TIMES, turn.text):
        return None
    if words.only_asks(turn.text) and not words.proposes(turn.text) or words.said(call_words.ANOTHER_CALL, turn.text):
        return None
    if set(turn.understood.needs) - {"budget", "quantity"} or not _speaks_of_a_time(turn):
        return None
    if "moment" not in turn.mentions and (hour := hour_said(turn.text)):
        return hour
    # A number alone is an hour here; a part of the day has to come with a wish.
    return said_moment(
        turn, promise.timezone, answering="amount" in turn.mentions or call_words.proposes_time(turn.text)
    )


def _speaks_of_a_time(turn: Turn) -> bool:
    """Whether a moment is what the message is about: it is short, asks for another, or speaks of the call."""
    brief = len(turn.text) <= BRIEF_CHINESE if is_chinese(turn.text) else len(turn.text.split()) <= BRIEF
    wishes = (
        call_words.proposes_time(turn.text) or words.proposes(turn.text) or words.said(words.ABOUT_A_CALL, turn.text)
    )
    return brief or wishes or turn.intent in ("book_followup", "change_followup")


def _gives_number(turn: Turn, contact: str) -> bool:
    """Whether a number or address is meant for the call, and not one to be remembered with a name only."""
    return bool(contact) and (just_spoken_of(turn, "call") or words.said(call_words.CHANGES_NUMBER, turn.text))
