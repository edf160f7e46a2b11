"""A shop brings its own catalogue: import, train, sell; and one more product while it runs."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select

from crm_store.database import connect, reading, sessions
from crm_store.tables import Order, Variant
from tests.stack import Customer, Stack

CATALOGUE = Path(__file__).parent / "furniture.csv"
UNDERSTOOD_WITHIN = 60  # seconds after the import


@pytest.fixture(scope="module")
def furniture_shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stack]:
    """Salesclerk with a furniture catalogue that it was not written for."""
    stack = Stack.prepare(tmp_path_factory.mktemp("furniture") / "home")
    imported = stack.command("import", "products", str(CATALOGUE))
    assert imported.returncode == 0, imported.stderr
    trained = stack.command("train", "--examples", "250")  # a quarter of the time, and enough for what is said here
    assert trained.returncode == 0, trained.stderr
    stack.start("--empty")
    yield stack
    stack.stop()


def test_the_assistant_sells_from_a_catalogue_it_has_never_seen(furniture_shop: Stack) -> None:
    with Customer(furniture_shop.address) as customer:
        customer.says("hello")
        customer.says("I'm looking for a sofa, not red, under 800")
        assert customer.cards
        assert all("Sofa" in card["name"] and "red" not in card["name"] for card in customer.cards)
        customer.says("i'll take the first one")
        customer.says("checkout")
        customer.says("Ann Lee, ann.lee@example.org, 3 Park Road, Leeds LS1 2AB")
        assert "SC-" in customer.says("yes")
        engine = connect(furniture_shop.database_url)
        with reading(sessions(engine)) as session:
            order = session.scalars(select(Order).where(Order.conversation_id == customer.id)).one()
            assert [line.variant.product.category.name for line in order.lines] == ["Sofas"]
        engine.dispose()


def test_an_attribute_that_only_this_shop_has_is_understood_by_its_values(furniture_shop: Stack) -> None:
    with Customer(furniture_shop.address) as customer:
        customer.says("a desk in oak please")
        assert customer.cards
        assert all(card["sku"] in ("DESK-VE-OA", "DESK-HA-BK") for card in customer.cards)


def test_a_product_imported_while_it_runs_is_offered_within_a_minute(furniture_shop: Stack, tmp_path: Path) -> None:
    more = tmp_path / "more.csv"
    header = CATALOGUE.read_text().splitlines()[0]
    more.write_text(f'{header}\nBED-LO-WH,Lowick,"Lowick Bed, white",Beds,White,140 cm,510.00,3,pine,"A low bed."\n')
    assert furniture_shop.command("import", "products", str(more)).returncode == 0
    deadline = time.monotonic() + UNDERSTOOD_WITHIN
    names: list[str] = []
    while "Lowick Bed, white" not in names and time.monotonic() < deadline:
        with Customer(furniture_shop.address) as customer:
            customer.says("do you have the Lowick in white?")
            names = [card["name"] for card in customer.cards] or [customer.replies[0]["text"]]
        if any("Lowick" in name for name in names):
            return
        time.sleep(1)
    pytest.fail(f"not offered within {UNDERSTOOD_WITHIN} s, but {names}")


def test_importing_the_same_file_again_changes_nothing(furniture_shop: Stack) -> None:
    engine = connect(furniture_shop.database_url)
    with reading(sessions(engine)) as session:
        before = session.execute(select(Variant.sku, Variant.price)).all()
    again = furniture_shop.command("import", "products", str(CATALOGUE), "--dry-run")
    assert again.returncode == 0
    with reading(sessions(engine)) as session:
        assert session.execute(select(Variant.sku, Variant.price)).all() == before
    engine.dispose()
