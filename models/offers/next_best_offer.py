"""The next best offer: products ranked for a customer by how likely they are to be bought, and what they earn."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from models.baskets import BasketRecommender
from models.offers.category_propensity import CategoryPropensity
from models.offers.companions import CategoryCompanions, Companion
from models.offers.product_choice import Owned, ProductChoice
from models.preparation.customer_features import customer_features
from models.preparation.frames import NothingSold, SalesFrames
from models.spend import SpendRegressor

FEWEST_LINES = 100  # sold lines, below which there is nothing to learn but what sells
CONSUMABLE = 0.12  # of those who came back to the category, who took the very same product: it gets used up
PRIOR = 20.0  # purchases: by these a product's share is drawn to that of its category
CHUNK = 5_000  # customers at once
MOST_ASKED = 300  # products whose chance to be in the next basket is asked for
MOST_WEIGHED, TOP, FEWEST_BOUGHT = 800, 60, 20  # customers, products of each, and purchases to weigh the parts by
MOST_JUDGED, OFFERS_JUDGED = 1000, 10  # customers and offers of each that the models are judged by
MOST_AVERAGED = 300  # customers, whose mean stands for somebody unknown
LEAST_CHANCE = 1e-6


@dataclass(frozen=True, slots=True)
class RankedProduct:
    """A product for a customer, and the facts that speak for it.

    `propensity` is the chance that they buy it within the horizon, `base` that of just any customer; `margin` what a
    piece earns (None: the shop gave no cost).
    """

    product: str
    category: str
    price: float
    margin: float | None
    propensity: float
    base: float
    times_bought: int = 0
    days_since: float | None = None
    companion: Companion | None = None
    category_propensity: float = 0.0
    fits_spend: tuple[float, float] | None = None  # what they are likely to spend on a piece, where the price is within

    @property
    def expected_margin(self) -> float | None:
        """What offering it is worth: the chance times what a piece earns."""
        return None if self.margin is None else self.propensity * self.margin


@dataclass(slots=True)
class Known:
    """What was known of each customer when the models were made: rows in the order of `place`."""

    place: dict[int, int]
    categories: np.ndarray  # probabilities, customers x categories
    level: np.ndarray
    groups: np.ndarray
    starts: np.ndarray  # where each customer's purchases begin in `bought` and `at`
    bought: np.ndarray  # product places, oldest first
    at: np.ndarray  # days since 1970


class NextBestOffer(BaseEstimator):
    """Ranks what is on sale by calibrated propensity and margin.

    Two parts say how likely a product is to be bought. One goes by category: its chance (`CategoryPropensity`) times
    that of the product to be the one taken of it (`ProductChoice`, into which the price fit of `SpendRegressor`
    enters). The other goes by product: what is bought again and along with what (`BasketRecommender`). A logistic
    regression weighs the two, and makes chances of them, on the last horizon before the models were made, of which
    the parts knew nothing (but for the spend regression, which is learned once, from all): the first counts more where
    customers buy many kinds of things once, the second where they come back for the same.

    Parameters
    ----------
    horizon : int
        Days in which a purchase counts.
    margin_weight : float
        How much margin moves the ranking: 0 ranks by propensity alone, 1 by expected margin.
    most_of_category : int
        Offers of one category among those returned.

    Attributes
    ----------
    weights_ : ndarray of 3
        Of the log odds of the two parts, and the intercept.
    held_out_ : dict
        Customer -> what was offered as of before the last horizon, for customers who bought in it: to be judged by.
    """

    def __init__(
        self,
        horizon: int = 60,
        margin_weight: float = 0.1,
        most_of_category: int = 4,
        random_state: int = 7,
    ) -> None:
        self.horizon = horizon
        self.margin_weight = margin_weight
        self.most_of_category = most_of_category
        self.random_state = random_state

    def fit(self, frames: SalesFrames, spend: SpendRegressor) -> Self:
        """Learn from the whole store; raises NothingSold when there is too little."""
        frames = replace(frames, lines=frames.lines[frames.lines["placed_at"] < frames.now])
        if len(frames.lines) < FEWEST_LINES:
            few = f"{len(frames.lines)} lines of known customers' orders are too few to learn from ({FEWEST_LINES})"
            raise NothingSold(few)
        before = frames.now - timedelta(days=self.horizon)
        self.weights_ = np.array([1.0, 0.0, 0.0])
        self.held_out_: dict[int, list[str]] = {}
        if (frames.lines["placed_at"] < before).sum() >= FEWEST_LINES:
            self._learn_parts(frames, spend, before)
            self.weights_ = self._weighed(frames, before)
            self._rank_held_out(frames, before)
        self._learn_parts(frames, spend, frames.now)
        return self

    def rank(
        self,
        customer_id: int | None = None,
        *,
        k: int | None = 5,
        allowed: Collection[str] | None = None,
        declined: Collection[str] = (),
        bought_since: Collection[str] = (),
        everything: bool = False,
    ) -> list[RankedProduct]:
        """The best `k` products for a customer, best first; an unknown one gets what most want.

        `allowed` are the products that may be offered (those in stock that fit the needs), `declined` those not to
        offer again, `bought_since` what was bought after the models were made. With `everything` nothing is left out
        for being owned, and variety is not kept: the customer has asked for just these.
        """
        check_is_fitted(self)
        owned = self._owned(customer_id)
        for code in bought_since:
            if (place := self.choice_.shelf_.place_of.get(code)) is not None:
                owned.times[place] = owned.times.get(place, 0) + 1
        propensity = self.propensities(customer_id)
        worth = np.log(np.maximum(propensity, 1e-12)) + self.margin_weight * self.log_margin_
        if not everything:
            worth[[p for p in owned.times if not self.consumable_[p]]] = -np.inf
        worth[[p for c in declined if (p := self.choice_.shelf_.place_of.get(c)) is not None]] = -np.inf
        if allowed is not None:
            outside = np.ones(len(worth), dtype=bool)
            outside[[p for c in allowed if (p := self.choice_.shelf_.place_of.get(c)) is not None]] = False
            worth[outside] = -np.inf
        most = len(worth) if everything else self.most_of_category
        chosen = self._varied(worth, len(worth) if k is None else k, most)
        names = {self.choice_.shelf_.categories[int(self.choice_.shelf_.category[place])] for place in owned.times}
        companions = {name: self.companions_.best(names, name) for name in self._names_of(chosen)}
        return [self._ranked(customer_id, place, propensity[place], companions) for place in chosen]

    def propensities(self, customer_id: int | None = None) -> np.ndarray:
        """For each product of the shelf the chance that the customer buys it within the horizon."""
        if customer_id is None or customer_id not in self.known_.place:
            return self.base_chances_
        first = self._by_category(customer_id)
        return self._chances(first, self._by_product(customer_id) if self.weights_[1] else first)

    def knows(self, customer_id: int) -> bool:
        """Whether the customer was there when the models were made."""
        return customer_id in self.known_.place

    def _learn_parts(self, frames: SalesFrames, spend: SpendRegressor, now: datetime) -> None:
        lines = frames.lines[frames.lines["placed_at"] < now]
        self.propensity_ = CategoryPropensity(horizon=self.horizon, random_state=self.random_state)
        self.propensity_.fit(lines, frames.customers, now)
        names = self.propensity_.categories_
        self.choice_ = ProductChoice(random_state=self.random_state)
        self.choice_.fit(lines, frames.customers, frames.products, spend, names, now)
        self.companions_ = CategoryCompanions().fit(lines, names)
        self._know_products(lines, frames.products)
        self._know_customers(lines, frames.customers, spend, now)
        self.today_ = (pd.Timestamp(now) - pd.Timestamp(0, tz="UTC")).total_seconds() / 86400
        self.baskets_ = BasketRecommender(seed=self.random_state).fit(
            lines.rename(columns={"product": "item", "order_id": "basket", "placed_at": "at"})
        )
        self.base_chances_ = self._of_anybody()

    def _know_products(self, lines: pd.DataFrame, products: pd.DataFrame) -> None:
        shelf = self.choice_.shelf_
        one = (
            products.groupby("product").agg(price=("price", "median"), cost=("cost", "median")).reindex(shelf.products)
        )
        self.margin_ = (one["price"] - one["cost"]).to_numpy()
        usual = np.nanmedian(self.margin_) if (~np.isnan(self.margin_)).any() else 1.0
        known = np.where(np.isnan(self.margin_), usual, self.margin_)
        self.log_margin_ = np.log(np.maximum(known, 0.01)) - np.log(max(usual, 0.01))
        mine = lines[lines["product"].isin(shelf.place_of)]
        pairs = mine.groupby(["customer_id", "product"])["order_id"].nunique()
        again = (pairs > 1).groupby("product").mean().reindex(shelf.products).fillna(0.0).to_numpy()
        buyers = pairs.groupby("product").size().reindex(shelf.products).fillna(0).to_numpy()
        of_category = pd.Series(again * buyers).groupby(shelf.category).transform("sum").to_numpy()
        all_buyers = pd.Series(buyers).groupby(shelf.category).transform("sum").to_numpy()
        usual_again = of_category / np.maximum(all_buyers, 1)
        self.consumable_ = (again * buyers + PRIOR * usual_again) / (buyers + PRIOR) >= CONSUMABLE

    def _know_customers(
        self, lines: pd.DataFrame, customers: pd.DataFrame, spend: SpendRegressor, now: datetime
    ) -> None:
        names, count = self.propensity_.categories_, len(customers)
        categories = np.empty((count, len(names)), dtype=np.float32)
        level, groups = np.empty(count), np.empty((count, 3))
        for start in range(0, count, CHUNK):
            part = slice(start, start + CHUNK)
            rows = customer_features(lines, customers.iloc[part], now, categories=names)
            categories[part] = self.propensity_.predict_proba(rows)
            level[part], groups[part] = spend.levels(rows), self.choice_.groups_of(rows)
        self.spend_ = spend
        place = {int(id): number for number, id in enumerate(customers.index)}
        self.base_ = categories.mean(axis=0) if count else self.propensity_.base_rates_
        self._keep_purchases(lines, place, categories, level, groups)
        shares = self.choice_.shares(1.0, np.full(3, np.nan), Owned())
        self.base_products_ = self._of_categories(self.base_)[self.choice_.shelf_.category] * shares

    def _keep_purchases(
        self, lines: pd.DataFrame, place: dict[int, int], categories: np.ndarray, level: np.ndarray, groups: np.ndarray
    ) -> None:
        shelf = self.choice_.shelf_
        mine = lines[lines["product"].isin(shelf.place_of) & lines["customer_id"].isin(place)]
        owner = mine["customer_id"].map(place).to_numpy("int64")
        order = np.argsort(owner, kind="stable")  # lines are oldest first
        days = (mine["placed_at"] - pd.Timestamp(0, tz="UTC")).dt.total_seconds().to_numpy() / 86400
        self.known_ = Known(
            place, categories, level, groups,
            np.searchsorted(owner[order], np.arange(len(place) + 1)),
            mine["product"].map(shelf.place_of).to_numpy("int32")[order], days[order],
        )  # fmt: skip

    def _by_category(self, customer_id: int | None) -> np.ndarray:
        """For each product of the shelf the chance of its category times its own of being taken."""
        place = self.known_.place.get(customer_id) if customer_id is not None else None
        if place is None:
            return self.base_products_
        shares = self.choice_.shares(self.known_.level[place], self.known_.groups[place], self._owned(customer_id))
        return self._of_categories(self.known_.categories[place])[self.choice_.shelf_.category] * shares

    def _by_product(self, customer_id: int) -> np.ndarray:
        """For each product of the shelf the chance to be in the next basket, where that is worth asking."""
        shelf = self.choice_.shelf_
        chances = np.full(len(shelf.products), LEAST_CHANCE)
        asked = np.arange(len(shelf.products))
        if len(asked) > MOST_ASKED:
            likely = np.argpartition(-self._by_category(customer_id), MOST_ASKED)[:MOST_ASKED]
            asked = np.unique(np.concatenate([likely, self._purchases(customer_id)[0]]))
        known = self.baskets_.propensities(customer_id, list(shelf.products[asked]))
        chances[asked] = np.maximum(known, LEAST_CHANCE)
        return chances

    def _of_categories(self, probabilities: np.ndarray) -> np.ndarray:
        """With a small chance for the categories of the shelf that nobody has bought from yet."""
        new = len(self.choice_.shelf_.categories) - len(probabilities)
        return np.append(probabilities, np.full(new, self.propensity_.base_rates_.min(initial=0.01)))

    def _owned(self, customer_id: int | None) -> Owned:
        owned = Owned()
        for place in self._purchases(customer_id)[0]:
            owned.times[int(place)] = owned.times.get(int(place), 0) + 1
            owned.last[int(self.choice_.shelf_.category[place])] = int(place)
        return owned

    def _purchases(self, customer_id: int | None) -> tuple[np.ndarray, np.ndarray]:
        place = self.known_.place.get(customer_id) if customer_id is not None else None
        if place is None:
            return np.empty(0, dtype="int32"), np.empty(0)
        mine = slice(self.known_.starts[place], self.known_.starts[place + 1])
        return self.known_.bought[mine], self.known_.at[mine]

    def _weighed(self, frames: SalesFrames, before: datetime) -> np.ndarray:
        """How the parts' chances as of `before` are weighed, by what was bought in the horizon after it."""
        shelf, rng = self.choice_.shelf_, np.random.default_rng(self.random_state)
        ids = rng.permutation(np.array(list(self.known_.place)))[:MOST_WEIGHED]
        after = frames.lines[(frames.lines["placed_at"] >= before) & frames.lines["product"].isin(shelf.place_of)]
        bought = set(zip(after["customer_id"], after["product"].map(shelf.place_of), strict=True))
        odds, happened = [], []
        for id in ids:
            first, second = self._by_category(int(id)), self._by_product(int(id))
            best = np.union1d(np.argsort(-first)[:TOP], np.argsort(-second)[:TOP])
            odds.append(np.column_stack([_log_odds(first[best]), _log_odds(second[best])]))
            happened.append([(id, place) in bought for place in best])
        flat = np.concatenate(happened)
        if min(flat.sum(), len(flat) - flat.sum()) < FEWEST_BOUGHT:
            return np.array([1.0, 0.0, 0.0])
        model = LogisticRegression(C=100.0).fit(np.vstack(odds), flat)
        return np.append(model.coef_[0], model.intercept_[0])

    def _rank_held_out(self, frames: SalesFrames, before: datetime) -> None:
        later = frames.lines[frames.lines["placed_at"] >= before]["customer_id"].unique()
        ids = [int(id) for id in later[:MOST_JUDGED] if id in self.known_.place]
        self.held_out_ = {id: [ranked.product for ranked in self.rank(id, k=OFFERS_JUDGED)] for id in ids}

    def _of_anybody(self) -> np.ndarray:
        """The mean chances of known customers, some of them: those of a customer of whom nothing is known."""
        ids = np.random.default_rng(self.random_state).permutation(list(self.known_.place))[:MOST_AVERAGED]
        if not len(ids):
            return self._chances(self._by_category(None), np.full(len(self.choice_.shelf_.products), LEAST_CHANCE))
        return np.mean([self.propensities(int(id)) for id in ids], axis=0)

    def _chances(self, by_category: np.ndarray, by_product: np.ndarray) -> np.ndarray:
        first, second, intercept = self.weights_
        return 1 / (1 + np.exp(-(first * _log_odds(by_category) + second * _log_odds(by_product) + intercept)))

    def _varied(self, worth: np.ndarray, k: int, most: int) -> list[int]:
        """The places of the best `k`, not too many of one category."""
        chosen: list[int] = []
        many: dict[int, int] = {}
        for place in np.argsort(-worth, kind="stable"):
            if len(chosen) == k or worth[place] == -np.inf:
                break
            category = int(self.choice_.shelf_.category[place])
            if many.get(category, 0) < most:
                many[category] = many.get(category, 0) + 1
                chosen.append(int(place))
        return chosen

    def _names_of(self, places: list[int]) -> set[str]:
        return {self.choice_.shelf_.categories[category] for category in self.choice_.shelf_.category[places]}

    def _ranked(
        self, customer_id: int | None, place: int, propensity: float, companions: dict[str, Companion | None]
    ) -> RankedProduct:
        shelf, (bought, at) = self.choice_.shelf_, self._purchases(customer_id)
        category = int(shelf.category[place])
        times = at[bought == place]
        margin = self.margin_[place]
        row = self.known_.place.get(customer_id) if customer_id is not None else None
        chances = self.known_.categories[row] if row is not None else self.base_
        return RankedProduct(
            product=str(shelf.products[place]),
            category=shelf.categories[category],
            price=float(shelf.price[place]),
            margin=None if np.isnan(margin) else float(margin),
            propensity=float(propensity),
            base=float(self.base_chances_[place]),
            times_bought=len(times),
            days_since=float(self.today_ - times.max()) if len(times) else None,
            companion=companions[shelf.categories[category]],
            category_propensity=float(chances[category]) if category < len(chances) else 0.0,
            fits_spend=self._fits_spend(row, shelf.categories[category], float(shelf.price[place])),
        )

    def _fits_spend(self, row: int | None, category: str, price: float) -> tuple[float, float] | None:
        if row is None or category not in self.spend_.usual_:
            return None
        expected = self.known_.level[row] * self.spend_.usual_[category]
        low, high = self.spend_.ratios_.get(category, self.spend_.ratios_[None])
        return (float(low * expected), float(high * expected)) if low * expected <= price <= high * expected else None


def _log_odds(probability: np.ndarray) -> np.ndarray:
    clipped = np.clip(probability, 1e-9, 1 - 1e-9)
    return np.log(clipped / (1 - clipped))
