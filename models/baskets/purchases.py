"""Who had which item in which basket and when: the purchases of a shop as arrays that every source reads."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy import sparse

from models.baskets.errors import ColumnsMissing, NoPurchases

COLUMNS = ("customer_id", "item", "basket", "at")
DAY = 86400.0


@dataclass(frozen=True, slots=True)
class Purchases:
    """Every (basket, item) once, customers and items as codes, moments as days since 1970.

    `event_*` has a row for each item of each basket, by customer, item and time; `pair_*` one for each customer and
    item; `basket_*` one for each basket, by customer and time. `basket_start` and `pair_start` say where the rows of
    a customer begin, `pair_event` where the events of a pair do. `event_basket` counts a customer's baskets from 0.
    """

    customers: pd.Index
    items: pd.Index
    pair_start: np.ndarray
    pair_item: np.ndarray
    pair_key: np.ndarray  # customer x number of items + item, ascending
    pair_event: np.ndarray
    event_item: np.ndarray
    event_day: np.ndarray
    event_basket: np.ndarray
    basket_start: np.ndarray
    basket_day: np.ndarray
    basket_size: np.ndarray
    sold_before: np.ndarray  # sizes of the baskets before each basket, added up; one more entry than baskets
    content: sparse.csr_matrix  # baskets x items, ones

    @classmethod
    def from_lines(cls, lines: pd.DataFrame) -> Purchases:
        """Codes a table of lines (customer_id, item, basket, at); raises NoPurchases and ColumnsMissing."""
        if missing := [name for name in COLUMNS if name not in lines.columns]:
            raise ColumnsMissing(missing)
        lines = lines[list(COLUMNS)].dropna()
        if lines.empty:
            raise NoPurchases()
        customer, customers = pd.factorize(lines["customer_id"], sort=True)
        item, items = pd.factorize(lines["item"], sort=True)
        owner, day, basket = _baskets(customer, days(lines["at"]), pd.factorize(lines["basket"])[0])
        basket_start = np.searchsorted(owner, np.arange(len(customers) + 1))
        # Baskets are numbered by customer, so this order is by customer, item and time.
        key = np.sort((owner[basket] * len(items) + item) * np.int64(len(day)) + basket)
        key = key[np.append(True, key[1:] != key[:-1])]
        pair, row = np.divmod(key, len(day))
        item_of, size = (pair % len(items)).astype(np.int32), np.bincount(row, minlength=len(day))
        content = sparse.csr_matrix((np.ones(len(row), np.float32), (row, item_of)), shape=(len(day), len(items)))
        begins = np.flatnonzero(np.append(True, pair[1:] != pair[:-1]))
        pair_customer, pair_item = np.divmod(pair[begins], len(items))
        return cls(
            pd.Index(customers),
            pd.Index(items),
            np.searchsorted(pair_customer, np.arange(len(customers) + 1)),
            pair_item.astype(np.int32),
            pair[begins],
            np.append(begins, len(key)),
            item_of,
            day[row],
            (row - basket_start[pair // len(items)]).astype(np.int32),
            basket_start,
            day,
            size,
            np.append(0, np.cumsum(size)),
            content,
        )

    @property
    def last_day(self) -> float:
        return float(self.basket_day.max())

    def pair_customer(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.customers)), np.diff(self.pair_start))

    def event_customer(self) -> np.ndarray:
        return np.repeat(self.pair_customer(), np.diff(self.pair_event))

    def event_row(self) -> np.ndarray:
        """The basket of each event, as a row of `basket_day`."""
        return self.event_basket + self.basket_start[self.event_customer()]

    def basket_customer(self) -> np.ndarray:
        return np.repeat(np.arange(len(self.customers)), np.diff(self.basket_start))

    def pair_places(self, customer: np.ndarray, item: np.ndarray) -> np.ndarray:
        """The pair of each customer and item; -1 where the customer never bought it."""
        wanted = customer * np.int64(len(self.items)) + item
        places = np.minimum(np.searchsorted(self.pair_key, wanted), len(self.pair_key) - 1)
        return np.where(self.pair_key[places] == wanted, places, -1)

    def baskets_before(self, customer: int, day: float) -> int:
        """How many baskets a customer had before a moment."""
        own = self.basket_day[self.basket_start[customer] : self.basket_start[customer + 1]]
        return int(np.searchsorted(own, day, side="left"))


def _baskets(customer: np.ndarray, day: np.ndarray, basket: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Customer and day of each basket, by customer and time, and for each line the row of its basket.

    A basket is of one customer and one moment: those of its first line.
    """
    first = np.unique(basket, return_index=True)[1]
    order = np.lexsort((day[first], customer[first]))
    place = np.empty(len(order), np.int64)
    place[order] = np.arange(len(order))
    return customer[first][order], day[first][order], place[basket]


def days(moments: pd.Series) -> np.ndarray:
    """Moments (aware or naive UTC) as days since 1970."""
    moments = pd.to_datetime(moments, utc=True)
    return moments.dt.tz_localize(None).to_numpy().astype("datetime64[us]").astype(np.int64) / 1e6 / DAY


def ranges(starts: np.ndarray, lengths: np.ndarray) -> np.ndarray:
    """The numbers starts[i] to starts[i] + lengths[i] - 1, of all i one after the other."""
    offsets = np.cumsum(lengths) - lengths
    return np.arange(lengths.sum()) + np.repeat(starts - offsets, lengths)
