"""A person is taken out of every table."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store import leads
from crm_store.conversations import add_reply, make_button
from crm_store.erasing import person, rows
from crm_store.tables import (
    Base,
    Button,
    ChannelAddress,
    ChannelIdentity,
    Conversation,
    Customer,
    Erasure,
    FollowUpStatus,
    Handoff,
    Message,
    Touchpoint,
)
from tests.factories import (
    NOW,
    make_conversation,
    make_customer,
    make_follow_up,
    make_message,
    make_order,
)


def test_an_erased_person_is_nowhere_any_more(session: Session) -> None:
    customer = make_customer(session, name="Ada Okafor", email="ada@example.org", attributes={"job": "pilot"})
    chat = make_conversation(session, customer_id=customer.id, identified=True, needs={"recipient": "my daughter"})
    session.add(ChannelIdentity(customer_id=customer.id, channel="telegram", external_id="4711"))
    message = make_message(session, chat, "I am Ada")
    reply = add_reply(session, message, {"text": "hello Ada"}, NOW)
    make_button(session, chat.id, "For Ada", "place_order", {})
    order = make_order(session, conversation=chat, customer=customer)
    lead = leads.add_contact(session, chat, name="Ada", email="ada@example.org", now=NOW)
    leads.log_touchpoint(session, kind="call", summary="Ada rang", now=NOW, lead=lead)
    promise = make_follow_up(session, conversation=chat, contact="ada@example.org", note="ask Ada")
    counts = rows.erase_person(session, chat, NOW)
    assert (counts["customers"], counts["messages"], counts["orders"]) == (1, 2, 1)
    assert "left_to_check" not in counts
    assert (message.text, reply.text, reply.payload) == ("", "", {})
    assert (order.name, order.email, order.address, order.total) == (None, None, None, order.total)
    assert (lead.name, lead.email, promise.contact, promise.note) == (None, None, None, "")
    assert promise.status is FollowUpStatus.CANCELLED
    assert (customer.name, customer.email, customer.attributes, customer.erased_at) == (None, None, {}, NOW)
    assert chat.needs == {}
    assert session.scalars(select(Touchpoint.summary)).all() == [""]
    assert session.scalars(select(ChannelIdentity)).all() == []
    assert session.scalars(select(Button)).all() == []


def test_somebody_elses_words_stay(session: Session) -> None:
    chat, other = make_conversation(session), make_conversation(session)
    make_message(session, other, "I am Bob")
    rows.erase_person(session, chat, NOW)
    assert session.scalars(select(Message.text)).all() == ["I am Bob"]


def test_nobody_erases_a_customer_by_typing_their_address(session: Session) -> None:
    ada = make_customer(session, name="Ada Okafor", email="ada@example.org", external_id="11000")
    chat = make_conversation(session)
    message = make_message(session, chat, "I am ada@example.org")
    leads.add_contact(session, chat, email="ada@example.org", now=NOW)
    counts = rows.erase_person(session, chat, NOW)
    assert counts["left_to_check"] == 1
    assert (message.text, ada.name) == ("", "Ada Okafor")
    handoff = session.scalars(select(Handoff)).one()
    assert (handoff.reason, str(ada.id) in handoff.summary) == ("erasure", True)


def test_once_the_identity_is_certain_everything_of_a_customer_goes(session: Session) -> None:
    ada = make_customer(session, external_id="11000")
    chats = [make_conversation(session, customer_id=ada.id) for _ in range(2)]
    messages = [make_message(session, chat, "I am Ada") for chat in chats]
    order = make_order(session, customer=ada)
    counts = rows.erase_customer(session, ada.id, NOW)
    assert [message.text for message in messages] == ["", ""]
    assert (order.email, order.customer_id) == (None, None)
    assert counts["conversations"] == 2
    assert session.get_one(Customer, ada.id).external_id == "11000"


def test_how_a_person_was_reached_is_forgotten_with_them(session: Session) -> None:
    ada = make_customer(session)
    chats = [make_conversation(session, channel="telegram", customer_id=ada.id) for _ in range(2)]
    for number, chat in enumerate(chats):
        session.add(
            ChannelAddress(conversation_id=chat.id, channel="telegram", external_id=f"7:{number}", address={"chat": 7})
        )
    session.flush()
    rows.erase_person(session, chats[0], NOW)
    kept = session.get_one(ChannelAddress, chats[0].id)  # until the reply that says so is out
    assert "7:0" not in kept.external_id
    rows.erase_customer(session, ada.id, NOW)
    assert session.get(ChannelAddress, chats[1].id) is None


def test_every_table_that_points_to_people_is_known() -> None:
    of_people = {Customer.__table__, Conversation.__table__}
    known = {table.__table__ for table in person.rows_of(person.Person((1,), ("web-1",)))}
    pointing = {
        table for table in Base.metadata.tables.values()
        if table in of_people or any(key.column.table in known for key in table.foreign_keys)
    }  # fmt: skip
    assert pointing == known


def test_the_number_of_who_is_gone_is_nobody_elses(session: Session) -> None:
    ada = make_customer(session)
    rows.erase_customer(session, ada.id, NOW)
    assert make_customer(session).id != ada.id
    proof = session.scalars(select(Erasure)).one()
    assert (proof.customer_id, proof.finished_at) == (ada.id, None)
