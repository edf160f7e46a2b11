"""What the shop's other programs get."""

from __future__ import annotations

import csv
import io
import json
from decimal import Decimal
from pathlib import Path

import pytest
from sqlalchemy import Engine, event
from sqlalchemy.orm import Session

from crm_store.conversations import add_reply
from crm_store.exporting import KINDS, export_rows, write_rows
from crm_store.importing import import_file
from tests.factories import (
    NOW,
    make_conversation,
    make_customer,
    make_follow_up,
    make_lead,
    make_message,
    make_order,
    make_product,
)


def test_an_order_is_a_row_for_each_line(session: Session) -> None:
    product = make_product(session, "Ridge", variants=[{"sku": "A", "price": Decimal("12.50")}, {"sku": "B"}])
    customer = make_customer(session, external_id="77")
    make_order(session, customer=customer, lines=[(product.variants[0], 2), (product.variants[1], 1)])
    rows = list(export_rows(session, "orders"))
    assert [(row["line"], row["sku"], row["quantity"], row["unit_price"]) for row in rows] == [
        (1, "A", 2, Decimal("12.50")),
        (2, "B", 1, Decimal("100.00")),
    ]
    assert {(row["customer_id"], row["total"]) for row in rows} == {("77", Decimal("125.00"))}


def test_exported_orders_import_again_unchanged(session: Session, tmp_path: Path) -> None:
    make_order(session, customer=make_customer(session, external_id="77"), conversation=make_conversation(session))
    path = tmp_path / "orders.csv"
    with path.open("w", encoding="utf-8") as file:
        assert write_rows(export_rows(session, "orders"), "csv", file) == 1
    report = import_file(session, "orders", path, now=NOW)
    assert (report.unchanged, report.bad) == (1, [])


def test_a_conversation_is_a_row_for_each_message(session: Session) -> None:
    chat = make_conversation(session)
    add_reply(session, make_message(session, chat, "你好"), {"text": "您好"}, NOW)
    stream = io.StringIO()
    assert write_rows(export_rows(session, "conversations"), "jsonl", stream) == 2
    lines = [json.loads(line) for line in stream.getvalue().splitlines()]
    assert [(line["direction"], line["text"]) for line in lines] == [("inbound", "你好"), ("outbound", "您好")]
    assert lines[0]["at"] == "2026-11-23T12:00:00+00:00"
    assert "你好" in stream.getvalue()


def test_leads_and_follow_ups_have_their_columns(session: Session) -> None:
    make_lead(session, wants={"category": "Helmets"}, email="ada@example.org")
    make_follow_up(session)
    (lead,) = export_rows(session, "leads")
    (promise,) = export_rows(session, "followups")
    assert (lead["stage"].value, lead["wants"], lead["email"]) == ("new", {"category": "Helmets"}, "ada@example.org")
    assert (promise["kind"], promise["status"].value) == ("call", "planned")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("=HYPERLINK(1)", "'=HYPERLINK(1)"),
        ("@sum", "'@sum"),
        ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"),
        ("-1+1", "'-1+1"),
        ("+442079460001", "+442079460001"),
        ("Ada", "Ada"),
    ],
)
def test_what_a_customer_typed_is_no_formula_in_a_spreadsheet(text: str, written: str) -> None:
    stream = io.StringIO()
    write_rows([{"name": text}], "csv", stream)
    assert list(csv.DictReader(io.StringIO(stream.getvalue())))[0]["name"] == written


def test_an_unknown_format_or_kind_is_refused(session: Session) -> None:
    with pytest.raises(ValueError, match="jsonl, csv"):
        write_rows([], "xml", io.StringIO())
    with pytest.raises(KeyError):
        list(export_rows(session, "secrets"))


@pytest.mark.parametrize("kind", KINDS)
def test_an_export_is_one_query(engine: Engine, session: Session, kind: str) -> None:
    for _ in range(3):
        chat = make_conversation(session)
        make_message(session, chat)
        make_order(session, conversation=chat)
        make_lead(session, conversation=chat)
        make_follow_up(session, conversation=chat)
    session.commit()
    statements: list[str] = []
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    assert len(list(export_rows(session, kind))) == 3
    assert len([text for text in statements if text.startswith("SELECT")]) == 1
