"""The chance that an item is in the next basket: boosted trees rank, and a logistic curve makes chances of it."""

from __future__ import annotations

from functools import cache

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from threadpoolctl import ThreadpoolController

from models.baskets.compiled_trees import CompiledTrees
from models.baskets.pair_features import LOG_TIMES
from models.baskets.training import Sampling, TrainingPairs

HELD_OUT = 0.2  # of the questions, for the curve
SAMPLE = 20_000  # rows that quantiles are taken from
TEMPERED = 0.5
SIZE_POWER = 0.8  # of the size of a basket, that the weight of its pairs is divided by
BEND = 0.9  # quantile of the scores of what was bought: the highest scores promise too much, the curve is flatter there
FEWEST_POSITIVES = 100  # held out; with fewer the curve is fitted to all


class Bins:
    """Numbers as the rank of their quantile; NaN counts as the largest.

    The trees could do this themselves, but take far longer for it when rows have weights.
    """

    def __init__(self, features: np.ndarray, most: int = 60) -> None:
        self.most = most
        quantiles = np.linspace(0, 1, most)[1:-1]
        self._edges = [np.unique(np.quantile(_finite(column), quantiles)) for column in features.T]

    def codes(self, features: np.ndarray) -> np.ndarray:
        """Whole numbers from 0 to below `most`."""
        codes = np.empty(features.shape, np.uint8, order="F")
        for place, edges in enumerate(self._edges):
            codes[:, place] = edges.searchsorted(features[:, place])
        return codes


class PropensityModel:
    """Boosted trees on pair features, calibrated on questions that they have not seen.

    Pairs of small baskets count for more when the trees are trained, as what a customer buys who buys two things is
    as much wanted as what one buys who buys fifty; the curve is fitted with true weights, so chances stay chances.

    Weights of pairs that stand for many left out make noisy trees. The trees see a part of them, their power TEMPERED;
    what this puts wrong is known from the sampling and is set right in the scores.
    """

    def __init__(self, trees: int = 60, leaves: int = 15, learning_rate: float = 0.12, seed: int = 0) -> None:
        self.trees, self.leaves, self.learning_rate, self.seed = trees, leaves, learning_rate, seed

    def fit(self, pairs: TrainingPairs) -> PropensityModel:
        """Needs pairs that were bought and pairs that were not."""
        rng = np.random.default_rng(self.seed)
        held_out = rng.random(pairs.question.max() + 1) < HELD_OUT
        curve = held_out[pairs.question]
        learn = ~curve
        if min(pairs.bought[curve].sum(), pairs.bought[learn].sum()) < FEWEST_POSITIVES:
            curve = learn = np.ones(len(curve), bool)
        trees = HistGradientBoostingClassifier(
            max_iter=self.trees,
            max_leaf_nodes=self.leaves,
            learning_rate=self.learning_rate,
            min_samples_leaf=int(np.clip(learn.sum() // 200, 3, 60)),
            l2_regularization=5.0,
            max_bins=100,  # more than Bins makes
            early_stopping=False,
            random_state=self.seed,
        )
        typical = rng.choice(len(pairs.weight), SAMPLE, p=pairs.weight / pairs.weight.sum())
        self.bins_ = Bins(pairs.features[typical])
        codes = self.bins_.codes(pairs.features)
        weight = pairs.weight**TEMPERED / pairs.basket_size**SIZE_POWER
        weight /= weight[learn].mean()
        with _one_thread():
            trees.fit(codes[learn].astype(np.float32), pairs.bought[learn], sample_weight=weight[learn])
        self.trees_ = CompiledTrees(trees, self.bins_.most)
        self.sampling_: Sampling = pairs.sampling
        scores = self._scores(pairs.features[curve], codes[curve])
        self._fit_curve(scores, pairs.bought[curve], pairs.weight[curve])
        return self

    def predict(self, features: np.ndarray) -> np.ndarray:
        if not len(features):
            return np.zeros(0)
        scores = self._scores(features, self.bins_.codes(features))
        return 1.0 / (1.0 + np.exp(-(self._bent(scores) @ self.curve_.coef_[0] + self.curve_.intercept_[0])))

    def _fit_curve(self, scores: np.ndarray, bought: np.ndarray, weight: np.ndarray) -> None:
        self.bend_ = np.quantile(scores[bought], BEND)
        self.curve_ = LogisticRegression().fit(self._bent(scores), bought, sample_weight=weight)
        if self.curve_.coef_.sum() <= 0:  # the best would no longer come first: no bend, then
            self.bend_ = np.inf
            self.curve_ = LogisticRegression().fit(self._bent(scores), bought, sample_weight=weight)

    def _bent(self, scores: np.ndarray) -> np.ndarray:
        return np.column_stack([scores, np.maximum(scores - self.bend_, 0)])

    def _scores(self, features: np.ndarray, codes: np.ndarray) -> np.ndarray:
        left_out = np.log(self.sampling_.chance(np.exp(features[:, LOG_TIMES])))
        return self.trees_.decision_function(codes) + (1 - TEMPERED) * left_out


def _finite(column: np.ndarray) -> np.ndarray:
    known = column[~np.isnan(column)]
    return known if len(known) else np.zeros(1, column.dtype)


@cache
def _threads() -> ThreadpoolController:
    return ThreadpoolController()


def _one_thread():
    """The trees are small: where others want the cores, threads that wait for each other cost more than they bring."""
    return _threads().limit(limits=1, user_api="openmp")
