"""The question that is waiting: does this message answer it?"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from actions import news, relationship, reps
from actions.browsing import stock_watch
from actions.browsing.facets import answers_facet
from actions.calls import booked, promises
from actions.calls import mentions as call_mentions
from actions.cart import ordering
from actions.orders import after_sale
from actions.orders import mentions as order_mentions
from actions.turn import Turn

# Each takes the turn and the question's facts, answers, and returns True; or returns False, having done nothing.
Answer = Callable[[Turn, dict[str, Any]], bool]

ANSWERS: dict[str, Answer] = {
    "facet": answers_facet,
    "add": ordering.takes_offer,
    "order": after_sale.takes_order_reference,
    "cancel_order": after_sale.takes_cancel_confirmation,
    "request_details": after_sale.takes_request_details,
    "follow_up_when": promises.takes_moment,
    "follow_up_time": promises.takes_time,
    "follow_up_contact": promises.takes_contact,
    "follow_up_change": booked.takes_change,
    "handoff_contact": relationship.takes_handoff_contact,
    "complaint_more": relationship.takes_complaint_more,
    "erase": relationship.takes_erase_confirmation,
    "news": news.takes_news,
}
# Questions of the customer's own that only interrupt: after the answer, ours still waits.
INTERRUPTING = frozenset(
    """ask_delivery ask_return_policy ask_payment_methods ask_warranty ask_invoice ask_price ask_product_info
    ask_availability ask_promotion ask_capabilities bot_challenge track_order track_refund view_cart account_help
    greet thank praise ask_repeat""".split()
)
MOST_INTERRUPTIONS = 2
# What cannot be undone is asked once more after an interruption, so that a "yes" can only mean it.
REMINDED = frozenset({"cancel_order", "erase"})
# Messages whose words say what they are, whatever the intent was taken for.
WHATEVER_THE_INTENT: tuple[Callable[[Turn], bool], ...] = (
    reps.takes_who_waits,
    order_mentions.takes_order_mention,
    call_mentions.takes_call_change,
    call_mentions.takes_call_question,
    order_mentions.takes_order_question,
    order_mentions.takes_cancel_word,
    order_mentions.takes_order_change,
    order_mentions.takes_order_wish,
    relationship.takes_wish_for_person,
    relationship.takes_call_for_somebody,
    relationship.takes_defect_report,
    stock_watch.takes_stock_watch,
)


def button_decides(turn: Turn) -> bool:
    """Whether a button was pressed that means the same whatever question waits."""
    return news.takes_button(turn) or "watch" in turn.understood.arguments and stock_watch.takes_stock_watch(turn)


def answers_question(turn: Turn) -> bool:
    """Whether the message was the answer to the question waiting; questions of the customer may interrupt it."""
    question = turn.question
    if not question:
        return False
    turn.keep_pending("question", None)
    if ANSWERS[question["kind"]](turn, question):
        return True
    waited = question.get("waited", 0)
    if turn.intent in INTERRUPTING and waited < MOST_INTERRUPTIONS:
        turn.keep_pending("question", {**question, "waited": waited + 1})
    return False


def is_new(question: dict[str, Any] | None, before: dict[str, Any] | None) -> bool:
    """Whether a question waits that did not wait before; an interrupted one is the same question."""
    if not question:
        return False
    return {**question, "waited": 0} != {**(before or {}), "waited": 0}


def words_decide(turn: Turn) -> bool:
    return any(takes(turn) for takes in WHATEVER_THE_INTENT)


def remind(turn: Turn) -> None:
    """After an interruption, come back to a question about something that cannot be undone."""
    question = turn.question
    if question and question["kind"] in REMINDED and question.get("message") != turn.message.id:
        turn.say(f"utter_remind_{question['kind']}", number=question.get("number", ""))
