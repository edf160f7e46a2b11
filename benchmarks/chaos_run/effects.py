"""What a run left in the store besides the log, held against what the same words left when nothing was killed."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.chaos_run.counts import Found
from benchmarks.chaos_run.traffic import Chat
from crm_store.tables import (
    Cart,
    CartLine,
    FollowUp,
    FollowUpStatus,
    Handoff,
    Lead,
    Message,
    Order,
    OrderLine,
    OrderStatus,
    Variant,
)

Effects = Mapping[str, int]
EFFECTS = (
    "orders",
    "cancelled orders",
    "ordered",  # pieces in order lines
    "cart",  # pieces left in the cart
    "promises",
    "promises dropped",
    "leads",
    "handoffs",
)
PROMISED = ("call", "message", "email")  # kinds of follow-ups that customers ask for


def effects(session: Session) -> dict[str, Counter[str]]:
    """What each conversation left in the store."""
    found: dict[str, Counter[str]] = defaultdict(Counter)
    promised = FollowUp.kind.in_(PROMISED)
    dropped = FollowUp.status == FollowUpStatus.CANCELLED
    _count(session, found, "orders", Order)
    _count(session, found, "cancelled orders", Order, Order.status == OrderStatus.CANCELLED)
    _count(session, found, "promises", FollowUp, promised)
    _count(session, found, "promises dropped", FollowUp, promised, dropped)
    _count(session, found, "leads", Lead)
    _count(session, found, "handoffs", Handoff)
    ordered = select(Order.conversation_id, func.sum(OrderLine.quantity)).join(Order.lines)
    _note(found, "ordered", session.execute(ordered.group_by(Order.conversation_id)))
    in_cart = select(Cart.conversation_id, func.sum(CartLine.quantity)).join(Cart.lines)
    _note(found, "cart", session.execute(in_cart.group_by(Cart.conversation_id)))
    return found


def _count(session: Session, found: dict[str, Counter[str]], name: str, table: Any, *conditions: Any) -> None:
    rows = select(table.conversation_id, func.count()).where(table.conversation_id.is_not(None), *conditions)
    _note(found, name, session.execute(rows.group_by(table.conversation_id)))


def _note(found: dict[str, Counter[str]], name: str, rows: Iterable[Any]) -> None:
    for conversation_id, number in rows:
        found[conversation_id][name] = int(number)


def check_effects(chat: Chat, left: Effects, expected: Effects, found: Found) -> None:
    """Neither fewer nor more than the same words had when nothing was killed."""
    for name in EFFECTS:
        difference = left.get(name, 0) - expected.get(name, 0)
        note = f"chat {chat.id} ({chat.script.name}): {name} {left.get(name, 0)} instead of {expected.get(name, 0)}"
        found.add("effects doubled", note, max(0, difference))
        found.add("effects lost", note, max(0, -difference))


# Times ------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Promised:
    """What a customer asked for, when it is due on their clock, and how often it was moved."""

    kind: str
    due: datetime
    grain: str
    moved: int


@dataclass(frozen=True, slots=True)
class Times:
    """The promises of one conversation in the order in which they were made, and the days on which it was held."""

    promised: Sequence[Promised]
    days: frozenset[date]


def promised_times(session: Session) -> dict[str, Times]:
    """When what each conversation was promised is due; of those to whom nothing is, there is nothing."""
    promised: dict[str, list[Promised]] = defaultdict(list)
    zones: dict[str, ZoneInfo] = {}
    rows = select(FollowUp).where(FollowUp.kind.in_(PROMISED), FollowUp.conversation_id.is_not(None))
    for one in session.scalars(rows.order_by(FollowUp.id)):
        zone = zones[one.conversation_id] = ZoneInfo(one.timezone)
        due = one.due_at.astimezone(zone)
        promised[one.conversation_id].append(Promised(one.kind, due, one.grain, one.sequence))
    days: dict[str, set[date]] = defaultdict(set)
    for conversation_id, at in session.execute(select(Message.conversation_id, Message.at)):
        if zone := zones.get(conversation_id):
            days[conversation_id].add(at.astimezone(zone).date())
    return {id: Times(those, frozenset(days[id])) for id, those in promised.items()}


def check_times(chat: Chat, left: Times | None, calm: Times | None, found: Found) -> None:
    """Due when the same words had it due when nothing was killed; how many there are is counted by `check_effects`."""
    if left is None or calm is None:
        return
    same_day = left.days == calm.days  # else "tomorrow" is another day, and only the time of day can be compared
    for has, had in zip(left.promised, calm.promised, strict=False):
        same_time = has.due == had.due if same_day else has.due.time() == had.due.time()
        same = same_time and (has.kind, has.grain, has.moved) == (had.kind, had.grain, had.moved)
        note = f"chat {chat.id} ({chat.script.name}): {has} instead of {had}"
        found.add("promises at another time", note, int(not same))


# Stock ------------------------------------------------------------------------------------------


def stock_and_sold(session: Session) -> Counter[int]:
    """The pieces of each variant in stock and in orders that stand: no sale and no cancellation changes their sum."""
    there = select(Variant.id, Variant.stock).where(Variant.stock.is_not(None))
    pieces = Counter({id: stock for id, stock in session.execute(there)})
    sold = select(OrderLine.variant_id, func.sum(OrderLine.quantity)).join(Order, Order.id == OrderLine.order_id)
    standing = sold.where(Order.status != OrderStatus.CANCELLED).group_by(OrderLine.variant_id)
    pieces.update({id: int(number) for id, number in session.execute(standing) if id in pieces})
    return pieces


def check_stock(before: Mapping[int, int], after: Mapping[int, int], found: Found) -> None:
    """What was taken from stock is what was ordered and not cancelled."""
    for id in sorted(before.keys() | after.keys()):
        more = after.get(id, 0) - before.get(id, 0)
        note = f"variant {id}: {abs(more)} pieces {'ordered and not taken from' if more > 0 else 'gone from'} stock"
        found.add("pieces of stock astray", note, abs(more))
