"""What an import did, and every row it could not take."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field

_LONGEST_VALUE = 80
_LONGEST_REASON = 300


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that was left out; `row` is its line in the file (the header is 1), `column` as the file calls it."""

    row: int
    column: str
    value: str
    reason: str

    def __str__(self) -> str:
        return f"row {self.row}, {self.column} {self.value!r}: {self.reason}"


class RowRefused(Exception):
    """Raised while reading one row: what is wrong with which field."""

    def __init__(self, field: str, value: str, reason: str) -> None:
        super().__init__(reason)
        self.field = field
        self.value = value
        self.reason = reason


@dataclass
class ImportReport:
    """The outcome of one import: every row read is counted once, as created, updated, unchanged, skipped or bad."""

    kind: str
    path: str
    dry_run: bool = False
    read: int = 0
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    skipped: int = 0  # rows that are no record of this kind, such as a second image of a product
    bad: list[BadRow] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    mapped: dict[str, str] = field(default_factory=dict)

    def refuse(self, row: int, refusal: RowRefused) -> None:
        """Note a row that is left out."""
        column = self.mapped.get(refusal.field, refusal.field)
        self.bad.append(BadRow(row, column, refusal.value[:_LONGEST_VALUE], refusal.reason[:_LONGEST_REASON]))

    def count(self, outcomes: Counter[str]) -> None:
        """Add rows counted by outcome: created, updated, unchanged."""
        self.created += outcomes["created"]
        self.updated += outcomes["updated"]
        self.unchanged += outcomes["unchanged"]
