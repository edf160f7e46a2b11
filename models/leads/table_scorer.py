"""Learns from any table of people who did or did not buy how likely the next ones are to, and why."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray
from scipy.special import expit
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.model_selection import StratifiedKFold
from sklearn.utils.validation import check_is_fitted

from models.leads.additive import CrossFittedCurves
from models.leads.boosting import CrossFittedTrees
from models.leads.calibration import Calibrator, ScoreBlend
from models.leads.columns import TableReader
from models.leads.contributions import contributions
from models.leads.errors import NotEnoughToLearn

FEWEST_OF_EACH = 10  # rows that ended well, and that did not


class TableScorer(ClassifierMixin, BaseEstimator):
    """Calibrated chance of the outcome for each row of a table of any cells, with what each column adds to it.

    Additive curves and boosted trees are fitted on the same folds, and blended by what they say of rows that they have
    not seen; on the same rows the blend is calibrated. What is reported for a row are Shapley values of the calibrated
    log odds, which add up to them.

    Parameters
    ----------
    folds : models fitted, each on all rows but one part of them.
    usual_rows : rows of the training table that contributions are measured from.
    seed : of folds, trees and usual rows.

    Attributes
    ----------
    reader_ : the fitted TableReader; `reader_.dropped_` says which columns are not used and why.
    base_rate_ : share of the training rows with the outcome.
    weights_ : dict of "curves" and "trees" to their weights in the blend.

    Examples
    --------
    >>> table = pd.DataFrame({"source": ["shop", "advert"] * 50, "calls": range(100)})
    >>> scorer = TableScorer().fit(table, [1, 0] * 50)
    >>> bool(scorer.predict_proba(table)[0, 1] > scorer.predict_proba(table)[1, 1])
    True
    """

    def __init__(self, folds: int = 5, usual_rows: int = 12, seed: int = 0) -> None:
        self.folds = folds
        self.usual_rows = usual_rows
        self.seed = seed

    def fit(self, table: pd.DataFrame, y: ArrayLike) -> TableScorer:
        """`y` is 1 where the outcome came; raises NotEnoughToLearn."""
        outcomes = np.asarray(y, dtype=int)
        won, lost = int(outcomes.sum()), int((1 - outcomes).sum())
        if min(won, lost) < FEWEST_OF_EACH:
            raise NotEnoughToLearn(
                f"There is too little to learn from: {won} rows with the outcome and {lost} without;"
                f" at least {FEWEST_OF_EACH} of each are needed."
            )
        self.classes_ = np.array([0, 1])
        self.base_rate_ = won / len(outcomes)
        self.reader_ = TableReader()
        clean = self.reader_.fit(table).transform(table).to_numpy()
        if not self.reader_.columns_:
            raise NotEnoughToLearn("There is nothing to learn from: no column says anything about the rows.")
        self._fit_models(clean, outcomes)
        random = np.random.default_rng(self.seed)
        self.usual_ = clean[random.choice(len(clean), min(self.usual_rows, len(clean)), replace=False)]
        return self

    def _fit_models(self, clean: NDArray[np.float64], y: NDArray[np.int64]) -> None:
        parts = StratifiedKFold(self.folds, shuffle=True, random_state=self.seed)
        folds = list(parts.split(clean, y))
        self.curves_ = CrossFittedCurves(self.reader_.categorical_).fit(clean, y, folds)
        self.trees_ = CrossFittedTrees(self.reader_.categorical_, seed=self.seed).fit(clean, y, folds)
        unseen = np.column_stack([self.curves_.unseen_, self.trees_.unseen_])
        self.blend_ = ScoreBlend().fit(unseen, y)
        self.weights_ = dict(zip(("curves", "trees"), self.blend_.weights_.tolist(), strict=True))
        self.calibrator_ = Calibrator().fit(self.blend_.decision_function(unseen), y)

    def decision_function(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """(n,) calibrated log odds."""
        check_is_fitted(self, "calibrator_")
        return self._log_odds(self.reader_.transform(table).to_numpy())

    def predict_proba(self, table: pd.DataFrame) -> NDArray[np.float64]:
        """(n, 2) chances of the outcome staying away and coming."""
        chances = expit(self.decision_function(table))
        return np.column_stack([1 - chances, chances])

    def contributions(self, table: pd.DataFrame) -> tuple[pd.DataFrame, float]:
        """What each feature adds to the log odds of each row, and the log odds of usual rows that it is added to."""
        check_is_fitted(self, "calibrator_")
        clean = self.reader_.transform(table)
        added, base = contributions(self._log_odds, clean.to_numpy(), self.usual_, seed=self.seed)
        return pd.DataFrame(added, index=clean.index, columns=clean.columns), base

    def _log_odds(self, clean: NDArray[np.float64]) -> NDArray[np.float64]:
        scores = [self.curves_.decision_function(clean), self.trees_.decision_function(clean)]
        return self.calibrator_.decision_function(self.blend_.decision_function(np.column_stack(scores)))
