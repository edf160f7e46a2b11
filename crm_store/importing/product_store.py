"""The store's side of importing products: what is there, and bringing it in line with a file."""

from __future__ import annotations

import re
from collections import Counter
from typing import TYPE_CHECKING, Any

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from crm_store.catalog import raise_catalog_revision
from crm_store.importing.report import RowRefused
from crm_store.tables import Category, Product, Variant

if TYPE_CHECKING:
    from crm_store.importing.products import ImportedVariant

OTHER = "Other"  # the category of what a file gives none
_FIRST_VALUE_COUNTS = ("name", "name_zh", "brand", "description", "description_zh", "uses", "synonyms")
_EMPTY_PRODUCT: dict[str, Any] = {"description": "", "uses": [], "synonyms": []}  # columns that cannot be None


class KnownProducts:
    """Every category, product and variant of the store, read in three queries."""

    def __init__(self, session: Session) -> None:
        self.categories = {item.name.casefold(): item for item in session.scalars(select(Category))}
        self.products = {item.code: item for item in session.scalars(select(Product))}
        self.variants = {
            item.sku: item for item in session.scalars(select(Variant).options(joinedload(Variant.product)))
        }

    def check(self, row: ImportedVariant) -> None:
        """Raise RowRefused when a row that is new to the store lacks what a new variant needs."""
        new = row.sku not in self.variants
        for field, value in (("name", row.product.get("name")), ("price", row.variant.get("price"))):
            named = field in row.product or field in row.variant
            if value is None and (new or named):
                reason = "is missing, and there is no product with this SKU yet" if new else "is missing"
                raise RowRefused(field, "", reason)


def write_products(session: Session, rows: list[ImportedVariant], known: KnownProducts) -> Counter[str]:
    """Make the store say what the rows say; returns how many were created, updated or unchanged."""
    writer = _Writer(session, known)
    by_product: dict[str, list[ImportedVariant]] = {}
    for row in rows:
        by_product.setdefault(writer.code_of(row), []).append(row)
    outcomes: Counter[str] = Counter()
    for code, variants in by_product.items():
        product, product_changed = writer.product(code, variants)
        for row in variants:
            outcome = writer.variant(product, row)
            if outcome == "unchanged" and product_changed:
                outcome = "updated"
            product_changed = False  # counted with its first variant
            outcomes[outcome] += 1
    session.flush()
    if outcomes["created"] or outcomes["updated"]:
        raise_catalog_revision(session)
    return outcomes


class _Writer:
    def __init__(self, session: Session, known: KnownProducts) -> None:
        self._session = session
        self._known = known
        self._settled: set[str] = set()  # categories that this file has given a place
        self._named: set[str] = set()  # and those it has given a Chinese name

    def code_of(self, row: ImportedVariant) -> str:
        """The product that a row belongs to: the file's own code, else made of category and model name."""
        if row.code:
            return row.code
        current = self._known.variants.get(row.sku)
        if "name" not in row.product or (current is not None and _says_the_same(current.product, row)):
            if current is None:
                raise AssertionError("a new variant without a name was let through")
            return current.product.code
        words = (row.path[-1] if row.path else OTHER, row.product["name"])
        return "/".join(re.sub(r"[\W_]+", "-", word.casefold()).strip("-") for word in words)[:160]

    def product(self, code: str, rows: list[ImportedVariant]) -> tuple[Product, bool]:
        """The product of these rows and whether it is changed; the first row that says something counts."""
        values: dict[str, Any] = {}
        for name in _FIRST_VALUE_COUNTS:
            if any(name in row.product for row in rows):
                found = next((row.product[name] for row in rows if row.product.get(name)), None)
                values[name] = _EMPTY_PRODUCT.get(name) if found is None else found
        product = self._known.products.get(code)
        is_new = product is None
        if product is None:
            product = Product(code=code, attributes={}, **_EMPTY_PRODUCT)
            self._session.add(product)
            self._known.products[code] = product
        changed = _set_all(product, values)
        path = next((row.path for row in rows if row.path), ())
        if path or is_new:
            category, category_changed = self._category(path or (OTHER,), rows)
            changed |= category_changed
            if product.category is not category:
                product.category = category
                changed = True
        return product, changed

    def variant(self, product: Product, row: ImportedVariant) -> str:
        """Create or bring up to date one variant: created, updated or unchanged."""
        variant = self._known.variants.get(row.sku)
        if variant is None:
            variant = Variant(sku=row.sku, product=product, active=True, stock=None, attributes={})
            _set_all(variant, row.variant)
            variant.attributes = _merged({}, row.attributes)
            self._session.add(variant)
            return "created"
        values = {**row.variant, "attributes": _merged(variant.attributes, row.attributes)}
        changed = _set_all(variant, values)
        if variant.product is not product:
            variant.product = product
            changed = True
        return "updated" if changed else "unchanged"

    def _category(self, path: tuple[str, ...], rows: list[ImportedVariant]) -> tuple[Category, bool]:
        """The category at the end of a path, with its parents; and whether something about them is new."""
        words = rows[0].category_words
        parent: Category | None = None
        changed = False
        for depth, name in enumerate(path, start=1):
            category = self._known.categories.get(name.casefold())
            if category is None:
                category = Category(name=name, synonyms=[], parent=parent)
                self._session.add(category)
                self._known.categories[name.casefold()] = category
                changed = True
            elif name.casefold() not in self._settled and _moves_under(category, parent):
                category.parent = parent
                changed = True
            # A category has one place: where the first row of a file puts it.
            if parent is not None:
                self._settled.add(name.casefold())
            if depth == len(path):
                changed |= self._name(category, words["name_zh"], words["synonyms"])
            elif depth == len(path) - 1:
                changed |= self._name(category, words["parent_name_zh"], [])
            parent = category
        if parent is None:
            raise AssertionError("a category path is never empty")
        return parent, changed

    def _name(self, category: Category, name_zh: str | None, synonyms: list[str]) -> bool:
        """Give a category the names that the file has for it; the first Chinese name of a file counts."""
        missing = [word for word in synonyms if word not in category.synonyms]
        if missing:
            category.synonyms = [*category.synonyms, *missing]
        if name_zh is None or category.name in self._named:
            return bool(missing)
        self._named.add(category.name)
        renamed = category.name_zh != name_zh
        category.name_zh = name_zh
        return bool(missing) or renamed


def _says_the_same(product: Product, row: ImportedVariant) -> bool:
    return product.name == row.product["name"] and (
        not row.path or product.category.name.casefold() == row.path[-1].casefold()
    )


def _moves_under(category: Category, parent: Category | None) -> bool:
    """True when a file puts the category elsewhere, unless that would close a circle."""
    if parent is None or category.parent is parent:
        return False
    current: Category | None = parent
    while current is not None:
        if current is category:
            return False
        current = current.parent
    return True


def _set_all(row: Product | Variant, values: dict[str, Any]) -> bool:
    changed = False
    for name, value in values.items():
        if getattr(row, name) != value:
            setattr(row, name, value)
            changed = True
    return changed


def _merged(before: dict[str, Any], read: dict[str, Any]) -> dict[str, Any]:
    """Attributes with those of the file set, and those that its row leaves blank gone."""
    both = {**before, **read}
    return {name: value for name, value in both.items() if value is not None}
