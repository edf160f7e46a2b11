"""A sum of one curve for each column, fitted by logistic regression on bins: it learns well from few rows."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import sparse
from sklearn.base import BaseEstimator, ClassifierMixin, TransformerMixin
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import log_loss
from sklearn.utils.validation import check_is_fitted

from models.leads.boosting import Folds


class BinEncoder(TransformerMixin, BaseEstimator):
    """The place of the bin that each value falls into, in one long row of all bins of all features, unknown included.

    Attributes
    ----------
    edges_ : inner edges of the bins of each feature; a category has one between every two places.
    offsets_ : (k + 1,) place of the first bin of each feature, and the number of all bins.
    """

    def __init__(self, categorical: NDArray[np.bool_], bins: int = 10) -> None:
        self.categorical = categorical
        self.bins = bins

    def fit(self, features: NDArray[np.float64], y: object = None) -> BinEncoder:
        self.edges_ = [
            self._edges(column[~np.isnan(column)], is_category)
            for column, is_category in zip(features.T, self.categorical, strict=True)
        ]
        self.offsets_ = np.cumsum([0, *(len(edges) + 2 for edges in self.edges_)])
        return self

    def transform(self, features: NDArray[np.float64]) -> NDArray[np.int64]:
        """(n, k) places."""
        check_is_fitted(self, "edges_")
        places = np.empty(features.shape, dtype=np.int64)
        for number, (edges, column) in enumerate(zip(self.edges_, features.T, strict=True)):
            bins = np.searchsorted(edges, column, side="right")
            places[:, number] = self.offsets_[number] + np.where(np.isnan(column), len(edges) + 1, bins)
        return places

    def _edges(self, values: NDArray[np.float64], is_category: bool) -> NDArray[np.float64]:
        if not len(values):
            return np.array([])
        if is_category or len(np.unique(values)) <= self.bins:
            return np.unique(values)[1:]
        return np.unique(np.quantile(values, np.linspace(0, 1, self.bins + 1)[1:-1]))


class CrossFittedCurves(ClassifierMixin, BaseEstimator):
    """One additive model for each fold, as strongly held back as suits the rows they have not seen.

    A number counts by its bin and along a straight line, so that few rows are enough to see a trend.

    Attributes
    ----------
    encoder_ : the fitted BinEncoder; `strength_` the C chosen.
    levels_, slopes_, intercept_ : the mean of the folds' coefficients of the bins and of the lines.
    unseen_ : (n,) log odds of the training rows by models that have not seen them.
    """

    def __init__(
        self,
        categorical: NDArray[np.bool_],
        strengths: tuple[float, ...] = (0.003, 0.01, 0.05, 0.3),
        bins: int = 10,
    ) -> None:
        self.categorical = categorical
        self.strengths = strengths
        self.bins = bins

    def fit(self, features: NDArray[np.float64], y: NDArray[np.int64], folds: Folds) -> CrossFittedCurves:
        self.classes_ = np.array([0, 1])
        self.encoder_ = BinEncoder(self.categorical, self.bins).fit(features)
        self._measure_lines(features)
        places = self.encoder_.transform(features)
        cells = (np.ones(places.size), places.ravel(), np.arange(0, places.size + 1, places.shape[1]))
        bins = sparse.csr_array(cells, shape=(len(features), self.encoder_.offsets_[-1]))
        design = sparse.csr_array(sparse.hstack([bins, sparse.csr_array(self._lines(features))]))
        best = np.inf
        for strength in self.strengths:
            models, unseen = _crossfit(design, y, folds, strength)
            loss = log_loss(y, 1 / (1 + np.exp(-unseen)))
            if loss < best:
                best, self.unseen_, self.strength_, chosen = loss, unseen, strength, models
        coefficients = np.mean([model.coef_[0] for model in chosen], axis=0)
        self.levels_, self.slopes_ = np.split(coefficients, [self.encoder_.offsets_[-1]])
        self.intercept_ = float(np.mean([model.intercept_[0] for model in chosen]))
        return self

    def decision_function(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) log odds, not calibrated yet."""
        check_is_fitted(self, "levels_")
        bins = self.levels_[self.encoder_.transform(features)].sum(axis=1)
        return bins + self._lines(features) @ self.slopes_ + self.intercept_

    def _measure_lines(self, features: NDArray[np.float64]) -> None:
        known = np.ma.masked_invalid(features[:, ~np.asarray(self.categorical)])
        self.means_ = np.ma.filled(known.mean(axis=0), 0.0)
        spread = np.ma.filled(known.std(axis=0), 1.0)
        self.spreads_ = np.where(spread > 0, spread, 1.0)

    def _lines(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """Numbers in standard deviations from their mean, at most three, 0 where unknown."""
        numbers = features[:, ~np.asarray(self.categorical)]
        return np.nan_to_num(np.clip((numbers - self.means_) / self.spreads_, -3, 3), nan=0.0)


def _crossfit(
    design: sparse.csr_array, y: NDArray[np.int64], folds: Folds, strength: float
) -> tuple[list[LogisticRegression], NDArray[np.float64]]:
    models, unseen = [], np.zeros(design.shape[0])
    for seen, left_out in folds:
        model = LogisticRegression(C=strength, max_iter=2000, tol=1e-3).fit(design[seen], y[seen])
        unseen[left_out] = model.decision_function(design[left_out])
        models.append(model)
    return models, unseen
