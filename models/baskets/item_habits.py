"""How each item is bought again: how likely, and after how long."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.baskets.purchases import Purchases

PRIOR = 4.0  # purchases: an item with few is taken to be like the average of all


@dataclass(frozen=True, slots=True)
class ItemHabits:
    gap: np.ndarray  # mean days between two purchases of one customer
    again: np.ndarray  # share of its buyers who bought it again
    repeats: np.ndarray  # share of its purchases that were not the customer's first

    @classmethod
    def of(cls, purchases: Purchases, events: np.ndarray) -> ItemHabits:
        """Learns from the events of the mask."""
        n_items = len(purchases.items)
        pair = np.repeat(np.arange(len(purchases.pair_item)), np.diff(purchases.pair_event))[events]
        item, day = purchases.event_item[events], purchases.event_day[events]
        same = pair[1:] == pair[:-1]
        second = np.append(same[:1], same[1:] & ~same[:-1])
        bought = np.bincount(item, minlength=n_items)
        repeated = np.bincount(item[1:][same], minlength=n_items)
        waited = np.bincount(item[1:][same], weights=(day[1:] - day[:-1])[same], minlength=n_items)
        again = np.bincount(item[1:][second], minlength=n_items)
        return cls(
            _shrunk(waited, repeated, default=30.0),
            _shrunk(again, bought - repeated),
            _shrunk(repeated, bought),
        )


def _shrunk(part: np.ndarray, whole: np.ndarray, default: float = 0.0) -> np.ndarray:
    average = part.sum() / whole.sum() if whole.sum() else default
    return ((part + PRIOR * average) / (whole + PRIOR)).astype(np.float32)
