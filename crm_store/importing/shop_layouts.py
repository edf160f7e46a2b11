"""Exports of shop software that spread one product over several rows, read as one full row per variant."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from crm_store.importing.columns import normalised
from crm_store.importing.sheets import Sheet

# What a Shopify export gives in the first row of a product only.
_SHOPIFY_SHARED = (
    "title", "bodyhtml", "vendor", "productcategory", "type", "status", "published",
    "option1name", "option2name", "option3name",
)  # fmt: skip
# What a WooCommerce variation takes from its parent where it says nothing itself.
_WOO_SHARED = ("name", "description", "shortdescription", "categories", "images", "brands", "published")


def as_one_row_per_variant(sheet: Sheet) -> Sheet:
    """The same sheet, or a view of it with one complete row per variant."""
    names = {normalised(column) for column in sheet.columns}
    if {"handle", "option1name", "option1value"} <= names:
        return _ShopifySheet.over(sheet, "option1value")
    if {"parent", "attribute1name", "attribute1values"} <= names:
        return _WooSheet.over(sheet, "attribute1values")
    return sheet


@dataclass
class _OptionSheet(Sheet):
    """A sheet whose options ("Color", "Size", ...) are named in cells; they get columns of their own."""

    file: Sheet | None = None
    options: list[str] = field(default_factory=list)

    @classmethod
    def over(cls, file: Sheet, first_value: str) -> _OptionSheet:
        view = cls(file.path, list(file.columns), file.encoding, file.separator, list(file.notes), file)
        view._positions = {normalised(name): at for at, name in reversed(list(enumerate(file.columns)))}
        view.options = view._option_names()
        view.columns = [*file.columns, *view.options]
        return view

    _positions: dict[str, int] = field(default_factory=dict)

    def _cell(self, cells: Sequence[str], name: str) -> str:
        position = self._positions.get(name)
        return cells[position].strip() if position is not None and position < len(cells) else ""

    def _file_rows(self) -> Iterator[tuple[int, list[str]]]:
        if self.file is not None:
            yield from self.file.rows()

    def _option_names(self) -> list[str]:
        names: dict[str, None] = {}
        for _, cells in self._file_rows():
            names.update(dict.fromkeys(self._named_options(cells)))
        present = {normalised(column) for column in self.columns}
        return [name for name in names if normalised(name) not in present | {"title"}]

    def _named_options(self, cells: Sequence[str]) -> dict[str, str]:
        """Option name -> value of a row."""
        raise NotImplementedError

    def _with_options(self, cells: list[str], values: Mapping[str, str]) -> list[str]:
        width = len(self.columns) - len(self.options)
        padded = [*cells, *[""] * (width - len(cells))]
        return [*padded, *(values.get(name, "") for name in self.options)]

    def _filled(self, cells: list[str], shared: Mapping[str, str]) -> list[str]:
        """The row with what it shares with its product filled in where it is blank."""
        full = [*cells, *[""] * (max(self._positions.values(), default=0) + 1 - len(cells))]
        for name, value in shared.items():
            if not full[self._positions[name]].strip():
                full[self._positions[name]] = value
        return full

    def _shared(self, cells: Sequence[str], names: Sequence[str]) -> dict[str, str]:
        return {name: value for name in names if (value := self._cell(cells, name))}


class _ShopifySheet(_OptionSheet):
    """Shopify: the first row of a handle has the product, the next ones a variant or only an image each."""

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        handle, shared = "", {}
        for line, cells in self._file_rows():
            if self._cell(cells, "handle") != handle:
                handle, shared = self._cell(cells, "handle"), self._shared(cells, _SHOPIFY_SHARED)
            if not (self._cell(cells, "variantsku") or self._cell(cells, "variantprice")):
                continue  # a further image
            full = self._filled(cells, shared)
            options = self._named_options(full)
            if "variantsku" in self._positions and not self._cell(full, "variantsku"):
                full[self._positions["variantsku"]] = _made_up_sku(handle, options)
            yield line, self._with_options(full, options)

    def _named_options(self, cells: Sequence[str]) -> dict[str, str]:
        named = {self._cell(cells, f"option{n}name"): self._cell(cells, f"option{n}value") for n in (1, 2, 3)}
        return {name: value for name, value in named.items() if name and value != "Default Title"}


class _WooSheet(_OptionSheet):
    """WooCommerce: a "variable" row has the product, "variation" rows refer to it by SKU or "id:12"."""

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        parents: dict[str, list[str]] = {}
        for _, cells in self._file_rows():
            if self._cell(cells, "type").lower().startswith("variable"):
                parents["id:" + self._cell(cells, "id")] = cells
                parents[self._cell(cells, "sku")] = cells
        for line, cells in self._file_rows():
            kind = self._cell(cells, "type").lower()
            if kind.startswith("variable") or kind == "grouped":
                continue
            parent = parents.get(self._cell(cells, "parent")) if kind.startswith("variation") else None
            full = list(cells)
            if parent is not None:
                full[self._positions["name"]] = ""  # "Cap - Red": the model's name is the parent's
                full = self._filled(full, self._shared(parent, _WOO_SHARED))
            full[self._positions["type"]] = ""  # how it is sold is not its category
            yield line, self._with_options(full, self._named_options(cells))

    def _named_options(self, cells: Sequence[str]) -> dict[str, str]:
        named = {}
        for n in range(1, 10):
            if name := self._cell(cells, f"attribute{n}name"):
                values = [value.strip() for value in self._cell(cells, f"attribute{n}values").split(",")]
                named[name] = "|".join(value for value in values if value)
        return named


def _made_up_sku(handle: str, options: Mapping[str, str]) -> str:
    words = [handle, *options.values()]
    return "-".join(re.sub(r"[\W_]+", "-", word).strip("-") for word in words if word)[:64]
