"""Updates from Telegram: twice, out of order, by webhook, in groups, and after a crash."""

from __future__ import annotations

import threading

import httpx
import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from crm_store.database import reading
from crm_store.tables import Conversation, InboundUpdate, Message
from tests.fake_telegram.people import Person, eventually
from tests.fake_telegram.server import BAD_GATEWAY, BOT, FakeTelegram, Refusal
from tests.unit.channels.fake_engine import FakeEngine
from tests.unit.channels.telegram.conftest import Served

HOOK = "https://shop.example"


def count(store: sessionmaker[Session], table: type[Message | Conversation]) -> int:
    with reading(store) as session:
        return session.scalar(select(func.count()).select_from(table)) or 0


def test_an_update_delivered_again_stops_at_the_door(
    bot: object, fake: FakeTelegram, ada: Person, engine: FakeEngine
) -> None:
    fake.repeat(3)
    update = ada.says("two of those")
    fake.happens(update)
    eventually(lambda: len(fake.offsets) > 5)
    ada.says("checkout")
    eventually(lambda: fake.texts(7) == ["You said: two of those", "You said: checkout"])
    assert engine.effects == ["two of those", "checkout"]


def test_updates_of_one_batch_are_handled_in_telegram_s_order(
    on_telegram: Served, fake: FakeTelegram, ada: Person, engine: FakeEngine
) -> None:
    words = [f"message {number}" for number in range(12)]
    fake.happens(*reversed([ada.message(text=text) for text in words]))
    engine.seconds = 0.02
    with on_telegram():
        eventually(lambda: len(engine.effects) == 12, seconds=10)
    assert engine.effects == words
    assert engine.overlaps == 0


def test_an_update_is_acknowledged_only_once_it_is_stored(
    bot: object, fake: FakeTelegram, ada: Person, store: sessionmaker[Session]
) -> None:
    update = ada.says("hello")
    eventually(lambda: update["update_id"] + 1 in fake.offsets)
    with reading(store) as session:
        assert session.scalar(select(func.count()).select_from(InboundUpdate)) == 1


def test_polling_goes_on_after_trouble(bot: object, fake: FakeTelegram, ada: Person) -> None:
    fake.troubles["getUpdates"] = [BAD_GATEWAY, Refusal(429, "Too Many Requests", {"retry_after": 1}), BAD_GATEWAY]
    ada.says("one")
    eventually(lambda: not fake.troubles["getUpdates"])
    ada.says("two")
    eventually(lambda: fake.texts(7) == ["You said: one", "You said: two"])


def test_what_was_stored_before_a_stop_is_answered_after_the_next_start(
    on_telegram: Served, fake: FakeTelegram, ada: Person, engine: FakeEngine, store: sessionmaker[Session]
) -> None:
    engine.stop()
    with on_telegram():
        for text in ("one", "two"):
            ada.says(text)
        eventually(lambda: fake.unacknowledged() == 0 and count(store, Message) == 2)
    engine.start()
    with on_telegram():
        eventually(lambda: fake.texts(7) == ["You said: one", "You said: two"])
    assert engine.effects == ["one", "two"]


def test_replies_that_could_not_be_sent_are_sent_after_the_next_start(
    on_telegram: Served, fake: FakeTelegram, ada: Person, engine: FakeEngine
) -> None:
    fake.trouble_for = lambda call: BAD_GATEWAY if call.method == "sendMessage" else None
    with on_telegram():
        ada.says("one")
        ada.says("two")
        eventually(lambda: engine.effects == ["one", "two"])
    fake.trouble_for = lambda call: None
    assert fake.texts() == []
    with on_telegram():
        eventually(lambda: fake.texts(7) == ["You said: one", "You said: two"])
    assert engine.effects == ["one", "two"]


def test_telegram_may_be_away_when_we_start(on_telegram: Served, fake: FakeTelegram, ada: Person) -> None:
    fake.troubles["getMe"] = [BAD_GATEWAY]
    with on_telegram() as client:
        ada.says("hello")
        assert client.get("/healthz").status_code == 200
        eventually(lambda: fake.texts(7) == ["You said: hello"])


# By webhook -------------------------------------------------------------------------------------


def secret_of(fake: FakeTelegram) -> dict[str, str]:
    eventually(lambda: fake.of("setWebhook"))
    call = fake.of("setWebhook")[0].parameters
    assert call["url"] == f"{HOOK}/telegram/webhook"
    return {"X-Telegram-Bot-Api-Secret-Token": call["secret_token"]}


def test_updates_come_by_webhook_when_it_is_set(on_telegram: Served, fake: FakeTelegram, ada: Person) -> None:
    with on_telegram(telegram_webhook=HOOK) as client:
        update = ada.message(text="hello")
        for _ in range(2):
            assert client.post("/telegram/webhook", json=update, headers=secret_of(fake)).status_code == 200
        eventually(lambda: fake.texts(7) == ["You said: hello"])
    assert fake.offsets == [], "nothing is fetched"


def test_only_telegram_may_call_the_webhook(on_telegram: Served, fake: FakeTelegram, ada: Person) -> None:
    with on_telegram(telegram_webhook=HOOK) as client:
        update = ada.message(text="hello")
        for headers in ({}, {"X-Telegram-Bot-Api-Secret-Token": "guess"}):
            assert client.post("/telegram/webhook", json=update, headers=headers).status_code == 401
        for body in (b"{", b"[]", b'{"update_id": "1"}'):
            answer = client.post("/telegram/webhook", content=body, headers=secret_of(fake))
            assert answer.status_code == 400
        assert fake.texts() == []


def test_without_a_webhook_or_a_token_there_is_no_such_page(
    bot: httpx.Client, client: httpx.Client, ada: Person
) -> None:
    for app in (bot, client):
        assert app.post("/telegram/webhook", json=ada.message(text="hello")).status_code == 404


def test_updates_that_overtake_each_other_are_put_in_order(
    on_telegram: Served, fake: FakeTelegram, ada: Person, engine: FakeEngine
) -> None:
    with on_telegram(telegram_webhook=HOOK) as client:
        headers = secret_of(fake)
        updates = [ada.message(text=str(number)) for number in range(6)]
        for place in (0, 2, 1, 5, 3, 4):
            client.post("/telegram/webhook", json=updates[place], headers=headers)
        eventually(lambda: len(engine.effects) == 6)
    assert engine.effects == ["0", "1", "2", "3", "4", "5"]


def test_a_gap_that_is_never_filled_does_not_hold_up_the_others_for_long(
    on_telegram: Served, fake: FakeTelegram, ada: Person
) -> None:
    with on_telegram(telegram_webhook=HOOK) as client:
        headers = secret_of(fake)
        client.post("/telegram/webhook", json=ada.message(text="one"), headers=headers)
        fake.number()
        client.post("/telegram/webhook", json=ada.message(text="three"), headers=headers)
        eventually(lambda: fake.texts(7) == ["You said: one", "You said: three"], seconds=3)


# In groups --------------------------------------------------------------------------------------

GROUP = -100200300


def test_in_a_group_we_answer_only_when_spoken_to(bot: object, fake: FakeTelegram, engine: FakeEngine) -> None:
    ada = Person(fake, 7, group=GROUP)
    ada.says("who comes on sunday?")
    ada.says("/weather")
    ada.says("/cart@another_bot")
    ours = {"message_id": 1, "date": 1, "chat": ada.chat, "from": BOT, "text": "hi"}
    ada.says("and a helmet", reply_to_message=ours)
    asked = ada.says("@Fernhill_bot a tent please")
    eventually(lambda: fake.texts(GROUP) == ["You said: and a helmet", "You said: a tent please"])
    assert engine.messages == ["and a helmet", "a tent please"]
    reply = fake.sent(GROUP)[1].parameters["reply_parameters"]
    assert reply["message_id"] == asked["message"]["message_id"]


def test_a_forum_is_answered_in_the_topic_and_a_chain_of_replies_is_none(bot: object, fake: FakeTelegram) -> None:
    ada = Person(fake, 7, group=GROUP)
    ada.says("@fernhill_bot chain", message_thread_id=5)
    ada.says("@fernhill_bot topic", message_thread_id=6, is_topic_message=True)
    eventually(lambda: fake.texts(GROUP) == ["You said: chain", "You said: topic"])
    assert [call.parameters.get("message_thread_id") for call in fake.sent(GROUP)] == [None, "6"]


def test_in_a_group_everybody_has_a_conversation_of_their_own(
    bot: object, fake: FakeTelegram, engine: FakeEngine, store: sessionmaker[Session]
) -> None:
    ada, ben = Person(fake, 7, group=GROUP), Person(fake, 8, group=GROUP)
    engine.button = "Cheaper"
    ada.says("@fernhill_bot a tent")
    ben.says("@fernhill_bot a bike")
    Person(fake, 7).says("a lamp")
    eventually(lambda: len(fake.texts()) == 3)
    assert count(store, Conversation) == 3
    button = next(call for call in fake.sent(GROUP) if "tent" in call.text).buttons[0]["callback_data"]
    ben.presses(button)
    eventually(lambda: fake.of("answerCallbackQuery"))
    assert "not for you" in fake.of("answerCallbackQuery")[0].parameters["text"]
    ada.presses(button)
    eventually(lambda: engine.effects[3:] == ["Cheaper"])
    assert "text" not in fake.of("answerCallbackQuery")[1].parameters


def test_channels_anonymous_admins_and_bots_are_not_answered(bot: object, fake: FakeTelegram) -> None:
    anonymous = Person(fake, 1087968824, group=GROUP)
    anonymous.says("@fernhill_bot hi", sender_chat={"id": GROUP, "type": "supergroup", "title": "Riders"})
    robot = Person(fake, 99, group=GROUP)
    robot.user["is_bot"] = True
    robot.says("@fernhill_bot hi")
    Person(fake, 7).says("hello")
    eventually(lambda: fake.texts(7))
    assert fake.texts() == ["You said: hello"]


def test_a_group_that_becomes_a_supergroup_is_reached_under_its_new_id(
    bot: object, fake: FakeTelegram, store: sessionmaker[Session]
) -> None:
    ada = Person(fake, 7, group=-55)
    moved = Refusal(400, "Bad Request: group chat was upgraded", {"migrate_to_chat_id": GROUP})
    fake.trouble_for = lambda call: moved if call.method == "sendMessage" and call.chat == -55 else None
    ada.says("@fernhill_bot hi")
    eventually(lambda: fake.texts(GROUP) == ["You said: hi"])
    Person(fake, 7, group=GROUP).says("@fernhill_bot again")
    eventually(lambda: fake.texts(GROUP)[1:] == ["You said: again"])
    assert count(store, Conversation) == 1


@pytest.mark.parametrize("people", [12])
def test_people_do_not_wait_for_each_other(bot: object, fake: FakeTelegram, engine: FakeEngine, people: int) -> None:
    engine.together = threading.Barrier(people)
    for number in range(people):
        Person(fake, 100 + number).says("hi")
    eventually(lambda: len(fake.texts()) == people)
    assert engine.overlaps == 0
