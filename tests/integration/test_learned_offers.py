"""What was learned from sales shows in the chat: each signed-in customer gets offers and reasons of their own."""

from __future__ import annotations

import time
from datetime import UTC, datetime

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.tokens import ConversationTokens
from crm_store.conversations import start_conversation
from crm_store.home import Home
from crm_store.tables import Category, Customer, Order, OrderLine, Product, Variant
from models.registry import ModelRegistry
from tests.stack import Customer as Visitor
from tests.stack import Stack

LEARNED_WITHIN = 420  # seconds, beside everything else that is going on
DATA_REASONS = ("you have bought it", "% of our customers who bought from", "in the price range you usually choose")


@pytest.fixture(scope="module")
def learned(stack: Stack) -> Stack:
    """The running assistant, once it has learned from the demo shop's sales by itself."""
    registry = ModelRegistry(stack.home / "learned", Home.from_environment(stack.environment).secret())
    deadline = time.monotonic() + LEARNED_WITHIN
    while registry.in_use() is None:
        assert time.monotonic() < deadline, (stack.home / "logs" / "learning.log").read_text()
        time.sleep(1)
    return stack


def buyer(store: Session, category: str, gender: str) -> int:
    """The customer of that gender who bought most often from a category."""
    bought = store.execute(
        select(Order.customer_id, Order.id)
        .join(Customer, Customer.id == Order.customer_id)
        .join(Order.lines)
        .join(OrderLine.variant)
        .join(Variant.product)
        .join(Category, Category.id == Product.category_id)
        .where(Category.name == category, Customer.gender == gender)
    ).all()
    ids = [row.customer_id for row in bought]
    return max(sorted(set(ids)), key=ids.count)


def signed_in(stack: Stack, store: Session, customer_id: int) -> Visitor:
    conversation = start_conversation(
        store, channel="web", language="en", timezone="UTC", customer_id=customer_id, now=datetime.now(UTC)
    )
    store.commit()
    token = ConversationTokens(Home.from_environment(stack.environment).secret()).sign(conversation.id)
    return Visitor(stack.address, conversation.id, token)


def test_two_customers_get_different_offers_each_with_a_reason_from_data(learned: Stack, store: Session) -> None:
    shown = {}
    for gender in ("female", "male"):
        with signed_in(learned, store, buyer(store, "Hiking Boots", gender)) as customer:
            customer.says("a fleece jacket under 400 please")
            assert customer.cards
            shown[gender] = [card["name"] for card in customer.cards]
            reasons = [card["reason"] for card in customer.cards]
            assert any(words in reason for reason in reasons for words in DATA_REASONS), reasons
    assert shown["female"] != shown["male"]


def test_somebody_unknown_is_told_nothing_of_anybodys_history(learned: Stack) -> None:
    with Visitor(learned.address) as customer:
        customer.says("a fleece jacket under 400 please")
        assert customer.cards
        assert not any("you have bought" in card["reason"] or "usually" in card["reason"] for card in customer.cards)


def test_offers_and_leads_answer_on_the_command_line(learned: Stack, store: Session) -> None:
    asked = learned.command("offers", "--customer", str(buyer(store, "Energy Bars", "male")), "-k", "3", "--json")
    assert asked.returncode == 0, asked.stderr
    assert '"propensity"' in asked.stdout and "likely to be bought within 60 days" in asked.stdout
    ranked = learned.command("leads", "-n", "3", "--json")
    assert ranked.returncode == 0, ranked.stderr
