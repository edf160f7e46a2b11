from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest

from bot.cli.__main__ import main
from crm_store.home import Home
from crm_store.tables import OrderStatus
from tests.factories import make_customer, make_order, make_product, make_shop
from tests.unit.models.sales_history import opened


@pytest.fixture
def home(tmp_path, monkeypatch) -> Home:
    """A home with nothing in it."""
    monkeypatch.setenv("SALESCLERK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    (tmp_path / "home").mkdir()
    return Home.from_environment()


@pytest.fixture
def untidy(home: Home) -> Home:
    """A shop with one good order and something wrong of every kind."""
    now = datetime.now(UTC)
    with opened(home) as session:
        boots = make_product(session, variants=[{"sku": "B-1"}]).variants[0]
        make_product(session, variants=[{"sku": "N-1", "cost": None}])
        good, odd = make_customer(session), make_customer(session, income=Decimal("-5"), email="twice@example.org")
        make_customer(session, email="twice@example.org")
        lines, week = [(boots, 1)], now - timedelta(days=7)
        make_order(session, customer=good, lines=lines, placed_at=week)
        make_order(session, customer=good, lines=lines, placed_at=week, status=OrderStatus.CANCELLED)
        make_order(session, customer=odd, lines=lines, placed_at=now + timedelta(days=9), number="SC-LATE")
        make_order(session, lines=lines, placed_at=week)
    return home


def report(capsys: pytest.CaptureFixture[str]) -> dict:
    assert main(["doctor", "data", "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_each_finding_is_counted_with_what_was_done_and_what_to_do(
    untidy: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    found = report(capsys)
    assert found["usable"] == {"order lines": 1, "orders": 1, "customers": 3, "variants on sale": 2}
    by_name = {note["finding"]: note for note in found["findings"]}
    assert by_name["of cancelled orders"] | {"examples": []} == {
        "table": "order lines", "finding": "of cancelled orders", "rows": 1, "of": 4, "done": "dropped", "advice": "",
        "examples": [],
    }  # fmt: skip
    assert by_name["without a customer"]["rows"] == 1
    late = by_name["dated in the future or before 1990"]
    assert (late["rows"], late["examples"], late["advice"]) == (1, ["SC-LATE"], "correct the dates")
    assert by_name["negative income"]["done"] == "mended"
    assert by_name["no cost"]["examples"] == ["N-1"] and by_name["no cost"]["done"] == "kept"
    assert by_name["e-mail or phone of another customer"]["rows"] == 1


def test_a_reader_gets_them_under_what_was_done(untidy: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "data"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Usable: 1 order lines, 1 orders, 3 customers, 2 variants on sale"
    left_out, mended, for_you = (
        next(place for place, line in enumerate(lines) if line.startswith(words))
        for words in ("Left out", "Mended", "For you")
    )
    late = next(place for place, line in enumerate(lines) if line.endswith("before 1990, as SC-LATE"))
    assert left_out < late < mended < for_you
    assert lines[late + 1] == "    correct the dates"


def test_a_tidy_shop_has_no_findings_of_its_orders(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(home) as session:
        make_order(session, customer=make_customer(session), placed_at=datetime.now(UTC) - timedelta(days=1))
    found = report(capsys)
    assert found["usable"]["order lines"] == 1
    assert found["findings"] == []


def test_looking_changes_nothing(untidy: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert report(capsys) == report(capsys)


def test_a_shop_without_orders_is_fine(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(home) as session:
        make_shop(session)
    assert report(capsys) == {
        "usable": {"order lines": 0, "orders": 0, "customers": 0, "variants on sale": 0},
        "findings": [],
    }


def test_a_home_without_a_shop_is_one_clear_line(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["doctor", "data"]) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    assert "shop" in said.err
