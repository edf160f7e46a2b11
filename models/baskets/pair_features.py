"""Features of (question, item) pairs: what the chance that an item is in the next basket is learned from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.baskets.own_history import Moments, OwnPairs
from models.baskets.purchases import Purchases
from models.baskets.rows import Rows
from models.baskets.shop_state import ShopState, last_baskets, profiles

LOG_TIMES = 2  # column of how often the customer bought the item


@dataclass(frozen=True, slots=True)
class Surroundings:
    """Questions x items: what was bought lately, and what that makes likely through customers and through baskets."""

    profile: Rows
    last: Rows
    similar: Rows
    together: Rows

    @classmethod
    def of(cls, purchases: Purchases, state: ShopState, moments: Moments) -> Surroundings:
        profile, last = profiles(purchases, moments), last_baskets(purchases, moments)
        return cls(profile, last, profile.times(state.similar), last.times(state.together))


def pair_features(
    purchases: Purchases,
    state: ShopState,
    moments: Moments,
    around: Surroundings,
    own: OwnPairs,
    other: tuple[np.ndarray, np.ndarray],
) -> np.ndarray:
    """Rows for the pairs bought before, then for the other (question, item) pairs; float32.

    The columns of the own history come first; pairs never bought have NaN there. Time is counted in baskets
    throughout: a basket is asked for, and when it comes is seldom known.
    """
    question = np.concatenate([own.question, other[0]])
    item = np.concatenate([own.item, other[1]])
    history = own_features(moments, own)
    rest = [column[question] for column in customer_features(purchases, moments)]
    rest += item_features(state, moments.day[question], item) + neighbour_features(around, question, item)
    features = np.empty((len(question), len(history) + len(rest)), np.float32, order="F")
    features[len(own.item) :, : len(history)] = np.nan
    for place, column in enumerate(history + rest):
        features[: len(column), place] = column
    return features


def own_features(moments: Moments, own: OwnPairs) -> list[np.ndarray]:
    gap = (own.first_ago - own.last_ago + 1) / own.times  # baskets
    return [
        own.times / moments.seen[own.question],
        (own.times + 0.5) / (own.first_ago + 2),
        np.log(own.times),
        np.log(own.last_ago),
        np.log(own.first_ago),
        np.log(own.last_ago / gap),
        *np.log(own.decayed + np.float32(1e-3)),
    ]


def customer_features(purchases: Purchases, moments: Moments) -> list[np.ndarray]:
    """How often and how much each customer buys; a row a question."""
    first = purchases.basket_start[moments.customer]
    end, recent = first + moments.seen, np.maximum(moments.seen - 6, 0)
    sold = purchases.sold_before
    return [
        np.log(moments.seen),
        np.log((sold[end] - sold[first]) / moments.seen),
        np.log((sold[end] - sold[first + recent]) / (moments.seen - recent)),
        np.log(purchases.basket_size[end - 1]),
    ]


def item_features(state: ShopState, day: np.ndarray, item: np.ndarray) -> list[np.ndarray]:
    popularity, habits = state.popularity, state.habits
    return [
        np.log(popularity.shares[popularity.week(day), item] + np.float32(1e-5)),
        np.log(habits.gap[item] + np.float32(0.5)),
        habits.again[item],
        habits.repeats[item],
    ]


def neighbour_features(around: Surroundings, question: np.ndarray, item: np.ndarray) -> list[np.ndarray]:
    strongest = np.maximum.reduceat(around.profile.data, around.profile.indptr[:-1])[question]  # no row is empty
    least = np.float32(1e-2)
    return [
        np.log(around.similar.lookup(question, item) + least),
        np.log(around.together.lookup(question, item) + least),
        np.log((around.profile.lookup(question, item) + least) / np.maximum(strongest, least)),
    ]
