"""Customers who are signed in with the shop, and everybody who only says so."""

from __future__ import annotations

import hashlib
import hmac
import time
from collections.abc import Callable, Iterator

import httpx
import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.identity import CustomerTokens, IdentityRefused
from bot.channels.settings import Settings
from crm_store.conversations import existing_conversation
from crm_store.database import reading, writing
from crm_store.home import Home
from crm_store.tables import Customer
from tests.factories import make_customer
from tests.unit.channels.conftest import Chat, served

SECRET = b"a secret that the shop's server shares"
NOW = 1_800_000_000
TOKENS = CustomerTokens(SECRET)


@pytest.fixture
def shop(make_settings: Callable[..., Settings], store: sessionmaker[Session]) -> Iterator[httpx.Client]:
    """A shop with two customers, whose keys are "C-17" and "C.18 李"."""
    with writing(store) as session:
        for key in ("C-17", "C.18 李"):
            make_customer(session, external_id=key)
    with served(make_settings(identity_secret=SECRET)) as client:
        yield client


def token(key: str = "C-17", seconds: int = 300, secret: bytes = SECRET) -> str:
    return CustomerTokens(secret).sign(key, int(time.time()) + seconds)


def who(store: sessionmaker[Session], conversation_id: str) -> tuple[int | None, bool]:
    with reading(store) as session:
        conversation = existing_conversation(session, conversation_id)
        return conversation.customer_id, conversation.identified


def test_a_token_is_what_any_language_signs_in_one_line() -> None:
    signed = f"C-17.{NOW + 60}"
    by_hand = f"{signed}.{hmac.new(SECRET, signed.encode(), hashlib.sha256).hexdigest()}"
    assert TOKENS.sign("C-17", NOW + 60) == by_hand
    assert TOKENS.customer_of(by_hand, NOW) == "C-17"


@pytest.mark.parametrize("key", ["C-17", "C.18 李", "17.5", "a\nb", '"><img>', "9" * 200])
def test_any_key_comes_back_as_it_was(key: str) -> None:
    assert TOKENS.customer_of(TOKENS.sign(key, NOW + 3600), NOW) == key


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ("", "form"),
        ("C-17", "form"),
        (TOKENS.sign("C-17", NOW + 60).upper(), "form"),
        (TOKENS.sign("C-17", NOW + 60) + "\n", "form"),
        (TOKENS.sign("C-17", NOW + 60).replace("C-17", "C-18"), "secret"),
        (TOKENS.sign("C-17", NOW + 60).replace(str(NOW + 60), str(NOW + 61)), "secret"),
        (CustomerTokens(b"another shop's").sign("C-17", NOW + 60), "secret"),
        (TOKENS.sign("C-17", NOW), "expired"),
        (TOKENS.sign("C-17", NOW + 86_400), "too long"),
        (TOKENS.sign("C-17", NOW + 60)[:-1] + "٣", "form"),
    ],
)
def test_any_other_token_is_refused_with_a_reason(wrong: str, reason: str) -> None:
    with pytest.raises(IdentityRefused, match=reason):
        TOKENS.customer_of(wrong, NOW)


def test_without_a_secret_nobody_signs_in() -> None:
    with pytest.raises(IdentityRefused, match="SALESCLERK_IDENTITY_SECRET"):
        CustomerTokens(b"").customer_of(CustomerTokens(b"").sign("C-17", NOW + 60), NOW)


def test_a_secret_that_can_be_guessed_is_refused_and_not_shown() -> None:
    with pytest.raises(ValueError, match="32 characters") as refused:
        Settings.from_home(Home.from_environment({}), {"SALESCLERK_IDENTITY_SECRET": "hunter2"})
    assert "hunter2" not in str(refused.value)


def test_a_signed_in_customer_is_known_from_the_start(shop: httpx.Client, store: sessionmaker[Session]) -> None:
    for key in ("C-17", "C.18 李"):
        chat = Chat(shop, customer_token=token(key))
        customer_id, identified = who(store, chat.id)
        assert identified
        with reading(store) as session:
            assert session.get_one(Customer, customer_id).external_id == key


@pytest.mark.parametrize(
    ("wrong", "status"),
    [
        (lambda: token("C-17", secret=b"another"), 401),
        (lambda: token("C-17", seconds=-1), 401),
        (lambda: token("C-99"), 409),
        (lambda: token("1"), 409),  # our own number, unless it is marked as one
        (lambda: "x" * 401, 422),
    ],
    ids=["foreign", "expired", "unknown", "a bare number", "too long"],
)
def test_a_wrong_token_is_a_problem_and_the_chat_stays_anonymous(
    shop: httpx.Client, store: sessionmaker[Session], wrong: Callable[[], str], status: int
) -> None:
    chat = Chat(shop)
    for path in ("/api/v1/conversations", f"{chat.path}/customer"):
        refused = shop.post(path, headers=chat.headers, json={"customer_token": wrong()})
        assert refused.status_code == status
        assert refused.headers["Content-Type"] == "application/problem+json"
        assert refused.json()["detail"]
    assert who(store, chat.id) == (None, False)


def test_our_own_number_is_marked(shop: httpx.Client, store: sessionmaker[Session]) -> None:
    with writing(store) as session:
        number = make_customer(session).id
    assert who(store, Chat(shop, customer_token=token(f"#{number}")).id) == (number, True)


def test_signing_in_later_keeps_the_conversation_and_no_other_customer_gets_it(
    shop: httpx.Client, store: sessionmaker[Session]
) -> None:
    chat = Chat(shop)
    chat.say("hello", "1")
    for _ in range(2):  # the page signs in each time it is loaded
        signed_in = shop.post(f"{chat.path}/customer", headers=chat.headers, json={"customer_token": token()})
        assert signed_in.status_code == 204
    assert who(store, chat.id)[1]
    assert len(chat.history()) == 2
    other = shop.post(f"{chat.path}/customer", headers=chat.headers, json={"customer_token": token("C.18 李")})
    assert (other.status_code, other.json()["code"]) == (409, "conversation_taken")


def test_signing_in_needs_the_conversation_s_own_token_too(shop: httpx.Client) -> None:
    chat, other = Chat(shop), Chat(shop)
    answer = shop.post(f"{chat.path}/customer", headers=other.headers, json={"customer_token": token()})
    assert answer.status_code == 403


def test_no_id_in_a_request_makes_anybody_a_customer(shop: httpx.Client, store: sessionmaker[Session]) -> None:
    answer = shop.post("/api/v1/conversations", json={"customer_id": 1, "identified": True, "id": "web-mine"})
    assert answer.status_code == 201
    assert answer.json()["id"] != "web-mine"
    assert who(store, answer.json()["id"]) == (None, False)
