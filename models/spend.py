"""What a customer will spend: for one piece in a category, or in one order, with an interval."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.exceptions import NotFittedError
from sklearn.linear_model import RidgeCV
from sklearn.model_selection import GroupKFold, cross_val_predict
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from models.preparation.customer_features import ASKED, BOUGHT, DAYS_SINCE, HABIT, LATELY, PROFILE, TrainingRows
from models.preparation.encoding import NothingToLearnFrom, Pieces, Rows, TableEncoder

CATEGORY, YEARS_AGO = "category", "years_ago"
LEAST = 0.1  # of the usual spend: nothing below is expected, however far a line reaches
FEWEST_ROWS = 30
OWN_QUANTILES = 60  # rows from which a category's interval is its own
FOLDS = 5
MOST_COLUMNS = 400  # beyond this many, columns are not let act together
BY_ITEM = tuple(name for name in (*PROFILE, *HABIT) if name not in ("last_category", "days_since_order"))
SHAPES = {"line": (0, False), "bent": (6, False), "together": (4, True)}
ALPHAS = np.logspace(-1, 5, 13)


class Spend(NamedTuple):
    """Arrays of the same shape: the middle `coverage` of what is spent lies between `low` and `high`."""

    low: np.ndarray
    expected: np.ndarray
    high: np.ndarray


@dataclass(frozen=True, slots=True)
class Effect:
    """How much more is spent, as a share of the usual, for a step of a number or for a value of a text column."""

    column: str
    change: float  # 0.07: 7 % of the usual spend more
    step: float | None = None  # of a number, in its own unit; None for a text
    level: str | None = None
    doubling: bool = False  # the step is "twice as much"

    def sentence(self) -> str:
        name = self.column.replace("_", " ")
        if self.column.startswith(LATELY):
            name = f"purchases of {name.removeprefix(LATELY)} lately"
        if self.level is not None:
            what = f"{name} {self.level}"
        elif self.doubling:
            what = f"twice the {name}"
        else:
            what = f"each further {self.step:,g} of {name}"
        return f"{what}: {100 * self.change:+.1f} %"


class SpendRegressor(RegressorMixin, BaseEstimator):
    """Regularised linear regression of spend, as a multiple of what is usual (in the category, when there is one).

    Ridge regression; its strength is chosen by leave-one-out. Whether lines may bend and columns act together is chosen
    by cross-validation over whole groups: the simplest shape whose error is at most a share `worth` above the best's.
    Intervals are quantiles of the ratio of spend to prediction on rows left out, by category where there are enough.

    Parameters: `coverage` of the intervals; `shape`, one of `SHAPES` or "auto"; `worth`; `seed` of the folds.
    Attributes: `usual_` (category -> mean spend), `overall_`, `shape_`, `shape_errors_` (shape -> mean squared error,
    relative), `encoder_`, `model_`, `ratios_` (category -> low and high multiple of the expected).

    >>> rows = pd.DataFrame({"income": [20_000.0, 40_000.0, 60_000.0, 80_000.0] * 20})
    >>> model = SpendRegressor(shape="line").fit(rows, rows["income"] / 1000)
    >>> float(model.predict(pd.DataFrame({"income": [50_000.0]})).round())
    50.0
    """

    def __init__(self, coverage: float = 0.8, shape: str = "auto", worth: float = 0.05, seed: int = 0) -> None:
        self.coverage = coverage
        self.shape = shape
        self.worth = worth
        self.seed = seed

    def fit(self, rows: pd.DataFrame, spend: Any, groups: Any = None) -> Self:
        """`rows` may have a column `category`; rows of one group (a customer) are never on both sides of a fold.

        Raises NothingToLearnFrom with fewer than 30 rows, or when nothing is spent.
        """
        spend = np.asarray(spend, float)
        if len(rows) < FEWEST_ROWS or not (spend > 0).any():
            raise NothingToLearnFrom(f"{len(rows)} purchases with a price, and at least {FEWEST_ROWS} are needed")
        category = rows[CATEGORY].to_numpy() if CATEGORY in rows else None
        self.overall_ = float(spend.mean())
        self.usual_ = pd.Series(spend).groupby(category).mean().to_dict() if category is not None else {}
        level = spend / self._usual(category, len(rows))
        self.encoder_ = TableEncoder(defaults={YEARS_AGO: 0.0})
        table = rows.drop(columns=CATEGORY, errors="ignore")
        matrix = self.encoder_.fit(table).transform(table)
        left_out = self._choose_shape(matrix, level, np.arange(len(rows)) if groups is None else np.asarray(groups))
        self.model_ = self._pipeline(self.shape_).fit(matrix, level)
        self.ratios_ = self._quantiles(level / np.maximum(left_out, LEAST), category)
        self._prepared = self._by_category(self.categories_)
        self._sample = table.sample(min(len(table), 500), random_state=self.seed)
        return self

    def predict(self, rows: Rows) -> np.ndarray:
        """The expected spend of each row, in its own `category` when the model knows categories."""
        if not self.usual_:
            return self.overall_ * self.levels(rows)
        return self.levels(rows) * self._usual(rows[CATEGORY].to_numpy(), len(rows))

    def interval(self, rows: pd.DataFrame) -> Spend:
        """Like `predict`, with the interval."""
        expected = self.predict(rows)
        ratios = self._ratios(rows[CATEGORY] if self.usual_ else [None] * len(rows))
        return Spend(expected * ratios[:, 0], expected, expected * ratios[:, 1])

    def expected_price(self, rows: Rows, categories: str | Sequence[str] | None = None) -> Spend:
        """What each customer will pay for one piece: arrays of customers x categories.

        `rows` is a table of features or a single row; `categories` are all that were learned, sorted, by default. One
        never seen is taken for the mean of all.
        """
        if categories is None:
            usual, ratios = self._prepared
        else:
            usual, ratios = self._by_category([categories] if isinstance(categories, str) else categories)
        expected = self.levels(rows)[:, None] * usual
        return Spend(expected * ratios[:, 0], expected, expected * ratios[:, 1])

    @property
    def categories_(self) -> list[str]:
        """The categories learned, sorted."""
        return list(self.usual_)

    def levels(self, rows: Rows) -> np.ndarray:
        """Each row's spend as a multiple of the usual: 1.2 spends a fifth more."""
        if not hasattr(self, "model_"):
            raise NotFittedError("fit comes first")
        matrix = self.encoder_.encode(rows)
        pieces, scaler, ridge = (step for _, step in self.model_.steps)
        # By hand: the library's checks of a single row take longer than all the rest.
        scaled = (pieces.expand(matrix) - scaler.mean_) / scaler.scale_
        return np.maximum(scaled @ ridge.coef_ + ridge.intercept_, LEAST)

    def effects(self) -> list[Effect]:
        """What makes a difference, the largest first, all else the same, on the mean of rows learned from.

        A text's value is compared with the mean of all. Where columns act together, the mean runs over combinations
        that may hardly occur: read the effects of a straight line then.
        """
        base = self.levels(self._sample).mean()
        found = []
        for term in self.encoder_.terms_:
            if term.unknown:
                continue
            change = float(self.levels(self._moved(term)).mean() - base)
            step = None if term.level is not None or term.logarithm else _step(term.scale)
            found.append(Effect(term.column, change, step, term.level, term.logarithm))
        return sorted((one for one in found if abs(one.change) >= 0.001), key=lambda one: -abs(one.change))

    def _moved(self, term: Any) -> pd.DataFrame:
        if term.level is not None:
            return self._sample.assign(**{term.column: term.level})
        values = self._sample[term.column]
        return self._sample.assign(**{term.column: 2 * values + 1 if term.logarithm else values + _step(term.scale)})

    def _choose_shape(self, matrix: np.ndarray, level: np.ndarray, groups: np.ndarray) -> np.ndarray:
        """Sets `shape_`; returns its predictions of rows left out."""
        if len(np.unique(groups)) < 2:
            raise NothingToLearnFrom("all purchases are of one customer, and at least two are needed")
        folds = GroupKFold(min(FOLDS, len(np.unique(groups))), shuffle=True, random_state=self.seed)
        tried: dict[str, np.ndarray] = {}
        for name in SHAPES if self.shape == "auto" else [self.shape]:
            pipeline = self._pipeline(name)
            if self.shape == "auto" and pipeline[0].fit(matrix).transform(matrix[:1]).shape[1] > MOST_COLUMNS:
                continue
            tried[name] = cross_val_predict(pipeline, matrix, level, groups=groups, cv=folds)
        errors = {name: (level - predicted) ** 2 for name, predicted in tried.items()}
        self.shape_errors_ = {name: float(error.mean()) for name, error in errors.items()}
        enough = min(self.shape_errors_.values()) * (1 + self.worth)
        self.shape_ = next(name for name in errors if self.shape_errors_[name] <= enough)
        return tried[self.shape_]

    def _pipeline(self, shape: str) -> Pipeline:
        knots, pairs = SHAPES[shape]
        return make_pipeline(Pieces(knots, pairs, self.encoder_.terms_), StandardScaler(), RidgeCV(ALPHAS))

    def _usual(self, category: np.ndarray | None, count: int) -> np.ndarray:
        if category is None:
            return np.full(count, self.overall_)
        return np.array([self.usual_.get(name, self.overall_) for name in category])

    def _by_category(self, names: Sequence[str]) -> tuple[np.ndarray, np.ndarray]:
        return np.array([self.usual_.get(name, self.overall_) for name in names]), self._ratios(names)

    def _quantiles(self, ratio: np.ndarray, category: np.ndarray | None) -> dict[str | None, np.ndarray]:
        """Conformal: so that a further row of as many would lie inside with the wanted chance."""
        of = {None: _middle(ratio, self.coverage)}
        for name in self.usual_:
            mine = ratio[category == name]
            if len(mine) >= OWN_QUANTILES:
                of[name] = _middle(mine, self.coverage)
        return of

    def _ratios(self, categories: Sequence[str | None]) -> np.ndarray:
        return np.array([self.ratios_.get(name, self.ratios_[None]) for name in categories]).reshape(-1, 2)


def spend_rows(rows: TrainingRows, lines: pd.DataFrame | None = None) -> tuple[pd.DataFrame, pd.Series, pd.Series]:
    """What a SpendRegressor learns from: (rows, spend, customer of each), by order or, with `lines`, by line.

    By line there is a `category`, and the spend is the price of one piece: it hangs on who the customer is and how dear
    they have bought. What an order comes to hangs on what they bought lately, too.
    """
    at = rows.orders["placed_at"]
    known = rows.features.assign(**{YEARS_AGO: (at.max() - at).dt.days / 365.25})
    if lines is None:
        known = known[[name for name in known if not name.startswith((BOUGHT, DAYS_SINCE, ASKED))]]
        return known, rows.orders["total"], rows.orders["customer_id"]
    known = known[[*BY_ITEM, YEARS_AGO]]
    mine = lines[lines["order_id"].isin(known.index)]
    by_line = known.loc[mine["order_id"]].set_index(mine.index).assign(**{CATEGORY: mine["category"]})
    return by_line, mine["unit_price"], mine["customer_id"]


def _middle(ratio: np.ndarray, coverage: float) -> np.ndarray:
    tail = (1 - coverage) / 2 * len(ratio) / (len(ratio) + 1)
    return np.quantile(ratio, [tail, 1 - tail])


def _step(scale: float) -> float:
    """A round step of about the spread of a number: 10,000 of income, 10 years of age."""
    size = 10.0 ** np.floor(np.log10(scale))
    return float(size if scale < 5 * size else 5 * size)
