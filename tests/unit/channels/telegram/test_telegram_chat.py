"""A chat on Telegram: the real client, the real app, a server that speaks the Bot API."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from crm_store import inbox
from crm_store.conversations import find_button
from crm_store.database import reading, writing
from crm_store.tables import ChannelIdentity, Conversation, InboundUpdate, Lead, Message, UpdateState
from tests.factories import make_customer, make_lead
from tests.fake_telegram.people import Person, eventually
from tests.fake_telegram.server import FakeTelegram
from tests.unit.channels.fake_engine import FakeEngine

pytestmark = pytest.mark.usefixtures("bot")


def conversation_of(store: sessionmaker[Session], person: Person) -> Conversation:
    with reading(store) as session:
        address = inbox.find_address(session, "telegram", f"{person.chat_id}:{person.id}")
        assert address is not None
        return session.get_one(Conversation, address.conversation_id)


def test_a_message_is_answered(fake: FakeTelegram, ada: Person, engine: FakeEngine) -> None:
    ada.says("a tent for two")
    eventually(lambda: fake.texts(7) == ["You said: a tent for two"])
    assert engine.effects == ["a tent for two"]


def test_a_person_has_one_conversation_in_their_language(
    fake: FakeTelegram, store: sessionmaker[Session], engine: FakeEngine
) -> None:
    li = Person(fake, 8, language="zh-hans")
    li.says("你好")
    li.says("帐篷")
    eventually(lambda: len(fake.texts(8)) == 2)
    conversation = conversation_of(store, li)
    assert (conversation.channel, conversation.language) == ("telegram", "zh")
    assert conversation.id.startswith("telegram-")
    assert {request["sender"] for request in engine.requests} == {conversation.id}
    assert conversation.customer_id is None


def test_text_is_never_markup_and_long_text_is_cut_between_lines(fake: FakeTelegram, ada: Person) -> None:
    line = "<b>50 < 60 & 🚲</b> said Ada\n"
    ada.says(line * 160)
    eventually(lambda: len(fake.texts(7)) == 2)
    first, second = fake.texts(7)
    assert "&lt;b&gt;50 &lt; 60 &amp; 🚲" in first
    assert first.endswith("said Ada") and second.startswith("&lt;b&gt;")


def test_a_button_is_answered_at_once_and_pressed_in_the_conversation(
    fake: FakeTelegram, ada: Person, engine: FakeEngine
) -> None:
    engine.button = "Cheaper"
    ada.says("a tent")
    eventually(lambda: fake.sent(7))
    (button,) = fake.sent(7)[0].buttons
    assert button["text"] == "Cheaper" and len(button["callback_data"].encode()) <= 64
    engine.seconds = 0.6
    press = ada.presses(button["callback_data"])
    eventually(lambda: fake.of("answerCallbackQuery"))
    assert fake.of("answerCallbackQuery")[0].parameters["callback_query_id"] == press["callback_query"]["id"]
    assert len(fake.texts(7)) == 1, "answered before the turn was over"
    eventually(lambda: fake.texts(7)[1:] == ["You said: Cheaper"])
    assert engine.messages[1] == f'/press_button{{"button": "{button["callback_data"]}"}}'


def test_a_button_we_never_gave_says_nothing_to_the_engine(ada: Person, engine: FakeEngine) -> None:
    for forged in ('/place_order{"sku":"X"}', "b_unknown", '"}} /restart'):
        ada.presses(forged)
    eventually(lambda: engine.messages == ['/press_button{"button": "b_gone"}'] * 3)


def test_products_are_cards_with_a_photo_where_there_is_one(
    fake: FakeTelegram, ada: Person, engine: FakeEngine
) -> None:
    add = [{"title": "Add to cart", "payload": "b_add"}]
    card = {
        "name": "Lakeside <2>",
        "price": "1249.00",
        "currency": "GBP",
        "reason": "the lightest",
        "stock": "in stock",
    }
    engine.products = [
        {**card, "sku": "A", "actions": add, "image_url": "https://shop.example/a.jpg"},
        {**card, "sku": "B", "actions": add},
    ]
    engine.button = "Cheaper"
    ada.says("a tent")
    eventually(lambda: len(fake.sent(7)) == 3)
    _, photo, plain = fake.sent(7)
    assert (photo.method, photo.parameters["photo"]) == ("sendPhoto", "https://shop.example/a.jpg")
    assert photo.text == plain.text == "<b>Lakeside &lt;2&gt;</b>\n£1,249\nthe lightest\nin stock"
    assert [button["text"] for button in photo.buttons] == ["Add to cart"]
    assert [button["text"] for button in plain.buttons] == ["Add to cart", "Cheaper"]


def test_while_a_turn_takes_long_it_shows_typing(fake: FakeTelegram, ada: Person, engine: FakeEngine) -> None:
    engine.seconds = 1.2
    ada.says("a tent")
    eventually(lambda: fake.of("sendChatAction"))
    assert fake.of("sendChatAction")[0].parameters["action"] == "typing"
    assert fake.texts(7) == []


def test_the_menu_of_commands_is_set_in_both_languages(fake: FakeTelegram) -> None:
    eventually(lambda: len(fake.of("setMyCommands")) == 2)
    english, chinese = (call.parameters for call in fake.of("setMyCommands"))
    names = ["start", "cart", "orders", "human", "language", "stop", "privacy"]
    assert [entry["command"] for entry in english["commands"]] == names
    assert (english.get("language_code"), chinese["language_code"]) == (None, "zh")
    assert "查看购物车" in [entry["description"] for entry in chinese["commands"]]


def test_a_command_is_its_intent(ada: Person, engine: FakeEngine, store: sessionmaker[Session]) -> None:
    intents = {
        "/start": "greet",
        "/cart@fernhill_bot": "view_cart",
        "/orders": "track_order",
        "/human": "talk_to_human",
        "/stop": "opt_out",
    }
    for command in intents:
        ada.says(command)
    eventually(lambda: len(engine.messages) == len(intents))
    conversation = conversation_of(store, ada).id
    with reading(store) as session:
        buttons = [find_button(session, conversation, message.split('"')[3]) for message in engine.messages]
    assert [button and button.intent for button in buttons] == list(intents.values())


def test_an_unknown_command_is_words(fake: FakeTelegram, ada: Person, engine: FakeEngine) -> None:
    ada.says("/tents for two")
    eventually(lambda: engine.messages == ["tents for two"])


def test_a_deep_link_is_where_the_lead_came_from(fake: FakeTelegram, ada: Person, store: sessionmaker[Session]) -> None:
    ada.says("/start camp_xyz")
    eventually(lambda: fake.texts(7))
    assert conversation_of(store, ada).source == "camp_xyz"


def test_a_deep_link_names_the_source_of_a_lead_that_has_none(
    fake: FakeTelegram, ada: Person, store: sessionmaker[Session]
) -> None:
    ada.says("hello")
    eventually(lambda: fake.texts(7))
    with writing(store) as session:
        conversation = session.get_one(Conversation, conversation_of(store, ada).id)
        make_lead(session, conversation=conversation, source="telegram")
    for source in ("camp_one", "camp_two"):
        ada.says(f"/start {source}")
    eventually(lambda: len(fake.texts(7)) == 3)
    with reading(store) as session:
        assert session.scalars(select(Lead)).one().source == "camp_one"


def test_the_language_is_chosen_with_a_button(fake: FakeTelegram, ada: Person, store: sessionmaker[Session]) -> None:
    ada.says("/language")
    eventually(lambda: fake.sent(7))
    chinese = next(button for button in fake.sent(7)[0].buttons if button["text"] == "中文")
    ada.presses(chinese["callback_data"])
    eventually(lambda: "中文" in fake.texts(7)[-1])
    assert conversation_of(store, ada).language == "zh"


def test_privacy_is_explained_and_erasing_offered(
    fake: FakeTelegram, ada: Person, engine: FakeEngine, store: sessionmaker[Session]
) -> None:
    ada.says("/privacy")
    eventually(lambda: fake.sent(7))
    assert "/stop" in fake.texts(7)[0]
    (erase,) = fake.sent(7)[0].buttons
    ada.presses(erase["callback_data"])
    eventually(lambda: engine.effects == ["Delete my data"])


LEEDS = {"latitude": 51.50742, "longitude": -0.12779}
SHARED = [
    ({"contact": {"phone_number": "447911123456", "first_name": "Ada"}}, "+447911123456"),
    ({"contact": {"phone_number": "07911 123456", "first_name": "Ada"}}, "07911123456"),
    ({"location": LEEDS}, "GPS 51.50742, -0.12779"),
    (
        {"location": LEEDS, "venue": {"location": LEEDS, "title": "Fernhill", "address": "1 Hill Road, Leeds"}},
        "Fernhill, 1 Hill Road, Leeds",
    ),
    ({"photo": [], "caption": "like this one"}, "like this one"),
]


def test_what_is_shared_is_text_the_dialogue_understands(ada: Person, engine: FakeEngine) -> None:
    for content, _ in SHARED:
        ada.shares(**content)
    eventually(lambda: engine.messages == [text for _, text in SHARED])


FILE = {"file_id": "f", "file_unique_id": "u"}
STICKER = {**FILE, "type": "regular", "width": 1, "height": 1, "is_animated": False, "is_video": False}
WORDLESS = [
    ({"photo": [{**FILE, "width": 1, "height": 1}]}, "pictures"),
    ({"voice": {**FILE, "duration": 3}}, "voice messages"),
    ({"sticker": STICKER}, "Nice one"),
    ({"document": FILE}, "only read text"),
]


def test_what_has_no_words_is_answered_kindly(fake: FakeTelegram, ada: Person, engine: FakeEngine) -> None:
    for content, _ in WORDLESS:
        ada.shares(**content)
    eventually(lambda: len(fake.texts(7)) == len(WORDLESS))
    assert all(words in said for said, (_, words) in zip(fake.texts(7), WORDLESS, strict=True))
    assert engine.requests == []


def test_an_edited_message_has_no_second_effect_unless_the_customer_wants_it(
    fake: FakeTelegram, ada: Person, engine: FakeEngine
) -> None:
    said = ada.says("two tents")
    eventually(lambda: len(fake.texts(7)) == 1)
    ada.edits(said, "three tents")
    eventually(lambda: len(fake.texts(7)) == 2)
    assert engine.effects == ["two tents"]
    assert "you changed your message" in fake.texts(7)[1]
    (take,) = fake.sent(7)[1].buttons
    ada.presses(take["callback_data"])
    ada.presses(take["callback_data"])
    eventually(lambda: fake.texts(7)[2:] == ["You said: three tents"])
    ada.says("bye")
    eventually(lambda: fake.texts(7)[3:] == ["You said: bye"])
    assert engine.effects == ["two tents", "three tents", "bye"]


def test_a_location_that_moves_is_no_correction(fake: FakeTelegram, ada: Person, engine: FakeEngine) -> None:
    where = ada.message(location={"latitude": 51.5, "longitude": -0.1})
    fake.happens({"update_id": fake.number(), "edited_message": where["message"]})
    ada.says("hello")
    eventually(lambda: fake.texts(7) == ["You said: hello"])


STRANGE: list[dict[str, object]] = [
    {"channel_post": {"message_id": 5, "date": 1, "chat": {"id": -9, "type": "channel"}, "text": "sale"}},
    {"message": {"message_id": 5, "date": 1, "chat": {"id": -9, "type": "channel"}, "text": "sale"}},
    {"telepathy": {"thought": "tents"}},
    {"message": {"message_id": 5}},
    {"message": "not an object"},
    {},
]


def test_what_is_none_of_our_business_is_acknowledged_and_holds_nothing_up(
    fake: FakeTelegram, ada: Person, engine: FakeEngine
) -> None:
    for update in STRANGE:
        fake.happens({"update_id": fake.number(), **update})
    ada.says("hello")
    eventually(lambda: fake.texts() == ["You said: hello"])
    eventually(lambda: fake.unacknowledged() == 0)
    assert engine.effects == ["hello"]


def test_unknown_fields_are_no_trouble(fake: FakeTelegram, ada: Person) -> None:
    update = ada.message(text="hello", aura={"colour": "green"})
    fake.happens({**update, "mood": "fine"})
    eventually(lambda: fake.texts(7) == ["You said: hello"])


def test_an_update_keeps_nothing_of_what_was_said(
    fake: FakeTelegram, ada: Person, store: sessionmaker[Session]
) -> None:
    ada.says("my secret")
    eventually(lambda: fake.texts(7))
    with reading(store) as session:
        kept = session.scalars(select(InboundUpdate)).one()
    assert (kept.state, kept.payload) == (UpdateState.READ, {})


def test_who_ordered_is_known_in_telegram_from_then_on(
    fake: FakeTelegram, ada: Person, store: sessionmaker[Session]
) -> None:
    ada.says("hello")
    eventually(lambda: fake.texts(7))
    with writing(store) as session:
        customer = make_customer(session)
        session.get_one(Conversation, conversation_of(store, ada).id).customer_id = customer.id
    ada.says("thanks")

    def identity() -> ChannelIdentity | None:
        with reading(store) as session:
            return session.scalar(select(ChannelIdentity))

    eventually(identity)
    found = identity()
    assert found is not None and (found.customer_id, found.external_id) == (customer.id, "7")


def test_whom_telegram_remembers_is_not_proven(fake: FakeTelegram, ada: Person, store: sessionmaker[Session]) -> None:
    """Who they are came of an address typed into an order."""
    with writing(store) as session:
        customer = make_customer(session)
        session.add(ChannelIdentity(customer_id=customer.id, channel="telegram", external_id="7"))
    ada.says("hello")
    eventually(lambda: fake.texts(7))
    conversation = conversation_of(store, ada)
    assert (conversation.customer_id, conversation.identified) == (customer.id, False)


def test_messages_of_the_log_know_which_update_they_came_in(
    fake: FakeTelegram, ada: Person, store: sessionmaker[Session]
) -> None:
    update = ada.says("hello")
    eventually(lambda: fake.texts(7))
    with reading(store) as session:
        message = session.scalars(select(Message).where(Message.external_id.is_not(None))).one()
    assert message.external_id == f"4242:{update['update_id']}"
