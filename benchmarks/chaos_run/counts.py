"""What a run left in the store, held against what was said: messages, effects and their order."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.chaos_run.traffic import Chat
from crm_store.tables import (
    Cart,
    CartLine,
    ChannelAddress,
    Delivery,
    Direction,
    FollowUp,
    FollowUpStatus,
    Handoff,
    InboundUpdate,
    Lead,
    Message,
    MessageState,
    Order,
    OrderLine,
    OrderStatus,
    UpdateState,
)
from tests.fake_telegram.server import BOT

KEY = "chaos-"  # begins the idempotency key of each reminder of ours


@dataclass(frozen=True, slots=True)
class Outbound:
    """One reply in the log, and what the outbox says of it."""

    id: int
    reply_to: int | None
    payload: dict[str, Any]
    state: str


@dataclass(slots=True)
class Log:
    """The log of one chat."""

    conversation_id: str
    inbound: list[tuple[int, str, MessageState]] = field(default_factory=list)  # id, external id, state
    outbound: list[Outbound] = field(default_factory=list)


@dataclass(slots=True)
class Found:
    """What is wrong, by kind; `notes` say where, for a person to look at."""

    counts: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)

    def add(self, kind: str, note: str, number: int = 1) -> None:
        if number:
            self.counts[kind] += number
            self.notes.append(f"{kind}: {note}")


def logs(session: Session) -> dict[int, Log]:
    """The logs of all chats of Telegram, by the chat's id."""
    found: dict[str, Log] = {}
    by_chat: dict[int, Log] = {}
    for address in session.scalars(select(ChannelAddress).where(ChannelAddress.channel == "telegram")):
        found[address.conversation_id] = by_chat[int(address.address["chat"])] = Log(address.conversation_id)
    rows = session.execute(
        select(Message.conversation_id, Message.id, Message.direction, Message.external_id, Message.state,
               Message.reply_to, Message.payload, Delivery.state)
        .outerjoin(Delivery, Delivery.message_id == Message.id)
        .where(Message.conversation_id.in_(select(ChannelAddress.conversation_id)))
        .order_by(Message.id)
    )  # fmt: skip
    for conversation_id, id, direction, external_id, state, reply_to, payload, delivery in rows:
        log = found[conversation_id]
        if direction is Direction.INBOUND:
            log.inbound.append((id, external_id or "", state))
        else:
            log.outbound.append(Outbound(id, reply_to, payload, delivery.value if delivery else "none"))
    return by_chat


def unsettled(session: Session) -> int:
    """Updates, messages, replies and reminders that are still on their way."""
    telegram = select(ChannelAddress.conversation_id)
    updates = select(func.count()).select_from(InboundUpdate).where(InboundUpdate.state == UpdateState.WAITING)
    messages = select(func.count()).select_from(Message)
    handled = messages.where(Message.state == MessageState.RECEIVED, Message.conversation_id.in_(telegram))
    seen = select(Delivery.id).where(Delivery.message_id == Message.id).exists()
    to_take_up = messages.where(Message.direction == Direction.OUTBOUND, Message.conversation_id.in_(telegram), ~seen)
    deliveries = select(func.count()).select_from(Delivery).where(Delivery.state == "waiting")
    booked = FollowUp.idempotency_key.startswith(KEY)
    promises = select(func.count()).select_from(FollowUp).where(booked, FollowUp.status == FollowUpStatus.PLANNED)
    return sum(session.scalar(query) or 0 for query in (updates, handled, to_take_up, deliveries, promises))


# Messages ---------------------------------------------------------------------------------------


def check_messages(chat: Chat, log: Log, found: Found) -> None:
    """Each message is in the log once, answered, and in the order in which it was sent."""
    sent = [f"{BOT['id']}:{update}" for update in chat.sent]
    came = Counter(key for _, key, _ in log.inbound)
    answered = {reply.reply_to for reply in log.outbound}
    open_ones = [id for id, _, state in log.inbound if state is not MessageState.HANDLED or id not in answered]
    lost = [key for key in sent if key not in came]
    where = f"chat {chat.id} ({chat.script.name})"
    found.add("messages lost", f"{where}: {lost} never came, {open_ones} unanswered", len(lost) + len(open_ones))
    found.add("messages doubled", where, sum(came.values()) - len(came) + len(came.keys() - set(sent)))
    order = [key for _, key, _ in log.inbound]
    overtaken = _inversions(order, sent.index) if set(order) <= set(sent) else 0
    found.add("messages out of order", f"{where}: {order}", overtaken)
    turns = [reply.reply_to for reply in log.outbound if reply.reply_to is not None]
    found.add("messages out of order", f"{where}: answered {turns}", _inversions(turns, lambda id: id))


def _inversions(items: Sequence[Any], rank: Callable[[Any], int]) -> int:
    """How many items stand behind one of a higher rank."""
    highest, late = -1, 0
    for item in items:
        late += rank(item) < highest
        highest = max(highest, rank(item))
    return late


# Effects ----------------------------------------------------------------------------------------

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
