"""What is on sale: the catalogue as customers see it, read in a few queries."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from sqlalchemy import ColumnElement, func, select, true
from sqlalchemy.orm import Session, contains_eager

from crm_store.colors import color_values, color_zh
from crm_store.tables import Category, Order, OrderLine, OrderStatus, Product, Shop, Variant

_CHUNK = 500  # SKUs in one IN (...)


@dataclass(frozen=True, slots=True)
class CatalogItem:
    """One variant on sale with everything a recommendation needs; `attributes` are all filterable values."""

    sku: str
    code: str
    name: str
    name_zh: str | None
    variant_name: str | None
    brand: str | None
    categories: tuple[str, ...]  # most specific first, then its parents
    categories_zh: tuple[str, ...]
    color: str | None
    size: str | None
    attributes: dict[str, list[str]] = field(hash=False)
    uses: tuple[str, ...]
    price: Decimal
    regular_price: Decimal | None
    cost: Decimal | None
    stock: int | None
    description: str
    description_zh: str | None
    units_sold: int
    image_url: str | None

    @property
    def in_stock(self) -> bool:
        return self.stock is None or self.stock > 0

    def title(self, language: str) -> str:
        """The variant's name as shown: "Ridge 500, Black, M", in Chinese when the shop has a Chinese name."""
        if language == "zh" and self.name_zh:
            color = self.color and (color_zh(self.color) or self.color)
            return "，".join(part for part in (self.name_zh, color, self.size) if part)
        if self.variant_name:
            return self.variant_name
        return ", ".join(part for part in (self.name, self.color, self.size) if part)


def load_catalog(session: Session) -> list[CatalogItem]:
    """Every variant on sale, in the order they came in; three queries whatever the size."""
    return _items(session, true())


def items_by_sku(session: Session, skus: Iterable[str]) -> dict[str, CatalogItem]:
    """The variants on sale among these SKUs, with the stock as it is now."""
    wanted = list(dict.fromkeys(skus))
    found = {}
    for start in range(0, len(wanted), _CHUNK):
        for item in _items(session, Variant.sku.in_(wanted[start : start + _CHUNK])):
            found[item.sku] = item
    return {sku: found[sku] for sku in wanted if sku in found}


def siblings(session: Session, sku: str) -> list[CatalogItem]:
    """All variants on sale of the product that this SKU belongs to, itself included."""
    product_id = session.scalar(select(Variant.product_id).where(Variant.sku == sku))
    return [] if product_id is None else _items(session, Variant.product_id == product_id)


def catalog_revision(session: Session) -> int:
    """A number that grows with every change of what is sold; 0 when there is no shop yet."""
    return session.scalar(select(Shop.catalog_revision).order_by(Shop.id).limit(1)) or 0


def raise_catalog_revision(session: Session) -> None:
    """Say that what is sold has changed, so that readers load it again."""
    for shop in session.scalars(select(Shop)):
        shop.catalog_revision += 1
    session.flush()


def category_names(session: Session, language: str) -> list[tuple[str, str]]:
    """(name, shown name) of the top categories that have something on sale, biggest first."""
    by_id = load_categories(session)
    counts = dict(
        session.execute(
            select(Product.category_id, func.count(Variant.id))
            .join(Variant, Variant.product_id == Product.id)
            .where(Variant.active)
            .group_by(Product.category_id)
        ).all()
    )
    tops: dict[int, int] = {}
    for category_id, count in counts.items():
        top = with_parents(by_id, category_id)[-1]
        tops[top.id] = tops.get(top.id, 0) + count
    biggest_first = sorted(tops, key=lambda id: (-tops[id], by_id[id].name))
    return [(by_id[id].name, _shown(by_id[id], language)) for id in biggest_first]


def translations(session: Session) -> dict[str, str]:
    """Canonical name -> Chinese name, for the categories and colours of this catalogue that have one."""
    names = {category.name: category.name_zh for category in load_categories(session).values() if category.name_zh}
    colors = session.scalars(select(Variant.color).where(Variant.color.is_not(None)).distinct())
    for color in colors:
        for value in color_values(color):
            if chinese := color_zh(value):
                names.setdefault(value, chinese)
    return names


def _items(session: Session, condition: ColumnElement[bool]) -> list[CatalogItem]:
    variants = session.scalars(
        select(Variant)
        .join(Variant.product)
        .where(Variant.active, condition)
        .order_by(Variant.id)
        .options(contains_eager(Variant.product))
        .execution_options(populate_existing=True)
    ).all()
    sold = _units_sold(session, condition)
    by_id = load_categories(session)
    return [_item(variant, sold.get(variant.id, 0), by_id) for variant in variants]


def _units_sold(session: Session, condition: ColumnElement[bool]) -> dict[int, int]:
    rows = session.execute(
        select(OrderLine.variant_id, func.sum(OrderLine.quantity))
        .join(OrderLine.order)
        .join(OrderLine.variant)
        .where(Order.status != OrderStatus.CANCELLED, condition)
        .group_by(OrderLine.variant_id)
    )
    return {variant_id: int(units) for variant_id, units in rows}


def load_categories(session: Session) -> dict[int, Category]:
    """All categories by their id."""
    return {category.id: category for category in session.scalars(select(Category))}


def with_parents(by_id: Mapping[int, Category], category_id: int) -> list[Category]:
    """A category and its parents, most specific first; a circle in the tree ends the walk."""
    path: list[Category] = []
    current = by_id.get(category_id)
    while current is not None and current not in path:
        path.append(current)
        current = by_id.get(current.parent_id) if current.parent_id else None
    return path


def _shown(category: Category, language: str) -> str:
    return category.name_zh if language == "zh" and category.name_zh else category.name


def _item(variant: Variant, sold: int, by_id: Mapping[int, Category]) -> CatalogItem:
    product = variant.product
    path = with_parents(by_id, product.category_id)
    return CatalogItem(
        sku=variant.sku,
        code=product.code,
        name=product.name,
        name_zh=product.name_zh,
        variant_name=variant.name,
        brand=product.brand,
        categories=tuple(category.name for category in path),
        categories_zh=tuple(_shown(category, "zh") for category in path),
        color=variant.color,
        size=variant.size,
        attributes=filterable(product, variant),
        uses=tuple(product.uses),
        price=variant.price,
        regular_price=variant.regular_price,
        cost=variant.cost,
        stock=variant.stock,
        description=product.description,
        description_zh=product.description_zh,
        units_sold=sold,
        image_url=variant.image_url,
    )


def filterable(product: Product, variant: Variant) -> dict[str, list[str]]:
    """Attribute name -> values of one variant, colour, size and brand among them."""
    values: dict[str, list[str]] = {}
    for name, value in {**product.attributes, **variant.attributes}.items():
        if texts := _texts(value):
            values[name] = texts
    if variant.color:
        values["color"] = color_values(variant.color)
    if variant.size:
        values["size"] = [variant.size]
    if product.brand:
        values["brand"] = [product.brand]
    return values


def _texts(value: Any) -> list[str]:
    if isinstance(value, list):
        return [str(item) for item in value if item not in (None, "")]
    return [] if value in (None, "") else [str(value)]
