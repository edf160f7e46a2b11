"""Follow-ups reach people where they are: in Telegram, and on the web also when the page is closed."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path

from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from crm_store import followups
from crm_store.database import reading, writing
from crm_store.tables import Conversation, FollowUp, FollowUpStatus
from tests.fake_telegram.people import Person, eventually
from tests.fake_telegram.server import FakeTelegram
from tests.unit.channels.conftest import Chat
from tests.unit.channels.telegram.conftest import Served

REMINDER = 'Here is the reminder you asked for: "chains"'


def remind(store: sessionmaker[Session], conversation_id: str, seconds: float) -> None:
    now = datetime.now(UTC)
    with writing(store) as session:
        followups.book(
            session, session.get_one(Conversation, conversation_id), kind="message",
            due_at=now + timedelta(seconds=seconds), grain="minute", timezone="Europe/London", contact=None,
            note="chains", idempotency_key=None, now=now,
        )  # fmt: skip


def test_a_reminder_comes_once_in_telegram_and_on_the_web_over_a_restart(
    on_telegram: Served, fake: FakeTelegram, ada: Person, store: sessionmaker[Session], tmp_path: Path
) -> None:
    begun = f"sqlite:///{tmp_path / 'followups.db'}"
    with on_telegram(followups_url=begun) as client:
        web = Chat(client)
        ada.says("hello")
        eventually(lambda: len(fake.sent()) == 1)
        with reading(store) as session:
            chats = list(session.scalars(select(Conversation.id)))
        for conversation_id in chats:
            remind(store, conversation_id, 0.2)
        eventually(lambda: fake.texts()[1:] == [escape(REMINDER)])
        eventually(lambda: [message["text"] for message in web.history()] == [REMINDER])
        assert web.history()[0]["reply_to"] is None
    for conversation_id in chats:
        remind(store, conversation_id, -1)
    with on_telegram(followups_url=begun) as client:
        eventually(lambda: fake.texts()[1:] == [escape(REMINDER)] * 2, seconds=2.0)
    with reading(store) as session:
        assert set(session.scalars(select(FollowUp.status))) == {FollowUpStatus.DONE}


def test_who_blocked_the_bot_gets_no_follow_ups(
    on_telegram: Served, fake: FakeTelegram, ada: Person, store: sessionmaker[Session], tmp_path: Path
) -> None:
    with on_telegram(followups_url=f"sqlite:///{tmp_path / 'followups.db'}"):
        ada.says("hello")
        eventually(lambda: len(fake.sent()) == 1)
        with reading(store) as session:
            conversation_id = session.scalars(select(Conversation.id)).one()
        remind(store, conversation_id, 60)
        ada.sets_membership("kicked")

        def status() -> FollowUpStatus:
            with reading(store) as session:
                return session.scalars(select(FollowUp.status)).one()

        eventually(lambda: status() is FollowUpStatus.CANCELLED)
    assert len(fake.sent()) == 1
