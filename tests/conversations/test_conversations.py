"""Every conversation in the YAML files beside this one, spoken to the running assistant.

A file is a list of conversations: `conversation` (its name), optional `opening` (as in POST /conversations),
`turns`, and optional `then`, what the store must hold afterwards. A turn has `customer` (words) or `presses`
(the title of a button), and what the answer must be: `answer` (all of these are in it), `never` (none is),
`intent`, `needs` (as understood), `products` (how many cards), `cards_have` / `cards_never` (in every card / in none),
`buttons` (titles offered).
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import yaml
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.tables import Conversation, FollowUp, Handoff, Lead, Message, Order, ServiceRequest
from tests.stack import Customer, Stack

FILES = sorted(Path(__file__).parent.glob("*.yml"))
CONVERSATIONS = [
    pytest.param(conversation, id=f"{file.stem}: {conversation['conversation']}")
    for file in FILES
    for conversation in yaml.safe_load(file.read_text(encoding="utf-8"))
]
TABLES = {"orders": Order, "leads": Lead, "follow_ups": FollowUp, "handoffs": Handoff, "requests": ServiceRequest}


@pytest.mark.parametrize("conversation", CONVERSATIONS)
def test_conversation(conversation: dict[str, Any], stack: Stack, store: Session) -> None:
    with Customer(stack.address, **conversation.get("opening", {})) as customer:
        for turn in conversation["turns"]:
            said = customer.presses(turn["presses"]) if "presses" in turn else customer.says(str(turn["customer"]))
            check_turn(turn, said, customer, store)
        check_store(conversation.get("then", {}), customer.id, store)


def check_turn(turn: dict[str, Any], said: str, customer: Customer, store: Session) -> None:
    asked = turn.get("customer", turn.get("presses"))
    assert said.strip() or customer.cards, f"no answer to {asked!r}"
    for expected in turn.get("answer", ()):
        assert expected in said, f"{asked!r} -> {said!r}"
    for unwanted in turn.get("never", ()):
        assert unwanted not in said, f"{asked!r} -> {said!r}"
    names = [card["name"] for card in customer.cards]
    if "products" in turn:
        assert len(names) == turn["products"], f"{asked!r} -> {said!r} {names}"
    for expected in turn.get("cards_have", ()):
        assert names and all(expected in name for name in names), f"{asked!r} -> {names}"
    for unwanted in turn.get("cards_never", ()):
        assert not any(unwanted in name for name in names), f"{asked!r} -> {names}"
    titles = [button["title"] for reply in customer.replies for button in reply["quick_replies"]]
    assert set(turn.get("buttons", ())) <= set(titles), f"{asked!r} -> {titles}"
    understood = _last_understood(store, customer.id)
    if "intent" in turn:
        assert understood.intent == turn["intent"], f"{asked!r} was understood as {understood.intent}"
    if "needs" in turn:
        assert understood.needs == turn["needs"], f"{asked!r} was understood as {understood.needs}"


def check_store(then: dict[str, Any], conversation_id: str, store: Session) -> None:
    store.rollback()  # ends the view of before, so that what the assistant wrote since is seen
    for name, table in TABLES.items():
        if name in then:
            rows = store.scalars(select(table).where(table.conversation_id == conversation_id)).all()
            assert len(rows) == then[name], f"{name}: {len(rows)}"
    if "language" in then:
        assert store.get_one(Conversation, conversation_id).language == then["language"]


def _last_understood(store: Session, conversation_id: str) -> Message:
    store.rollback()  # ends the view of before, so that what the assistant wrote since is seen
    return store.scalars(
        select(Message)
        .where(Message.conversation_id == conversation_id, Message.external_id.is_not(None))
        .order_by(Message.id.desc())
        .limit(1)
    ).one()
