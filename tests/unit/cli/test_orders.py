from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.cli.__main__ import main
from crm_store.database import connect, migrate, reading, sessions, writing
from crm_store.home import Home
from crm_store.tables import Order
from tests.factories import make_conversation, make_order


@pytest.fixture
def store(home: Home) -> Iterator[sessionmaker[Session]]:
    """Two orders of the chat, and one of an import."""
    engine = connect(home.database_url)
    migrate(engine)
    factory = sessions(engine)
    with writing(factory) as session:
        make_order(session, number="SC-AAAAAA")
        chat = make_conversation(session)
        for number in ("SC-BBBBBB", "SC-CCCCCC"):
            make_order(session, number=number, conversation=chat)
    yield factory
    engine.dispose()


def statuses(store: sessionmaker[Session]) -> list[str]:
    with reading(store) as session:
        return [status.value for status in session.scalars(select(Order.status).order_by(Order.number))]


def test_orders_go_from_placed_to_delivered(store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["orders", "shipped", "sc-bbbbbb", "SC-AAAAAA"]) == 0
    assert "SC-BBBBBB, SC-AAAAAA: shipped." in capsys.readouterr().out
    assert main(["orders", "delivered", "SC-AAAAAA"]) == 0
    assert statuses(store) == ["delivered", "shipped", "placed"]
    capsys.readouterr()
    assert main(["orders", "--json"]) == 0
    assert [row["number"] for row in json.loads(capsys.readouterr().out)] == ["SC-BBBBBB", "SC-CCCCCC"]
    assert main(["orders"]) == 0
    assert "2 under way." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["delivered", "SC-NONE"], "There is no order SC-NONE."),
        (["shipped", "SC-CCCCCC", "SC-AAAAAA"], "Order SC-AAAAAA is delivered and cannot become shipped."),
    ],
)
def test_one_that_cannot_be_marked_is_one_line_and_marks_none(
    words: list[str], sentence: str, store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["orders", "delivered", "SC-AAAAAA"])
    capsys.readouterr()
    assert main(["orders", *words]) == 2
    assert capsys.readouterr().err == f"salesclerk: {sentence}\n"
    assert statuses(store) == ["delivered", "placed", "placed"]
