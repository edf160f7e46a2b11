"""What a customer buys next, by a decision tree whose path is the reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.tree import DecisionTreeClassifier
from sklearn.utils.validation import check_is_fitted

from models.preparation.customer_features import ASKED, BOUGHT, DAYS_SINCE, LATELY, NEVER, TrainingRows
from models.preparation.encoding import ColumnMissing, NothingToLearnFrom, Rows

# How a condition on a number begins, before "above 60,000" or "2 to 3".
STARTS = {
    "income": "with an income", "household_size": "in a household of", "orders": "whose orders so far are",
    "spent": "who have spent", "mean_order": "whose orders come on average to",
    "months_known": "whose months with the shop are", "months_since_first": "whose months since the first order are",
}  # fmt: skip
IS = " is "  # "region is Rockies": the column of a text's value
FEWEST_ORDERS = 50
MOST_LEVELS = 40
MONTHS = "January February March April May June July August September October November December".split()


@dataclass(frozen=True, slots=True)
class Condition:
    """What a path asks of a column: above `above`, and up to `up_to`; None where it asks nothing."""

    column: str
    above: float | None = None
    up_to: float | None = None
    or_unknown: bool = False

    @property
    def is_absence(self) -> bool:
        """Whether it says only that something was not bought or asked for."""
        if self.column.startswith(BOUGHT):
            return self.above is None and self.up_to is not None and self.up_to < 1
        return self.column.startswith((DAYS_SINCE, ASKED)) and self.up_to is None

    def words(self) -> str:
        """In English, to stand after "customers"."""
        said = _condition_words(self)
        return f"{said} or unknown" if self.or_unknown else said


@dataclass(frozen=True, slots=True)
class PathReason:
    """What is true of the orders of customers like this one: counts of the leaf beside those of all orders."""

    category: str
    conditions: tuple[Condition, ...]
    share: float  # of the leaf's orders have the category in them
    share_overall: float
    orders: int  # in the leaf
    customers: int

    @property
    def lift(self) -> float:
        """How many times likelier than among all."""
        return self.share / self.share_overall if self.share_overall else 0.0

    def sentence(self) -> str:
        """In English, for a rep: "Customers aged 30 to 45: 23 % of the orders they placed then had Tents ..."."""
        who = _listed([condition.words() for condition in self.conditions if not condition.is_absence], "and")
        absent = [condition.column for condition in self.conditions if condition.is_absence]
        customers = f"Customers {who}" if who else "Customers"
        for what, columns in (
            ("purchase lately of", [column for column in absent if not column.startswith(ASKED)]),
            ("wish lately for", [column for column in absent if column.startswith(ASKED)]),
        ):
            if columns:
                customers += f" with no {what} {_listed([_subject(column) for column in columns], 'or')}"
        share, overall = _percent(self.share), _percent(self.share_overall)
        return f"{customers}: {share} of the orders they placed then had {self.category}, against {overall} of all."


class PurchaseTree(BaseEstimator):
    """Decision tree for the category (or brand ...) of a customer's next order.

    Grown on the earlier orders and pruned by cost-complexity, with the strength that gives the later ones the highest
    likelihood; then grown and pruned so on all. The probabilities of a leaf are drawn to those of all orders.

    Parameters: `min_orders` in a leaf; `max_depth`; `prior`, orders as which the probabilities of all count in a leaf;
    `validation`, the share of orders, the latest, that prune; `seed`.
    Attributes: `classes_`, `overall_` (share of orders with each), `tree_`, `columns_`, `alpha_` (strength of pruning),
    `validation_loss_` (strength -> log loss).
    """

    def __init__(
        self, min_orders: int = 40, max_depth: int = 12, prior: float = 10.0, validation: float = 0.25, seed: int = 0
    ) -> None:
        self.min_orders = min_orders
        self.max_depth = max_depth
        self.prior = prior
        self.validation = validation
        self.seed = seed

    def fit(self, rows: TrainingRows) -> Self:
        """Learn from orders in the order of time; raises NothingToLearnFrom with fewer than 50, or of one category."""
        bought = rows.targets.to_numpy()
        used = bought.any(axis=1)
        there = bought.any(axis=0)
        if used.sum() < FEWEST_ORDERS or there.sum() < 2:
            raise NothingToLearnFrom(
                f"{used.sum()} orders in {there.sum()} categories, and at least {FEWEST_ORDERS} orders in 2 are needed"
            )
        self.classes_ = rows.targets.columns[there].to_numpy(str)
        bought = bought[used][:, there]
        features = rows.features[used]
        self.columns_, self._levels = _tree_columns(features)
        matrix = self._matrix(features)
        self.overall_ = bought.mean(axis=0)
        self._had_unknown = np.isnan(matrix).any(axis=0)
        self.alpha_ = self._best_alpha(matrix, bought)
        self.tree_ = self._grown(matrix, bought, self.alpha_)
        self._used = np.unique(self.tree_.tree_.feature[self.tree_.tree_.feature >= 0])
        self._count_leaves(self.tree_.apply(matrix), bought, rows.orders["customer_id"].to_numpy()[used])
        return self

    def predict_proba(self, features: Rows) -> np.ndarray:
        """The probability of each of `classes_` to be what is bought next: customers x classes, each row adds to 1."""
        return self._probabilities[self._leaf(features)]

    def predict(self, features: Rows) -> np.ndarray:
        return self.classes_[self.predict_proba(features).argmax(axis=1)]

    def path(self, row: Rows) -> list[Condition]:
        """What the tree asked of a customer on the way to the leaf, one condition a column, the most decisive first."""
        tree, values = self.tree_.tree_, self._matrix(row, self._used)
        found: dict[int, list[Any]] = {}
        for node in tree.decision_path(values).indices:
            column, threshold = tree.feature[node], tree.threshold[node]
            if column < 0:
                continue
            value, bounds = values[0, column], found.setdefault(column, [None, None, True])
            unknown_left = bool(tree.missing_go_to_left[node])
            to_left = unknown_left if np.isnan(value) else bool(value <= threshold)
            bounds[1 if to_left else 0] = float(threshold)
            bounds[2] &= bool(self._had_unknown[column]) and unknown_left == to_left
        return [Condition(self.columns_[column], *bounds) for column, bounds in found.items()]

    def asked_columns(self) -> list[str]:
        """The columns of the features that the tree asks about: all that `path` and `reason` need of a customer."""
        check_is_fitted(self, "tree_")
        named = [self.columns_[place].partition(IS) for place in self._used]
        return sorted(
            {column if level and column in self._levels else column + sep + level for column, sep, level in named}
        )

    def reason(self, row: Rows, category: str) -> PathReason:
        """Why a customer is offered something of a category: the path, and how often it was bought at its end."""
        check_is_fitted(self, "tree_")
        leaf = int(self._leaf(row)[0])
        place = np.flatnonzero(self.classes_ == category)
        orders = int(self._orders[leaf])
        share = float(self._bought[leaf, place[0]] / orders) if len(place) else 0.0
        overall = float(self.overall_[place[0]]) if len(place) else 0.0
        return PathReason(category, tuple(self.path(row)), share, overall, orders, int(self._customers[leaf]))

    def _leaf(self, features: Rows) -> np.ndarray:
        check_is_fitted(self, "tree_")
        return self.tree_.tree_.apply(self._matrix(features, self._used))

    def _matrix(self, features: Rows, places: Sequence[int] | None = None) -> np.ndarray:
        """Columns as the tree knows them, those not in `places` left at 0."""
        count = len(features) if isinstance(features, pd.DataFrame) else 1
        matrix = np.zeros((count, len(self.columns_)), np.float32)
        for place in range(len(self.columns_)) if places is None else places:
            matrix[:, place] = self._values(features, self.columns_[place])
        return matrix

    def _values(self, features: Rows, name: str) -> Any:
        """One column, or the value of a single row; in a category that the table does not have, nothing was bought."""
        column, _, level = name.partition(IS)
        if level and column in self._levels:
            return _plain(features[column]) == level
        if name in features:
            found = features[name]
            return found.to_numpy(np.float32, na_value=np.nan) if isinstance(found, pd.Series) else _number(found)
        if name.startswith((BOUGHT, DAYS_SINCE, ASKED)):
            return 0.0 if name.startswith(BOUGHT) else NEVER
        raise ColumnMissing(name)

    def _best_alpha(self, matrix: np.ndarray, bought: np.ndarray) -> float:
        cut = len(matrix) - max(int(self.validation * len(matrix)), 1)
        alphas = self._grown(matrix[:cut], bought[:cut], None)
        later = bought[cut:] / bought[cut:].sum(axis=1, keepdims=True)
        self.validation_loss_ = {}
        for alpha in alphas:
            tree = self._grown(matrix[:cut], bought[:cut], alpha)
            _, counts = _sums(tree.apply(matrix[:cut]), bought[:cut], tree.tree_.node_count)
            chances = self._smoothed(counts, bought[:cut].sum(axis=0))[tree.apply(matrix[cut:])]
            self.validation_loss_[float(alpha)] = float(-(later * np.log(chances)).sum(axis=1).mean())
        return min(self.validation_loss_, key=lambda alpha: (self.validation_loss_[alpha], -alpha))

    def _grown(self, matrix: np.ndarray, bought: np.ndarray, alpha: float | None) -> Any:
        """A tree pruned by `alpha`, or, when it is None, strengths of pruning worth trying."""
        order, label = np.nonzero(bought)
        weight = (1 / bought.sum(axis=1))[order]  # each order counts once
        tree = DecisionTreeClassifier(
            min_samples_leaf=self.min_orders, max_depth=self.max_depth, ccp_alpha=alpha or 0.0, random_state=self.seed
        )
        if alpha is not None:
            return tree.fit(matrix[order], label, sample_weight=weight)
        steps = tree.cost_complexity_pruning_path(matrix[order], label, sample_weight=weight).ccp_alphas
        return np.unique(np.maximum(np.quantile(steps, [0, 0.3, 0.5, 0.65, 0.75, 0.82, 0.88, 0.92, 0.96, 0.99]), 0))

    def _count_leaves(self, leaves: np.ndarray, bought: np.ndarray, customers: np.ndarray) -> None:
        nodes = self.tree_.tree_.node_count
        self._orders, self._bought = _sums(leaves, bought, nodes)
        distinct = pd.DataFrame({"leaf": leaves, "customer": customers}).drop_duplicates()
        self._customers = np.bincount(distinct["leaf"], minlength=nodes)
        self._probabilities = self._smoothed(self._bought, bought.sum(axis=0))

    def _smoothed(self, counts: np.ndarray, total: np.ndarray) -> np.ndarray:
        prior = (total + 0.5) / (total + 0.5).sum()
        chances = counts + self.prior * prior
        return chances / chances.sum(axis=1, keepdims=True)


def _tree_columns(features: pd.DataFrame) -> tuple[list[str], set[str]]:
    """The columns a tree asks about, each of which can be said in words, and the texts among their sources."""
    columns, texts = [], set()
    for name in features.columns:
        if pd.api.types.is_numeric_dtype(features[name]):
            if not name.startswith(LATELY) and name not in ("orders_lately", "price_level"):
                columns.append(name)
        else:
            texts.add(name)
            levels = features[name].dropna().astype(str).value_counts().index[:MOST_LEVELS]
            columns += [f"{name}{IS}{level}" for level in sorted(levels)]
    return columns, texts


def _sums(leaves: np.ndarray, bought: np.ndarray, nodes: int) -> tuple[np.ndarray, np.ndarray]:
    """By node: orders, and orders with each class."""
    counts = np.zeros((nodes, bought.shape[1]))
    np.add.at(counts, leaves, bought)
    return np.bincount(leaves, minlength=nodes), counts


def _plain(values: Any) -> Any:
    return values.to_numpy() if isinstance(values, pd.Series) else values


def _number(value: Any) -> float:
    return np.nan if value is None else float(value)


def _condition_words(asked: Condition) -> str:
    name, above, up_to = asked.column, asked.above, asked.up_to
    if IS in name:
        return _text_words(*name.split(IS, 1), above is not None)
    if name.startswith(BOUGHT):
        return _times_words(name.removeprefix(BOUGHT), above, up_to)
    for prefix, did, did_not in ((ASKED, "who asked for", "who did not ask for"),
                                 (DAYS_SINCE, "who bought", "who did not buy")):  # fmt: skip
        if name.startswith(prefix):
            return _since_words(name.removeprefix(prefix), above, up_to, did, did_not)
    if name == "days_since_order":
        return _since_words("anything", above, up_to, "who bought", "who did not buy")
    if name == "month":
        return f"in {MONTHS[int(above or 0)]} to {MONTHS[min(int(up_to or 12), 12) - 1]}"
    if name == "age":
        return "aged " + _between(above, up_to, np.floor(above or 0) + 1, "over", "up to")
    start = STARTS.get(name, f"with {name.replace('_', ' ')}")
    return f"{start} {_between(above, up_to, above, 'above', 'up to')}"


def _text_words(column: str, level: str, yes: bool) -> str:
    if column == "last_category":
        return f"whose last purchase was {'' if yes else 'not '}{level}"
    return f"{'' if yes else 'not '}of {column} {level}"


def _times_words(category: str, above: float | None, up_to: float | None) -> str:
    least, most = int(above + 1) if above is not None else 0, int(up_to) if up_to is not None else None
    if most is None:
        return f"who bought {category}" + (f" at least {least} times" if least > 1 else "")
    if most == 0:
        return f"who never bought {category}"
    return f"who bought {category} {least} to {most} times" if least else f"who bought {category} at most {most} times"


def _since_words(what: str, above: float | None, up_to: float | None, did: str, did_not: str) -> str:
    ever = up_to is not None and up_to >= NEVER / 2
    if above is None:
        return f"{did} {what} before" if ever else f"{did} {what} in the last {up_to:.0f} days"
    if up_to is None:
        return f"{did_not} {what} before" if above >= NEVER / 2 else f"{did_not} {what} in the last {above:.0f} days"
    return f"{did} {what} last {f'over {above:.0f}' if ever else f'{above:.0f} to {up_to:.0f}'} days ago"


def _between(above: float | None, up_to: float | None, least: Any, over: str, most: str) -> str:
    if above is None:
        return f"{most} {up_to:,.0f}"
    return f"{over} {above:,.0f}" if up_to is None else f"{least:,.0f} to {up_to:,.0f}"


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.02 or share == 0 else f"{100 * share:.1f} %"


def _subject(column: str) -> str:
    return next(column.removeprefix(prefix) for prefix in (ASKED, DAYS_SINCE, BOUGHT) if column.startswith(prefix))


def _listed(words: Sequence[str], last: str) -> str:
    return f" {last} ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
