"""What can be wrong with the lines that a recommender is to learn from."""

from __future__ import annotations

from collections.abc import Sequence

from crm_store.errors import SalesError


class NoPurchases(SalesError):
    """There is no line to learn from."""

    code = "no_purchases"

    def __init__(self) -> None:
        super().__init__("There is no purchase to learn from yet: import orders first.")


class ColumnsMissing(SalesError):
    """The table of lines lacks columns."""

    code = "columns_missing"

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(f"The order lines lack the columns {', '.join(names)}.", names=list(names))
