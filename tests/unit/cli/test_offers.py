from __future__ import annotations

import json
import shutil

import pytest

from bot.cli.__main__ import main
from crm_store.customers import bought_codes
from crm_store.home import Home
from crm_store.tables import Customer, Variant
from tests.factories import make_conversation, make_order, make_product, make_shop
from tests.unit.models.sales_history import opened


def shown(capsys: pytest.CaptureFixture[str], *words: str) -> list[dict]:
    capsys.readouterr()
    assert main(["offers", *words, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line on stderr of a command line that must be refused with status 2."""
    capsys.readouterr()
    assert main(words) == 2
    said = capsys.readouterr()
    assert said.out == "" and said.err.count("\n") == 1
    return said.err


def test_offers_are_what_a_program_expects(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    found = shown(capsys, "--customer", "1", "-k", "5")
    assert len(found) == 5
    for offer in found:
        assert list(offer) == ["sku", "name", "price", "propensity", "expected_margin", "reasons"]
        assert 0 < offer["propensity"] < 1
        margin = offer["propensity"] * 0.4 * offer["price"]  # what was put into the store
        assert offer["expected_margin"] == pytest.approx(margin, abs=0.01 + 0.0001 * offer["price"])
        assert "likely to be bought within 60 days" in offer["reasons"][0]


def test_a_different_customer_gets_different_offers(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    walker, rider = (shown(capsys, "--customer", id, "-k", "1")[0]["sku"] for id in ("1", "2"))
    assert walker.startswith("Bars") and rider.startswith("Oil")


def test_a_customer_is_named_by_the_shops_own_key_too(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert shown(capsys, "--customer", "K-2") == shown(capsys, "--customer", "2")


def test_what_lasts_and_is_owned_is_left_out(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(shop) as session:
        (boots,) = [code for code in bought_codes(session, 1) if code.startswith("Boots")]
    codes = [offer["sku"].removesuffix("-1") for offer in shown(capsys, "--customer", "1", "-k", "100")]
    assert boots not in codes and len(codes) > 10


def test_a_reader_gets_lines(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["offers", "--customer", "1", "-k", "2"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[0].startswith("1. Bars") and ", worth " in lines[0] and lines[0].endswith(" in margin")
    assert lines[1].startswith("   ") and "likely to be bought" in lines[1]
    assert any(line.startswith("2. ") for line in lines)


def test_the_needs_of_a_conversation_decide_what_fits(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(shop) as session:
        chat = make_conversation(
            session, needs={"category": "Helmets", "budget": {"max": 80}}, rejected=["Helmets 1"]
        ).id
    assert [offer["sku"] for offer in shown(capsys, "--conversation", chat)] == ["Helmets 2-1"]


def test_a_conversation_brings_its_customer(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(shop) as session:
        known, unknown = make_conversation(session, customer_id=2).id, make_conversation(session).id
    of_rider = shown(capsys, "--customer", "2")
    assert shown(capsys, "--conversation", known) == of_rider
    assert shown(capsys, "--conversation", unknown) != of_rider
    assert shown(capsys, "--conversation", unknown, "--customer", "2") == of_rider


def test_nothing_to_offer_is_said(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    with opened(shop) as session:
        for variant in session.query(Variant):
            variant.stock = 0
    assert shown(capsys, "--customer", "1") == []
    assert main(["offers", "--customer", "1"]) == 0
    assert capsys.readouterr().out.startswith("Nothing to offer")


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (["--customer", "999999"], "no customer 999999"),
        (["--customer", "Li Na"], "no customer Li Na"),
        (["--conversation", "web-nothing"], "no conversation web-nothing"),
        (["--customer", "1", "--conversation", "web-nothing"], "no conversation web-nothing"),
        ([], "--customer 17"),
        (["--customer", ""], "--customer 17"),
        (["--customer", "1", "-k", "0"], "'-k'"),
        (["--customer", "1", "-k", "many"], "'-k'"),
        (["--customer", "1", "--colour", "red"], "--colour"),
    ],
)
def test_what_cannot_be_offered_is_one_clear_line(
    shop: Home, words: list[str], about: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert about in refusal(capsys, "offers", *words)


def test_before_anything_was_learned_it_says_how(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert "./salesclerk train models" in refusal(capsys, "offers", "--customer", "1")
    home.path.mkdir(exist_ok=True)
    with opened(home) as session:
        make_product(session)
        make_order(session)
    assert "./salesclerk train models" in refusal(capsys, "offers", "--customer", "1")


def test_models_in_a_store_that_was_emptied_offer_nothing_to_nobody(
    shop: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    shutil.move(shop.path / "salesclerk.db", shop.path / "old.db")
    assert "no customer 1" in refusal(capsys, "offers", "--customer", "1")
    with opened(shop) as session:
        make_shop(session)
        session.add(Customer(id=1, name="Ada", created_at=make_conversation(session).created_at))
    assert shown(capsys, "--customer", "1") == []


def test_models_that_were_changed_are_refused(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    (model,) = shop.learned.glob("*/models.pickle")
    model.write_bytes(model.read_bytes() + b"!")
    assert "changed, or not made here" in refusal(capsys, "offers", "--customer", "1")
