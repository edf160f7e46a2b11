"""Which products fit what a customer needs, and which wish to relax when none does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import combinations

from rapidfuzz import fuzz

from crm_store.catalog import CatalogItem
from models.audience import suited
from models.needs import Needs, drop_field, stated_fields

USE_FITS = 80  # rapidfuzz score from which a product's use is taken for the one the customer named
# Which wish is given up first: taste before money, money before what has to fit.
RELAX_ORDER = (
    "priority",
    "use",
    "attributes.color",
    "brand",
    "budget",
    "attributes",
    "attributes.size",
    "product",
)


@dataclass(frozen=True, slots=True)
class Relaxed:
    """The nearest there is: the items, and the wishes that had to be left out."""

    items: list[CatalogItem]
    fields: tuple[str, ...]


def price_limits(needs: Needs, currency: str, rates: Mapping[str, float]) -> tuple[Decimal | None, Decimal | None]:
    """The budget as (least, most) in the shop's currency; a currency without a rate is taken as the shop's."""
    budget = needs.get("budget") or {}
    rate = Decimal(str(rates.get(budget.get("currency", currency), 1) or 1)) if budget else Decimal(1)
    if budget.get("currency", currency) == currency:
        rate = Decimal(1)
    least, most = budget.get("min"), budget.get("max")
    return (
        None if least is None else Decimal(str(least)) / rate,
        None if most is None else Decimal(str(most)) / rate,
    )


def fits(item: CatalogItem, needs: Needs, limits: tuple[Decimal | None, Decimal | None]) -> bool:
    """Whether an item has everything asked for and nothing refused; use and priority only rank."""
    category, product, brand = needs.get("category"), needs.get("product"), needs.get("brand")
    if category and not _same(category, item.categories):
        return False
    if product and not _same(product, (item.name, item.code, item.sku)):
        return False
    if brand and not _same(brand, (item.brand or "",)):
        return False
    least, most = limits
    if (least is not None and item.price < least) or (most is not None and item.price > most):
        return False
    return _has_wanted(item, needs.get("attributes", {})) and not _has_refused(item, needs.get("exclude", {}))


def matching_items(
    catalog: Iterable[CatalogItem], needs: Needs, currency: str, rates: Mapping[str, float]
) -> list[CatalogItem]:
    """Every item that fits, sold out or not, in catalogue order."""
    limits = price_limits(needs, currency, rates)
    catalog = list(catalog)
    needs = _without_strange_wishes(needs, catalog)
    return suited([item for item in catalog if fits(item, needs, limits)], needs)


def nearest_items(
    catalog: Sequence[CatalogItem], needs: Needs, currency: str, rates: Mapping[str, float]
) -> Relaxed | None:
    """The items in stock that fit when as few wishes as possible are left out, the least painful first.

    Returns None when not even the category has anything in stock. What was refused stays refused.
    """
    fields = sorted(stated_fields(needs), key=_relax_rank)
    category = needs.get("category")
    # The category is never left out: what is of another need not be looked at for every combination of wishes.
    among = [i for i in catalog if i.in_stock and (not category or _same(category, i.categories))]
    for count in range(1, len(fields) + 1):
        for chosen in combinations(fields, count):
            relaxed = needs
            for field in chosen:
                relaxed = drop_field(relaxed, field)
            if found := matching_items(among, relaxed, currency, rates):
                return Relaxed(found, chosen)
    return None


def _without_strange_wishes(needs: Needs, catalog: Iterable[CatalogItem]) -> Needs:
    """The needs without attributes that nothing of the wanted kind has: no bike is made for men or for women."""
    wanted, category = needs.get("attributes", {}), needs.get("category")
    if not wanted or not category:
        return needs
    stated = {name for item in catalog if _same(category, item.categories) for name in item.attributes}
    return {**needs, "attributes": {name: values for name, values in wanted.items() if name in stated}}


def fitting_use(item: CatalogItem, needs: Needs) -> str | None:
    """Which of a product's own uses the customer means, in their words or by its general name; None for none."""
    wanted = [str(needs[name]).casefold() for name in ("use", "purpose") if needs.get(name)]
    for made_for in item.uses:
        if any(_same_use(made_for.casefold(), words) for words in wanted):
            return made_for
    return None


def _same_use(made_for: str, wanted: str) -> bool:
    """Nearly the same words, or all of the product's among the customer's: "camping" for "winter camping"."""
    if fuzz.token_sort_ratio(made_for, wanted) >= USE_FITS:
        return True
    return set(made_for.split()) <= set(wanted.split())


def _same(wanted: str, names: Iterable[str]) -> bool:
    wanted = wanted.casefold()
    return any(wanted == name.casefold() for name in names)


def _has_wanted(item: CatalogItem, wanted: Mapping[str, list[str]]) -> bool:
    return all(
        any(_same(value, item.attributes.get(name, ())) for value in values)
        for name, values in wanted.items()
        if values
    )


def _has_refused(item: CatalogItem, refused: Mapping[str, list[str]]) -> bool:
    named = {"category": item.categories, "brand": (item.brand or "",), "product": (item.name, item.code)}
    return any(
        _same(value, named.get(name, item.attributes.get(name, ())))
        for name, values in refused.items()
        for value in values
    )


def _relax_rank(field: str) -> int:
    if field in RELAX_ORDER:
        return RELAX_ORDER.index(field)
    return RELAX_ORDER.index(field.partition(".")[0])
