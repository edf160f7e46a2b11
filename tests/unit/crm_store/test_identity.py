"""Who a customer is by the shop's word, and what they agreed to wherever they are."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from crm_store import consents, identity
from crm_store.consents import DETAILS, latest_consent
from crm_store.errors import ConversationTaken, CustomerNotFound
from tests.factories import NOW, make_conversation, make_customer


def test_the_shop_s_key_is_never_taken_for_our_number(session: Session) -> None:
    ours = make_customer(session)
    with pytest.raises(CustomerNotFound):
        identity.customer_vouched_for(session, str(ours.id))
    assert identity.customer_vouched_for(session, f"#{ours.id}") is ours
    theirs = make_customer(session, external_id=str(ours.id))
    assert identity.customer_vouched_for(session, str(ours.id)) is theirs


def test_an_erased_customer_does_not_sign_in(session: Session) -> None:
    customer = make_customer(session, external_id="C-1")
    customer.erased_at = NOW
    for key in ("C-1", f"#{customer.id}"):
        with pytest.raises(CustomerNotFound):
            identity.customer_vouched_for(session, key)


def test_a_conversation_is_one_customer_s_and_never_a_rep_s_and_a_customer_s(session: Session) -> None:
    first, second = make_customer(session), make_customer(session)
    # An address typed into an order proves nothing, so whoever signs in afterwards may be somebody else.
    chat = make_conversation(session, customer_id=second.id)
    chat.identified = False
    identity.sign_in(session, chat, first, NOW)
    assert (chat.customer_id, chat.identified) == (first.id, True)
    with pytest.raises(ConversationTaken):
        identity.sign_in(session, chat, second, NOW)
    rep = make_conversation(session)
    rep.rep_name = "Ada"
    with pytest.raises(ConversationTaken):
        identity.sign_in(session, rep, first, NOW)


def test_a_word_counts_in_every_conversation_of_a_proven_customer_and_of_nobody_else(session: Session) -> None:
    customer = make_customer(session)
    said, other, unproven = (make_conversation(session, customer_id=customer.id) for _ in range(3))
    said.identified = other.identified = True
    unproven.identified = False
    consents.record_consent(session, said, DETAILS, True, "words", NOW)
    for chat, granted in ((said, True), (other, True), (unproven, None), (make_conversation(session), None)):
        word = latest_consent(session, chat, DETAILS)
        assert (word and word.granted) is granted
    consents.record_consent(session, other, DETAILS, False, "words", NOW + timedelta(minutes=1))
    latest = latest_consent(session, said, DETAILS)
    assert latest is not None and latest.granted is False
