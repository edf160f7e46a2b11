"""The catalogue kept in memory between messages; what changes with every sale, the stock, is read afresh."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.catalog import CatalogItem, catalog_revision, load_catalog
from crm_store.tables import Variant

T = TypeVar("T")


class CatalogCache:
    """Reads the whole catalogue again only after its revision was raised, as an import does.

    Popularity is as of that reading. Threads may share one cache: a reading replaces the old one as a whole.
    """

    def __init__(self) -> None:
        self._kept: tuple[int, dict[str, CatalogItem]] | None = None
        self._derived: dict[Any, tuple[int, Any]] = {}

    def derived(self, session: Session, make: Callable[[list[CatalogItem]], T]) -> T:
        """What `make` makes of the catalogue, made again only after a change of what is sold (not of the stock)."""
        revision = catalog_revision(session)
        kept = self._derived.get(make)
        if kept is None or kept[0] != revision:
            kept = self._derived[make] = (revision, make(self.items(session)))
        return kept[1]

    def items(self, session: Session) -> list[CatalogItem]:
        """Every variant on sale with its present stock, in the order of `load_catalog`."""
        revision = catalog_revision(session)
        if self._kept is None or self._kept[0] != revision:
            self._kept = (revision, {item.sku: item for item in load_catalog(session)})
        items = self._kept[1]
        for sku, stock in session.execute(select(Variant.sku, Variant.stock).where(Variant.active)):
            if sku in items and items[sku].stock != stock:
                items[sku] = replace(items[sku], stock=stock)
        return list(items.values())
