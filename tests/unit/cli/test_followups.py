from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from icalendar import Calendar
from sqlalchemy import select
from sqlalchemy.orm import Session, sessionmaker

from bot.cli.__main__ import main
from crm_store import followups
from crm_store.database import connect, migrate, reading, sessions, writing
from crm_store.home import Home
from crm_store.tables import FollowUp, FollowUpStatus, Message
from tests.factories import make_conversation, make_follow_up, make_lead, make_shop

NOON = datetime.now(UTC).replace(hour=12, minute=0, second=0, microsecond=0)
TOMORROW = NOON + timedelta(days=1)
LAST_WEEK = NOON - timedelta(days=7)
IN_A_MONTH = (NOON + timedelta(days=30)).replace(tzinfo=None)


@pytest.fixture
def store(home: Home) -> Iterator[sessionmaker[Session]]:
    """A call for tomorrow, one that is due, and a reminder that was dropped."""
    engine = connect(home.database_url)
    migrate(engine)
    factory = sessions(engine)
    with writing(factory) as session:
        make_shop(session)
        chat = make_conversation(session)
        lead = make_lead(session, conversation=chat, name="Ada Okafor")
        usual = {"conversation": chat, "lead_id": lead.id, "timezone": "Asia/Shanghai", "about": {}}
        make_follow_up(session, due_at=TOMORROW, contact="+447700900123", note="the\nRidge", **usual)
        make_follow_up(session, due_at=LAST_WEEK, status=FollowUpStatus.DUE, assigned_to="Ravi", **usual)
        dropped = make_follow_up(session, kind="message", due_at=LAST_WEEK, reason="the quote has expired", **usual)
        dropped.status = FollowUpStatus.DROPPED
    yield factory
    engine.dispose()


def follow_up(store: sessionmaker[Session], id: int) -> FollowUp:
    with reading(store) as session:
        return session.get_one(FollowUp, id)


def told(store: sessionmaker[Session]) -> list[str]:
    with reading(store) as session:
        return list(session.scalars(select(Message.text)))


@pytest.mark.parametrize(
    ("words", "ids"), [([], [2, 1]), (["--due"], [2]), (["--all"], [2, 3, 1]), (["--rep", "Ravi"], [2])]
)
def test_promises_are_listed(
    words: list[str], ids: list[int], store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["followups", *words, "--json"]) == 0
    assert [row["id"] for row in json.loads(capsys.readouterr().out)] == ids
    assert main(["followups", *words]) == 0
    *lines, count = capsys.readouterr().out.splitlines()
    assert [int(line.split()[0]) for line in lines] == ids
    assert count.startswith(f"{len(ids)} ")


def test_a_line_says_when_and_for_whom_and_why(
    store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    main(["followups", "--all"])
    due, dropped, planned, _ = capsys.readouterr().out.splitlines()
    assert due.split() == ["2", f"{LAST_WEEK:%Y-%m-%d}", "20:00", "due", "call", "Ada", "Okafor:", "for", "Ravi"]
    assert dropped.endswith("dropped    message          Ada Okafor: the quote has expired")
    assert planned.endswith("20:00  planned    call             Ada Okafor: +447700900123; the Ridge")


def test_a_rep_moves_a_call_in_the_customers_time_and_the_customer_is_told(
    store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["followups", "move", "2", "--to", f"{IN_A_MONTH:%Y-%m-%d} 15:00"]) == 0
    assert "Follow-up 2 is moved." in capsys.readouterr().out
    moved = follow_up(store, 2)
    assert (moved.status, moved.due_at.hour, moved.sequence) == (FollowUpStatus.PLANNED, 7, 1)
    [text] = told(store)
    assert text.startswith("Moved: it is on ") and text.endswith(" 15:00 (Shanghai time) now.")


def test_a_rep_cancels_finishes_and_assigns(store: sessionmaker[Session]) -> None:
    assert main(["followups", "assign", "1", "--to", "Mei"]) == 0
    assert follow_up(store, 1).assigned_to == "Mei"
    assert main(["followups", "cancel", "1"]) == 0
    assert follow_up(store, 1).status is FollowUpStatus.CANCELLED
    assert "is cancelled." in told(store)[0]
    assert main(["followups", "done", "2"]) == 0
    assert follow_up(store, 2).status is FollowUpStatus.DONE
    assert len(told(store)) == 1


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["done", "99"], "There is no follow-up 99."),
        (["cancel", "3"], "Follow-up 3 is dropped already."),
        (["move", "1", "--to", "soon"], "'soon' is no date and time such as \"2026-12-03 15:00\"."),
        (["move", "1", "--to", "2020-01-01 09:00"], "'2020-01-01 09:00' is over already."),
        (["move", "1", "--to", "2099-12-03"], "'2099-12-03' says no time of day: \"2026-12-03 15:00\"."),
        (["move", "1", "--to", "9999-12-31 23:59-12:00"], "is out of range"),
        (["done", "99999999999"], "99999999999"),
        (["assign", "1", "--to", "\x01 "], "say who: --to NAME"),
        (["--due", "--all"], "say --due or --all, not both"),
        (["calendar", "3", "--out", "x.ics"], "follow-up 3 is no call and no e-mail that a person has to make"),
        (
            ["calendar", "--out", "no/such/folder.ics"],
            "no/such/folder.ics cannot be written (No such file or directory)",
        ),
        (["move", "one", "--to", "soon"], "Invalid value for 'ID'"),
    ],
)
def test_what_cannot_be_is_one_line(
    words: list[str], sentence: str, store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["followups", *words]) == 2
    [line] = capsys.readouterr().err.splitlines()
    assert sentence in line


def test_a_time_that_the_clocks_leave_out_is_refused(
    store: sessionmaker[Session], capsys: pytest.CaptureFixture[str]
) -> None:
    with writing(store) as session:
        session.get_one(FollowUp, 1).timezone = "Europe/London"
    assert main(["followups", "move", "1", "--to", "2099-03-29 01:30"]) == 2
    assert "does not exist in Europe/London" in capsys.readouterr().err


def test_calls_are_written_as_a_calendar(
    store: sessionmaker[Session], home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    out = home.path / "calls.ics"
    assert main(["followups", "calendar", "--out", str(out)]) == 0
    assert f"2 in {out}." in capsys.readouterr().out
    events = Calendar.from_ical(out.read_bytes()).events
    assert [str(event["summary"]) for event in events] == ["Call Ada Okafor", "Call Ada Okafor"]
    assert main(["followups", "calendar", "1", "--out", str(out)]) == 0
    [event] = Calendar.from_ical(out.read_bytes()).events
    assert event.start == TOMORROW
    with writing(store) as session:
        followups.cancel(session, session.get_one(FollowUp, 1))
    main(["followups", "calendar", "1", "--out", str(out)])
    assert Calendar.from_ical(out.read_bytes())["method"] == "CANCEL"
