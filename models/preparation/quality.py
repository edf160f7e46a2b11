"""What is wrong with a shop's data: each finding counted, with what was done and what the owner should do."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import pandas as pd


class Done(StrEnum):
    """What became of the rows of a finding."""

    MENDED = "mended"  # a value was put right or taken as unknown; the row counts
    DROPPED = "dropped"  # the row is not learned from
    KEPT = "kept"  # nothing was done; only the owner can


@dataclass(frozen=True, slots=True)
class QualityNote:
    """One finding: `rows` of `table` out of `of`, what is wrong, what was done, and what the owner should do."""

    table: str
    finding: str
    rows: int
    of: int
    done: Done
    advice: str = ""
    examples: tuple[str, ...] = ()


class NoteTaker:
    """Collects the findings about one table; findings of no rows are left out."""

    def __init__(self, table: str, of: int) -> None:
        self._table, self._of = table, of
        self.notes: list[QualityNote] = []

    def note(
        self, finding: str, which: pd.Series, done: Done, advice: str = "", named: pd.Series | None = None
    ) -> None:
        """Note the rows where `which` is true; up to three of `named` are given as examples."""
        rows = int(which.sum())
        if rows:
            examples = () if named is None else tuple(str(name) for name in named[which].unique()[:3])
            self.notes.append(QualityNote(self._table, finding, rows, self._of, done, advice, examples))


def catalogue_notes(products: pd.DataFrame) -> list[QualityNote]:
    """What is missing or odd among the products on sale, for the owner: nothing of it is changed."""
    on_sale = products[products["active"]]
    taker, skus = NoteTaker("products", len(on_sale)), on_sale.index.to_series()
    no_cost, loss = on_sale["cost"].isna(), on_sale["cost"] > on_sale["price"]
    taker.note("no cost", no_cost, Done.KEPT, "import the cost: without it offers cannot weigh the margin", skus)
    taker.note("costs more than its price", loss, Done.KEPT, "check price and cost", skus)
    taker.note("price of zero", on_sale["price"] == 0, Done.KEPT, "set a price, or take it off sale", skus)
    taker.note("no brand", on_sale["brand"].isna(), Done.KEPT, "customers ask for brands: import them", skus)
    never = on_sale.groupby("product")["first_sold_at"].transform("count") == 0
    taker.note("never sold in any variant", never, Done.KEPT, "new, or a shelf warmer?", on_sale["product"])
    return taker.notes


def contact_notes(shared: int) -> list[QualityNote]:
    """A note about customers that look like the same person."""
    if not shared:
        return []
    advice = "merge them in the file they come from: two halves of a history are worth less than one"
    return [QualityNote("customers", "e-mail or phone of another customer", shared, shared, Done.KEPT, advice)]
