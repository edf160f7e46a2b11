"""A customer leaves traces wherever one can, is erased, and no file of the home holds any of them."""

from __future__ import annotations

import gzip
import json
import sqlite3
import zipfile
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.cli.__main__ import main
from crm_store import carts, consents, conversations, followups, inbox, leads, orders, outbox, quotes
from crm_store.after_sale import open_request
from crm_store.database import connect, migrate, reading, sessions, writing
from crm_store.erasing.finishing import finish_quiet, pending
from crm_store.erasing.rows import erase_person
from crm_store.home import Home
from crm_store.tables import ChannelIdentity, Conversation, Customer, Erasure, FollowUpKind, Order, RequestKind
from tests.canary import found_in
from tests.factories import NOW, make_conversation, make_product

WHO = {
    "en": ("Zebulon Quixworth", "zq.canary@example.org", "+442079460999", "77 Marzipan Crescent, Leeds LS9 9ZZ"),
    "zh": ("欧阳金丝雀", "jinsique@example.org", "+8613912345678", "杭州市西湖区麦芽糖路七十七号"),
}
SAID = {"en": "my grandmother collects turquoise accordions", "zh": "我奶奶收藏绿松石手风琴"}
BESIDE = "Quillfeather"  # somebody else, who stays


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    monkeypatch.setenv("SALESCLERK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    home = Home.from_environment()
    engine = connect(home.database_url)
    migrate(engine)
    engine.dispose()
    return home


@pytest.fixture
def store(home: Home) -> sessionmaker[Session]:
    return sessions(connect(home.database_url))


def live_through_everything(session: Session, language: str) -> Conversation:
    """A customer of the chat who asks, agrees, gets a quote, orders, complains and books a call."""
    name, email, phone, address = WHO[language]
    sku = make_product(session).variants[0].sku
    chat = make_conversation(session, channel="telegram", language=language, source="camp_autumn")
    inbox.add_address(session, chat, "7:4711999", {"chat": 7, "user": 4711999})
    inbox.keep_updates(session, "telegram", "1", [(1, {"message": {"from": 4711999, "text": SAID[language]}})], NOW)
    kept = inbox.waiting_updates(session, "telegram", "1")[0]
    inbox.settle_update(session, kept, readable=False)
    words = words_of(language)
    message, _ = conversations.receive(session, chat.id, text=words, external_id="m1", now=NOW)
    conversations.add_reply(session, message, {"text": f"Thank you, {name}"}, NOW)
    conversations.mark_handled(
        session, message, intent="place_order", confidence=1.0, needs={"note": words}, mentions={"email": email}
    )
    conversations.make_button(session, chat.id, name, "place_order", {"address": address})
    chat.needs = {"recipient": SAID[language]}
    chat.pending = {"checkout": {"draft": {"name": name, "address": address}}}
    consents.record_consent(session, chat, consents.MARKETING, True, f"{name} may be written to", NOW)
    carts.add(session, chat.id, sku, 1, NOW)
    quotes.draft_quote(session, chat, NOW)
    delivery = orders.Delivery(name, email, phone, address)
    order = orders.place_order(session, chat, delivery, idempotency_key=f"order-{chat.id}", now=NOW)
    open_request(session, RequestKind.COMPLAINT, order, chat, words, NOW)
    conversations.request_handoff(session, chat, "asked", words, NOW)
    lead = leads.add_contact(session, chat, name=name, email=email, phone=phone, now=NOW)
    leads.log_touchpoint(session, kind="call", summary=words, now=NOW, lead=lead)
    book_call(session, chat, words, phone)
    outbox.take_up(session, NOW)
    inbox.remember_identity(session, chat, "4711999")
    return chat


def book_call(session: Session, chat: Conversation, note: str, phone: str) -> None:
    followups.book(
        session, chat, kind=FollowUpKind.CALL, due_at=NOW + timedelta(days=1), grain="hour", timezone="UTC",
        contact=phone, note=note, idempotency_key=f"call-{chat.id}", now=NOW,
    )  # fmt: skip


def words_of(language: str) -> str:
    """What the customer wrote, with all about them in it."""
    return "; ".join((SAID[language], *WHO[language]))


def leave_files(home: Home, chat_id: str, language: str) -> None:
    """What processes leave in a home, and what must stay as it is."""
    name, email, phone, address = WHO[language]
    home.logs.mkdir(parents=True, exist_ok=True)
    said = f"{BESIDE} came\nUPDATE ... {words_of(language)!r}, {name!r}\n"
    (home.logs / "app.log").write_text(said, encoding="utf-8")
    (home.path / "reports").mkdir()
    (home.path / "reports" / "leads.html").write_text(f"<td>{address}</td>", encoding="utf-8")
    (home.path / "reports" / "events.json").write_text(json.dumps([words_of(language), email, phone]))
    version = home.learned / "20261123-120000"
    version.mkdir(parents=True)
    (version / "models.pickle").write_bytes(name.encode())
    (home.learned / "in_use").write_text(version.name)
    remember(home, chat_id, f"{SAID[language]} {name}")
    remember(home, "web-other", BESIDE)


def leave_files_of_the_shop(home: Home, language: str) -> dict[Path, bytes]:
    """What the shopkeeper keeps in the home; returns what is in each file that names the customer."""
    name, email, _, address = WHO[language]
    (home.path / "wide.csv").write_text(f"name,email\n{name},{email}\n", encoding="utf-16")
    with gzip.open(home.path / "orders.csv.gz", "wt", encoding="utf-8") as packed:
        packed.write(f"{name},{address}\n")
    with zipfile.ZipFile(home.path / "leads.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("leads.csv", name)
    (home.path / "salesclerk.db.old").write_bytes(b"SQLite format 3\0" + name.encode())
    (home.path / "other.csv").write_text(BESIDE)
    (home.path / "cut.csv.gz").write_bytes(gzip.compress(b"x" * 999)[:-20])
    named = ("leads.zip", "orders.csv.gz", "salesclerk.db.old", "wide.csv")
    return {home.path / file: (home.path / file).read_bytes() for file in named}


def remember(home: Home, sender: str, text: str) -> None:
    """As the engine keeps its view of a conversation."""
    home.tracker_database.parent.mkdir(parents=True, exist_ok=True)
    with closing(sqlite3.connect(home.tracker_database, isolation_level=None)) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("CREATE TABLE IF NOT EXISTS trackers (sender_id TEXT PRIMARY KEY, dialogue TEXT NOT NULL)")
        connection.execute("INSERT INTO trackers VALUES (?, ?)", (sender, json.dumps({"text": text})))


def canaries(language: str) -> list[str]:
    return [*WHO[language], SAID[language], "4711999"]


@pytest.mark.parametrize("language", ["en", "zh"])
def test_an_erased_customer_is_in_no_file_any_more(
    home: Home, store: sessionmaker[Session], language: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with writing(store) as session:
        chat = live_through_everything(session, language)
        make_conversation(session, source=BESIDE)
        number = session.scalars(select(Customer.id)).one()
    leave_files(home, chat.id, language)
    before = {word for _, word in found_in(home.path, canaries(language))}
    assert before == set(canaries(language)), "the test would prove nothing"

    assert main(["erase", "customer", str(number), "--dry-run"]) == 0
    assert {word for _, word in found_in(home.path, canaries(language))} == before
    assert main(["erase", "customer", str(number), "--json"]) == 0

    assert found_in(home.path, canaries(language)) == []
    assert found_in(home.path, [BESIDE]) != []
    with reading(store) as session:
        order = session.scalars(select(Order)).one()
        assert (order.total > 0, order.customer_id, order.email) == (True, None, None)
        assert session.scalars(select(ChannelIdentity)).all() == []
        assert session.scalars(select(Erasure.traces)).all() == [[]]
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert report["undelivered_orders"] == [order.number]
    assert (report["trackers"], len(report["files"]), report["versions"]) == (1, 3, ["20261123-120000"])
    assert main(["erase", "customer", str(number)]) == 2
    assert capsys.readouterr().err == f"salesclerk: There is no customer {number}.\n"


def test_who_is_forgotten_in_the_chat_leaves_the_files_once_the_chat_is_quiet(
    home: Home, store: sessionmaker[Session]
) -> None:
    with writing(store) as session:
        chat = live_through_everything(session, "en")
    leave_files(home, chat.id, "en")
    with writing(store) as session:
        chat = session.get_one(Conversation, chat.id)
        assert "left_to_check" not in erase_person(session, chat, NOW)
        message = conversations.receive(session, chat.id, text="yes", external_id="m2", now=NOW)[0]
        conversations.add_reply(session, message, {"text": "gone"}, NOW)
        outbox.take_up(session, NOW)
        assert outbox.next_letter(session, chat.id).payload == {"text": "gone"}  # the first thing they get now
    finish_quiet(store, home, NOW + timedelta(seconds=1))
    assert found_in(home.path, canaries("en")) != []
    finish_quiet(store, home, NOW + timedelta(seconds=10))  # the reply is not out yet
    with writing(store) as session:
        assert pending(session) != []
        outbox.part_sent(session, outbox.next_letter(session, chat.id).id, 1, True, NOW)
        outbox.let_go(session, chat.channel)
    finish_quiet(store, home, NOW + timedelta(seconds=11))
    assert found_in(home.path, canaries("en")) == []
    with reading(store) as session:
        assert pending(session) == []


def test_the_files_of_the_shop_that_name_a_customer_are_named_and_left(
    home: Home, store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    with writing(store) as session:
        live_through_everything(session, "en")
        number = session.scalars(select(Customer.id)).one()
    before = leave_files_of_the_shop(home, "en")
    assert main(["erase", "customer", str(number), "--json"]) == 0
    report = json.loads(capsys.readouterr().out.splitlines()[-1])
    assert (report["your_files"], report["files"]) == ([str(file) for file in before], [])
    assert report["unreadable"] == [str(home.path / "cut.csv.gz")]
    assert {file: file.read_bytes() for file in before} == before


def test_all_that_is_held_is_exported(
    home: Home, store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    with writing(store) as session:
        live_through_everything(session, "zh")
        number = session.scalars(select(Customer.id)).one()
    assert main(["export", "customer", str(number)]) == 0
    written = capsys.readouterr().out
    held = json.loads(written)["held"]
    assert all(word in written for word in (*WHO["zh"], SAID["zh"], "4711999"))
    assert {"customers", "consents", "messages", "orders", "order_lines", "follow_ups", "leads", "quotes"} <= set(held)
    for words in (["export", "customer"], ["export", "orders", "1"], ["export", "customer", "nobody"]):
        assert main(words) == 2
    assert len(capsys.readouterr().err.splitlines()) == 3
