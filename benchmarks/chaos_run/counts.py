"""What a run left in the log, held against what was said: messages, their replies, and the order of both."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from benchmarks.chaos_run.traffic import Chat
from crm_store.outbox import MOMENTARY
from crm_store.tables import (
    ChannelAddress,
    Delivery,
    Direction,
    FollowUp,
    FollowUpStatus,
    InboundUpdate,
    Message,
    MessageState,
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
    sent = [_key(update) for update in chat.sent]
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


def replies_in_log(chat: Chat, log: Log) -> list[int]:
    """How many replies answer nothing that was said, and then how many each message has, in the order of the script.

    "One moment" is left out: it is said when an answer takes long, which the kills decide.
    """
    has = Counter(reply.reply_to for reply in log.outbound if not reply.payload.get(MOMENTARY))
    # The first row of each message; what answers another one of it answers nothing that was said.
    rows = {key: id for id, key, _ in reversed(log.inbound)}
    to_each = [has.pop(rows.get(_key(update), -1), 0) for update in chat.sent]
    return [has.total(), *to_each]


def check_replies_in_log(chat: Chat, log: Log, calm: Sequence[int], found: Found) -> None:
    """Each message has as many replies as the same words had when nothing was killed: one handled twice has more."""
    # Who left has said less; that they waited in vain is counted where it is seen.
    for place, (has, had) in enumerate(zip(replies_in_log(chat, log), calm, strict=False)):
        what = f"message {place}" if place else "nothing that was said"
        note = f"chat {chat.id} ({chat.script.name}): {has} replies to {what} instead of {had}"
        found.add("replies doubled in the log", note, max(0, has - had))
        found.add("replies lost", note, max(0, had - has))


def _key(update: int) -> str:
    """What the log calls an update."""
    return f"{BOT['id']}:{update}"


def _inversions(items: Sequence[Any], rank: Callable[[Any], int]) -> int:
    """How many items stand behind one of a higher rank."""
    highest, late = -1, 0
    for item in items:
        late += rank(item) < highest
        highest = max(highest, rank(item))
    return late
