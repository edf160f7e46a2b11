"""Turns scores into chances that come true as often as they say."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize
from scipy.special import expit, logit
from sklearn.base import BaseEstimator
from sklearn.isotonic import IsotonicRegression
from sklearn.utils.validation import check_is_fitted

FEWEST_OF_EACH = 1000  # rows of either outcome; with fewer, the steps learned from them are noise


class ScoreBlend(BaseEstimator):
    """A weighted sum of several log odds plus a constant, fitted by logistic regression with no weight below zero.

    Attributes
    ----------
    weights_, intercept_ : (k,) array and float.
    """

    def fit(self, scores: NDArray[np.float64], y: NDArray[np.int64]) -> ScoreBlend:
        """`scores` (n, k) are those of rows that their models have not seen."""
        sign = 1.0 - 2.0 * y

        def loss(parameters: NDArray[np.float64]) -> tuple[float, NDArray[np.float64]]:
            margin = sign * (scores @ parameters[:-1] + parameters[-1])
            slope = expit(margin) * sign / len(y)
            return float(np.logaddexp(0, margin).mean()), np.append(scores.T @ slope, slope.sum())

        count = scores.shape[1]
        start = np.append(np.full(count, 1 / count), 0.0)
        found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, None)] * count + [(None, None)])
        self.weights_, self.intercept_ = found.x[:-1], float(found.x[-1])
        return self

    def decision_function(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        check_is_fitted(self, "weights_")
        return scores @ self.weights_ + self.intercept_


class CentredIsotonic(BaseEstimator):
    """Isotonic regression joined up between the centres of its steps, in log odds: rising everywhere, without ties.

    See Oron and Flournoy, "Centered isotonic regression" (2017). Beyond the outermost steps it rises as the score does.

    Attributes
    ----------
    centres_, values_ : (k,) scores and the log odds there, both rising.
    """

    def fit(self, scores: NDArray[np.float64], y: NDArray[np.int64]) -> CentredIsotonic:
        order = np.argsort(scores, kind="stable")
        steps = IsotonicRegression().fit_transform(scores[order], y[order])
        _, starts = np.unique(steps, return_index=True)
        # Outermost steps of 0 or 1, often of a row or two, are no chances: they join their neighbours.
        starts = np.delete(starts, 1) if steps[0] == 0 and len(starts) > 1 else starts
        starts = starts[:-1] if steps[-1] == 1 and len(starts) > 1 else starts
        counts = np.diff(np.append(starts, len(order)))
        shares = np.add.reduceat(y[order].astype(float), starts) / counts
        self.centres_ = np.add.reduceat(scores[order], starts) / counts
        self.values_ = logit(shares)
        return self

    def decision_function(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) calibrated log odds."""
        check_is_fitted(self, "centres_")
        below = np.minimum(scores - self.centres_[0], 0)
        above = np.maximum(scores - self.centres_[-1], 0)
        return np.interp(scores, self.centres_, self.values_) + below + above


class Calibrator(BaseEstimator):
    """Leaves log odds as they are, or bends them by CentredIsotonic where there are rows enough to see a bend.

    Attributes
    ----------
    bend_ : the fitted CentredIsotonic, or None.
    """

    def __init__(self, fewest_of_each: int = FEWEST_OF_EACH) -> None:
        self.fewest_of_each = fewest_of_each

    def fit(self, scores: NDArray[np.float64], y: NDArray[np.int64]) -> Calibrator:
        enough = min(y.sum(), len(y) - y.sum()) >= self.fewest_of_each
        self.bend_ = CentredIsotonic().fit(scores, y) if enough else None
        return self

    def decision_function(self, scores: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) calibrated log odds."""
        return scores if self.bend_ is None else self.bend_.decision_function(scores)
