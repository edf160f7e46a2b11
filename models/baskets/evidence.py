"""Why an item is a candidate: its source, and the facts that a sentence can be made of."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

import numpy as np
from scipy import sparse

from models.baskets.own_history import Moments, OwnPairs
from models.baskets.pair_features import Surroundings
from models.baskets.popularity import NEW_DAYS
from models.baskets.purchases import Purchases
from models.baskets.rows import row_places
from models.baskets.shop_state import ShopState


class Source(StrEnum):
    REPURCHASE = "repurchase"
    BOUGHT_TOGETHER = "bought_together"
    SIMILAR_CUSTOMERS = "similar_customers"
    POPULAR = "popular"
    NEW = "new"


@dataclass(frozen=True, slots=True)
class Candidate:
    """An item, the chance that it is in the customer's next basket, and where it comes from.

    `evidence` of a repurchase: times, days_since, usual_gap_days (None when bought once); of bought_together and
    similar_customers: owned_item, share (of the buyers of owned_item, those who bought this), buyers (of owned_item);
    of popular: share_of_baskets; of new: days_on_sale and share_of_baskets.
    """

    item: Hashable
    propensity: float
    source: Source
    evidence: Mapping[str, Any]


class Buyers:
    """Who bought each item, and how many bought two of them; pairs that were counted once are remembered."""

    def __init__(self, purchases: Purchases) -> None:
        order = np.argsort(purchases.pair_item, kind="stable")
        self._customers = (purchases.pair_key[order] // len(purchases.items)).astype(np.int32)
        self._start = np.searchsorted(purchases.pair_item[order], np.arange(len(purchases.items) + 1))
        self._shared: dict[tuple[int, int], int] = {}

    def of(self, item: int) -> np.ndarray:
        return self._customers[self._start[item] : self._start[item + 1]]

    def shared(self, one: int, other: int) -> int:
        key = (one, other) if one < other else (other, one)
        if key not in self._shared:
            few, many = sorted((self.of(one), self.of(other)), key=len)
            places = np.minimum(np.searchsorted(many, few), len(many) - 1)
            self._shared[key] = int((many[places] == few).sum())
        return self._shared[key]


@dataclass(frozen=True, slots=True)
class Explainer:
    """Gives the source and the evidence of items for one customer at one moment; a stranger has no surroundings."""

    purchases: Purchases
    state: ShopState
    moment: Moments
    around: Surroundings | None
    own: OwnPairs | None
    buyers: Buyers

    def explain(self, item: int) -> tuple[Source, dict[str, Any]]:
        if self.around is None or self.own is None:
            return self._of_the_shop(item)
        if len(place := np.flatnonzero(self.own.item == item)):
            return Source.REPURCHASE, _own_facts(self.own, int(place[0]))
        return self._of_neighbours(item) or self._of_the_shop(item)

    def _of_neighbours(self, item: int) -> tuple[Source, dict[str, Any]] | None:
        sources = (
            (Source.BOUGHT_TOGETHER, self.around.last, self.state.together),
            (Source.SIMILAR_CUSTOMERS, self.around.profile, self.state.similar),
        )
        for source, owned, similarity in sources:
            weights = owned.data * _column(similarity, owned.indices, item)
            if weights.any() and (facts := self._of_buyers(int(owned.indices[weights.argmax()]), item)):
                return source, facts
        return None

    def _of_buyers(self, owned: int, item: int) -> dict[str, Any] | None:
        if not (shared := self.buyers.shared(owned, item)):
            return None
        count = len(self.buyers.of(owned))
        return {"owned_item": self.purchases.items[owned], "share": round(shared / count, 4), "buyers": count}

    def _of_the_shop(self, item: int) -> tuple[Source, dict[str, Any]]:
        popularity, day = self.state.popularity, self.moment.day
        share = round(float(popularity.shares[popularity.week(day)[0], item]), 5)
        age = float(day[0] - popularity.first_day[item])
        if 0 < age <= NEW_DAYS:
            return Source.NEW, {"days_on_sale": int(age), "share_of_baskets": share}
        return Source.POPULAR, {"share_of_baskets": share}


def _own_facts(own: OwnPairs, place: int) -> dict[str, Any]:
    times, last = int(own.times[place]), float(own.last_age[place])
    gap = round((float(own.first_age[place]) - last) / (times - 1), 1) if times > 1 else None
    return {"times": times, "days_since": round(last, 1), "usual_gap_days": gap}


def _column(matrix: sparse.csr_matrix, rows: np.ndarray, column: int) -> np.ndarray:
    """What some rows have in one column."""
    places, lengths = row_places(matrix, rows)
    found = np.flatnonzero(matrix.indices[places] == column)
    values = np.zeros(len(rows), np.float32)
    values[np.searchsorted(np.cumsum(lengths), found, side="right")] = matrix.data[places[found]]
    return values
