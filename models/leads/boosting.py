"""Boosted trees that never score a row they have learned from."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.metrics import log_loss
from sklearn.utils.validation import check_is_fitted
from threadpoolctl import threadpool_limits

FEW_ROWS = 2500
Folds = Sequence[tuple[NDArray[np.int64], NDArray[np.int64]]]


class CrossFittedTrees(ClassifierMixin, BaseEstimator):
    """One boosted model for each fold, all grown together until the rows they have not seen gain no more.

    The score of a new row is the mean of the models' log odds; `unseen_` holds for each training row what the models
    that did not learn from it say, so that the score can be calibrated without a further split.

    Parameters
    ----------
    categorical : (k,) whether each feature holds places of values; up to 255 of them.
    step, most : trees added at a time (three times as many to few rows), and at most.
    patience : steps without a gain after which it ends.
    gain : least fall of the log loss that counts.

    Attributes
    ----------
    models_ : the models, one a fold.
    unseen_ : (n,) log odds of the training rows by models that have not seen them.
    trees_ : trees in each model.
    """

    def __init__(
        self,
        categorical: ArrayLike | None = None,
        learning_rate: float = 0.08,
        max_leaf_nodes: int = 20,
        l2_regularization: float = 20.0,
        max_features: float = 0.4,
        step: int = 25,
        most: int = 500,
        patience: int = 2,
        gain: float = 1e-5,
        seed: int = 0,
    ) -> None:
        self.categorical = categorical
        self.learning_rate = learning_rate
        self.max_leaf_nodes = max_leaf_nodes
        self.l2_regularization = l2_regularization
        self.max_features = max_features
        self.step = step
        self.most = most
        self.patience = patience
        self.gain = gain
        self.seed = seed

    def fit(self, features: NDArray[np.float64], y: NDArray[np.int64], folds: Folds) -> CrossFittedTrees:
        self.classes_ = np.array([0, 1])
        self.models_ = [self._model(len(features), number) for number, _ in enumerate(folds)]
        # Every step begins with work of its own, which is most of it where there are few rows: take long ones.
        step, patience = (3 * self.step, 0) if len(y) < FEW_ROWS else (self.step, self.patience)
        best, waited, self.trees_ = np.inf, 0, 0
        while self.trees_ < self.most and waited <= patience:
            self.trees_ += step
            with threadpool_limits(
                1, user_api="openmp"
            ):  # threads that wait for a busy core cost far more than they save
                self.unseen_ = self._grow(features, y, folds)
            loss = log_loss(y, 1 / (1 + np.exp(-self.unseen_)))
            waited = 0 if loss < best - self.gain else waited + 1
            best = min(best, loss)
        return self

    def _grow(self, features: NDArray[np.float64], y: NDArray[np.int64], folds: Folds) -> NDArray[np.float64]:
        unseen = np.zeros(len(features))
        for model, (seen, left_out) in zip(self.models_, folds, strict=True):
            model.set_params(max_iter=self.trees_).fit(features[seen], y[seen])
            unseen[left_out] = model.decision_function(features[left_out])
        return unseen

    def decision_function(self, features: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n,) log odds, not calibrated yet."""
        check_is_fitted(self, "models_")
        with threadpool_limits(1, user_api="openmp"):
            return np.mean([model.decision_function(features) for model in self.models_], axis=0)

    def _model(self, rows: int, number: int) -> HistGradientBoostingClassifier:
        return HistGradientBoostingClassifier(
            learning_rate=self.learning_rate,
            max_leaf_nodes=int(np.clip(rows // 500, 4, self.max_leaf_nodes)),  # few rows bear only small trees
            l2_regularization=self.l2_regularization,
            max_features=self.max_features,
            min_samples_leaf=int(np.clip(rows // 100, 5, 30)),
            categorical_features=self.categorical,
            early_stopping=False,
            warm_start=True,
            random_state=self.seed + number,
        )
