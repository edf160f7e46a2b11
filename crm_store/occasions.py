"""Occasions to write to a customer: what has happened in the shop that a follow-up follows from.

They are found by looking at the store, not told by whoever changes it: an order that an import marks as delivered
counts like any other. Every occasion has a key, under which it is planned once.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, String, cast, exists, func, literal, or_, select
from sqlalchemy.orm import Session

from crm_store import followups
from crm_store.consents import MARKETING, latest_consent
from crm_store.contact_hours import ContactHours
from crm_store.followup_outcomes import drop
from crm_store.repurchases import repurchases_due
from crm_store.shop import current_shop
from crm_store.tables import (
    Cart,
    CartLine,
    Conversation,
    FollowUp,
    FollowUpKind,
    FollowUpStatus,
    Order,
    OrderStatus,
    Quote,
    Variant,
)

BEFORE_QUOTE_EXPIRES = timedelta(days=1)
SHORTEST_QUOTE = timedelta(days=2)  # of one that is valid for less nobody has to be reminded
BASKET_RESTS = timedelta(hours=20)
LONGEST_REST = timedelta(days=5)  # a basket that was left longer ago, while nobody ran, is left alone
ENJOYED = timedelta(days=7)  # from the delivery to the question how it was
AGAIN_EVERY = timedelta(hours=6)
RECENT_ORDER = timedelta(days=90)


@dataclass(frozen=True, slots=True)
class Occasion:
    """One follow-up to plan."""

    conversation: Conversation
    kind: FollowUpKind
    key: str
    due_at: datetime
    about: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Found:
    """What there is to plan: occasions, and watches on goods that are back or that nobody has to wait for any more."""

    occasions: Sequence[Occasion]
    back: Sequence[int]
    over: Sequence[int]

    def __bool__(self) -> bool:
        return bool(self.occasions or self.back or self.over)

    def parts(self, most: int) -> Iterator[Found]:
        """The same in parts of at most `most` of each, to be planned one by one."""
        for at in range(0, max(len(self.occasions), len(self.back), len(self.over)), most):
            part = slice(at, at + most)
            yield Found(self.occasions[part], self.back[part], self.over[part])


class Occasions:
    """All occasions of a store; what goes through all orders is looked for a few times a day."""

    def __init__(self) -> None:
        self._next_again: datetime | None = None

    def found(self, session: Session, now: datetime) -> Found:
        """What is to be planned; looks only."""
        occasions = [o for find in (_expiring_quotes, _baskets_left, _orders_under_way) for o in find(session, now)]
        if self._next_again is None or now >= self._next_again:
            self._next_again = now + AGAIN_EVERY
            occasions += _time_to_buy_again(session, now)
        over = session.scalars(
            select(FollowUp.id).where(FollowUp.status == FollowUpStatus.WAITING, FollowUp.due_at <= now)
        )
        return Found(occasions, _back_in_stock(session), list(over))

    def plan(self, session: Session, found: Found, now: datetime) -> None:
        """Plan it; what has been planned meanwhile stays as it is."""
        for occasion in found.occasions:
            followups.book(
                session, occasion.conversation, kind=occasion.kind, due_at=occasion.due_at, grain="minute",
                timezone=occasion.conversation.timezone, contact=None, note="", about=occasion.about,
                idempotency_key=occasion.key, now=now,
            )  # fmt: skip
        for id in (*found.back, *found.over):
            watch = followups.take(session, id)
            if watch is None or watch.status is not FollowUpStatus.WAITING:
                continue
            if id in found.back:
                followups.start_anew(watch, now)
            else:
                drop(session, watch, "what it waited for has not happened", now)
        session.flush()


def _new(prefix: str, id: Any, suffix: str = "") -> ColumnElement[bool]:
    """Whether no follow-up has the key `<prefix><id><suffix>` yet."""
    key = literal(prefix, String) + cast(id, String) + literal(suffix, String)
    return ~exists().where(FollowUp.idempotency_key == key)


def _expiring_quotes(session: Session, now: datetime) -> Iterator[Occasion]:
    rows = session.execute(
        select(Quote, Conversation)
        .join(Conversation, Conversation.id == Quote.conversation_id)
        .where(Quote.valid_until > now, _new("quote-", Quote.id))
    )
    for quote, conversation in rows:
        due_at = _before_it_expires(session, quote, conversation.timezone)
        if quote.valid_until - quote.created_at >= SHORTEST_QUOTE and due_at > quote.created_at:
            about = {"quote": quote.number}
            yield Occasion(conversation, FollowUpKind.QUOTE_EXPIRING, f"quote-{quote.id}", due_at, about)


def _before_it_expires(session: Session, quote: Quote, timezone: str) -> datetime:
    """A day before; when the shop may not write any more from then until it expires, the last hour at which it may."""
    hours = ContactHours.of(current_shop(session))
    day_before = quote.valid_until - BEFORE_QUOTE_EXPIRES
    in_time = hours.next(day_before, timezone) < quote.valid_until
    return day_before if in_time else hours.last(day_before, timezone)


def _baskets_left(session: Session, now: datetime) -> Iterator[Occasion]:
    """Once for every basket: another one begins after an order."""
    orders = (
        select(func.count(Order.id)).where(Order.conversation_id == Cart.conversation_id).correlate(Cart)
    ).scalar_subquery()
    rows = session.execute(
        select(Cart, Conversation, orders)
        .join(Conversation, Conversation.id == Cart.conversation_id)
        .where(
            exists().where(CartLine.cart_id == Cart.id),
            Cart.updated_at <= now - BASKET_RESTS,
            Cart.updated_at > now - LONGEST_REST,
            Conversation.rep_name.is_(None),
        )
    ).all()
    for cart, conversation, count in rows:
        key = f"basket-{cart.id}-{count}"
        if session.scalar(select(FollowUp.id).where(FollowUp.idempotency_key == key)) is not None:
            continue
        word = latest_consent(session, conversation, MARKETING)
        if word is not None and word.granted:
            yield Occasion(conversation, FollowUpKind.BASKET_LEFT, key, now, {"cart": cart.id})


def _orders_under_way(session: Session, now: datetime) -> Iterator[Occasion]:
    """Orders placed in a conversation: those of an import are history, of which nobody has to be told."""
    for status, kind in (
        (OrderStatus.SHIPPED, FollowUpKind.ORDER_SHIPPED),
        (OrderStatus.DELIVERED, FollowUpKind.ORDER_DELIVERED),
        (OrderStatus.DELIVERED, FollowUpKind.HOW_WAS_IT),
    ):
        # By way of the conversation: of the orders of an import there may be a million.
        rows = session.execute(
            select(Order, Conversation)
            .join(Conversation, Conversation.id == Order.conversation_id)
            .where(
                Order.conversation_id > "",
                func.lower(cast(Order.status, String)) == status.value,
                _new("order-", Order.id, f"-{kind}"),
            )
        )
        for order, conversation in rows:
            if order.placed_at > now - RECENT_ORDER:
                due_at = now + ENJOYED if kind is FollowUpKind.HOW_WAS_IT else now
                yield Occasion(conversation, kind, f"order-{order.id}-{kind}", due_at, {"order": order.number})


def _time_to_buy_again(session: Session, now: datetime) -> Iterator[Occasion]:
    """Only for who agreed to it, and explained: when it was bought, and after how long others buy it again."""
    for due in repurchases_due(session, now):
        key = f"again-{due.order_id}-{due.sku}"[:80]
        if session.scalar(select(FollowUp.id).where(FollowUp.idempotency_key == key)) is not None:
            continue
        about = {"sku": due.sku, "days": due.days, "bought_at": due.bought_at.isoformat()}
        yield Occasion(due.conversation, FollowUpKind.BUY_AGAIN, key, now, about)


def _back_in_stock(session: Session) -> list[int]:
    """Watches on goods that can be bought again."""
    watches = session.scalars(
        select(FollowUp)
        .where(FollowUp.status == FollowUpStatus.WAITING, FollowUp.kind == FollowUpKind.BACK_IN_STOCK)
        .order_by(FollowUp.id)
    ).all()
    skus = {watch.about.get("sku") for watch in watches}
    if not skus:
        return []
    there = set(
        session.scalars(
            select(Variant.sku).where(
                Variant.sku.in_(skus), Variant.active, or_(Variant.stock.is_(None), Variant.stock > 0)
            )
        )
    )
    return [watch.id for watch in watches if watch.about.get("sku") in there]


def watch_stock(session: Session, conversation: Conversation, sku: str, now: datetime, key: str) -> FollowUp:
    """Tell this customer when the goods are back; asked twice it is one promise."""
    for watch in session.scalars(
        select(FollowUp).where(
            FollowUp.conversation_id == conversation.id,
            FollowUp.kind == FollowUpKind.BACK_IN_STOCK,
            FollowUp.status == FollowUpStatus.WAITING,
        )
    ):
        if watch.about.get("sku") == sku:
            return watch
    return followups.book(
        session, conversation, kind=FollowUpKind.BACK_IN_STOCK, due_at=now + followups.LONGEST_WAIT, grain="day",
        timezone=conversation.timezone, contact=None, note="", about={"sku": sku}, idempotency_key=key, now=now,
        status=FollowUpStatus.WAITING,
    )  # fmt: skip
