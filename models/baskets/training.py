"""Questions whose answers are known: each customer's last baskets, as they looked just before."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from models.baskets.own_history import Moments, known_pairs, own_pairs
from models.baskets.pair_features import Surroundings, pair_features
from models.baskets.purchases import Purchases, ranges
from models.baskets.shop_state import ShopState
from models.baskets.sources import other_candidates

PAIRS_OF_OTHERS = 100  # about so many candidates of a customer were not bought before
FEW_PAIRS = 12_000  # are all kept
KEEP_A_PURCHASE, KEEP_OTHER = 0.03, 0.05  # chance that a pair is kept: for each time it was bought, and if never


@dataclass(frozen=True, slots=True)
class Sampling:
    """The chance that a pair that was not bought is kept; at least `least` for those bought before."""

    least: float
    other: float

    @classmethod
    def of(cls, own: int, other: int) -> Sampling:
        """For so many pairs of either kind."""
        kept = [min(FEW_PAIRS / max(count, 1), 1.0) for count in (own, other)]
        return cls(kept[0], max(KEEP_OTHER, kept[1]))

    def chance(self, times: np.ndarray) -> np.ndarray:
        """By how often the item was bought before, NaN where it never was."""
        return np.where(np.isnan(times), self.other, np.clip(KEEP_A_PURCHASE * times, self.least, 1.0))


@dataclass(frozen=True, slots=True)
class TrainingPairs:
    """`bought` says whether the item was in the basket; `weight` makes up for the pairs that `sampling` left out."""

    features: np.ndarray
    bought: np.ndarray
    weight: np.ndarray
    question: np.ndarray
    basket_size: np.ndarray
    sampling: Sampling


def last_basket_moments(purchases: Purchases, each: int, most_pairs: int, rng: np.random.Generator) -> Moments:
    """The moments of the last `each` baskets of customers, without first baskets; all of a customer's or none.

    Customers are drawn until their questions come to about `most_pairs` pairs with an item.
    """
    baskets = np.diff(purchases.basket_start)
    asked = np.minimum(baskets - 1, each)
    pairs = asked * (np.diff(purchases.pair_start) + PAIRS_OF_OTHERS)
    customers = rng.permutation(np.flatnonzero(asked > 0))
    customers = np.sort(customers[np.cumsum(pairs[customers]) - pairs[customers] < most_pairs])
    customer = np.repeat(customers, asked[customers])
    back = ranges(np.zeros(len(customers), np.int64), asked[customers])
    seen = baskets[customer] - 1 - back
    return Moments(customer, purchases.basket_day[purchases.basket_start[customer] + seen], seen)


def target_baskets(purchases: Purchases, moments: Moments) -> np.ndarray:
    """The row of the basket that each question asks for."""
    return purchases.basket_start[moments.customer] + moments.seen


def training_pairs(purchases: Purchases, state: ShopState, moments: Moments, rng: np.random.Generator) -> TrainingPairs:
    """Every item bought and a sample of those that were not, mostly of those bought often before."""
    targets = target_baskets(purchases, moments)
    around = Surroundings.of(purchases, state, moments)
    question, pair = known_pairs(purchases, moments)
    other_question, other_item = other_candidates(purchases, state.popularity, moments, around)
    sampling = Sampling.of(len(pair), len(other_item))

    def kept(question: np.ndarray, item: np.ndarray, times: np.ndarray) -> np.ndarray:
        return _is_in(purchases, targets[question], item) | (rng.random(len(item)) < sampling.chance(times))

    own = kept(question, purchases.pair_item[pair], _times_before(purchases, moments, question, pair))
    own = own_pairs(purchases, moments, question[own], pair[own])
    other = kept(other_question, other_item, np.full(len(other_item), np.nan))
    other = other_question[other], other_item[other]
    question, item = np.concatenate([own.question, other[0]]), np.concatenate([own.item, other[1]])
    bought = _is_in(purchases, targets[question], item)
    chance = sampling.chance(np.append(own.times, np.full(len(other[0]), np.nan)))
    return TrainingPairs(
        pair_features(purchases, state, moments, around, own, other),
        bought,
        np.where(bought, 1.0, 1.0 / chance),
        question,
        purchases.basket_size[targets[question]],
        sampling,
    )


def _times_before(purchases: Purchases, moments: Moments, question: np.ndarray, pair: np.ndarray) -> np.ndarray:
    """How often each pair was bought before its moment: all its purchases but those of the few baskets since."""
    seen, end = moments.seen[question], purchases.pair_event[pair + 1]
    bought = end - purchases.pair_event[pair]
    times = bought.copy()
    for back in range(1, 1 + int((np.diff(purchases.basket_start)[moments.customer] - moments.seen).max())):
        times -= (bought >= back) & (purchases.event_basket[np.maximum(end - back, 0)] >= seen)
    return times


def _is_in(purchases: Purchases, basket: np.ndarray, item: np.ndarray) -> np.ndarray:
    """Whether each item is in each basket."""
    width = np.int64(len(purchases.items))
    baskets = np.unique(basket)
    content = purchases.content[baskets]
    held = np.repeat(baskets, np.diff(content.indptr)) * width + content.indices
    return np.isin(basket * width + item, held)
