"""The words of this shop, as a file for the engine: its categories, brands, products, attribute values and uses.

Whoever changed the catalogue and committed calls `write_vocabulary(session, home.vocabulary)` afterwards; the
engine sees the newer file by itself.
"""

from __future__ import annotations

import json
import os
import re
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crm_store.catalog import filterable, load_categories, with_parents
from crm_store.colors import color_zh
from crm_store.shop import current_shop
from crm_store.tables import Category, Product, Variant

_NUMBER = re.compile(r"[\d.,/]+")
_LONGEST_VALUE = 40
_SYNONYMS = {
    "gender": {
        "women": ["women's", "womens", "ladies", "female", "女款", "女士", "女式"],
        "men": ["men's", "mens", "gents", "male", "男款", "男士", "男式"],
        "unisex": ["中性", "男女通用"],
    }
}


def write_vocabulary(session: Session, path: Path) -> None:
    """Write the vocabulary file in one step; a file that says the same already is left alone."""
    text = json.dumps(vocabulary(session), ensure_ascii=False, indent=1) + "\n"
    if path.exists() and path.read_text(encoding="utf-8") == text:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(text)
    draft = Path(name)
    draft.chmod(0o644)  # mkstemp makes it private, but another process reads it
    draft.replace(path)


def vocabulary(session: Session) -> dict[str, Any]:
    """What the vocabulary file holds, of everything that is on sale."""
    shop = current_shop(session)
    variants = session.scalars(
        select(Variant).where(Variant.active).order_by(Variant.id).options(joinedload(Variant.product))
    ).all()
    products = list({variant.product_id: variant.product for variant in variants}.values())
    categories = load_categories(session)
    return {
        "version": 1,
        "shop": shop.name,
        "currency": shop.currency,
        "timezone": shop.timezone,
        "categories": _categories(categories, products),
        "brands": [{"name": name, "synonyms": []} for name in _sorted(product.brand for product in products)],
        "products": _products(categories, products),
        "attributes": _attributes(variants),
        "uses": [{"name": name, "synonyms": []} for name in _sorted(use for item in products for use in item.uses)],
    }


def _categories(by_id: dict[int, Category], products: Iterable[Product]) -> list[dict[str, Any]]:
    """Categories that lead to something on sale, parents before children."""
    used: dict[int, Category] = {}
    for product in products:
        for category in reversed(with_parents(by_id, product.category_id)):
            used[category.id] = category
    return [
        {
            "name": category.name,
            "parent": by_id[category.parent_id].name if category.parent_id else None,
            "synonyms": list(category.synonyms),
            "names": {"zh": category.name_zh} if category.name_zh else {},
        }
        for category in used.values()
    ]


def _products(by_id: dict[int, Category], products: Iterable[Product]) -> list[dict[str, Any]]:
    entries: dict[str, dict[str, Any]] = {}
    for product in products:
        entry = entries.setdefault(
            product.name,
            {
                "name": product.name,
                "synonyms": [],
                "category": by_id[product.category_id].name,
                "brand": product.brand,
            },
        )
        for word in (product.name_zh, *product.synonyms):
            if word and word not in entry["synonyms"]:
                entry["synonyms"].append(word)
    return list(entries.values())


def _attributes(variants: Iterable[Variant]) -> dict[str, list[dict[str, Any]]]:
    """Attribute name -> its values, in the order they come; brand has a list of its own."""
    values: dict[str, dict[str, None]] = {"color": {}, "size": {}}
    for variant in variants:
        for name, texts in filterable(variant.product, variant).items():
            if name != "brand":
                values.setdefault(name, {}).update(
                    dict.fromkeys(text for text in texts if _can_be_asked_for(name, text))
                )
    return {
        name: [{"name": value, "synonyms": _synonyms(name, value)} for value in found]
        for name, found in values.items()
        if found
    }


def _can_be_asked_for(attribute: str, value: str) -> bool:
    """A bare number is a value only as a size: elsewhere it would be found in every price and date."""
    return len(value) <= _LONGEST_VALUE and (attribute == "size" or not _NUMBER.fullmatch(value))


def _synonyms(attribute: str, value: str) -> list[str]:
    if attribute == "color":
        chinese = color_zh(value)
        return [chinese] if chinese else []
    return list(_SYNONYMS.get(attribute, {}).get(value, []))


def _sorted(names: Iterable[str | None]) -> list[str]:
    return sorted({name for name in names if name})
