"""Consent, opting out, and being forgotten."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, Delete, Update, delete, func, or_, select, update
from sqlalchemy.orm import Session

from crm_store.conversations import request_handoff
from crm_store.followups import OPEN
from crm_store.inbox import forget_addresses
from crm_store.tables import (
    Button,
    ChannelIdentity,
    Consent,
    Conversation,
    Customer,
    FollowUp,
    FollowUpKind,
    FollowUpStatus,
    Handoff,
    Lead,
    Message,
    Order,
    ServiceRequest,
    Touchpoint,
)
from crm_store.text import one_line

CONTACT = "contact"
MARKETING = "marketing"
ERASED = ""  # what stands where a person's words were


def record_consent(
    session: Session, conversation: Conversation, purpose: str, granted: bool, wording: str, now: datetime
) -> Consent:
    """Keep what was agreed to or refused and in which words; agreeing to contact ends an opt-out."""
    consent = Consent(
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        purpose=purpose[:40],
        granted=granted,
        wording=one_line(wording, 1000) or "",
        at=now,
    )
    session.add(consent)
    if purpose == CONTACT and granted and conversation.customer_id is not None:
        session.get_one(Customer, conversation.customer_id).opted_out_at = None
    session.flush()
    return consent


def opt_out(session: Session, conversation: Conversation, now: datetime) -> None:
    """Never write to this person again unless they ask: consents refused, planned messages cancelled."""
    for purpose in (CONTACT, MARKETING):
        record_consent(session, conversation, purpose, False, "opted out in the conversation", now)
    of_person = FollowUp.conversation_id == conversation.id
    if conversation.customer_id is not None:
        session.get_one(Customer, conversation.customer_id).opted_out_at = now
        of_person = or_(of_person, FollowUp.customer_id == conversation.customer_id)
    # A call that the customer asked for is theirs to cancel.
    for follow_up in session.scalars(
        select(FollowUp).where(of_person, FollowUp.status.in_(OPEN), FollowUp.kind != FollowUpKind.CALL)
    ):
        follow_up.status = FollowUpStatus.CANCELLED
        follow_up.reason = "the customer wants no messages"
    session.flush()


def opted_out(session: Session, conversation: Conversation) -> bool:
    """True when this person does not want to be contacted; the newest word on it counts."""
    if conversation.customer_id is not None:
        customer = session.get_one(Customer, conversation.customer_id)
        if customer.opted_out_at is not None:
            return True
    newest = session.scalar(
        select(Consent)
        .where(Consent.conversation_id == conversation.id, Consent.purpose == CONTACT)
        .order_by(Consent.at.desc(), Consent.id.desc())
        .limit(1)
    )
    return newest is not None and not newest.granted


def erase_person(session: Session, conversation: Conversation, now: datetime) -> dict[str, int]:
    """Forget the person in this conversation; returns how many rows of each kind were emptied.

    A customer who is known from elsewhere too (an import, another conversation) is not erased on the word of
    whoever typed their address here: this conversation forgets them, a rep is asked to check who it is, and
    `left_to_check` counts such customers. `erase_customer` then does the rest.
    """
    known = _customers_of(session, conversation)
    to_check = sorted(id for id in known if not _known_only_here(session, id, conversation.id))
    to_erase = sorted(known.difference(to_check))
    counts = {} if conversation.customer_id in to_erase else _empty(session, [conversation.id], None, now, True)
    for id in to_erase:
        for name, more in erase_customer(session, id, now, replying=True).items():
            counts[name] = counts.get(name, 0) + more
    if to_check:
        if conversation.customer_id in to_check:
            conversation.customer_id = None
        who = ", ".join(str(id) for id in to_check)
        summary = f"Asked to be erased: check that it is customer {who}."
        request_handoff(session, conversation, "erasure", summary, now)
        counts["left_to_check"] = len(to_check)
    session.flush()
    return counts


def erase_customer(session: Session, customer_id: int, now: datetime, *, replying: bool = False) -> dict[str, int]:
    """Forget a customer whose identity is certain, everywhere; their orders stay without the person.

    With `replying` the channel's address is kept until the reply that says so is out.
    The key of the shop's own files stays, so that the next import does not bring the person back.
    """
    ids = list(session.scalars(select(Conversation.id).where(Conversation.customer_id == customer_id)))
    counts = _empty(session, ids, customer_id, now, replying)
    customer = session.get_one(Customer, customer_id)
    for column in _PERSONAL_COLUMNS:
        setattr(customer, column, None)
    customer.attributes = {}
    customer.opted_out_at = now
    customer.erased_at = now
    identities = session.execute(delete(ChannelIdentity).where(ChannelIdentity.customer_id == customer_id))
    session.flush()
    return {**counts, "customers": 1, "identities": identities.rowcount}


_PERSONAL_COLUMNS = (
    "name",
    "email",
    "phone",
    "address",
    "gender",
    "birth_date",
    "income",
    "household_size",
    "region",
    "language",
    "timezone",
)
_NOBODY = {"name": None, "email": None, "phone": None}
_NOTHING_SAID = {"text": ERASED, "payload": {}, "needs": {}, "mentions": {}}


def _customers_of(session: Session, conversation: Conversation) -> set[int]:
    """The customers that this conversation, its orders or its lead point to."""
    ids = {conversation.customer_id}
    for table in (Order, Lead):
        ids.update(session.scalars(select(table.customer_id).where(table.conversation_id == conversation.id)))
    return {id for id in ids if id is not None}


def _known_only_here(session: Session, customer_id: int, conversation_id: str) -> bool:
    elsewhere = select(func.count()).where(Conversation.customer_id == customer_id, Conversation.id != conversation_id)
    bought_elsewhere = select(func.count()).where(
        Order.customer_id == customer_id,
        or_(Order.conversation_id.is_(None), Order.conversation_id != conversation_id),
    )
    return (
        session.get_one(Customer, customer_id).external_id is None
        and session.scalar(elsewhere) == 0
        and session.scalar(bought_elsewhere) == 0
    )


def _empty(session: Session, ids: list[str], customer_id: int | None, now: datetime, replying: bool) -> dict[str, int]:
    """Blank what was said in these conversations and what was written down of the person."""

    def of_person(table: type[Order | Lead | FollowUp | Touchpoint]) -> ColumnElement[bool]:
        here = table.conversation_id.in_(ids)
        return here if customer_id is None else or_(here, table.customer_id == customer_id)

    statements: dict[str, Update | Delete] = {
        "messages": update(Message).where(Message.conversation_id.in_(ids)).values(**_NOTHING_SAID),
        # What a rep was told of a call stands in the rep's own conversation.
        "told": update(Message)
        .where(Message.id.in_(select(FollowUp.message_id).where(of_person(FollowUp))))
        .values(**_NOTHING_SAID),
        "orders": update(Order).where(of_person(Order)).values(**_NOBODY, address=None),
        "leads": update(Lead).where(of_person(Lead)).values(**_NOBODY, wants={}, summary=ERASED),
        "cancelled": update(FollowUp)
        .where(of_person(FollowUp), FollowUp.status.in_(OPEN))
        .values(status=FollowUpStatus.CANCELLED),
        "follow_ups": update(FollowUp).where(of_person(FollowUp)).values(contact=None, note=ERASED),
        "touchpoints": update(Touchpoint).where(of_person(Touchpoint)).values(summary=ERASED),
        "requests": update(ServiceRequest).where(ServiceRequest.conversation_id.in_(ids)).values(details=ERASED),
        "handoffs": update(Handoff).where(Handoff.conversation_id.in_(ids)).values(summary=ERASED),
        "buttons": delete(Button).where(Button.conversation_id.in_(ids)),
    }
    session.flush()
    counts = {
        name: session.execute(statement.execution_options(synchronize_session=False)).rowcount
        for name, statement in statements.items()
    }
    session.expire_all()
    for conversation in session.scalars(select(Conversation).where(Conversation.id.in_(ids))):
        _forget_state(conversation, now)
    session.flush()
    addresses = forget_addresses(session, ids, after_reply=replying)
    return {**counts, "conversations": len(ids), "addresses": addresses}


def _forget_state(conversation: Conversation, now: datetime) -> None:
    conversation.needs, conversation.pending = {}, {}
    conversation.asked, conversation.shown, conversation.rejected = [], [], []
    conversation.focus_sku = None
    conversation.questions_in_row = 0
    conversation.updated_at = now
