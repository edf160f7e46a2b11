"""What Fernhill Outdoor sells, read from the files in `catalog/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cache
from pathlib import Path
from typing import Any
from zlib import crc32

import yaml
from sqlalchemy.orm import Session

from crm_store.tables import Category, Product, Variant
from crm_store.tables.base import to_cents

CATALOG = Path(__file__).parent / "catalog"
# libyaml reads the files ten times faster, and is not in every build.
_Loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


@dataclass(frozen=True, slots=True)
class DemoVariant:
    sku: str
    color: str | None
    size: str | None
    stock: int


@dataclass(frozen=True, slots=True)
class DemoProduct:
    code: str
    category: str
    price: Decimal
    cost: Decimal
    regular_price: Decimal | None
    gender: str | None  # women, men, or anybody
    for_children: bool
    columns: Mapping[str, Any]  # what goes into the product's row as it is
    variants: tuple[DemoVariant, ...]


@dataclass(frozen=True, slots=True)
class DemoCategory:
    name: str
    name_zh: str
    synonyms: tuple[str, ...]
    parent: str | None
    products: tuple[DemoProduct, ...]


@cache
def demo_categories() -> tuple[DemoCategory, ...]:
    """Every category of the demo shop, parents before their children."""
    tops: dict[str, dict[str, Any]] = {}
    leaves: list[DemoCategory] = []
    for file in sorted(CATALOG.glob("*.yml")):
        read = yaml.load(file.read_text(encoding="utf-8"), Loader=_Loader)  # noqa: S506 - a safe loader either way
        # Several files may fill one top category; the one that names its synonyms says them for all.
        top = tops.setdefault(read["name"], {"name_zh": read["name_zh"], "synonyms": ()})
        top["synonyms"] = top["synonyms"] or tuple(read.get("synonyms", ()))
        leaves += [_leaf(entry, read["name"]) for entry in read["categories"]]
    parents = [DemoCategory(name, **words, parent=None, products=()) for name, words in tops.items()]
    return (*parents, *leaves)


def demo_products() -> list[DemoProduct]:
    return [product for category in demo_categories() for product in category.products]


def write_products(session: Session) -> dict[str, int]:
    """Add the whole catalogue to the store; returns SKU -> variant id."""
    rows: dict[str, Category] = {}
    variants: list[Variant] = []
    for category in demo_categories():
        row = Category(
            name=category.name,
            name_zh=category.name_zh,
            synonyms=list(category.synonyms),
            parent=rows.get(category.parent or ""),
        )
        rows[category.name] = row
        session.add(row)
        for product in category.products:
            variants += _rows_of(product, row)
    session.add_all(variants)
    session.flush()
    return {variant.sku: variant.id for variant in variants}


def _rows_of(product: DemoProduct, category: Category) -> list[Variant]:
    """The rows of a product's variants, which bring the row of the product with them."""
    row = Product(code=product.code, category=category, **product.columns)
    return [
        Variant(
            product=row,
            sku=variant.sku,
            color=variant.color,
            size=variant.size,
            price=product.price,
            regular_price=product.regular_price,
            cost=product.cost,
            stock=variant.stock,
            attributes={},
        )
        for variant in product.variants
    ]


def _leaf(entry: Mapping[str, Any], parent: str) -> DemoCategory:
    return DemoCategory(
        name=entry["name"],
        name_zh=entry["name_zh"],
        synonyms=tuple(entry["synonyms"]),
        parent=parent,
        products=tuple(_product(product, entry["name"]) for product in entry["products"]),
    )


def _product(entry: Mapping[str, Any], category: str) -> DemoProduct:
    # Attributes are text, as the importer keeps them.
    attributes = {name: str(value) for name, value in entry["attributes"].items()} if "attributes" in entry else {}
    words = ("name", "name_zh", "brand", "description", "description_zh", "uses", "synonyms")
    return DemoProduct(
        code=entry["code"],
        category=category,
        price=_money(entry["price"]),
        cost=_money(entry["cost"]),
        regular_price=_money(entry["regular_price"]) if "regular_price" in entry else None,
        gender=attributes.get("gender"),
        for_children="age" in attributes,
        columns={"synonyms": [], **{word: entry[word] for word in words if word in entry}, "attributes": attributes},
        variants=tuple(_variants(entry)),
    )


def _variants(entry: Mapping[str, Any]) -> Iterator[DemoVariant]:
    special = entry.get("stock", {})
    for color in entry.get("colors", (None,)):
        for size in entry.get("sizes", (None,)):
            parts = [part for part in (color, size) if part]
            sku = "-".join([entry["code"], *parts]).upper().replace(" ", "").replace("/", "-")
            yield DemoVariant(sku, color, size, special.get(" ".join(parts), _usual_stock(sku)))


def _usual_stock(sku: str) -> int:
    """8 to 40 pieces: any number will do, but it must be the same every time."""
    return 8 + crc32(sku.encode()) % 33


def _money(amount: float) -> Decimal:
    return to_cents(str(amount))
