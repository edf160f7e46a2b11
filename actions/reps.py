"""What reps ask: next best offer, what is due and who waits, a customer in short, log a touchpoint, move a lead.

Authority comes from the conversation, which a signed session opened for a rep; for anybody else these
intents are out of scope, whatever the words.
"""

from __future__ import annotations

import re
from abc import abstractmethod
from collections.abc import Sequence
from datetime import timedelta

from actions import plain_words as words
from actions.browsing.showing import show, show_best
from actions.sales_action import SalesAction
from actions.small_talk import decline
from actions.turn import Turn
from actions.wording import clock, day, local
from crm_store import customers, followups, leads, requests
from crm_store.requests import Request
from crm_store.tables import Customer, FollowUp, LeadStage
from models.offers.offering import offers_for
from models.recommender import Reason, Recommendation

MOST_OFFERS = 3
MOST_LINES = 20  # of what is due, and of who waits
_ASKS_WHO_WAITS = words.any_of(
    r"\b(?:what|who|which|any|anyone|anybody|anything|how many)\b.{0,40}\bwait(?:s|ing)?\b",
    r"(?:谁|什么|哪些|几个|多少|有人|有没有).{0,10}等|[待未]处理",
)
STAGE_WORDS = {
    LeadStage.CONTACTED: ("contacted", "已联系", "联系过"),
    LeadStage.QUALIFIED: ("qualified", "合格", "有意向"),
    LeadStage.CONVERTED: ("won", "converted", "成交", "赢单"),
    LeadStage.LOST: ("lost", "流失", "丢单", "输单"),
    LeadStage.NEW: ("new", "新建", "新线索"),
}
LOG_KINDS = {
    "call": ("call", "phone", "电话"),
    "email": ("mail", "邮件"),
    "visit": ("visit", "met", "meeting", "拜访", "见面"),
}


class RepAction(SalesAction):
    def answer(self, turn: Turn) -> None:
        if turn.conversation.rep_name is None:
            decline(turn)
        else:
            self.answer_rep(turn)

    @abstractmethod
    def answer_rep(self, turn: Turn) -> None: ...


class ActionRepNextBestOffer(RepAction):
    intent = "rep_next_best_offer"

    def answer_rep(self, turn: Turn) -> None:
        customer = _customer(turn)
        if customer is None:
            turn.say("utter_rep_which_customer")
            return
        turn.remember(needs={})
        name = customer.name or customer.id
        if turn.learned is None:  # nothing learned yet: what sells, without what is owned
            turn.remember(rejected=sorted(customers.bought_codes(turn.session, customer.id)))
            show_best(turn, [item for item in turn.catalog if item.in_stock], "utter_rep_offer", customer=name)
            turn.remember(rejected=[])
            return
        offers = offers_for(
            turn.session, turn.learned, turn.catalog, customer_id=customer.id, needs={}, now=turn.now, count=MOST_OFFERS
        )
        if not offers:
            turn.say("utter_rep_no_offer", customer=name)
            return
        best = [Recommendation(offer.item, offer.ranked.propensity, Reason("fits_wishes", {})) for offer in offers]
        show(turn, best, "utter_rep_offer", customer=name)
        for card, offer in zip(turn.replies[-1].products, offers, strict=True):
            card["reason"] = "; ".join(offer.reasons)


class ActionRepDueFollowups(RepAction):
    intent = "rep_due_followups"

    def answer_rep(self, turn: Turn) -> None:
        _tell_what_to_do(turn)


class ActionRepCustomerSummary(RepAction):
    intent = "rep_customer_summary"

    def answer_rep(self, turn: Turn) -> None:
        customer = _customer(turn)
        if customer is None:
            turn.say("utter_rep_which_customer")
            return
        summary = customers.customer_summary(turn.session, customer.id)
        turn.say(
            "utter_rep_summary",
            name=customer.name or "—", contact=customer.email or customer.phone or "—", orders=summary["orders"],
            spend=turn.money(summary["spend"]), leads=summary["open_leads"], follow_ups=summary["follow_ups"],
            last=day(summary["last_order"], turn.language) if summary["last_order"] else "—",
        )  # fmt: skip
        turn.outcome = "shown"


class ActionRepLogTouchpoint(RepAction):
    intent = "rep_log_touchpoint"

    def answer_rep(self, turn: Turn) -> None:
        lowered = turn.text.casefold()
        kind = next((k for k, words in LOG_KINDS.items() if any(w in lowered for w in words)), "note")
        customer = _customer(turn)
        leads.log_touchpoint(
            turn.session,
            kind=kind,
            summary=turn.text,
            now=turn.now,
            customer=customer,
            rep_name=turn.conversation.rep_name,
        )
        turn.say("utter_rep_logged", kind=kind, customer=(customer.name or customer.id) if customer else "—")
        turn.outcome = "logged"


class ActionRepMoveStage(RepAction):
    intent = "rep_move_stage"

    def answer_rep(self, turn: Turn) -> None:
        lowered = turn.text.casefold()
        stage = next((s for s, words in STAGE_WORDS.items() if any(w in lowered for w in words)), None)
        number = re.search(r"\d+", turn.text)
        if stage is None or number is None:
            turn.say("utter_rep_move_how")
            return
        lead = leads.move_stage(turn.session, int(number.group()), stage, turn.now)
        turn.say("utter_rep_moved", lead=lead.id, stage=lead.stage.value)
        turn.outcome = "moved"


def takes_who_waits(turn: Turn) -> bool:
    """ "What is waiting?" of a rep, taken for something else."""
    if turn.conversation.rep_name is None or turn.intent.startswith("rep_"):
        return False
    if not words.said(_ASKS_WHO_WAITS, turn.text):
        return False
    _tell_what_to_do(turn)
    return True


def _tell_what_to_do(turn: Turn) -> None:
    end_of_day = turn.now + timedelta(days=1)
    due = followups.due_followups(turn.session, end_of_day)
    waiting = requests.listed(turn.session)
    if not due and not waiting:
        turn.say("utter_rep_none_due")
        return
    if due:
        _tell_due(turn, due)
    if waiting:
        _tell_waiting(turn, waiting)
    turn.outcome = "shown"


def _tell_due(turn: Turn, due: Sequence[FollowUp]) -> None:
    turn.say("utter_rep_due", count=len(due))
    for promise in due[:MOST_LINES]:
        at = local(promise.due_at, promise.timezone)
        turn.say(
            "utter_rep_due_line",
            kind=promise.kind, when=f"{day(at, turn.language)} {clock(at, turn.language)}",
            contact=promise.contact or "—", note=promise.note,
        )  # fmt: skip


def _tell_waiting(turn: Turn, waiting: Sequence[Request]) -> None:
    """Who waits for a person, without who they are and what they said: that would stay in the rep's own chat."""
    turn.say("utter_rep_waiting", count=len(waiting))
    for one in waiting[:MOST_LINES]:
        at = local(one.since, turn.conversation.timezone)
        response = f"utter_request_{one.kind}"
        what = turn.phrase(response) if turn.wording.has(response) else one.kind
        turn.say(
            "utter_rep_waiting_line",
            number=one.number, what=f"{what} {one.order}" if one.order else what,
            when=f"{day(at, turn.language)} {clock(at, turn.language)}",
        )  # fmt: skip


def _customer(turn: Turn) -> Customer | None:
    """The customer a rep names: by number, e-mail, phone or full name."""
    return customers.find_named(turn.session, turn.text, turn.shop.country)
