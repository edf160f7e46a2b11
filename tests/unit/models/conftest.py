from __future__ import annotations

from decimal import Decimal
from itertools import count
from typing import Any

import pytest

from crm_store.catalog import CatalogItem


@pytest.fixture
def make_item():
    """Return a function that makes an item on sale; attributes follow from brand, colour and size."""
    numbers = count(1)

    def make(name: str = "", price: Any = 100, **columns: Any) -> CatalogItem:
        number = next(numbers)
        name = name or f"Model {number}"
        color, size, brand = columns.get("color"), columns.get("size"), columns.get("brand")
        stated = {"color": color, "size": size, "brand": brand, **columns.pop("attributes", {})}
        defaults: dict[str, Any] = {
            "sku": f"S{number}",
            "code": name,
            "name": name,
            "name_zh": None,
            "variant_name": None,
            "brand": None,
            "categories": ("Mountain Bikes", "Bikes"),
            "categories_zh": (),
            "color": None,
            "size": None,
            "attributes": {key: [str(value)] for key, value in stated.items() if value is not None},
            "uses": (),
            "price": Decimal(str(price)),
            "regular_price": None,
            "cost": None,
            "stock": 5,
            "description": "",
            "description_zh": None,
            "units_sold": 0,
            "image_url": None,
        }
        return CatalogItem(**{**defaults, **columns})

    return make
