"""What a customer will put into the next basket: candidates from five sources, ranked by calibrated propensity."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

import numpy as np
import pandas as pd

from models.baskets.evidence import Buyers, Candidate, Explainer
from models.baskets.own_history import Moments, OwnPairs, known_pairs, own_pairs
from models.baskets.pair_features import Surroundings, pair_features
from models.baskets.propensity import PropensityModel
from models.baskets.purchases import DAY, Purchases
from models.baskets.shop_state import ShopState
from models.baskets.sources import bought_before, other_candidates
from models.baskets.training import last_basket_moments, target_baskets, training_pairs

MUCH_HELD_BACK = 0.1  # of the baskets: what goes with what is then learned again from all of them
FEW_ALLOWED = 300  # so many items are all scored, whether a source names them or not
AN_INSTANT = 1e-6  # days


@dataclass(frozen=True, slots=True)
class Scored:
    """Items and their chances for one customer; a stranger has neither surroundings nor history."""

    items: np.ndarray
    chances: np.ndarray
    around: Surroundings | None = None
    own: OwnPairs | None = None


class BasketRecommender:
    """Learns from order lines what each customer buys next.

    The last baskets of customers are asked for as they looked just before: own history, what goes with it, what sells.
    Boosted trees learn from these which items were in them, and a curve makes calibrated chances of their scores.

    Parameters
    ----------
    baskets_each: last baskets of a customer that are learned from
    most_pairs: of a basket asked for and an item, about; customers are drawn until there are so many
    seed: of the samples and the trees

    Attributes
    ----------
    purchases_, state_: the coded lines and what they tell of the items
    model_: the PropensityModel, or None when no customer came back, in which case what sells is all there is to say
    end_: the day (since 1970) as of which `recommend` answers unless told otherwise
    """

    def __init__(self, baskets_each: int = 3, most_pairs: int = 1_500_000, seed: int = 0) -> None:
        self.baskets_each, self.most_pairs, self.seed = baskets_each, most_pairs, seed

    def fit(self, lines: pd.DataFrame, *, at: datetime | None = None) -> BasketRecommender:
        """`lines`: customer_id, item, basket (order), at (UTC); those at or after `at` are left out.

        A quantity changes nothing: what counts is how many baskets had the item. Raises NoPurchases, ColumnsMissing.
        """
        if at is not None and "at" in lines.columns:
            lines = lines[pd.to_datetime(lines["at"], utc=True) < _utc(at)]
        self.purchases_ = Purchases.from_lines(lines)
        self.end_ = self.purchases_.last_day + AN_INSTANT if at is None else _utc(at).timestamp() / DAY
        rng = np.random.default_rng(self.seed)
        moments = last_basket_moments(self.purchases_, self.baskets_each, self.most_pairs, rng)
        earlier = np.ones(len(self.purchases_.basket_day), bool)
        earlier[target_baskets(self.purchases_, moments)] = False
        state = ShopState.of(self.purchases_, earlier)
        self.model_ = self._learned(state, moments, rng)
        everything = np.ones(len(earlier), bool)
        self.state_ = state if earlier.mean() > 1 - MUCH_HELD_BACK else ShopState.of(self.purchases_, everything)
        self.buyers_ = Buyers(self.purchases_)
        return self

    def recommend(
        self, customer_id: Hashable, k: int, *, at: datetime | None = None, allowed: Collection[Hashable] | None = None
    ) -> list[Candidate]:
        """The `k` most likely items, best first; fewer when there are no more candidates among the `allowed`.

        `at` (the end of the lines unless given) says what is history: later purchases of the customer are not seen.
        """
        moment = self._moment(customer_id, at)
        scored = self._allowed(moment, self._codes(allowed))
        items, chances = scored.items, scored.chances
        explainer = Explainer(self.purchases_, self.state_, moment, scored.around, scored.own, self.buyers_)
        best = np.lexsort((items, -chances))[: max(k, 0)]
        names = self.purchases_.items
        return [
            Candidate(names[items[place]], float(chances[place]), *explainer.explain(int(items[place])))
            for place in best
        ]

    def propensities(self, customer_id: Hashable, items: Sequence[Hashable], at: datetime | None = None) -> np.ndarray:
        """The chance of each item, in their order; 0 for items that nobody has bought."""
        moment = self._moment(customer_id, at)
        codes = self.purchases_.items.get_indexer(pd.Index(items))
        known = np.unique(codes[codes >= 0])
        chances = np.zeros(len(self.purchases_.items) + 1)  # the last is of items that are not known
        if len(known):
            scored = self._chances(moment, known)
            chances[scored.items] = scored.chances
        return chances[codes]

    def _learned(self, state: ShopState, moments: Moments, rng: np.random.Generator) -> PropensityModel | None:
        if not len(moments):
            return None
        pairs = training_pairs(self.purchases_, state, moments, rng)
        if pairs.bought.all() or not pairs.bought.any():
            return None
        return PropensityModel(seed=self.seed).fit(pairs)

    def _moment(self, customer_id: Hashable, at: datetime | None) -> Moments:
        """The question; its `seen` is 0 for a customer who has not bought before."""
        day = self.end_ if at is None else _utc(at).timestamp() / DAY
        try:
            code = int(self.purchases_.customers.get_loc(customer_id))
        except KeyError:
            return Moments(np.array([0]), np.array([day]), np.array([0]))
        return Moments(np.array([code]), np.array([day]), np.array([self.purchases_.baskets_before(code, day)]))

    def _codes(self, allowed: Collection[Hashable] | None) -> np.ndarray | None:
        if allowed is None:
            return None
        codes = self.purchases_.items.get_indexer(pd.Index(list(allowed), dtype=self.purchases_.items.dtype))
        return np.unique(codes[codes >= 0])

    def _allowed(self, moment: Moments, allowed: np.ndarray | None) -> Scored:
        if allowed is None:
            return self._chances(moment, None)
        if len(allowed) <= FEW_ALLOWED:
            return self._chances(moment, allowed)
        scored = self._chances(moment, None)
        kept = np.isin(scored.items, allowed)
        return replace(scored, items=scored.items[kept], chances=scored.chances[kept])

    def _chances(self, moment: Moments, items: np.ndarray | None) -> Scored:
        """The chances of these items, or of all candidates."""
        if self.model_ is None or moment.seen[0] == 0:
            return Scored(*self._popular(moment, items))
        purchases, state = self.purchases_, self.state_
        around = Surroundings.of(purchases, state, moment)
        if items is None:
            question, pair = known_pairs(purchases, moment)
            other = other_candidates(purchases, state.popularity, moment, around)
        else:
            pair = purchases.pair_places(np.repeat(moment.customer, len(items)), items)
            new = ~bought_before(purchases, moment, np.zeros(len(items), np.int64), items)
            pair, other = pair[~new], (np.zeros(new.sum(), np.int64), items[new])
            question = np.zeros(len(pair), np.int64)
        own = own_pairs(purchases, moment, question, pair)
        features = pair_features(purchases, state, moment, around, own, other)
        return Scored(np.concatenate([own.item, other[1]]), self.model_.predict(features), around, own)

    def _popular(self, moment: Moments, items: np.ndarray | None) -> tuple[np.ndarray, np.ndarray]:
        popularity = self.state_.popularity
        if items is None:
            items = popularity.best_sellers(int(popularity.week(moment.day)[0]), FEW_ALLOWED)
        return items, popularity.shares[popularity.week(moment.day)[0], items]


def _utc(moment: datetime) -> datetime:
    """A moment without a zone is taken to be UTC."""
    return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
