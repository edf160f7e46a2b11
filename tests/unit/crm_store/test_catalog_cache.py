from __future__ import annotations

from crm_store.catalog import raise_catalog_revision
from crm_store.catalog_cache import CatalogCache
from tests import factories


def test_stock_is_always_as_of_now(session):
    factories.make_shop(session)
    variant = factories.make_product(session, "Lowick", variants=[{"sku": "L", "stock": 2}]).variants[0]
    cache = CatalogCache()
    assert [item.stock for item in cache.items(session)] == [2]
    variant.stock = 1
    session.flush()
    assert [item.stock for item in cache.items(session)] == [1]


def test_a_raised_revision_brings_new_products(session):
    factories.make_shop(session)
    factories.make_product(session, "Lowick")
    cache = CatalogCache()
    assert [item.name for item in cache.items(session)] == ["Lowick"]
    factories.make_product(session, "Vestra")
    raise_catalog_revision(session)
    assert [item.name for item in cache.items(session)] == ["Lowick", "Vestra"]
