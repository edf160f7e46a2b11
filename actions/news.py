"""Whether the customer may be written to unasked: asked once, when a basket is left, and kept in these words."""

from __future__ import annotations

from typing import Any

from actions.turn import Turn
from actions.yes_no import says_no, says_yes
from crm_store import consents, privacy
from crm_store.consents import latest_consent


def ask_for_news(turn: Turn) -> None:
    """Ask who has neither agreed nor refused yet."""
    if privacy.opted_out(turn.session, turn.conversation) or turn.question:
        return
    if latest_consent(turn.session, turn.conversation, consents.MARKETING) is not None:
        return
    turn.new_reply()
    turn.say("utter_ask_news")
    turn.offer(turn.phrase("utter_button_yes"), "affirm", news=True)
    turn.offer(turn.phrase("utter_button_no_news"), "deny", news=False)
    turn.ask("news")


def takes_news(turn: Turn, question: dict[str, Any]) -> bool:
    """A yes or no right after the question."""
    if says_no(turn):
        return _keep(turn, False)
    return says_yes(turn) and _keep(turn, True)


def takes_button(turn: Turn) -> bool:
    """The buttons mean the same however late they are pressed."""
    if "news" not in turn.understood.arguments:
        return False
    return _keep(turn, bool(turn.understood.arguments["news"]))


def _keep(turn: Turn, granted: bool) -> bool:
    wording = turn.phrase("utter_ask_news")
    consents.record_consent(turn.session, turn.conversation, consents.MARKETING, granted, wording, turn.now)
    turn.say("utter_news_agreed" if granted else "utter_news_refused")
    turn.outcome = "consent_kept"
    return True
