"""Turns the margins of a support vector machine into probabilities, out of scope included."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize
from scipy.special import logsumexp


@dataclass(frozen=True)
class MarginCalibration:
    """Softmax over margins with one more, constant competitor: "none of these", which counts for `outside`.

    A plain softmax says 0.9 of the least bad class even when all margins are far below zero. Here such a text goes to
    the constant. Both numbers are fitted on margins of examples that the machine had not seen.

    Attributes: `scale` multiplies the margins; `none` is the constant's score; `outside` is the column of the class of
    texts that belong nowhere, None when there is no such class.
    """

    scale: float
    none: float
    outside: int | None

    def probabilities(self, margins: np.ndarray) -> np.ndarray:
        """Returns probabilities, shape (examples, classes); without `outside` the rows may sum to less than one."""
        scores = np.column_stack([self.scale * margins, np.full(len(margins), self.none)])
        shares = np.exp(scores - logsumexp(scores, axis=1, keepdims=True))
        if self.outside is not None:
            shares[:, self.outside] += shares[:, -1]
        return shares[:, :-1]


def fit_calibration(margins: np.ndarray, classes: np.ndarray, outside: int | None) -> MarginCalibration:
    """Fits scale and constant by maximum likelihood.

    `margins` has shape (examples, classes) and comes from held-out folds, `classes` holds the right columns.
    """

    def loss(parameters: np.ndarray) -> float:
        trial = MarginCalibration(float(np.exp(parameters[0])), float(parameters[1]), outside)
        right = trial.probabilities(margins)[np.arange(len(classes)), classes]
        # The small pull keeps the numbers finite when the classes are perfectly apart.
        return float(-np.log(right + 1e-9).mean() + 1e-3 * (parameters**2).sum())

    fitted = minimize(loss, x0=np.array([1.0, -1.0]), method="Nelder-Mead", options={"maxiter": 200})
    return MarginCalibration(float(np.exp(fitted.x[0])), float(fitted.x[1]), outside)
