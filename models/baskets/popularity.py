"""What sells, week by week, and what is new: known for every moment from what came before it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from models.baskets.purchases import Purchases

WEEK = 7.0
HALF_LIFE = 21.0  # days
NEW_DAYS = 30.0
MOST_WEEKS = 105  # earlier ones are taken together: nobody is asked about them


@dataclass(frozen=True, slots=True)
class Popularity:
    """`shares[w]`: the decayed share of baskets with each item, from the weeks before week w; `first_day` of sale."""

    start: float
    shares: np.ndarray
    first_day: np.ndarray
    _lists: dict[tuple[str, int, int], np.ndarray] = field(default_factory=dict)

    @classmethod
    def of(cls, purchases: Purchases) -> Popularity:
        last = purchases.last_day
        weeks = int(min((last - purchases.basket_day.min()) // WEEK + 1, MOST_WEEKS))
        start = last - weeks * WEEK + 1e-6
        n_items = len(purchases.items)
        week = _week(purchases.event_day, start, weeks)
        counts = np.bincount(week * n_items + purchases.event_item, minlength=weeks * n_items).reshape(weeks, n_items)
        baskets = np.bincount(_week(purchases.basket_day, start, weeks), minlength=weeks)
        shares = np.zeros((weeks + 1, n_items), np.float32)
        fade, items_so_far, baskets_so_far = 0.5 ** (WEEK / HALF_LIFE), np.zeros(n_items), 0.0
        for number in range(weeks):
            items_so_far = items_so_far * fade + counts[number]
            baskets_so_far = baskets_so_far * fade + baskets[number]
            shares[number + 1] = items_so_far / max(baskets_so_far, 1.0)
        first_day = np.full(n_items, np.inf)
        np.minimum.at(first_day, purchases.event_item, purchases.event_day)
        return cls(start, shares, first_day)

    def week(self, day: np.ndarray) -> np.ndarray:
        """The row of `shares` that holds what came before each day."""
        return np.clip((day - self.start) // WEEK, 0, len(self.shares) - 1).astype(np.int64)

    def best_sellers(self, week: int, most: int) -> np.ndarray:
        """Items that sold best before the week, best first."""
        key = "best", week, most
        if key not in self._lists:
            shares = self.shares[week]
            least = np.partition(shares, max(len(shares) - most, 0))[max(len(shares) - most, 0)]
            self._lists[key] = self._by_share(week, np.flatnonzero(shares >= least))[:most]
        return self._lists[key]

    def arrivals(self, week: int, most: int) -> np.ndarray:
        """Items that were first sold in the NEW_DAYS before the week, those that sell best."""
        key = "new", week, most
        if key not in self._lists:
            age = self.start + week * WEEK - self.first_day
            self._lists[key] = self._by_share(week, np.flatnonzero((age > 0) & (age <= NEW_DAYS)))[:most]
        return self._lists[key]

    def _by_share(self, week: int, items: np.ndarray) -> np.ndarray:
        return items[np.argsort(-self.shares[week, items], kind="stable")]


def _week(day: np.ndarray, start: float, weeks: int) -> np.ndarray:
    return np.clip((day - start) // WEEK, 0, weeks - 1).astype(np.int64)
