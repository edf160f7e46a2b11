"""Recognises which column of a file holds which field, by the many names that shops and CRMs give them."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from crm_store.errors import ImportRefused
from crm_store.importing.report import RowRefused
from crm_store.importing.sheets import Sheet
from crm_store.text import storable

Aliases = Mapping[str, Sequence[str]]  # field -> normalised column names, the best one first


def normalised(name: str) -> str:
    """A column name without case, spaces, underscores and punctuation: "Product SKU" and "product_sku" alike."""
    return re.sub(r"[\W_]+", "", name).lower()


def snake_case(name: str) -> str:
    """An attribute's name from a column's: "EducationLevel" is "education_level"."""
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", " ", name)
    return re.sub(r"[\W_]+", "_", words).strip("_").lower()


class Columns:
    """The columns of one file by field; `cell` reads a row through them."""

    def __init__(self, names: Sequence[str], positions: dict[str, int]) -> None:
        self.names = list(names)
        self.positions = positions

    def __contains__(self, field: str) -> bool:
        return field in self.positions

    def cell(self, cells: Sequence[str], field: str) -> str:
        """The trimmed text of a field in a row; "" when there is no such column or nothing in it."""
        position = self.positions.get(field)
        return "" if position is None else self.at(cells, position)

    def at(self, cells: Sequence[str], position: int) -> str:
        """The trimmed text at a position of a row."""
        return storable(cells[position]).strip() if position < len(cells) else ""

    def needed(self, cells: Sequence[str], field: str) -> str:
        """The text of a field; raises RowRefused when there is none."""
        if text := self.cell(cells, field):
            return text
        raise RowRefused(field, "", "is missing")

    def check_width(self, cells: Sequence[str]) -> None:
        """Raise RowRefused for a row with more cells than the header: a value was not in quotes."""
        extra = [cell for cell in cells[len(self.names) :] if cell.strip()]
        if extra:
            reason = f"the row has {len(cells)} cells, the header {len(self.names)}: quote values with separators"
            raise RowRefused("(row)", extra[0], reason)

    @property
    def left_over(self) -> list[tuple[int, str]]:
        """(position, name) of the columns that no field took."""
        taken = set(self.positions.values())
        return [(i, name) for i, name in enumerate(self.names) if name and i not in taken]

    @property
    def mapped(self) -> dict[str, str]:
        return {field: self.names[position] for field, position in self.positions.items()}


def recognise(sheet: Sheet, aliases: Aliases, mapping: Mapping[str, str] | None) -> Columns:
    """Find each field's column: the one that `mapping` names, else the first alias; raises ImportRefused."""
    positions: dict[str, int] = {}
    unused: set[str] = set()
    for field, column in (mapping or {}).items():
        if field not in aliases:
            raise ImportRefused(
                f"{sheet.name}: there is no field {field!r} to map; the fields are {', '.join(aliases)}."
            )
        if column:
            positions[field] = _named(sheet, field, column)
        else:
            unused.add(field)
    by_name: dict[str, int] = {}
    for position, name in enumerate(sheet.columns):
        by_name.setdefault(normalised(name), position)
    for field, names in aliases.items():
        if field in positions or field in unused:
            continue
        taken = set(positions.values())
        for name in names:
            if name in by_name and by_name[name] not in taken:
                positions[field] = by_name[name]
                break
    return Columns(sheet.columns, positions)


def require(sheet: Sheet, columns: Columns, aliases: Aliases, *choices: Sequence[str]) -> None:
    """Raise ImportRefused unless each choice has at least one of its fields in the file."""
    for fields in choices:
        if not any(field in columns for field in fields):
            looked_for = ", ".join(name for field in fields for name in aliases[field])
            raise ImportRefused(
                f"{sheet.name}: found no column for {' or '.join(fields)}. Looked for: {looked_for} "
                f"(any case, spaces and underscores). The columns are: {', '.join(sheet.columns)}. "
                f"Name it with --map {fields[0]}=COLUMN."
            )


def _named(sheet: Sheet, field: str, column: str) -> int:
    if column in sheet.columns:
        return sheet.columns.index(column)
    for position, name in enumerate(sheet.columns):
        if normalised(name) == normalised(column):
            return position
    raise ImportRefused(
        f"{sheet.name}: there is no column {column!r} for {field}. The columns are: {', '.join(sheet.columns)}."
    )
