"""The demo shop in the store: a catalogue that is complete in both languages, and sales that follow the truth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_store.catalog import CatalogItem, catalog_revision, load_catalog
from crm_store.colors import color_zh
from crm_store.contacts import valid_email, valid_phone
from crm_store.demo import StoreNotEmpty, load_demo
from crm_store.demo.products import demo_categories, demo_products
from crm_store.orders import order_number
from crm_store.shop import current_shop
from crm_store.tables import Customer, Lead, LeadStage, Order, OrderLine, OrderStatus, Touchpoint
from crm_store.vocabulary import vocabulary
from tests.factories import make_shop

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PROMISED = ("Mountain Bikes", "Helmets", "Tents", "Sleeping Bags", "Rain Jackets", "Daypacks", "Cycling Gloves")


@pytest.fixture
def demo(session: Session) -> Iterator[Session]:
    """A store with a small demo shop in it: every product, few customers."""
    load_demo(session, now=NOW, customers=120)
    yield session


def test_the_catalogue_is_as_big_as_a_real_shop(demo: Session) -> None:
    items = load_catalog(demo)
    leaves = {item.categories[0] for item in items}
    assert len(items) >= 220 and len(leaves) >= 14
    assert leaves >= set(PROMISED)
    assert all(len(item.categories) == 2 for item in items)
    assert len({item.brand for item in items}) >= 8


def test_every_word_a_customer_reads_is_there_in_both_languages() -> None:
    for category in demo_categories():
        assert _is_chinese(category.name_zh) and category.synonyms
        assert any(_is_chinese(word) for word in category.synonyms)
    for product in demo_products():
        columns = product.columns
        assert _is_chinese(columns["name_zh"]) and _is_chinese(columns["description_zh"]), product.code
        assert len(columns["description"]) > 60 and not _is_chinese(columns["description"]), product.code
        assert columns["uses"], product.code


def test_every_colour_has_a_chinese_name() -> None:
    colors = {variant.color for product in demo_products() for variant in product.variants if variant.color}
    assert [color for color in colors if not color_zh(color)] == []


def test_prices_leave_a_margin_and_promotions_are_real() -> None:
    for product in demo_products():
        assert Decimal(0) < product.cost < product.price, product.code
        assert product.regular_price is None or product.regular_price > product.price
    assert sum(product.regular_price is not None for product in demo_products()) >= 4


def test_codes_names_and_skus_are_unique() -> None:
    products = demo_products()
    skus = [variant.sku for product in products for variant in product.variants]
    assert len(set(skus)) == len(skus)
    assert len({product.code for product in products}) == len(products)
    for language in ("name", "name_zh"):
        assert len({product.columns[language] for product in products}) == len(products)


def test_stock_is_mostly_plenty_sometimes_short_and_sometimes_none() -> None:
    stock = [variant.stock for product in demo_products() for variant in product.variants]
    assert 5 <= stock.count(0) <= 30
    assert sum(1 <= pieces <= 3 for pieces in stock) >= 10
    assert sum(pieces >= 5 for pieces in stock) > 0.85 * len(stock)


def test_a_name_means_one_thing(demo: Session) -> None:
    """A word for a category that is also a use or a value would be understood as both."""
    words = vocabulary(demo)
    categories = [name.casefold() for entry in words["categories"] for name in (entry["name"], *entry["synonyms"])]
    products = {name.casefold() for entry in words["products"] for name in (entry["name"], *entry["synonyms"])}
    uses = {entry["name"].casefold() for entry in words["uses"]}
    values = [entry["name"].casefold() for entries in words["attributes"].values() for entry in entries]
    assert len(set(categories)) == len(categories)
    assert len(set(values)) == len(values)
    assert not set(categories) & {*products, *uses, *values}


def test_weights_can_be_compared(demo: Session) -> None:
    bikes = [item for item in load_catalog(demo) if "Bikes" in item.categories]
    assert all(Decimal(item.attributes["weight_kg"][0]) > 3 for item in bikes)


def test_a_mountain_bike_for_weekend_trails_leaves_a_choice_and_cheaper_ones(demo: Session) -> None:
    medium = [
        item
        for item in load_catalog(demo)
        if item.categories[0] == "Mountain Bikes" and item.size == "M" and item.in_stock and item.color != "Red"
    ]
    suited = _prices(item for item in medium if "weekend trails" in item.uses and item.price < 2000)
    assert len(suited) >= 3
    assert len([price for price in _prices(medium).values() if price < min(suited.values())]) >= 2
    assert len([price for price in _prices(medium).values() if price > 2000]) >= 3


@pytest.mark.parametrize(
    ("category", "most", "color", "size", "count"),
    [
        ("Helmets", 200, "Black", None, 4),
        ("Cycling Gloves", 100, "Black", None, 3),
        ("Tents", 900, None, None, 5),
        ("Sleeping Bags", 400, None, None, 4),
        ("Daypacks", 300, "Blue", None, 1),
        ("Daypacks", 300, None, None, 5),
        ("Rain Jackets", 500, "Black", "M", 5),
    ],
)
def test_usual_wishes_can_be_met(
    demo: Session, category: str, most: int, color: str | None, size: str | None, count: int
) -> None:
    fitting = [
        item
        for item in load_catalog(demo)
        if item.categories[0] == category and item.price <= most and (item.stock or 0) >= 2
        and color in (None, item.color) and size in (None, item.size)
    ]  # fmt: skip
    assert len({item.code for item in fitting}) >= count


def test_the_shop_says_who_it_is(demo: Session) -> None:
    shop = current_shop(demo)
    assert (shop.name, shop.name_zh, shop.currency) == ("Fernhill Outdoor", "蕨岭户外", "USD")
    assert catalog_revision(demo) > 0


def test_customers_can_be_reached_by_nobody_real(demo: Session) -> None:
    customers = demo.scalars(select(Customer)).all()
    assert len(customers) == 120
    assert len({customer.email for customer in customers}) == 120
    for customer in customers:
        assert valid_email(customer.email or "") == customer.email
        assert (customer.email or "").endswith(("@example.org", "@example.com"))
        if customer.phone:
            assert valid_phone(customer.phone, "US") == customer.phone and customer.phone[5:10] == "55501"
    assert {customer.language for customer in customers} == {"en", "zh"}
    assert sum(customer.opted_out_at is not None for customer in customers) < 20


def test_orders_add_up_and_end_now(demo: Session) -> None:
    orders = demo.scalars(select(Order)).all()
    goods = dict(
        demo.execute(
            select(OrderLine.order_id, func.sum(OrderLine.quantity * OrderLine.unit_price)).group_by(OrderLine.order_id)
        ).all()
    )
    assert all(order.subtotal == goods[order.id] for order in orders)
    assert all(order.total == order.subtotal + order.delivery_fee for order in orders)
    assert all(NOW - timedelta(days=3 * 366) < order.placed_at < NOW for order in orders)
    assert all((order.status is OrderStatus.CANCELLED) == (order.cancelled_at is not None) for order in orders)


def test_leads_belong_to_customers_or_strangers_and_have_touchpoints(demo: Session) -> None:
    leads = demo.scalars(select(Lead)).all()
    assert {lead.stage for lead in leads} >= {LeadStage.CONVERTED, LeadStage.LOST}
    assert {lead.customer_id is None for lead in leads} == {True, False}
    assert all(lead.summary.startswith("Wants ") and lead.created_at <= lead.updated_at <= NOW for lead in leads)
    touched = set(demo.scalars(select(Touchpoint.lead_id)))
    assert touched == {lead.id for lead in leads}


def test_order_numbers_are_the_shops_but_never_minted_again(demo: Session) -> None:
    for number in demo.scalars(select(Order.number)):
        assert order_number(number.lower().replace("-", "")) == number
        assert "0" in number  # the numbers minted later have no zero


def test_the_same_seed_and_time_give_the_same_orders(session: Session) -> None:
    def orders(seed: int) -> list[tuple[str, Decimal, datetime]]:
        with session.begin_nested() as attempt:
            load_demo(session, now=NOW, customers=40, seed=seed)
            rows = session.execute(select(Order.number, Order.total, Order.placed_at).order_by(Order.number)).all()
            attempt.rollback()
        session.expunge_all()
        return [tuple(row) for row in rows]

    first = orders(seed=1)
    assert first == orders(seed=1)
    assert first != orders(seed=2)


def test_a_store_in_use_is_left_alone(session: Session) -> None:
    make_shop(session)
    with pytest.raises(StoreNotEmpty):
        load_demo(session, now=NOW, customers=1)


def test_progress_is_told_in_lines(session: Session) -> None:
    lines: list[str] = []
    load_demo(session, progress=lines.append, now=NOW, customers=30)
    assert [line.split()[1] for line in lines] == ["products", "customers", "orders", "leads"]
    assert lines[1] == "30 customers"


def _prices(items: Iterator[CatalogItem] | list[CatalogItem]) -> dict[str, Decimal]:
    prices: dict[str, Decimal] = defaultdict(Decimal)
    prices.update({item.code: item.price for item in items})
    return prices


def _is_chinese(text: str) -> bool:
    return any("\u4e00" <= character <= "\u9fff" for character in text)
