from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.cli.__main__ import main
from crm_store import inbox, outbox
from crm_store.conversations import add_reply
from crm_store.database import connect, migrate, reading, sessions, writing
from crm_store.tables import Delivery, DeliveryState
from tests.factories import NOW, make_conversation, make_message, make_shop


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SALESCLERK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return tmp_path / "home"


@pytest.fixture
def store(home: Path) -> Iterator[sessionmaker[Session]]:
    """Three replies: one given up, one sent, one waiting."""
    engine = connect(f"sqlite:///{home / 'salesclerk.db'}")
    migrate(engine)
    factory = sessions(engine)
    with writing(factory) as session:
        make_shop(session)
        conversation = make_conversation(session, channel="telegram")
        inbox.add_address(session, conversation, "7:7", {"chat": 7, "user": 7})
        message = make_message(session, conversation)
        for text in ("We have it in\ngreen", "It is on its way", "Anything else?"):
            add_reply(session, message, {"text": text}, NOW)
        outbox.take_up(session, NOW)
        outbox.give_up(session, 1, "Bad Gateway", NOW)
        outbox.part_sent(session, 2, 1, True, NOW)
    yield factory
    engine.dispose()


def states(store: sessionmaker[Session]) -> list[DeliveryState]:
    with reading(store) as session:
        return list(session.scalars(select(Delivery.state).order_by(Delivery.id)))


@pytest.mark.parametrize("words", [["outbox"], ["outbox", "list"]])
def test_what_did_not_get_through_is_shown(
    words: list[str], store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(words) == 0
    given_up, waiting, counts, advice = capsys.readouterr().out.splitlines()
    assert "given up" in given_up and "'We have it in green' (1 tries, Bad Gateway)" in given_up
    assert "waiting" in waiting and "'Anything else?' (not tried yet)" in waiting
    assert counts == "1 given up, 1 waiting, 1 sent."
    assert "resend" in advice


def test_a_program_gets_json(store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outbox", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["counts"] == {"waiting": 1, "sent": 1, "dead": 1, "dropped": 0}
    assert [(reply["id"], reply["state"], reply["error"]) for reply in told["replies"]] == [
        (1, "dead", "Bad Gateway"),
        (3, "waiting", None),
    ]


@pytest.mark.parametrize("which", [["1"], ["--all"]])
def test_what_was_given_up_is_sent_again(
    which: list[str], store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["outbox", "resend", *which]) == 0
    assert "1 reply is on the way again" in capsys.readouterr().out
    assert states(store) == [DeliveryState.WAITING, DeliveryState.SENT, DeliveryState.WAITING]


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (["resend", "99"], "no reply 99"),
        (["resend", "2"], "Reply 2 is sent"),
        (["resend", "1", "99"], "no reply 99"),
        (["resend"], "--all"),
        (["resend", "1", "--all"], "--all"),
        (["resend", "one"], "integer"),
    ],
)
def test_what_cannot_be_sent_again_is_one_line_and_changes_nothing(
    words: list[str], about: str, store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    before = states(store)
    assert main(["outbox", *words]) == 2
    said = capsys.readouterr().err
    assert about in said and said.count("\n") == 1
    assert states(store) == before


def test_an_empty_outbox_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["outbox"]) == 0
    assert capsys.readouterr().out == "0 given up, 0 waiting, 0 sent.\n"
