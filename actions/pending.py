"""The question that is waiting: does this message answer it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actions import after_sale, promises, relationship
from actions.facets import answers_facet, picks_one
from actions.turn import Turn

# Each takes the turn and the question's facts, answers, and returns True; or returns False, having done nothing.
Answer = Callable[[Turn, dict[str, Any]], bool]

ANSWERS: dict[str, Answer] = {
    "facet": answers_facet,
    "which": picks_one,
    "order": after_sale.takes_order_reference,
    "cancel_order": after_sale.takes_cancel_confirmation,
    "request_details": after_sale.takes_request_details,
    "follow_up_when": promises.takes_moment,
    "follow_up_contact": promises.takes_contact,
    "handoff_contact": relationship.takes_handoff_contact,
    "erase": relationship.takes_erase_confirmation,
}


def answers_question(turn: Turn) -> bool:
    """Whether the message was the answer to the question waiting; a question waits for one message only."""
    question = turn.question
    if not question:
        return False
    turn.keep_pending("question", None)
    return ANSWERS[question["kind"]](turn, question)
