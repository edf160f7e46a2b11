"""What a page shows beside the messages, and what it asks the customer to agree to."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.consent_wording import WORDING
from crm_store import carts, identity
from crm_store.conversations import existing_conversation
from crm_store.database import reading, writing
from crm_store.erasing.rows import erase_person
from crm_store.tables import Consent
from tests.factories import NOW, make_customer, make_product
from tests.unit.channels.conftest import Chat


def state_of(client: httpx.Client, chat: Chat) -> dict[str, Any]:
    return client.get(f"{chat.path}/messages", headers=chat.headers).json()["state"]


def test_the_state_tells_language_cart_and_whether_details_come(
    client: httpx.Client, chat: Chat, store: sessionmaker[Session]
) -> None:
    nothing = {"language": "en", "cart_items": 0, "details_expected": False, "details_agreed": False}
    assert state_of(client, chat) == nothing
    with writing(store) as session:
        make_product(session, "Ridge", variants=[{"sku": "A", "stock": 5}, {"sku": "B", "stock": 5}])
        carts.add(session, chat.id, "A", 2, NOW)
        carts.add(session, chat.id, "B", 1, NOW)
        existing_conversation(session, chat.id).pending = {"checkout": {"step": "name", "draft": {}}}
    answered = chat.say("hello", "1").json()["state"]
    assert answered == nothing | {"cart_items": 3, "details_expected": True}


@pytest.mark.parametrize(
    ("kind", "expected"), [("follow_up_contact", True), ("handoff_contact", False), ("order", True), ("facet", False)]
)
def test_some_questions_ask_for_details(
    client: httpx.Client, chat: Chat, store: sessionmaker[Session], kind: str, expected: bool
) -> None:
    with writing(store) as session:
        existing_conversation(session, chat.id).pending = {"question": {"kind": kind}}
    assert state_of(client, chat)["details_expected"] is expected


def test_a_language_is_chosen(client: httpx.Client, chat: Chat) -> None:
    assert client.patch(chat.path, headers=chat.headers, json={"language": "zh-CN"}).json()["language"] == "zh"
    assert state_of(client, chat)["language"] == "zh"
    assert client.patch(chat.path, json={"language": "en"}).status_code == 401


def test_consent_is_kept_with_purpose_time_and_the_words_that_were_shown(
    client: httpx.Client, chat: Chat, store: sessionmaker[Session]
) -> None:
    path = f"{chat.path}/consents"
    asked = client.get(path, headers=chat.headers, params={"language": "zh"}).json()["consents"]
    assert [(one["purpose"], one["granted"], one["at"]) for one in asked] == [
        ("details", None, None),
        ("marketing", None, None),
    ]
    before = datetime.now(UTC)
    for granted in (False, True, True):
        body = {"purpose": "details", "granted": granted, "language": "zh"}
        answer = client.post(path, headers=chat.headers, json=body | {"wording": "anything the browser says"})
        assert answer.status_code == 200
    assert answer.json()["consents"][0]["granted"] is True
    with reading(store) as session:
        kept = session.scalars(select(Consent).where(Consent.conversation_id == chat.id).order_by(Consent.id)).all()
    assert [(one.purpose, one.granted) for one in kept] == [("details", False), ("details", True)]
    assert all(one.wording == WORDING["details"]["zh"] == asked[0]["wording"] and one.at >= before for one in kept)


def test_the_state_tells_whether_details_were_agreed_to_until_that_is_erased(
    client: httpx.Client, chat: Chat, store: sessionmaker[Session]
) -> None:
    def agreed(purpose: str, granted: bool) -> bool:
        body = {"purpose": purpose, "granted": granted, "language": "en"}
        assert client.post(f"{chat.path}/consents", headers=chat.headers, json=body).status_code == 200
        return state_of(client, chat)["details_agreed"]

    assert agreed("marketing", True) is False
    assert agreed("details", False) is False
    assert agreed("details", True) is True
    assert chat.say("hello", "1").json()["state"]["details_agreed"] is True
    assert state_of(client, Chat(client))["details_agreed"] is False
    with writing(store) as session:
        erase_person(session, existing_conversation(session, chat.id), NOW)
    assert state_of(client, chat)["details_agreed"] is False


def test_what_a_signed_in_customer_agreed_to_holds_in_their_next_conversation(
    client: httpx.Client, chat: Chat, store: sessionmaker[Session]
) -> None:
    later, other = Chat(client), Chat(client)
    with writing(store) as session:
        customer = make_customer(session)
        for conversation in (chat, later):
            identity.sign_in(session, existing_conversation(session, conversation.id), customer, NOW)
    body = {"purpose": "details", "granted": True, "language": "en"}
    client.post(f"{chat.path}/consents", headers=chat.headers, json=body)
    assert [state_of(client, one)["details_agreed"] for one in (later, other)] == [True, False]


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"purpose": "all", "granted": True, "language": "en"},
        {"purpose": "details", "granted": "?", "language": "en"},
    ],
)
def test_a_consent_to_something_else_is_refused(client: httpx.Client, chat: Chat, body: dict[str, object]) -> None:
    assert client.post(f"{chat.path}/consents", headers=chat.headers, json=body).status_code == 422


def test_consents_need_the_conversation_s_token(client: httpx.Client, chat: Chat) -> None:
    assert client.get(f"{chat.path}/consents").status_code == 401
    other = Chat(client)
    body = {"purpose": "details", "granted": True, "language": "en"}
    assert client.post(f"{chat.path}/consents", headers=other.headers, json=body).status_code == 403
