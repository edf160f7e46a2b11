from __future__ import annotations

import json
from datetime import datetime, timedelta

import pytest

from bot.cli.__main__ import main
from bot.cli.places import registry
from crm_store.home import Home
from tests.factories import NOW, make_customer, make_order, make_product, make_shop
from tests.unit.models.sales_history import opened


def said(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    capsys.readouterr()
    assert main(words) == 0
    return capsys.readouterr().out


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The last line on stderr of a command line that must be refused with status 2, without a traceback."""
    capsys.readouterr()
    assert main(words) == 2
    err = capsys.readouterr().err
    assert "Traceback" not in err and "should not have happened" not in err
    return err.splitlines()[-1]


def copied(home: Home) -> str:
    """A second version like the first, in use now."""
    versions = registry(home)
    (first,) = versions.versions()
    return versions.save(versions.load(), {"orders": 5}, now=datetime.fromisoformat(first.card["made_at"]))


def test_training_leaves_one_version_in_use_with_a_card(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    (listed,) = json.loads(said(capsys, "models", "list", "--json"))
    assert listed["in_use"] is True
    assert listed["customers"] == 60 and listed["orders"] == listed["order_lines"] > 200
    assert listed["offers"]["next best offer"]["ndcg@10"] > listed["offers"]["popular"]["ndcg@10"]
    assert {"learned_at", "period", "made_at", "made_with", "left_out"} <= set(listed)
    models = registry(shop).load()
    assert models.offers.knows(60) and models.leads is None


def test_the_list_marks_the_version_in_use(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    second = copied(shop)
    newer, older = said(capsys, "models").splitlines()
    assert newer.startswith(f"* {second}  5 orders") and older.startswith("  ")
    assert "60 customers, NDCG@10 0." in older


def test_another_version_can_be_put_in_use_and_back(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    first = registry(shop).in_use()
    second = copied(shop)
    assert said(capsys, "models", "use", first) == f"In use: {first}\n"
    assert registry(shop).in_use() == first
    said(capsys, "models", "use", second)
    assert registry(shop).in_use() == second


def test_a_card_is_shown_of_the_one_in_use_or_of_any(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    first = registry(shop).in_use()
    second = copied(shop)
    assert json.loads(said(capsys, "models", "show"))["version"] == second
    card = json.loads(said(capsys, "models", "show", first))
    assert (card["version"], card["in_use"]) == (first, False)


def test_a_version_that_was_changed_is_not_put_in_use(shop: Home, capsys: pytest.CaptureFixture[str]) -> None:
    first = registry(shop).in_use()
    second = copied(shop)
    card = shop.learned / first / "card.json"
    card.write_text(card.read_text().replace('"customers": 60', '"customers": 6000'))
    assert "changed, or not made here" in refusal(capsys, "models", "use", first)
    assert registry(shop).in_use() == second


@pytest.mark.parametrize("deed", ["use", "show"])
@pytest.mark.parametrize("version", ["20200101-000000", "..", "../learned", "/etc", "."])
def test_a_version_that_is_not_there_is_one_line_with_those_that_are(
    shop: Home, deed: str, version: str, capsys: pytest.CaptureFixture[str]
) -> None:
    line = refusal(capsys, "models", deed, version)
    assert repr(version) in line and str(registry(shop).in_use()) in line


def test_before_anything_was_learned_it_says_how(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert "./salesclerk train models" in said(capsys, "models")
    assert said(capsys, "models", "list", "--json") == "[]\n"
    assert "./salesclerk train models" in refusal(capsys, "models", "show")
    assert "./salesclerk train models" in refusal(capsys, "models", "use", "20200101-000000")


@pytest.mark.parametrize(("words", "about"), [(["use"], "models use VERSION"), (["burn"], "'burn'")])
def test_what_makes_no_sense_is_one_line(
    home: Home, words: list[str], about: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert about in refusal(capsys, "models", *words)


def test_an_empty_store_teaches_nothing(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    assert "shop" in refusal(capsys, "train", "models")
    with opened(home) as session:
        make_shop(session)
    assert "no order of a known customer" in refusal(capsys, "train", "models")
    assert registry(home).versions() == []


def test_orders_of_nobody_known_teach_nothing(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.path.mkdir()
    with opened(home) as session:
        for _ in range(120):
            make_order(session)
    assert "no order of a known customer" in refusal(capsys, "train", "models")


def test_a_single_order_teaches_nothing(home: Home, capsys: pytest.CaptureFixture[str]) -> None:
    home.path.mkdir()
    with opened(home) as session:
        make_order(session, customer=make_customer(session))
    assert "at least 30 are needed" in refusal(capsys, "train", "models")


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
def test_a_shop_with_a_single_customer_is_one_line_or_learned_from(
    home: Home, capsys: pytest.CaptureFixture[str]
) -> None:
    """Walk-in sales under one name."""
    home.path.mkdir()
    with opened(home) as session:
        customer = make_customer(session)
        kinds = [make_product(session, category=name).variants[0] for name in ("Bars", "Boots", "Oil")]
        for number in range(130):
            at = NOW - timedelta(days=5 * number)
            make_order(session, customer=customer, lines=[(kinds[number % 3], 1)], placed_at=at)
    status = main(["train", "models"])
    last = capsys.readouterr().err.splitlines()[-1]
    assert "should not have happened" not in last
    assert status in (0, 2)
