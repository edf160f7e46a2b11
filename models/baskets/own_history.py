"""What a customer has bought so far, item by item: how often, how long ago, how regularly."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.baskets.purchases import Purchases, ranges

DECAYS = (0.8, 0.95, 0.985)  # a basket


@dataclass(frozen=True, slots=True)
class Moments:
    """For whom and as of when: code of the customer, day, and how many baskets came before it; one row a question."""

    customer: np.ndarray
    day: np.ndarray
    seen: np.ndarray

    def __len__(self) -> int:
        return len(self.customer)

    def chosen(self, which: np.ndarray) -> Moments:
        return Moments(self.customer[which], self.day[which], self.seen[which])


@dataclass(frozen=True, slots=True)
class OwnPairs:
    """What was bought before: one row for each question and item, with the counts of it."""

    question: np.ndarray
    item: np.ndarray
    times: np.ndarray
    first_age: np.ndarray  # days
    last_age: np.ndarray
    first_ago: np.ndarray  # baskets; 1 is the last one
    last_ago: np.ndarray
    decayed: np.ndarray  # decays x pairs


def known_pairs(purchases: Purchases, moments: Moments) -> tuple[np.ndarray, np.ndarray]:
    """Every (question, pair) of the customers asked about, also of what they bought only later."""
    starts = purchases.pair_start[moments.customer]
    lengths = purchases.pair_start[moments.customer + 1] - starts
    return np.repeat(np.arange(len(moments)), lengths), ranges(starts, lengths)


def own_pairs(purchases: Purchases, moments: Moments, question: np.ndarray, pair: np.ndarray) -> OwnPairs:
    """Counts only what lies before each moment; pairs without a purchase before it are left out."""
    starts = purchases.pair_event[pair]
    lengths = purchases.pair_event[pair + 1] - starts
    events, place = ranges(starts, lengths), np.repeat(np.arange(len(pair)), lengths)
    before = purchases.event_basket[events] < moments.seen[question][place]
    events, place = events[before], place[before]
    begins = np.flatnonzero(np.append(True, place[1:] != place[:-1])) if len(place) else np.zeros(0, np.int64)
    ends = np.append(begins[1:], len(events)) - 1 if len(begins) else begins
    asked = question[place]
    age = (moments.day[asked] - purchases.event_day[events]).astype(np.float32)
    ago = (moments.seen[asked] - purchases.event_basket[events]).astype(np.float32)
    return OwnPairs(
        question=asked[begins],
        item=purchases.event_item[events[begins]],
        times=(ends - begins + 1).astype(np.float32),
        first_age=age[begins],
        last_age=age[ends],
        first_ago=ago[begins],
        last_ago=ago[ends],
        decayed=_decayed(ago, begins),
    )


def _decayed(ago: np.ndarray, begins: np.ndarray) -> np.ndarray:
    if not len(begins):
        return np.zeros((len(DECAYS), 0), np.float32)
    faded = [np.exp(np.float32(np.log(decay)) * (ago - 1)) for decay in DECAYS]
    return np.stack([np.add.reduceat(values, begins) for values in faded])
