"""Which product of a category a customer takes, once they buy from it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.preprocessing import StandardScaler

from models.preparation.customer_features import features_at
from models.spend import SpendRegressor

DAYS = 730  # of purchases to learn from
MOST_EVENTS = 20_000
MOST_OTHERS = 30  # products of the category set beside the one that was taken
FADE = 180.0  # days: what sold half a year ago says a third as much of what sells now
PRIOR = 3.0  # purchases: by these the taste of a group is drawn to that of all
_DAY = 86_400_000_000


@dataclass(slots=True)
class Shelf:
    """The products on sale, by place: arrays of one length."""

    products: np.ndarray  # codes
    category: np.ndarray  # place in `categories`
    categories: list[str]
    price: np.ndarray
    place_of: Mapping[str, int] = field(init=False)

    def __post_init__(self) -> None:
        self.place_of = {code: place for place, code in enumerate(self.products)}

    @classmethod
    def of(cls, products: pd.DataFrame, categories: list[str]) -> Shelf:
        """From the products of `SalesFrames`; those of categories nobody has bought from come last."""
        one = products.groupby("product", sort=True).agg(category=("category", "first"), price=("price", "median"))
        names = [*categories, *sorted(set(one["category"].dropna()) - set(categories))]
        return cls(one.index.to_numpy(), pd.Index(names).get_indexer(one["category"]), names, one["price"].to_numpy())


@dataclass(slots=True)
class Owned:
    """What one customer has of the shelf: product place -> times bought, category place -> product bought last."""

    times: dict[int, int] = field(default_factory=dict)
    last: dict[int, int] = field(default_factory=dict)


class ProductChoice(BaseEstimator):
    """A logit of choice: what sells in the category, how the price fits, what people like this one take, what they had.

    Price enters by its logarithm relative to what is usual in the category, alone and together with the customer's
    own level from the spend regression: whoever spends more looks higher.

    Parameters
    ----------
    days : int
        How far back purchases are learned from.
    random_state : int
        Of the products set beside the one that was taken.

    Attributes
    ----------
    shelf_ : Shelf
    share_ : ndarray, what share of its category a product sells lately
    loyalty_ : ndarray by category, how often a customer who comes back takes the very same product
    coef_ : Series, the weight of each figure of `FIGURES`
    """

    FIGURES = (
        "sells", "price", "price2", "price x level", "price2 x level", "price x level2",
        "gender", "family", "age", "had it", "had it last", "had it last x loyalty",
    )  # fmt: skip

    def __init__(self, days: int = DAYS, random_state: int = 7) -> None:
        self.days = days
        self.random_state = random_state

    def fit(
        self,
        lines: pd.DataFrame,
        customers: pd.DataFrame,
        products: pd.DataFrame,
        spend: SpendRegressor,
        categories: list[str],
        now: datetime,
    ) -> Self:
        """Learn from the order lines before `now` (tables as in `SalesFrames`)."""
        self.shelf_ = Shelf.of(products, categories)
        lines = lines[(lines["placed_at"] < now) & lines["product"].isin(self.shelf_.place_of)]
        place = lines["product"].map(self.shelf_.place_of).to_numpy("int64")
        self._know_shelf(lines, place, now)
        self._know_groups(lines, customers, place)
        history = _History(lines, place, self.shelf_, now - timedelta(days=self.days))
        self.loyalty_ = history.loyalty
        self.coef_ = pd.Series(0.0, index=self.FIGURES)
        self.coef_["sells"] = 1.0
        events = history.events(np.random.default_rng(self.random_state))
        if events:
            self._learn(events, lines, customers, spend, categories)
        return self

    def shares(self, level: float, groups: np.ndarray, owned: Owned) -> np.ndarray:
        """For each product of the shelf the chance that it is the one taken of its category.

        `level` is the customer's spend as a multiple of the usual one, `groups` a row of `groups_of`.
        """
        had, last = self._had(owned)
        utility = self._figures(np.arange(len(self.shelf_.products)), level, groups, had, last) @ self.coef_.to_numpy()
        weight = np.exp(utility - utility.max(initial=0.0))
        totals = np.bincount(self.shelf_.category, weight, minlength=len(self.shelf_.categories))
        return weight / totals[self.shelf_.category]

    def owned_by(self, lines: pd.DataFrame) -> Owned:
        """What the customer of these lines (oldest first) has."""
        owned = Owned()
        for code in lines["product"]:
            if (place := self.shelf_.place_of.get(code)) is not None:
                owned.times[place] = owned.times.get(place, 0) + 1
                owned.last[int(self.shelf_.category[place])] = place
        return owned

    def groups_of(self, rows: pd.DataFrame) -> np.ndarray:
        """Rows of `customer_features` as memberships (rows, 3): women, families, older than most; NaN is unknown."""
        women = rows["gender"].map({"female": 1.0, "male": 0.0}).astype("float64")
        people, age = rows["household_size"], rows["age"]
        family = (people >= 3).astype("float64").where(people.notna())
        older = (age > self.middle_age_).astype("float64").where(age.notna())
        return np.column_stack([women, family, older])

    def _know_shelf(self, lines: pd.DataFrame, place: np.ndarray, now: datetime) -> None:
        days = (pd.Timestamp(now) - lines["placed_at"]).dt.total_seconds().to_numpy() / 86400
        sold = np.bincount(place, np.exp(-days / FADE), minlength=len(self.shelf_.products)) + 0.05
        self.share_ = sold / self._of_category(sold)
        # What is usual in a category: the mean of what was paid, of the price tags where nothing was.
        paid = np.bincount(self.shelf_.category[place], np.log(np.maximum(lines["unit_price"], 0.01)),
                           minlength=len(self.shelf_.categories))  # fmt: skip
        many = np.bincount(self.shelf_.category[place], minlength=len(self.shelf_.categories))
        tags = pd.Series(np.log(np.maximum(self.shelf_.price, 0.01))).groupby(self.shelf_.category).mean()
        tags = tags.reindex(range(len(many))).fillna(0.0).to_numpy()
        usual = np.where(many > 0, paid / np.maximum(many, 1), tags)
        self.price_ = np.clip(np.log(np.maximum(self.shelf_.price, 0.01)) - usual[self.shelf_.category], -2.0, 2.0)

    def _know_groups(self, lines: pd.DataFrame, customers: pd.DataFrame, place: np.ndarray) -> None:
        """By group and product: the log ratio of members, and of others, to what is usual in the category."""
        age = (customers["created_at"].max().tz_convert(None) - customers["birth_date"]).dt.days / 365.25
        self.middle_age_ = float(age.median()) if age.notna().any() else 40.0
        profile = pd.DataFrame(
            {"gender": customers["gender"], "household_size": customers["household_size"], "age": age}
        )
        member = self.groups_of(profile.reindex(lines["customer_id"]))
        self.affinity_ = np.zeros((member.shape[1], 2, len(self.shelf_.products)))
        for group in range(member.shape[1]):
            known = ~np.isnan(member[:, group])
            inside = np.bincount(place[known], member[known, group], minlength=len(self.shelf_.products))
            all_of = np.bincount(place[known], minlength=len(self.shelf_.products))
            rate = np.clip((self._of_category(inside) + 1) / (self._of_category(all_of) + 2), 0.01, 0.99)
            mine = np.clip((inside + PRIOR * rate) / (all_of + PRIOR), 0.01, 0.99)
            self.affinity_[group] = np.log([mine / rate, (1 - mine) / (1 - rate)])

    def _of_category(self, amounts: np.ndarray) -> np.ndarray:
        return np.bincount(self.shelf_.category, amounts, minlength=len(self.shelf_.categories))[self.shelf_.category]

    def _learn(
        self,
        events: list[_Event],
        lines: pd.DataFrame,
        customers: pd.DataFrame,
        spend: SpendRegressor,
        categories: list[str],
    ) -> None:
        ids = np.array([event.customer for event in events])
        at = np.array([event.at for event in events])
        rows = features_at(lines, customers, ids, at, categories)
        levels, groups = spend.levels(rows), self.groups_of(rows)
        figures = np.vstack([
            self._figures(event.products, level, group, event.had, event.last)
            for event, level, group in zip(events, levels, groups, strict=True)
        ])  # fmt: skip
        taken = np.concatenate([event.taken for event in events])
        scaler = StandardScaler().fit(figures)
        model = LogisticRegression(C=10.0, max_iter=500).fit(scaler.transform(figures), taken)
        self.coef_ = pd.Series(model.coef_[0] / scaler.scale_, index=self.FIGURES)

    def _figures(
        self, products: np.ndarray, level: float, groups: np.ndarray, had: np.ndarray, last: np.ndarray
    ) -> np.ndarray:
        """The `FIGURES` of these products (places) for one customer: `had` and `last` are 0 or 1 for each product."""
        price, above = self.price_[products], float(np.log(max(level, 0.05)))
        taste = np.zeros((len(groups), len(products)))
        for group, member in enumerate(groups):
            if not np.isnan(member):
                taste[group] = self.affinity_[group, 0 if member else 1, products]
        loyalty = self.loyalty_[self.shelf_.category[products]]
        return np.column_stack([
            np.log(self.share_[products]), price, price**2, price * above, price**2 * above, price * above**2,
            *taste, had, last, last * loyalty,
        ])  # fmt: skip

    def _had(self, owned: Owned) -> tuple[np.ndarray, np.ndarray]:
        had, last = np.zeros(len(self.shelf_.products)), np.zeros(len(self.shelf_.products))
        had[list(owned.times)] = 1.0
        last[list(owned.last.values())] = 1.0
        return had, last


@dataclass(frozen=True, slots=True)
class _Event:
    """One purchase: the products of the category it was chosen from, and what the customer had by then."""

    customer: int
    at: int  # microseconds
    products: np.ndarray
    taken: np.ndarray
    had: np.ndarray
    last: np.ndarray


class _History:
    """Purchases in the order of time, with what was owned before each."""

    def __init__(self, lines: pd.DataFrame, place: np.ndarray, shelf: Shelf, since: datetime) -> None:
        self._shelf = shelf
        table = pd.DataFrame({
            "customer": lines["customer_id"].to_numpy(), "place": place, "category": shelf.category[place],
            "at": lines["placed_at"].dt.tz_convert(None).to_numpy("datetime64[us]").astype("int64"),
        }).sort_values("at", kind="stable", ignore_index=True)  # fmt: skip
        pair = [table["customer"], table["category"]]
        table["last"] = table["place"].groupby(pair).shift(fill_value=-1)
        table["again"] = table["last"] >= 0
        same = (table["last"] == table["place"])[table["again"]]
        self.loyalty = same.groupby(table["category"][table["again"]]).mean().reindex(
            range(len(shelf.categories))).fillna(0.0).to_numpy()  # fmt: skip
        self._table, self._since = table, int(pd.Timestamp(since).tz_convert(None).timestamp() * 1_000_000)

    def events(self, rng: np.random.Generator) -> list[_Event]:
        """At most `MOST_EVENTS` purchases in categories with a choice."""
        sizes = np.bincount(self._shelf.category, minlength=len(self._shelf.categories))
        table = self._table
        recent = table[(table["at"] >= self._since) & (sizes[table["category"]] > 1)]
        if len(recent) > MOST_EVENTS:
            recent = recent.loc[np.sort(rng.choice(recent.index, MOST_EVENTS, replace=False))]
        of_category = [np.flatnonzero(self._shelf.category == place) for place in range(len(sizes))]
        mine = {customer: rows for customer, rows in table.groupby("customer").indices.items()}
        at, place = table["at"].to_numpy(), table["place"].to_numpy()
        events = []
        for row in recent.itertuples():
            products = of_category[row.category]
            if len(products) > MOST_OTHERS + 1:
                others = rng.choice(products[products != row.place], MOST_OTHERS, replace=False)
                products = np.append(others, row.place)
            earlier = mine[row.customer]
            before = place[earlier[at[earlier] < row.at]]
            events.append(_Event(
                row.customer, row.at, products, products == row.place,
                np.isin(products, before).astype(float), (products == row.last).astype(float),
            ))  # fmt: skip
        return events
