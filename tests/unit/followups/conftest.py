"""A shop in London, a conversation in it, and a keeper of promises without a clock of its own."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.followups.keeping import keep
from crm_store import followups
from crm_store.tables import Conversation, FollowUp, Message
from tests.factories import NOW, make_conversation, make_shop


@pytest.fixture
def chat(session: Session) -> Conversation:
    make_shop(session, currency="GBP", timezone="Europe/London")
    return make_conversation(session)


@pytest.fixture
def plan(session: Session, chat: Conversation) -> Callable[..., FollowUp]:
    """Books a follow-up that is due now, unless told otherwise."""

    def book(kind: str = "message", **changes: Any) -> FollowUp:
        usual = {
            "conversation": chat,
            "due_at": NOW,
            "grain": "minute",
            "timezone": "Europe/London",
            "contact": None,
            "note": "order chains",
            "idempotency_key": None,
            "now": NOW,
        }
        usual |= changes
        return followups.book(session, usual.pop("conversation"), kind=kind, **usual)

    return book


@pytest.fixture
def said(session: Session) -> Callable[[], list[str]]:
    """What was pushed to customers and reps so far."""

    def texts() -> list[str]:
        return [m.text for m in session.scalars(select(Message).where(Message.direction == "outbound"))]

    return texts


@pytest.fixture
def settle(session: Session) -> Callable[..., str]:
    """Settles a follow-up at a moment."""

    def settled(follow_up: FollowUp, at: datetime = NOW) -> str:
        return keep(session, follow_up.id, at)

    return settled
