"""The catalogue as customers see it."""

from __future__ import annotations

from decimal import Decimal

import pytest
from sqlalchemy import Engine, event, select
from sqlalchemy.orm import Session, sessionmaker

from crm_store.catalog import (
    catalog_revision,
    category_names,
    items_by_sku,
    load_catalog,
    raise_catalog_revision,
    siblings,
    translations,
)
from crm_store.errors import ShopNotSetUp
from crm_store.shop import current_shop, ensure_shop
from crm_store.tables import OrderStatus, Variant
from tests.factories import make_category, make_order, make_product


def test_an_item_carries_its_categories_and_every_filterable_value(session: Session) -> None:
    bikes = make_category(session, "Bikes", name_zh="自行车")
    category = make_category(session, "Mountain Bikes", parent=bikes)
    make_product(
        session,
        "Ridge 500",
        category=category,
        brand="Litware",
        uses=["weekend trails"],
        attributes={"frame": "aluminium"},
        variants=[{"color": "Silver/Black", "size": "M", "attributes": {"wheel": [27.5, 29]}}],
    )
    (item,) = load_catalog(session)
    assert item.categories == ("Mountain Bikes", "Bikes")
    assert item.categories_zh == ("Mountain Bikes", "自行车")
    assert item.attributes == {
        "frame": ["aluminium"],
        "wheel": ["27.5", "29"],
        "color": ["Silver/Black", "Silver", "Black"],
        "size": ["M"],
        "brand": ["Litware"],
    }
    assert item.uses == ("weekend trails",)


def test_a_title_names_what_tells_variants_apart(session: Session) -> None:
    make_product(session, "Ridge", name_zh="山脊", variants=[{"sku": "A", "color": "Black", "size": "M"}])
    make_product(session, "Sport-100", variants=[{"sku": "B", "name": "Sport-100 Helmet, Red", "color": "Red"}])
    items = items_by_sku(session, ["A", "B"])
    assert items["A"].title("en") == "Ridge, Black, M"
    assert items["A"].title("zh") == "山脊，黑色，M"
    assert items["B"].title("en") == items["B"].title("zh") == "Sport-100 Helmet, Red"


def test_the_catalogue_is_read_in_three_queries(engine: Engine, session: Session) -> None:
    for _ in range(5):
        make_product(session, variants=[{"color": "Red"}, {"color": "Blue"}])
    session.commit()
    statements: list[str] = []
    session.expire_all()
    event.listen(engine, "before_cursor_execute", lambda *call: statements.append(call[2]))
    assert len(load_catalog(session)) == 10
    assert len([text for text in statements if text.startswith("SELECT")]) == 3


def test_units_sold_leave_cancelled_orders_out(session: Session) -> None:
    variant = make_product(session, variants=[{"sku": "A"}]).variants[0]
    make_order(session, lines=[(variant, 2)])
    make_order(session, lines=[(variant, 3)], status=OrderStatus.DELIVERED)
    make_order(session, lines=[(variant, 50)], status=OrderStatus.CANCELLED)
    assert load_catalog(session)[0].units_sold == 5


def test_what_is_not_active_is_not_on_sale(session: Session) -> None:
    make_product(session, variants=[{"sku": "A"}, {"sku": "B", "active": False}])
    assert [item.sku for item in load_catalog(session)] == ["A"]
    assert [item.sku for item in siblings(session, "A")] == ["A"]
    assert list(items_by_sku(session, ["B", "A", "A", "none"])) == ["A"]


@pytest.mark.parametrize(("stock", "expected"), [(None, True), (1, True), (0, False)])
def test_stock_that_is_not_counted_is_in_stock(session: Session, stock: int | None, expected: bool) -> None:
    make_product(session, variants=[{"stock": stock}])
    assert load_catalog(session)[0].in_stock is expected


def test_fresh_stock_is_read_also_when_the_session_knows_an_older_one(
    session: Session, sessions: sessionmaker[Session]
) -> None:
    make_product(session, variants=[{"sku": "A", "stock": 5}])
    session.commit()
    assert items_by_sku(session, ["A"])["A"].stock == 5
    session.rollback()
    with sessions() as other, other.begin():
        other.scalars(select(Variant).where(Variant.sku == "A")).one().stock = 1
    assert items_by_sku(session, ["A"])["A"].stock == 1


def test_top_categories_are_those_with_something_to_sell(session: Session) -> None:
    bikes = make_category(session, "Bikes", name_zh="自行车")
    make_category(session, "Empty")
    make_product(session, category=make_category(session, "Mountain Bikes", parent=bikes), variants=[{}, {}])
    make_product(session, category="Gloves")
    assert category_names(session, "zh") == [("Bikes", "自行车"), ("Gloves", "Gloves")]


def test_translations_are_of_categories_and_colours(session: Session) -> None:
    make_product(session, category=make_category(session, "Helmets", name_zh="头盔"), variants=[{"color": "Red"}])
    assert translations(session) == {"Helmets": "头盔", "Red": "红色"}


def test_the_revision_grows_when_the_catalogue_changes(session: Session) -> None:
    assert catalog_revision(session) == 0
    ensure_shop(session)
    raise_catalog_revision(session)
    assert catalog_revision(session) == 1


def test_a_store_without_a_shop_says_so(session: Session) -> None:
    with pytest.raises(ShopNotSetUp, match="no shop"):
        current_shop(session)


def test_a_shop_is_made_once_and_keeps_its_terms(session: Session) -> None:
    shop = ensure_shop(session, name="Fernhill", currency="EUR")
    assert ensure_shop(session).id == shop.id
    assert (shop.name, shop.currency, shop.delivery_fee) == ("Fernhill", "EUR", Decimal("5.90"))
    assert "EUR" not in shop.exchange_rates
    assert ensure_shop(session, country="DE").country == "DE"
