"""What a shop's lines tell of its items: what sells, how it is bought again, and what goes with what."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse

from models.baskets.item_habits import ItemHabits
from models.baskets.neighbours import item_neighbours, strongest
from models.baskets.own_history import Moments
from models.baskets.popularity import Popularity
from models.baskets.purchases import Purchases, ranges
from models.baskets.rows import Rows, row_places

NEIGHBOURS = 30
TASTE_ITEMS = 40  # of each customer: bounds the cost of those who buy much
TOGETHER_BASKETS = 30_000  # the latest ones
PROFILE_BASKETS, PROFILE_DECAY, PROFILE_ITEMS = 40, 0.96, 60


@dataclass(frozen=True, slots=True)
class ShopState:
    """`similar` and `together` are items x items: bought by the same customers, and in the same baskets."""

    popularity: Popularity
    habits: ItemHabits
    similar: sparse.csr_matrix
    together: sparse.csr_matrix

    @classmethod
    def of(cls, purchases: Purchases, baskets: np.ndarray) -> ShopState:
        """Learns from the baskets of the mask; only popularity sees all, as it is asked for by the week."""
        chosen = np.flatnonzero(baskets)
        latest = chosen[np.argsort(purchases.basket_day[chosen], kind="stable")[-TOGETHER_BASKETS:]]
        return cls(
            Popularity.of(purchases),
            ItemHabits.of(purchases, baskets[purchases.event_row()]),
            item_neighbours(_tastes(purchases, chosen), NEIGHBOURS, shrinkage=1.0),
            item_neighbours(purchases.content[latest], NEIGHBOURS, shrinkage=5.0),
        )


def profiles(purchases: Purchases, moments: Moments) -> Rows:
    """Questions x items: what the customer bought lately, the last basket counting 1 and earlier ones less."""
    length = np.minimum(moments.seen, PROFILE_BASKETS)
    ends = purchases.basket_start[moments.customer] + moments.seen
    baskets = ranges(ends - length, length)
    weights = (PROFILE_DECAY ** (np.repeat(ends, length) - baskets - 1)).astype(np.float32)
    rows = Rows(np.append(0, np.cumsum(length)), baskets, weights, len(purchases.basket_day))
    return rows.times(purchases.content).strongest(PROFILE_ITEMS)


def last_baskets(purchases: Purchases, moments: Moments) -> Rows:
    """Questions x items: what was in the basket before each moment."""
    last = purchases.basket_start[moments.customer] + moments.seen - 1
    places, lengths = row_places(purchases.content, last)
    content = purchases.content
    return Rows(np.append(0, np.cumsum(lengths)), content.indices[places], content.data[places], content.shape[1])


def _tastes(purchases: Purchases, chosen: np.ndarray) -> sparse.csr_matrix:
    """Customers x items: in how many of the chosen baskets (logarithm), the strongest items only."""
    owner = purchases.basket_customer()[chosen]
    shape = (len(purchases.customers), purchases.content.shape[0])
    ones = np.ones(len(chosen), np.float32)
    counts = (sparse.csr_matrix((ones, (owner, chosen)), shape=shape) @ purchases.content).tocsr()
    counts.data = np.log1p(counts.data)
    return strongest(counts, TASTE_ITEMS)
