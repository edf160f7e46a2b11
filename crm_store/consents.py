"""What a customer agreed to so far, and whether a personal detail is about to be given."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from crm_store.tables import Consent, Conversation
from crm_store.text import one_line

CONTACT = "contact"  # being written to at all: only ever refused, as nobody has to agree to it first
MARKETING = "marketing"
DETAILS = "details"  # to keep what the customer says about themselves, for answers, orders and calls
# Not "handoff_contact": there a contact is welcome, and whatever else is said goes on.
_QUESTIONS_FOR_DETAILS = frozenset({"order", "follow_up_contact"})


def record_consent(
    session: Session, conversation: Conversation, purpose: str, granted: bool, wording: str, now: datetime
) -> Consent:
    """Keep what was agreed to or refused and in which words."""
    consent = Consent(
        conversation_id=conversation.id,
        customer_id=conversation.customer_id,
        purpose=purpose[:40],
        granted=granted,
        wording=one_line(wording, 1000) or "",
        at=now,
    )
    session.add(consent)
    session.flush()
    return consent


def latest_consent(session: Session, conversation: Conversation, purpose: str) -> Consent | None:
    """The last word on a purpose, said here or elsewhere by the same proven customer; None when there is none."""
    by_person = Consent.conversation_id == conversation.id
    if conversation.identified and conversation.customer_id is not None:
        by_person = or_(by_person, Consent.customer_id == conversation.customer_id)
    newest = select(Consent).where(by_person, Consent.purpose == purpose).order_by(Consent.at.desc(), Consent.id.desc())
    return session.scalar(newest.limit(1))


def details_expected(conversation: Conversation) -> bool:
    """Whether the assistant waits for a name, an address or a contact."""
    question = conversation.pending.get("question") or {}
    return bool(conversation.pending.get("checkout")) or question.get("kind") in _QUESTIONS_FOR_DETAILS
