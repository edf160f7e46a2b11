"""Replies to Telegram when it is slow, away, or does not want them."""

from __future__ import annotations

import asyncio
import logging
from itertools import pairwise

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.delivery import TryLater
from bot.channels.telegram.client import make_bot
from bot.channels.telegram.sender import TelegramSender
from crm_store import inbox, outbox, privacy
from crm_store.consents import MARKETING, latest_consent
from crm_store.database import reading, writing
from crm_store.tables import (
    Conversation,
    Delivery,
    DeliveryState,
    Direction,
    FollowUp,
    FollowUpStatus,
    Message,
    MessageState,
)
from tests.factories import NOW, make_follow_up
from tests.fake_telegram.people import Person, eventually
from tests.fake_telegram.server import BAD_GATEWAY, BLOCKED, SILENCE, TOKEN, TOO_MANY, FakeTelegram, Refusal
from tests.unit.channels.conftest import free_port
from tests.unit.channels.fake_engine import FakeEngine
from tests.unit.channels.telegram.conftest import Served


def conversation_id_of(store: sessionmaker[Session], person: Person) -> str:
    with reading(store) as session:
        address = inbox.find_address(session, "telegram", f"{person.chat_id}:{person.id}")
        assert address is not None
        return address.conversation_id


def deliveries(store: sessionmaker[Session]) -> list[Delivery]:
    with reading(store) as session:
        return list(session.scalars(select(Delivery).order_by(Delivery.message_id)))


def push(store: sessionmaker[Session], conversation_id: str, text: str) -> None:
    """A follow-up, as another process writes it."""
    with writing(store) as session:
        message = Message(
            conversation_id=conversation_id,
            direction=Direction.OUTBOUND,
            state=MessageState.SENT,
            text=text,
            payload={"text": text, "quick_replies": [], "products": []},
            at=NOW,
        )
        session.add(message)


def test_a_reply_waits_as_long_as_telegram_asks_and_later_ones_stay_behind_it(
    bot: object, fake: FakeTelegram, ada: Person, store: sessionmaker[Session]
) -> None:
    fake.troubles["sendMessage"] = [TOO_MANY]
    ada.says("one")
    ada.says("two")
    eventually(lambda: fake.texts(7) == ["You said: one", "You said: two"])
    first, second = [a for a in fake.attempts if a.method == "sendMessage"][:2]
    assert second.at - first.at >= 0.95
    assert first.text == second.text == "You said: one"
    assert deliveries(store)[0].tries == 0, "being early is no failure"


def test_while_one_chat_must_wait_others_are_served(bot: object, fake: FakeTelegram, ada: Person) -> None:
    fake.troubles["sendMessage"] = [Refusal(429, "Too Many Requests: retry after 2", {"retry_after": 2})]
    ada.says("hello")
    eventually(lambda: any(attempt.method == "sendMessage" for attempt in fake.attempts))
    Person(fake, 8).says("hi")
    eventually(lambda: fake.texts() == ["You said: hi", "You said: hello"])


@pytest.mark.parametrize("trouble", [BAD_GATEWAY, Refusal(500, "Internal Server Error")])
def test_after_a_failure_of_telegram_it_is_tried_again(
    bot: object, fake: FakeTelegram, ada: Person, store: sessionmaker[Session], trouble: Refusal
) -> None:
    fake.troubles["sendMessage"] = [trouble]
    ada.says("one")
    ada.says("two")
    eventually(lambda: fake.texts(7) == ["You said: one", "You said: two"])
    eventually(lambda: [d.state for d in deliveries(store)] == [DeliveryState.SENT] * 2)
    assert deliveries(store)[0].tries == 1


def test_an_answer_that_never_comes_repeats_that_one_message_and_no_other(
    on_telegram: Served, fake: FakeTelegram, ada: Person
) -> None:
    fake.troubles["sendMessage"] = [SILENCE]
    fake.silence_seconds = 3.0
    with on_telegram(telegram_timeout=1.0):
        ada.says("one")
        ada.says("two")
        eventually(lambda: fake.texts(7) == ["You said: one", "You said: one", "You said: two"])


def test_an_outage_costs_a_reply_none_of_its_tries() -> None:
    bot = make_bot(TOKEN, f"http://127.0.0.1:{free_port()}")
    letter = outbox.Letter(
        id=1,
        conversation_id="c",
        channel="telegram",
        language="en",
        address={"chat": 7},
        payload={"text": "hello"},
        answers={},
        tries=0,
        parts_sent=0,
        next_at=NOW,
    )

    async def send() -> TryLater:
        async with bot.request:
            sender = TelegramSender(bot, moved=never_moved)
            with pytest.raises(TryLater) as trouble:
                await sender.send(letter, sender.parts(letter)[0])
        return trouble.value

    trouble = asyncio.run(send())
    assert trouble.counts is False
    assert trouble.after


async def never_moved(_old: int, _new: int) -> None:
    raise AssertionError


def test_a_photo_that_telegram_cannot_fetch_is_sent_as_words(
    bot: object, fake: FakeTelegram, ada: Person, engine: FakeEngine
) -> None:
    fake.troubles["sendPhoto"] = [Refusal(400, "Bad Request: failed to get HTTP URL content")]
    engine.products = [
        {"sku": "A", "name": "Lakeside", "price": "9.50", "currency": "GBP", "image_url": "https://gone.example/a.jpg"}
    ]
    ada.says("a tent")
    eventually(lambda: fake.texts(7)[1:] == ["<b>Lakeside</b>\n£9.50"])


def test_what_telegram_refuses_for_good_is_a_dead_letter_and_holds_nothing_up(
    bot: object, fake: FakeTelegram, ada: Person, store: sessionmaker[Session]
) -> None:
    fake.troubles["sendMessage"] = [Refusal(400, "Bad Request: chat not found")]
    ada.says("one")
    ada.says("two")
    eventually(lambda: fake.texts(7) == ["You said: two"])
    dead, sent = deliveries(store)
    assert (dead.state, dead.error) == (DeliveryState.DEAD, "Chat not found")
    with writing(store) as session:
        outbox.send_again(session, dead.id, NOW)
    eventually(lambda: fake.texts(7) == ["You said: two", "You said: one"])


def test_who_blocks_the_bot_is_left_alone(
    bot: object, fake: FakeTelegram, ada: Person, store: sessionmaker[Session]
) -> None:
    ada.says("hello")
    eventually(lambda: fake.texts(7))
    conversation_id = conversation_id_of(store, ada)
    with writing(store) as session:
        make_follow_up(session, conversation=session.get_one(Conversation, conversation_id), kind="message")
    ada.sets_membership("kicked")

    def opted_out() -> bool:
        with reading(store) as session:
            return privacy.opted_out(session, session.get_one(Conversation, conversation_id))

    eventually(opted_out)
    with reading(store) as session:
        assert session.scalars(select(FollowUp)).one().status is FollowUpStatus.CANCELLED
    push(store, conversation_id, "back in stock")
    eventually(lambda: deliveries(store)[-1].error == outbox.BLOCKED)
    assert len(fake.texts(7)) == 1
    ada.says("hello again")
    eventually(lambda: fake.texts(7)[1:] == ["You said: hello again"])
    assert not opted_out(), "who is back is told of what they order"
    with reading(store) as session:
        word = latest_consent(session, session.get_one(Conversation, conversation_id), MARKETING)
        assert word is not None and not word.granted, "writing to us is no wish for advertising"


def test_a_refusal_by_who_blocked_us_ends_all_tries(
    bot: object, fake: FakeTelegram, ada: Person, store: sessionmaker[Session]
) -> None:
    fake.trouble_for = lambda call: BLOCKED if call.method == "sendMessage" else None
    ada.says("one")
    eventually(lambda: [d.state for d in deliveries(store)] == [DeliveryState.DEAD])
    conversation_id = conversation_id_of(store, ada)
    push(store, conversation_id, "back in stock")
    eventually(lambda: len(deliveries(store)) == 2 and deliveries(store)[1].state is DeliveryState.DEAD)
    assert [a.method for a in fake.attempts].count("sendMessage") == 1
    with reading(store) as session:
        assert privacy.opted_out(session, session.get_one(Conversation, conversation_id))


def test_what_nobody_asked_for_is_delivered_too(
    bot: object, fake: FakeTelegram, ada: Person, store: sessionmaker[Session]
) -> None:
    ada.says("hello")
    eventually(lambda: fake.texts(7))
    push(store, conversation_id_of(store, ada), "Your tent is back in stock")
    eventually(lambda: fake.texts(7)[1:] == ["Your tent is back in stock"])


def test_one_chat_is_not_flooded(bot: object, fake: FakeTelegram, ada: Person, store: sessionmaker[Session]) -> None:
    ada.says("hello")
    eventually(lambda: fake.texts(7))
    conversation_id = conversation_id_of(store, ada)
    for number in range(8):
        push(store, conversation_id, f"message {number}")
    eventually(lambda: len(fake.texts(7)) == 9, seconds=8)
    pauses = [later.at - earlier.at for earlier, later in pairwise(fake.sent(7))]
    assert sum(pauses[-2:]) > 1.0, "after a burst of six, one a second"
    assert fake.texts(7)[1:] == [f"message {number}" for number in range(8)]


def test_a_token_that_is_refused_leaves_the_web_running_and_is_told_without_it(
    on_telegram: Served, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    wrong = TOKEN.replace("4242", "4343")
    with on_telegram(telegram_token=wrong) as client:
        eventually(lambda: "does not accept TELEGRAM_BOT_TOKEN" in caplog.text)
        assert client.get("/healthz").status_code == 200
    assert wrong.partition(":")[2] not in caplog.text


def test_the_token_is_in_no_log(
    on_telegram: Served, fake: FakeTelegram, ada: Person, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.troubles["sendMessage"] = [BAD_GATEWAY]
    fake.troubles["getUpdates"] = [BAD_GATEWAY, Refusal(409, "Conflict: terminated by other getUpdates request")]
    with on_telegram():
        fake.troubles["getUpdates"] = []
        ada.says("hello")
        eventually(lambda: fake.texts(7))
    assert TOKEN.partition(":")[2] not in caplog.text
