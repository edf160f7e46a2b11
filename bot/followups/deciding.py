"""What becomes of a follow-up that has fallen due."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from crm_store.contact_hours import ContactHours
from crm_store.followup_facts import Facts
from crm_store.followup_times import promised_at
from crm_store.followups import ASKED_FOR, FOR_PERSON
from crm_store.tables import FollowUp, FollowUpKind, OrderStatus

LATE = timedelta(minutes=15)  # from then on a promise counts as late: we say so, and mind the allowed hours
TALKING = timedelta(minutes=10)  # so long after a message of theirs nobody is interrupted
Reason = str | None


@dataclass(frozen=True, slots=True)
class Say:
    """Say it to the customer now."""


@dataclass(frozen=True, slots=True)
class HandOver:
    """A person has to act now."""


@dataclass(frozen=True, slots=True)
class PutOff:
    """Keep it at another time."""

    until: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class WaitOn:
    """What it waits for has not happened after all."""


@dataclass(frozen=True, slots=True)
class Drop:
    """It is no longer sensible."""

    reason: str


Verdict = Say | HandOver | PutOff | WaitOn | Drop


def decide(follow_up: FollowUp, facts: Facts, now: datetime) -> Verdict:
    """What to do with a follow-up whose time has come.

    What the customer asked for at a time of their own comes at that time; the shop's hours are for all the rest,
    and for what is late.
    """
    if follow_up.kind in FOR_PERSON:
        return HandOver()
    if facts.conversation is None:
        return Drop("there is nowhere to write to this customer")
    if facts.refusal:
        return Drop(facts.refusal)
    if follow_up.kind == FollowUpKind.BACK_IN_STOCK and facts.variant is not None and not facts.in_stock:
        return WaitOn()
    if reason := _senseless(follow_up, facts, now):
        return Drop(reason)
    if follow_up.kind in ASKED_FOR and not is_late(follow_up, now):
        return Say()
    if follow_up.kind in _INTERRUPTS and facts.wrote_after(now - TALKING):
        return PutOff(now + TALKING, "the customer is talking with us")
    allowed = ContactHours.of(facts.shop).next(now, follow_up.timezone)
    if allowed <= now:
        return Say()
    if reason := _senseless(follow_up, facts, allowed):
        return Drop(f"{reason} before the customer may be written to again")
    return PutOff(allowed, "outside the hours at which customers are written to")


def is_late(follow_up: FollowUp, now: datetime) -> bool:
    return lateness(follow_up, now) > LATE


def lateness(follow_up: FollowUp, now: datetime) -> timedelta:
    """How long after its moment it is: the one that the customer named, else the one to which it was put off."""
    asked_for = follow_up.kind in ASKED_FOR
    return now - (promised_at(follow_up) if asked_for else follow_up.due_at)


def _senseless(follow_up: FollowUp, facts: Facts, now: datetime) -> Reason:
    """Why it would be odd to say it at this moment, None when it is not."""
    kind = FollowUpKind(follow_up.kind)
    promised = promised_at(follow_up)
    if now - promised > _USEFUL.get(kind, timedelta.max):
        return f"too late to be of use (due {promised:%Y-%m-%d %H:%M} UTC)"
    check = _CHECKS.get(kind)
    return check(follow_up, facts, now) if check else None


def _quote(follow_up: FollowUp, facts: Facts, now: datetime) -> Reason:
    if facts.quote is None or facts.emptied_since(facts.quote.created_at):
        return "the quote is gone"
    if now >= facts.quote.valid_until:
        return "the quote has expired"
    return "the customer has ordered" if facts.ordered_after(facts.quote.created_at) else None


def _basket(follow_up: FollowUp, facts: Facts, now: datetime) -> Reason:
    if not facts.agreed_to_news:
        return "the customer has not agreed to reminders"
    if facts.cart is None or not facts.cart.lines:
        return "the cart is empty"
    if facts.ordered_after(follow_up.created_at):
        return "the customer has ordered"
    return "the customer has written since" if facts.wrote_after(follow_up.created_at) else None


def _shipped(follow_up: FollowUp, facts: Facts, now: datetime) -> Reason:
    return _order_is(facts, OrderStatus.SHIPPED)


def _delivered(follow_up: FollowUp, facts: Facts, now: datetime) -> Reason:
    return _order_is(facts, OrderStatus.DELIVERED)


def _how_was_it(follow_up: FollowUp, facts: Facts, now: datetime) -> Reason:
    reason = _order_is(facts, OrderStatus.DELIVERED)
    return reason or ("a request about the order is open" if facts.request_open else None)


def _order_is(facts: Facts, status: OrderStatus) -> Reason:
    if facts.order is None or facts.order_is_nobodys or facts.emptied_since(facts.order.placed_at):
        return "the order is gone"
    return None if facts.order.status == status else f"the order is {facts.order.status.value} by now"


def _stock(follow_up: FollowUp, facts: Facts, now: datetime) -> Reason:
    if facts.variant is None:
        return "it is no longer sold"
    bought = facts.ordered_after(follow_up.created_at, facts.variant.product.code)
    return "the customer has bought it" if bought else None


def _again(follow_up: FollowUp, facts: Facts, now: datetime) -> Reason:
    if not facts.agreed_to_news:
        return "the customer has not agreed to reminders"
    if facts.variant is not None and not facts.in_stock:
        return "it is out of stock"
    return _stock(follow_up, facts, now)


_CHECKS: dict[FollowUpKind, Callable[[FollowUp, Facts, datetime], Reason]] = {
    FollowUpKind.QUOTE_EXPIRING: _quote,
    FollowUpKind.BASKET_LEFT: _basket,
    FollowUpKind.ORDER_SHIPPED: _shipped,
    FollowUpKind.ORDER_DELIVERED: _delivered,
    FollowUpKind.HOW_WAS_IT: _how_was_it,
    FollowUpKind.BACK_IN_STOCK: _stock,
    FollowUpKind.BUY_AGAIN: _again,
}
_INTERRUPTS = frozenset(
    {FollowUpKind.QUOTE_EXPIRING, FollowUpKind.BASKET_LEFT, FollowUpKind.HOW_WAS_IT, FollowUpKind.BUY_AGAIN}
)
# How late it is still of use.
_USEFUL = {
    FollowUpKind.MESSAGE: timedelta(days=30),
    FollowUpKind.BASKET_LEFT: timedelta(days=7),
    FollowUpKind.ORDER_SHIPPED: timedelta(days=7),
    FollowUpKind.ORDER_DELIVERED: timedelta(days=14),
    FollowUpKind.HOW_WAS_IT: timedelta(days=30),
    FollowUpKind.BACK_IN_STOCK: timedelta(days=14),
    FollowUpKind.BUY_AGAIN: timedelta(days=30),
}
