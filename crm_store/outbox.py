"""The outbox: what was said to customers of channels that deliver, until it is sent or given up.

A reply is in the log in the same transaction that marks its message handled, and being there makes it due: the
outbox takes up whatever the log has for an address and it has not seen, so nobody can forget to put a reply in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Integer, Select, String, and_, func, literal, select, update
from sqlalchemy.orm import Session, aliased

from crm_store.database import insert_new
from crm_store.errors import SalesError
from crm_store.followups import ASKED_FOR
from crm_store.inbox import FORGOTTEN
from crm_store.tables import ChannelAddress, Conversation, Delivery, DeliveryState, Direction, FollowUp, Message
from crm_store.tables.base import HIGHEST_ID

BLOCKED = "blocked"  # the error of what could not be sent because the customer does not want it
MOMENTARY = "momentary"  # in a payload: of no use once anything newer is there to say


class DeliveryNotFound(SalesError):
    """No reply in the outbox has this number."""

    code = "delivery_not_found"

    def __init__(self, id: int) -> None:
        super().__init__(f"There is no reply {id} in the outbox.", id=id)


class NotGivenUp(SalesError):
    """Only what was given up can be sent again: anything else is sent or will be."""

    code = "not_given_up"

    def __init__(self, id: int, state: str) -> None:
        super().__init__(f"Reply {id} is {state}; only one that was given up can be sent again.", id=id, state=state)


class NotReachable(SalesError):
    """Nobody knows any more how this reply could reach the customer."""

    code = "not_reachable"

    def __init__(self, delivery_id: int) -> None:
        super().__init__(f"Reply {delivery_id} cannot be sent: its customer was forgotten.", delivery_id=delivery_id)


@dataclass(frozen=True, slots=True)
class Letter:
    """One reply with all that is needed to send it; `answers` is what the channel knows of the message answered."""

    id: int
    conversation_id: str
    channel: str
    language: str
    address: dict[str, Any]
    payload: dict[str, Any]
    answers: dict[str, Any]
    tries: int
    parts_sent: int
    next_at: datetime


def take_up(session: Session, now: datetime, after: int = 0) -> int:
    """Put into the outbox what the log has and it has not, of messages with an id above `after`; returns how many."""
    seen = select(Delivery.id).where(Delivery.message_id == Message.id).exists()
    new = (
        select(
            Message.id,
            Message.conversation_id,
            ChannelAddress.channel,
            literal(DeliveryState.WAITING.value, String),
            literal(0, Integer),
            literal(0, Integer),
            literal(now, Delivery.next_at.type),
            literal(now, Delivery.created_at.type),
        )
        .join(ChannelAddress, ChannelAddress.conversation_id == Message.conversation_id)
        .where(Message.direction == Direction.OUTBOUND, Message.id > after, ~seen)
        .order_by(Message.id)
    )
    columns = "message_id conversation_id channel state tries parts_sent next_at created_at".split()
    return session.execute(insert_new(session, Delivery).from_select(columns, new)).rowcount


def newest_outbound_id(session: Session) -> int:
    """The highest id of a message to a customer, 0 when there is none."""
    newest = select(Message.id).where(Message.direction == Direction.OUTBOUND).order_by(Message.id.desc()).limit(1)
    return session.scalar(newest) or 0


def conversations_due(session: Session, channel: str, now: datetime, limit: int = 1000) -> Sequence[str]:
    """The conversations whose oldest waiting reply may be sent now: what was promised for a time of the customer's
    choice first, as there is little of it, then the longest waiting."""
    oldest = (
        select(Delivery.conversation_id, func.min(Delivery.message_id).label("message_id"))
        .where(Delivery.channel == channel, Delivery.state == DeliveryState.WAITING)
        .group_by(Delivery.conversation_id)
        .subquery()
    )
    return session.scalars(
        select(Delivery.conversation_id)
        .join(oldest, oldest.c.message_id == Delivery.message_id)
        .join(ChannelAddress, ChannelAddress.conversation_id == Delivery.conversation_id)
        .outerjoin(FollowUp, and_(FollowUp.message_id == Delivery.message_id, FollowUp.kind.in_(ASKED_FOR)))
        .where(Delivery.next_at <= now)
        .order_by(FollowUp.id.is_(None), Delivery.message_id)
        .limit(limit)
    ).all()


def next_letter(session: Session, conversation_id: str) -> Letter | None:
    """The oldest reply that this conversation still has to get; nothing is sent before it."""
    answered = aliased(Message)
    row = session.execute(
        select(Delivery, Message, ChannelAddress.address, Conversation.language, answered.payload)
        .join(Message, Message.id == Delivery.message_id)
        .join(Conversation, Conversation.id == Delivery.conversation_id)
        .join(ChannelAddress, ChannelAddress.conversation_id == Delivery.conversation_id)
        .outerjoin(answered, answered.id == Message.reply_to)
        .where(Delivery.conversation_id == conversation_id, Delivery.state == DeliveryState.WAITING)
        .order_by(Delivery.message_id)
        .limit(1)
    ).first()
    if row is None:
        return None
    delivery, message, address, language, answers = row
    return Letter(
        id=delivery.id,
        conversation_id=conversation_id,
        channel=delivery.channel,
        language=language,
        address=address,
        payload=message.payload or {"text": message.text},
        answers=dict(answers or {}),
        tries=delivery.tries,
        parts_sent=delivery.parts_sent,
        next_at=delivery.next_at,
    )


def needs_tidying(session: Session, conversation_id: str) -> bool:
    """Whether `tidy` has something to do there: rarely, so it is asked without the right to write."""
    address = session.get(ChannelAddress, conversation_id)
    if address is None:
        return False
    waiting = _waiting(session, conversation_id)
    if address.blocked_at is not None:
        return bool(waiting)
    return len(waiting) > 1 and any(message.payload.get(MOMENTARY) for _, message in waiting[:-1])


def tidy(session: Session, conversation_id: str, now: datetime) -> None:
    """Settle what need not be sent: momentary replies behind which something newer waits, and all to who blocked us."""
    address = session.get(ChannelAddress, conversation_id)
    if address is None:
        return
    waiting = _waiting(session, conversation_id)
    for place, (delivery, message) in enumerate(waiting):
        if address.blocked_at is not None:
            _settle(delivery, DeliveryState.DEAD, now, BLOCKED)
        elif message.payload.get(MOMENTARY) and place + 1 < len(waiting) and not delivery.parts_sent:
            _settle(delivery, DeliveryState.DROPPED, now, None)
    session.flush()


def last_word_is_out(session: Session, channel: str) -> Sequence[str]:
    """Conversations of people who are to be forgotten and have heard so, or will not any more."""
    waiting = select(Delivery.id).where(
        Delivery.conversation_id == ChannelAddress.conversation_id, Delivery.state == DeliveryState.WAITING
    )
    taken_up = select(Delivery.id).where(Delivery.message_id == Message.id)
    unseen = select(Message.id).where(
        Message.conversation_id == ChannelAddress.conversation_id,
        Message.direction == Direction.OUTBOUND,
        ~taken_up.exists(),
    )
    return session.scalars(
        select(ChannelAddress.conversation_id).where(
            ChannelAddress.channel == channel,
            ChannelAddress.external_id.startswith(FORGOTTEN),
            ~waiting.exists(),
            ~unseen.exists(),
        )
    ).all()


def let_go(session: Session, channel: str) -> None:
    """Forget how those are reached to whom nothing is left to be said."""
    for conversation_id in last_word_is_out(session, channel):
        session.delete(session.get_one(ChannelAddress, conversation_id))
    session.flush()


def let_go_of(session: Session, conversation_ids: Sequence[str], now: datetime) -> None:
    """Forget how those are reached who are to be forgotten, whether or not they have heard so."""
    forgotten = select(ChannelAddress).where(
        ChannelAddress.conversation_id.in_(conversation_ids), ChannelAddress.external_id.startswith(FORGOTTEN)
    )
    for address in session.scalars(forgotten).all():
        for delivery, _ in _waiting(session, address.conversation_id):
            _settle(delivery, DeliveryState.DROPPED, now, None)
        session.delete(address)
    session.flush()


def _waiting(session: Session, conversation_id: str) -> list[tuple[Delivery, Message]]:
    rows = session.execute(
        select(Delivery, Message)
        .join(Message, Message.id == Delivery.message_id)
        .where(Delivery.conversation_id == conversation_id, Delivery.state == DeliveryState.WAITING)
        .order_by(Delivery.message_id)
    )
    return [(delivery, message) for delivery, message in rows]


def part_sent(session: Session, delivery_id: int, parts_sent: int, last: bool, now: datetime) -> None:
    """One message of the channel is out; with the last one the reply is sent."""
    sent: dict[str, Any] = {"parts_sent": parts_sent}
    if last:
        sent |= {"state": DeliveryState.SENT, "settled_at": now, "error": None}
    session.execute(update(Delivery).where(Delivery.id == delivery_id).values(sent))


def recall(
    session: Session, delivery_id: int, conversation_id: str, parts_sent: int, last: bool, now: datetime
) -> None:
    """As `part_sent`, of what somebody wrote down elsewhere: the store may know more, or be another one by now."""
    delivery = session.get(Delivery, delivery_id)
    ours = delivery is not None and delivery.conversation_id == conversation_id
    if ours and delivery.state is DeliveryState.WAITING and delivery.parts_sent < parts_sent:
        part_sent(session, delivery_id, parts_sent, last, now)


def put_off(session: Session, delivery_id: int, until: datetime, error: str, *, counts: bool) -> None:
    """Try again at `until`; `counts` when it is one of the tries after which we give up."""
    delivery = session.get_one(Delivery, delivery_id)
    delivery.tries += int(counts)
    delivery.next_at = until
    delivery.error = error[:300]
    session.flush()


def give_up(session: Session, delivery_id: int, error: str, now: datetime) -> None:
    """Into the dead letters: what follows in the conversation is not held up any longer."""
    delivery = session.get_one(Delivery, delivery_id)
    delivery.tries += 1
    _settle(delivery, DeliveryState.DEAD, now, error)
    session.flush()


def drop_unsent(session: Session, message_ids: Select[Any], now: datetime) -> None:
    """Of these messages nothing goes out any more, not even when it is sent again by hand."""
    session.execute(
        update(Delivery)
        .where(Delivery.message_id.in_(message_ids), Delivery.state.in_([DeliveryState.WAITING, DeliveryState.DEAD]))
        .values(state=DeliveryState.DROPPED, settled_at=now)
    )
    session.expire_all()


def give_up_waiting(session: Session, conversation_ids: Sequence[str], error: str, now: datetime) -> None:
    """Give up all that these conversations still have to get."""
    session.execute(
        update(Delivery)
        .where(Delivery.conversation_id.in_(conversation_ids), Delivery.state == DeliveryState.WAITING)
        .values(state=DeliveryState.DEAD, error=error, settled_at=now)
    )
    session.expire_all()


def send_again(session: Session, delivery_id: int, now: datetime) -> Delivery:
    """Take a reply back from the dead letters; what of it was sent is not sent again.

    Raises DeliveryNotFound, NotGivenUp or NotReachable.
    """
    delivery = session.get(Delivery, delivery_id) if delivery_id <= HIGHEST_ID else None
    if delivery is None:
        raise DeliveryNotFound(delivery_id)
    if delivery.state is not DeliveryState.DEAD:
        raise NotGivenUp(delivery_id, delivery.state.value)
    if session.get(ChannelAddress, delivery.conversation_id) is None:
        raise NotReachable(delivery_id)
    delivery.state = DeliveryState.WAITING
    delivery.tries = 0
    delivery.next_at = now
    delivery.error = delivery.settled_at = None
    session.flush()
    return delivery


def send_all_again(session: Session, now: datetime) -> int:
    """As `send_again`, of all that can be; returns how many."""
    reachable = select(ChannelAddress.conversation_id).where(
        ChannelAddress.conversation_id == Delivery.conversation_id, ChannelAddress.blocked_at.is_(None)
    )
    dead = select(Delivery.id).where(Delivery.state == DeliveryState.DEAD, reachable.exists())
    ids = session.scalars(dead.order_by(Delivery.message_id)).all()
    for id in ids:
        send_again(session, id, now)
    return len(ids)


def counts(session: Session) -> dict[str, int]:
    """How many replies are in each state."""
    rows = session.execute(select(Delivery.state, func.count()).group_by(Delivery.state))
    found = {state: count for state, count in rows}
    return {state.value: found.get(state, 0) for state in DeliveryState}


def unsent(session: Session, limit: int = 1000) -> Sequence[tuple[Delivery, Message]]:
    """What was given up, then what waits, each oldest first."""
    rows = session.execute(
        select(Delivery, Message)
        .join(Message, Message.id == Delivery.message_id)
        .where(Delivery.state.in_([DeliveryState.DEAD, DeliveryState.WAITING]))
        .order_by(Delivery.state == DeliveryState.WAITING, Delivery.message_id)
        .limit(limit)
    )
    return [(delivery, message) for delivery, message in rows]


def _settle(delivery: Delivery, state: DeliveryState, now: datetime, error: str | None) -> None:
    delivery.state = state
    delivery.settled_at = now
    delivery.error = error[:300] if error else None
