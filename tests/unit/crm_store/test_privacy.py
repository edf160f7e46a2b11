"""Consent and opting out."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store import consents, inbox, privacy
from crm_store.tables import Consent, FollowUpStatus
from tests.factories import (
    NOW,
    make_conversation,
    make_customer,
    make_follow_up,
    make_order,
)


def test_an_opt_out_stands_whatever_else_is_agreed_to(session: Session) -> None:
    chat = make_conversation(session, customer_id=make_customer(session).id)
    assert privacy.opted_out(session, chat) is False
    privacy.opt_out(session, chat, NOW)
    assert privacy.opted_out(session, chat) is True
    consents.record_consent(session, chat, "order", True, "terms", NOW + timedelta(hours=1))
    assert privacy.opted_out(session, chat) is True


def test_a_block_holds_while_it_lasts_and_on_its_channel_only(session: Session) -> None:
    ada = make_customer(session)
    web, telegram = (make_conversation(session, channel=name, customer_id=ada.id) for name in ("web", "telegram"))
    consents.record_consent(session, telegram, consents.MARKETING, True, "May I write?", NOW - timedelta(days=1))
    there, elsewhere = (make_follow_up(session, conversation=chat, kind="message") for chat in (telegram, web))
    address = inbox.add_address(session, telegram, "7:7", {"chat": 7, "user": 7})
    inbox.set_blocked(session, [address], NOW)
    privacy.block(session, telegram, NOW)
    assert [privacy.opted_out(session, chat) for chat in (web, telegram)] == [False, True]
    assert (there.status, elsewhere.status) == (FollowUpStatus.CANCELLED, FollowUpStatus.PLANNED)
    inbox.set_blocked(session, [address], None)
    assert privacy.opted_out(session, telegram) is False
    word = consents.latest_consent(session, telegram, consents.MARKETING)
    assert word is not None and not word.granted, "advertising needs a new yes"


def test_a_stop_in_words_outlasts_a_block(session: Session) -> None:
    chat = make_conversation(session, channel="telegram", customer_id=make_customer(session).id)
    address = inbox.add_address(session, chat, "7:7", {"chat": 7, "user": 7})
    privacy.opt_out(session, chat, NOW, "stop")
    inbox.set_blocked(session, [address], NOW)
    privacy.block(session, chat, NOW)
    inbox.set_blocked(session, [address], None)
    assert privacy.opted_out(session, chat) is True


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


@pytest.mark.parametrize("words", ["unsubscribe", "退订"])
def test_an_opt_out_holds_on_every_channel_and_keeps_the_words(session: Session, words: str) -> None:
    ada = make_customer(session)
    web, telegram = (make_conversation(session, channel=name, customer_id=ada.id) for name in ("web", "telegram"))
    stranger = make_conversation(session)
    make_order(session, conversation=stranger, customer=ada)  # the same person, who is not signed in there
    message = make_follow_up(session, conversation=telegram, kind="message", customer_id=ada.id)
    privacy.opt_out(session, stranger, NOW, words)
    assert [privacy.opted_out(session, chat) for chat in (web, telegram, stranger)] == [True, True, True]
    assert message.status is FollowUpStatus.CANCELLED
    said = session.execute(select(Consent.purpose, Consent.granted, Consent.wording, Consent.at)).all()
    assert said == [(purpose, False, words, NOW) for purpose in (consents.CONTACT, consents.MARKETING)]
