"""How far being forgotten reaches: to all of a certain customer, and to nobody else's rows and words."""

from __future__ import annotations

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store import carts, conversations, inbox, leads, orders
from crm_store.erasing.finding import person_of
from crm_store.erasing.naming import naming
from crm_store.erasing.person import held_of
from crm_store.erasing.rows import erase_customer, erase_person
from crm_store.tables import ChannelIdentity, Conversation, Customer, Erasure, FollowUpStatus, Handoff, Message, Order
from tests.factories import (
    NOW,
    make_conversation,
    make_customer,
    make_follow_up,
    make_message,
    make_order,
    make_product,
    make_shop,
)


def order_in(session: Session, chat: Conversation, email: str, name: str = "Ann Smith", **more: str) -> Order:
    carts.add(session, chat.id, make_product(session).variants[0].sku, 1, NOW)
    delivery = orders.Delivery(name, email, more.get("phone"), more.get("address", "1 Hill Road, Leeds LS1 4AP"))
    return orders.place_order(session, chat, delivery, idempotency_key=f"{chat.id} {email}", now=NOW)


@pytest.mark.parametrize(
    ("word", "text", "named"),
    [
        ("wang@163.com", "我的邮箱是wang@163.com谢谢", True),
        ("wang@163.com", "It is Wang@163.com.", True),
        ("wang@163.com", "xiaowang@163.com", False),
        ("wang@163.com", "xiao.wang@163.com", False),
        ("wang@163.com", "wang@163.com.cn", False),
        ("+442079460999", "call +44 (0)20 7946-0999", True),
        ("+442079460999", "call 020 7946 0999?", True),
        ("+442079460999", "+4420794609991", False),
        ("+8613912345678", "号码是139 1234 5678。", True),
        ("Ada Okafor", "tell me about ada  okafor", True),
        ("Ada Okafor", "Ada Okaforson", False),
    ],
)
def test_contacts_and_names_are_compared_as_a_whole(word: str, text: str, named: bool) -> None:
    pattern = naming([word])
    assert pattern is not None and bool(pattern.search(text)) is named


def test_a_longer_address_is_somebody_elses(session: Session) -> None:
    wang = make_customer(session, name="Wang Wei", email="wang@163.com")
    other, theirs = make_conversation(session), make_conversation(session)
    stays, goes = make_message(session, other, "xiaowang@163.com"), make_message(session, theirs, "wang@163.com")
    erase_customer(session, wang.id, NOW)
    assert (stays.text, goes.text) == ("xiaowang@163.com", "")


def test_in_the_chats_of_others_only_the_messages_go_that_name_the_contact(session: Session) -> None:
    ada, bob = make_customer(session, email="ada@example.org"), make_customer(session, name="Bob Ray")
    chat = make_conversation(session)  # of a returning customer: they are not linked to it
    order = make_order(session, conversation=chat, customer=bob, name="Bob Ray")
    promise = make_follow_up(session, conversation=chat, customer_id=bob.id)
    said = [make_message(session, chat, text) for text in ("I am Bob Ray", "my friend is ada@example.org")]
    lead = make_conversation(session)
    leads.add_contact(session, lead, email="cleo@example.org", now=NOW)
    of_lead = make_message(session, lead, "cleo@example.org, ada@example.org told me")
    held = held_of(session, person_of(session, ada))
    assert "messages" not in held and "orders" not in held
    erase_customer(session, ada.id, NOW)
    assert (order.name, order.customer_id, promise.status) == ("Bob Ray", bob.id, FollowUpStatus.PLANNED)
    assert [message.text for message in (*said, of_lead)] == ["I am Bob Ray", "", ""]
    assert leads.lead_of(session, lead.id).email == "cleo@example.org"


def test_a_contact_that_others_have_too_names_nobody(session: Session) -> None:
    shop = make_shop(session, email="hello@fernhill.example")
    ada, bob = (make_customer(session, phone="+442079460999") for _ in range(2))
    bobs = make_conversation(session, customer_id=bob.id, identified=True)
    said = make_message(session, bobs, "please ring me on 020 7946 0999")
    tester = make_customer(session, email=shop.email)
    stranger = make_conversation(session)
    asked = make_message(session, stranger, "how do I reach you?")
    reply = conversations.add_reply(session, asked, {"text": f"Write to {shop.email}."}, NOW)
    for customer in (ada, tester):
        erase_customer(session, customer.id, NOW)
    assert [one.text for one in (said, asked, reply)] == [
        "please ring me on 020 7946 0999",
        "how do I reach you?",
        "Write to hello@fernhill.example.",
    ]


def test_a_call_booked_for_whom_the_chat_named_is_forgotten_with_the_chat(session: Session) -> None:
    named = make_customer(session, phone="+442079460999")
    chat = make_conversation(session)
    call = make_follow_up(
        session, conversation=chat, customer_id=named.id, kind="call", contact="+442079460999", note="about tents"
    )
    erase_person(session, chat, NOW)
    session.refresh(call)
    assert (call.status, call.contact, call.note) == (FollowUpStatus.CANCELLED, None, "")


def test_what_another_customer_ordered_in_their_chat_stays_that_ones(session: Session) -> None:
    ada, bob = make_customer(session), make_customer(session)
    chat = make_conversation(session, customer_id=ada.id)
    hers, his = (make_order(session, conversation=chat, customer=one) for one in (ada, bob))
    erase_customer(session, ada.id, NOW)
    assert (hers.name, his.name, his.customer_id) == (None, "Ada Okafor", bob.id)


def test_who_asks_in_a_chat_takes_nobody_along(session: Session) -> None:
    """An address that is the end of many others, ordered with, and everything is asked to be deleted."""
    other = make_conversation(session)
    words = [make_message(session, other, text) for text in ("cara@gmail.com", "a@gmail.com is not mine")]
    returning = make_customer(session, email="diana@gmail.com")
    placed = make_order(session, conversation=other, customer=returning)
    rep = make_conversation(session, rep_name="Kim")
    to_rep = make_message(session, rep, "what of cara@gmail.com and Ann Smith?")
    make_customer(session, name="Ann Smith")
    chat = make_conversation(session)
    order = order_in(session, chat, "a@gmail.com")
    assert "left_to_check" not in erase_person(session, chat, NOW)
    assert order.email is None
    assert [message.text for message in words] == ["cara@gmail.com", "a@gmail.com is not mine"]
    assert (placed.email, to_rep.text) == ("diana@gmail.com", "what of cara@gmail.com and Ann Smith?")


def test_a_chat_goes_with_the_other_chats_of_its_account(session: Session) -> None:
    chats = [make_conversation(session, channel="telegram") for _ in range(3)]
    for chat, key in zip(chats, ("7:7", "-100:7", "-100:17"), strict=True):
        inbox.add_address(session, chat, key, {"chat": 7, "user": int(key.split(":")[1])})
    said = [make_message(session, chat, "I am Ada") for chat in chats]
    erase_person(session, chats[0], NOW)
    assert [message.text for message in said] == ["", "", "I am Ada"]


def test_a_typed_address_empties_nobody_whatever_is_known_of_them(session: Session) -> None:
    ada = make_customer(session, email="ada@example.org")  # imported, without a key and without orders
    chat = make_conversation(session)
    leads.add_contact(session, chat, email="ada@example.org", now=NOW)
    order_in(session, chat, "ada@example.org")
    assert erase_person(session, chat, NOW)["left_to_check"] == 1
    assert (ada.name, ada.erased_at) == ("Ada Okafor", None)
    assert str(ada.id) in session.scalars(select(Handoff.summary)).one()
    assert session.scalars(select(Order.email)).one() is None


def test_a_customer_whom_the_chat_made_is_emptied_unless_the_shop_has_added_to_them(session: Session) -> None:
    chats = [make_conversation(session) for _ in range(2)]
    for chat, email in zip(chats, ("ann@example.org", "ada@example.org"), strict=True):
        order_in(session, chat, email)
    ann, ada = (session.get_one(Customer, chat.customer_id) for chat in chats)
    ada.phone = "+442079460999"  # an import found her by her address
    first, second = (erase_person(session, chat, NOW) for chat in chats)
    assert (first.get("left_to_check"), ann.erased_at) == (None, NOW)
    assert (second.get("left_to_check"), ada.erased_at, ada.email) == (1, None, "ada@example.org")


def test_a_proven_customer_is_emptied_from_the_chat(session: Session) -> None:
    ada = make_customer(session, external_id="11000")
    imported = make_order(session, customer=ada)
    chat = make_conversation(session, customer_id=ada.id, identified=True)
    assert "left_to_check" not in erase_person(session, chat, NOW)
    assert (ada.email, imported.email, imported.customer_id) == (None, None, None)


def test_an_account_whose_customer_is_to_be_checked_is_forgotten_all_the_same(session: Session) -> None:
    ada = make_customer(session, external_id="11000")
    chat = make_conversation(session, channel="telegram", customer_id=ada.id)
    inbox.add_address(session, chat, "7:7", {"chat": 7, "user": 7})
    inbox.remember_identity(session, chat, "7")
    other = make_conversation(session, channel="telegram", customer_id=ada.id)
    inbox.remember_identity(session, other, "8")
    assert erase_person(session, chat, NOW)["left_to_check"] == 1
    assert session.scalars(select(ChannelIdentity.external_id)).all() == ["8"]


def tell(session: Session, rep: Conversation, *texts: str) -> list[Message]:
    asked = make_message(session, rep, "what is due?")
    return [conversations.add_reply(session, asked, {"text": text}, NOW) for text in texts]


def test_reps_chats_forget_whom_they_spoke_of(session: Session) -> None:
    ada = make_customer(session, name="Ada Okafor", phone="+442079460999", address="77 Marzipan Crescent, Leeds")
    make_customer(session, name="Ben Stone")
    chat = make_conversation(session, customer_id=ada.id)
    call = make_follow_up(session, conversation=chat, contact=ada.phone, note="call about the turquoise accordion")
    rep = make_conversation(session, rep_name="Kim")
    asked = make_message(session, rep, "tell me about Ada Okafor")
    gone = tell(
        session,
        rep,
        "Please call Ada now: +44 20 7946 0999",  # before the call was moved: no promise points to it
        "call, Monday 3 pm: —, call about the turquoise accordion",
        "Ada Okafor, 2 orders",
        "sent to 77 Marzipan Crescent, Leeds",
    )
    assert call.message_id is None
    stay = tell(session, rep, "Ada is a programming language", "Ben Stone, 3 orders")
    erase_customer(session, ada.id, NOW)
    assert {message.text for message in (asked, *gone)} == {""}
    assert all(message.payload == {} for message in gone)
    assert [message.text for message in stay] == ["Ada is a programming language", "Ben Stone, 3 orders"]
    assert rep.id in session.scalars(select(Erasure.conversation_ids)).one()  # for the engine's view of it


def test_reps_chats_forget_who_asked_for_it_in_the_chat(session: Session) -> None:
    chat, rep = make_conversation(session), make_conversation(session, rep_name="Kim")
    order_in(session, chat, "ann@example.org", phone="+442079460999")
    make_customer(session, phone="+442079460111")
    gone, stays = tell(session, rep, "Please call Ann now: +44 20 7946 0999", "Please call +44 20 7946 0111")
    erase_person(session, chat, NOW)
    assert (gone.text, stays.text) == ("", "Please call +44 20 7946 0111")
