"""Consent, opting out and being forgotten."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy.orm import Session

from crm_store import privacy
from crm_store.tables import (
    FollowUpStatus,
)
from tests.factories import (
    NOW,
    make_conversation,
    make_customer,
    make_follow_up,
)


def test_after_an_opt_out_only_a_new_consent_allows_contact(session: Session) -> None:
    chat = make_conversation(session, customer_id=make_customer(session).id)
    assert privacy.opted_out(session, chat) is False
    privacy.opt_out(session, chat, NOW)
    assert privacy.opted_out(session, chat) is True
    privacy.record_consent(session, chat, "order", True, "terms", NOW)
    assert privacy.opted_out(session, chat) is True
    privacy.record_consent(session, chat, "contact", True, "yes, write to me", NOW + timedelta(hours=1))
    assert privacy.opted_out(session, chat) is False


def test_an_opt_out_counts_in_every_conversation_of_the_customer(session: Session) -> None:
    customer = make_customer(session)
    chat = make_conversation(session, customer_id=customer.id)
    other = make_conversation(session, customer_id=customer.id)
    privacy.opt_out(session, chat, NOW)
    assert privacy.opted_out(session, other) is True
    assert privacy.opted_out(session, make_conversation(session)) is False


def test_an_opt_out_drops_messages_but_not_the_call_that_was_asked_for(session: Session) -> None:
    chat = make_conversation(session)
    message = make_follow_up(session, conversation=chat, kind="message")
    call = make_follow_up(session, conversation=chat, kind="call")
    privacy.opt_out(session, chat, NOW)
    assert (message.status, call.status) == (FollowUpStatus.CANCELLED, FollowUpStatus.PLANNED)
