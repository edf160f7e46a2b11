"""What customers buy along with or after something else, counted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
from scipy import sparse
from sklearn.base import BaseEstimator


@dataclass(frozen=True, slots=True)
class Companion:
    """Of `buyers` customers who bought from `owned`, the share `share` bought from the other category then or later.

    `base` is the share of all customers who ever bought from it.
    """

    owned: str
    share: float
    base: float
    buyers: int


class CategoryCompanions(BaseEstimator):
    """Counts, for every two categories, how many buyers of the first bought from the second then or later.

    Parameters
    ----------
    fewest_buyers : int
        Of the first category, below which nothing is said.
    least_lift : float
        How many times the usual share it must be to be worth saying.

    Attributes
    ----------
    shares_ : ndarray (first, second)
    bases_ : ndarray, the share of all customers who bought from a category
    buyers_ : ndarray, customers by category
    """

    def __init__(self, fewest_buyers: int = 20, least_lift: float = 1.2) -> None:
        self.fewest_buyers = fewest_buyers
        self.least_lift = least_lift

    def fit(self, lines: pd.DataFrame, categories: list[str]) -> Self:
        """Learn from order lines as in `SalesFrames`."""
        self.categories_ = list(categories)
        column = pd.Index(self.categories_).get_indexer(lines["category"])
        known = lines.assign(column=column)[column >= 0]
        spans = known.groupby(["customer_id", "column"])["placed_at"].agg(["min", "max"]).reset_index()
        customer, _ = pd.factorize(spans["customer_id"])
        count = customer.max(initial=-1) + 1
        self.buyers_ = np.bincount(spans["column"], minlength=len(categories))
        self.bases_ = self.buyers_ / max(count, 1)
        pairs = spans.assign(customer=customer).merge(spans.assign(customer=customer), on="customer")
        # The second counts when it was bought at some time that is not before the first.
        later = pairs[(pairs["max_y"] >= pairs["min_x"]) & (pairs["column_x"] != pairs["column_y"])]
        both = sparse.coo_matrix(
            (np.ones(len(later)), (later["column_x"], later["column_y"])), shape=(len(categories), len(categories))
        ).toarray()
        self.shares_ = both / np.maximum(self.buyers_, 1)[:, None]
        return self

    def best(self, owned: Iterable[str], category: str) -> Companion | None:
        """The owned category that speaks most for another one; None when none does."""
        names = [name for name in owned if name in self.categories_ and name != category]
        if category not in self.categories_ or not names:
            return None
        second = self.categories_.index(category)
        firsts = [self.categories_.index(name) for name in names]
        told = [(self.shares_[first, second], first) for first in firsts if self.buyers_[first] >= self.fewest_buyers]
        share, first = max(told, default=(0.0, -1))
        if share <= 0 or share < self.least_lift * self.bases_[second]:
            return None
        return Companion(self.categories_[first], float(share), float(self.bases_[second]), int(self.buyers_[first]))
