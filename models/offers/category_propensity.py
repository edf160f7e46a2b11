"""How likely a customer is to buy from each category in the weeks to come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

import numpy as np
import pandas as pd
from joblib import Parallel, delayed
from sklearn.base import BaseEstimator
from sklearn.linear_model import LogisticRegression
from sklearn.utils.validation import check_is_fitted

from models.offers.encoding import HabitEncoder
from models.preparation.customer_features import categories_of, features_at

MOST_NUMBERS = 20_000_000  # rows x columns to learn from: beyond it more rows cost time and teach little
FEWEST_BUYERS = 10  # rows with a purchase, below which a category's base rate is all there is to say


class CategoryPropensity(BaseEstimator):
    """One logistic regression for each category, over habit, profile and season, learned from many past moments.

    A row is a customer at a moment; its target is whether the category was bought in the `horizon` days after it. The
    moments go back from the newest that has a whole horizon after it, so nothing of the future is in a row.

    Parameters
    ----------
    horizon : int
        Days to look ahead.
    moments : int
        How many moments, `spacing` days apart.
    C : float
        Inverse strength of the regularisation (features are standardised).
    most_numbers : int
        Rows x columns to learn from at most; a random part of the rows is taken beyond it.

    Attributes
    ----------
    categories_ : list of str
        What the columns of `predict_proba` stand for.
    base_rates_ : ndarray of shape (n_categories,)
        The share of rows with a purchase.
    """

    def __init__(
        self,
        horizon: int = 60,
        moments: int = 24,
        spacing: int = 30,
        C: float = 0.01,
        most_numbers: int = MOST_NUMBERS,
        random_state: int = 7,
    ) -> None:
        self.horizon = horizon
        self.moments = moments
        self.spacing = spacing
        self.C = C
        self.most_numbers = most_numbers
        self.random_state = random_state

    def fit(self, lines: pd.DataFrame, customers: pd.DataFrame, now: datetime) -> Self:
        """Learn from the order lines before `now` (tables as in `SalesFrames`)."""
        lines = lines[lines["placed_at"] < now]
        self.categories_ = categories_of(lines)
        ids, at = self._rows(lines, customers, now)
        features = features_at(lines, customers, ids, at, self.categories_)
        features["month"] = self._season(features["month"])
        self.encoder_ = HabitEncoder().fit(features)
        self._learn(self.encoder_.transform(features), self._targets(lines, ids, at))
        return self

    def predict_proba(self, features: pd.DataFrame) -> np.ndarray:
        """Probabilities (rows, categories) from rows of `customer_features` that know `categories_`."""
        check_is_fitted(self)
        numbers = self.encoder_.transform(features.assign(month=self._season(features["month"])))
        return 1 / (1 + np.exp(-(numbers @ self.coef_.T + self.intercept_)))

    def _learn(self, numbers: np.ndarray, targets: np.ndarray) -> None:
        self.base_rates_ = (targets.sum(axis=0) + 0.5) / (len(targets) + 1)
        self.coef_ = np.zeros((targets.shape[1], numbers.shape[1]), dtype=np.float32)
        self.intercept_ = np.log(self.base_rates_ / (1 - self.base_rates_))
        buyers = targets.sum(axis=0)
        bought = np.flatnonzero(np.minimum(buyers, len(targets) - buyers) >= FEWEST_BUYERS)
        fitting = (delayed(self._fitted)(numbers, targets[:, column]) for column in bought)
        for column, model in zip(bought, Parallel(n_jobs=-1, prefer="threads")(fitting), strict=True):
            self.coef_[column], self.intercept_[column] = model.coef_[0], model.intercept_[0]

    def _fitted(self, numbers: np.ndarray, bought: np.ndarray) -> LogisticRegression:
        return LogisticRegression(C=self.C, tol=1e-3, max_iter=300).fit(numbers, bought)

    def _rows(self, lines: pd.DataFrame, customers: pd.DataFrame, now: datetime) -> tuple[np.ndarray, np.ndarray]:
        """Pairs of a customer and a moment (microseconds), of customers who were known by then."""
        newest = pd.Timestamp(now).tz_convert(None) - timedelta(days=self.horizon)
        oldest = lines["placed_at"].min().tz_convert(None) if len(lines) else newest
        stamps = [newest - timedelta(days=self.spacing * step) for step in range(self.moments)]
        stamps = [stamp for stamp in stamps if stamp > oldest] or [newest]
        came = customers["created_at"].dt.tz_convert(None)
        first = lines.groupby("customer_id")["placed_at"].min().dt.tz_convert(None).reindex(customers.index)
        known = pd.concat([came, first], axis=1).min(axis=1).to_numpy("datetime64[us]")  # imports give one date for all
        stamp = np.array(stamps, dtype="datetime64[us]")
        customer, moment = np.nonzero(known[:, None] < stamp[None, :])
        columns = 7 * len(self.categories_) + 40
        most = max(self.most_numbers // columns, 1000)
        if len(customer) > most:
            chosen = np.random.default_rng(self.random_state).choice(len(customer), most, replace=False)
            customer, moment = customer[chosen], moment[chosen]
        return customers.index.to_numpy()[customer], stamp[moment].astype("int64")

    def _targets(self, lines: pd.DataFrame, ids: np.ndarray, at: np.ndarray) -> np.ndarray:
        """Whether each category was bought by the row's customer in the horizon after its moment."""
        column = pd.Index(self.categories_).get_indexer(lines["category"])
        bought = np.zeros((len(ids), len(self.categories_)), dtype=bool)
        when = lines["placed_at"].dt.tz_convert(None).to_numpy("datetime64[us]").astype("int64")
        horizon = self.horizon * 86_400_000_000
        for moment in np.unique(at):
            rows = np.flatnonzero(at == moment)
            ahead = (when >= moment) & (when < moment + horizon) & (column >= 0)
            place = pd.Index(ids[rows]).get_indexer(lines["customer_id"].to_numpy()[ahead])
            bought[rows[place[place >= 0]], column[ahead][place >= 0]] = True
        return bought

    def _season(self, month: pd.Series) -> pd.Series:
        """The month in the middle of the horizon."""
        return (month - 1 + self.horizon / 2 / 30.44) % 12 + 1
