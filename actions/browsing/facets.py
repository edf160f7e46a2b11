"""Answers to a narrowing question."""

from __future__ import annotations

import re
from typing import Any

from rapidfuzz import fuzz, process, utils

from actions.browsing.needs import chooses_for_them, facet_needs, settle_needs
from actions.browsing.showing import show_or_ask
from actions.turn import Turn
from actions.yes_no import says_no

# What a bare answer such as "the small one" may be taken for.
MAY_ANSWER = frozenset({"refine_need", "state_need", "out_of_scope", "affirm", "give_contact_details"})
SAME_VALUE = 88  # rapidfuzz score from which a typed answer is taken for one of the values offered


def answers_facet(turn: Turn, question: dict[str, Any]) -> bool:
    """Take a value that was offered, or "any"; words that carry needs of their own go the usual way."""
    facet = question["facet"]
    if turn.intent in ("no_preference", "undecided") or (says_no(turn) and not turn.understood.needs):
        turn.mark_asked([facet])
        if not turn.conversation.needs:
            return False
        if not chooses_for_them(turn):
            turn.say("utter_never_mind_facet")
            turn.new_reply()
            show_or_ask(turn)
        return True
    if (value := _numbered_value(turn, facet, question["values"])) is not None:
        settle_needs(turn, facet_needs(turn, facet, value))
        show_or_ask(turn)
        return True
    if turn.intent not in MAY_ANSWER or turn.understood.needs:
        return False
    value = _offered_value(turn, facet, question["values"])
    if value is None:
        return False
    settle_needs(turn, facet_needs(turn, facet, value))
    show_or_ask(turn)
    return True


def _numbered_value(turn: Turn, facet: str, values: list[str]) -> str | None:
    """The value that a bare number or an age means: 2 is "2-person", 8 lies in "5 to 9 years"."""
    amount = turn.mentions.get("amount")
    if facet == "budget":
        return str(amount) if amount else None
    age = turn.mentions.get("age", amount) if facet == "age" else None
    for value in values:
        numbers = [int(number) for number in re.findall(r"\d+", value)]
        if age is not None and len(numbers) > 1 and numbers[0] <= age <= numbers[1]:
            return value
        if amount is not None and numbers[:1] == [amount] and facet != "age":
            return value
    return None


def _offered_value(turn: Turn, facet: str, values: list[str]) -> str | None:
    places = turn.mentions.get("positions")
    if places and not turn.conversation.shown:  # with products on the table, "the first" is one of them
        return values[places[0] - 1] if 0 < places[0] <= len(values) else None
    names = {value: turn.value_name(value) for value in values}
    choices = {**{v: v for v in values}, **{shown: v for v, shown in names.items()}}
    best = process.extractOne(
        turn.text, list(choices), scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=SAME_VALUE
    )
    return choices[best[0]] if best else None
