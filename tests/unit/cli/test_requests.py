"""What waits for a person: listed, shown, answered in the chat and closed, on a real store."""

from __future__ import annotations

import json
import shutil
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.conversation_log import as_reply
from bot.cli import doctor
from bot.cli.__main__ import main
from crm_store import after_sale, conversations, inbox, outbox, privacy
from crm_store.database import connect, reading, writing
from crm_store.database import sessions as make_sessions
from crm_store.erasing.rows import erase_customer
from crm_store.followups import person_awaited
from crm_store.home import Home
from crm_store.tables import (
    Conversation,
    Customer,
    Delivery,
    Direction,
    Handoff,
    Message,
    RequestKind,
    RequestStatus,
    ServiceRequest,
    Touchpoint,
)
from tests.factories import make_conversation, make_customer, make_lead, make_message, make_order, make_shop

NOW = datetime.now(UTC).replace(microsecond=0)
TWO_DAYS_AGO, AN_HOUR_AGO = NOW - timedelta(days=2), NOW - timedelta(hours=1)


@pytest.fixture
def store(home: Home, migrated_database: Path) -> Iterator[sessionmaker[Session]]:
    """Ada on Telegram complains of an order (h1 and s1) and wants an invoice (s2, closed); Bo on the web asks (h2)."""
    home.path.mkdir()
    shutil.copyfile(migrated_database, home.path / "salesclerk.db")
    engine = connect(home.database_url)
    factory = make_sessions(engine)
    with writing(factory) as session:
        make_shop(session)
        ada = make_conversation(session, channel="telegram", customer_id=make_customer(session, email=None).id)
        inbox.add_address(session, ada, "7:7", {"chat": 7, "user": 7})
        make_lead(session, conversation=ada, name="Ada Okafor", email="ada@example.org", phone="+447700900123")
        make_message(session, ada, "the pump\nbroke \x1b[31mtoday")
        order = make_order(session, conversation=ada, number="SC-7KQ2MX")
        words = "the pump\nbroke \x1b[31mtoday"
        after_sale.open_request(session, RequestKind.COMPLAINT, order, ada, words, TWO_DAYS_AGO)
        conversations.request_handoff(session, ada, "complaint", words, TWO_DAYS_AGO)
        invoice = after_sale.open_request(session, RequestKind.INVOICE, order, ada, "invoice please", AN_HOUR_AGO)
        invoice.status = RequestStatus.DONE
        bo = make_conversation(session)
        make_message(session, bo, "a person please")
        conversations.request_handoff(session, bo, "asked", "a person please", AN_HOUR_AGO)
    yield factory
    engine.dispose()


def chat_of(session: Session, handoff: int) -> Conversation:
    return session.get_one(Conversation, session.get_one(Handoff, handoff).conversation_id)


def said(store: sessionmaker[Session]) -> list[str]:
    with reading(store) as session:
        return list(session.scalars(select(Message.text).where(Message.direction == Direction.OUTBOUND)))


@pytest.mark.parametrize(("words", "numbers"), [([], ["h1", "s1", "h2"]), (["--all"], ["h1", "s1", "h2", "s2"])])
def test_what_waits_is_listed_the_longest_waiting_first(
    words: list[str], numbers: list[str], store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["requests", *words, "--json"]) == 0
    found = [row["number"] for row in json.loads(capsys.readouterr().out)]
    assert sorted(found[:2]) == ["h1", "s1"]
    assert sorted(found) == sorted(numbers)
    assert main(["requests", *words]) == 0
    *lines, count = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == found
    assert count == f"{len(numbers)} {'in all' if words else 'waiting'}."


def test_a_line_says_who_waits_since_when_and_what_for(
    store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["requests", "--all"])
    lines = {line.split()[0]: line.strip() for line in capsys.readouterr().out.splitlines()}
    ada = "telegram  Ada Okafor, ada@example.org, +447700900123:"
    assert lines["s1"] == f"s1  {TWO_DAYS_AGO:%Y-%m-%d %H:%M}  complaint  {ada} SC-7KQ2MX; the pump broke [31mtoday"
    assert lines["h2"] == f"h2  {AN_HOUR_AGO:%Y-%m-%d %H:%M}  asked      web       a customer: a person please"
    assert lines["s2"].endswith("SC-7KQ2MX; invoice please; closed")


def test_a_program_gets_json(store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]) -> None:
    main(["requests", "show", "S1", "--json"])
    told = json.loads(capsys.readouterr().out)
    assert (told["number"], told["kind"], told["status"], told["order"]) == ("s1", "complaint", "open", "SC-7KQ2MX")
    assert (told["channel"], told["signed_in"], told["customer_id"]) == ("telegram", False, 1)
    assert [(m["author"], m["text"]) for m in told["messages"]] == [("customer", "the pump\nbroke \x1b[31mtoday")]


def test_an_answer_goes_into_the_chat_as_a_persons_words_and_the_request_stays_open(
    store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["requests", "answer", "h1", " We send a new pump. "]) == 0
    assert capsys.readouterr().out.startswith("h1 is answered. ")
    with writing(store) as session:
        outbox.take_up(session, NOW)
        message = session.scalars(select(Message).where(Message.direction == Direction.OUTBOUND)).one()
        assert session.scalars(select(Delivery.message_id)).all() == [message.id]
        assert inbox.pushed_messages(session, message.conversation_id, 0) == [message]
        shown = as_reply(message)
        assert (shown["text"], shown["author"], shown["from"]) == ("We send a new pump.", "person", "shop")
        assert person_awaited(session, message.conversation_id)
    main(["requests", "show", "h1"])
    assert capsys.readouterr().out.splitlines()[-1].endswith("person:     We send a new pump.")


def test_answering_may_close(store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["requests", "answer", "h2", "Here I am.", "--close"]) == 0
    assert capsys.readouterr().out.startswith("h2 is answered and closed. ")
    with reading(store) as session:
        assert not person_awaited(session, chat_of(session, 2).id)
    assert said(store) == ["Here I am."]
    assert main(["requests", "answer", "h2", "Once more.", "--close"]) == 2
    assert said(store) == ["Here I am."]


def test_closing_says_what_else_is_open_in_the_chat_and_keeps_the_reason(
    store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["requests", "close", "s1", "--reason", "money sent back"]) == 0
    assert capsys.readouterr().out.splitlines() == ["s1: closed.", "Still open in the same chat: h1."]
    with reading(store) as session:
        assert session.get_one(ServiceRequest, 1).status is RequestStatus.DONE
        noted = session.scalars(select(Touchpoint)).one()
        assert (noted.summary, noted.customer_id) == ("Request s1 (complaint) closed: money sent back", 1)
    assert main(["requests", "close", "h1", "h2"]) == 0
    main(["requests"])
    assert capsys.readouterr().out.splitlines()[-1] == "0 waiting."


def test_of_several_all_are_closed_or_none(store: sessionmaker[Session]) -> None:
    assert main(["requests", "close", "h1", "s2"]) == 2
    with reading(store) as session:
        assert session.get_one(Handoff, 1).closed_at is None


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["show", "h99"], "There is no request h99; their numbers are such as h12 or s7."),
        (["show", "1"], "There is no request 1;"),
        (["show", "h9999999999"], "There is no request h9999999999;"),
        (["answer", "s99", "hello"], "There is no request s99;"),
        (["answer", "h1", " \n"], "The answer is empty."),
        (["close", "s2"], "Request s2 is closed already."),
    ],
)
def test_what_cannot_be_is_one_line(
    words: list[str], sentence: str, store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["requests", *words]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert sentence in line
    assert said(store) == []


def _block(session: Session) -> None:
    address = inbox.address_of(session, chat_of(session, 1).id)
    assert address is not None
    inbox.set_blocked(session, [address], NOW)


@pytest.mark.parametrize(
    ("happens", "why"),
    [
        (_block, "the customer has blocked us on telegram"),
        (lambda session: erase_customer(session, 1, NOW), "the customer was forgotten and has not written since"),
        (
            lambda session: privacy.opt_out(session, chat_of(session, 1), NOW),
            "the customer wants no messages and has not written since",
        ),
    ],
)
def test_who_cannot_be_written_to_is_one_line_and_nothing_is_half_written(
    happens, why: str, store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    with writing(store) as session:
        happens(session)
    assert main(["requests", "answer", "h1", "hello", "--close"]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert line == f"salesclerk: Request h1 cannot be answered in the chat: {why}."
    with reading(store) as session:
        assert session.get_one(Handoff, 1).closed_at is None
        assert session.scalars(select(Touchpoint)).all() == []
    assert said(store) == []


def test_the_doctor_counts_who_waits_and_says_when_it_is_long(store: sessionmaker[Session], home: Home) -> None:
    said = doctor.CHECKS["requests"](home)
    assert said == (
        f"3 wait for a person, the oldest since {TWO_DAYS_AGO:%Y-%m-%d %H:%M} UTC, longer than a day:"
        " ./salesclerk requests"
    )
    main(["requests", "close", "h1", "s1"])
    assert doctor.CHECKS["requests"](home).startswith("1 waits for a person, the oldest since ")
    assert "longer" not in doctor.CHECKS["requests"](home)
    main(["requests", "close", "h2"])
    assert doctor.CHECKS["requests"](home) == "nobody waits for a person"


def test_a_customer_who_is_known_is_named(store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]) -> None:
    with writing(store) as session:
        chat = chat_of(session, 2)
        chat.customer_id = make_customer(session, name="Bo Lind", email="bo@example.org").id
        chat.identified = True
        assert session.get_one(Customer, chat.customer_id).name == "Bo Lind"
    main(["requests", "show", "h2"])
    first, second, *_ = capsys.readouterr().out.splitlines()
    assert "Bo Lind, bo@example.org: a person please" in first
    assert second == "Customer #2, signed in."
