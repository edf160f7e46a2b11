"""Boosted trees as tables of bits: the same scores, for a few rows in a fraction of the time."""

from __future__ import annotations

import numpy as np
from sklearn.ensemble import HistGradientBoostingClassifier

MOST_LEAVES = 16  # of a tree: one bit each
BLOCK = 4096  # rows at a time: bounds the memory
WORDS = np.arange(1, 1 << MOST_LEAVES)
LOWEST_BIT = np.append(0, np.log2(WORDS & -WORDS)).astype(np.uint8)  # of each word, the number of it


class CompiledTrees:
    """Scores rows of codes (whole numbers from 0 to below `n_codes`, none missing) as `decision_function` would.

    Leaves of a tree are bits, the leftmost the lowest. Each code of each feature leaves some of them possible; the
    lowest bit that all features leave is the leaf reached. The method is QuickScorer's (Lucchese et al., 2015).
    """

    def __init__(self, trees: HistGradientBoostingClassifier, n_codes: int) -> None:
        # scikit-learn has no public way to read its trees; a test compares the scores.
        nodes = [predictor.nodes for [predictor] in trees._predictors]
        if max(tree["is_leaf"].sum() for tree in nodes) > MOST_LEAVES:
            raise ValueError(f"Only trees of up to {MOST_LEAVES} leaves can be compiled.")
        self._base = float(trees._baseline_prediction.ravel()[0])
        self._left = np.full((trees.n_features_in_, n_codes, len(nodes)), 0xFFFF, np.uint16)
        self._values = np.zeros((len(nodes), MOST_LEAVES))
        for place, tree in enumerate(nodes):
            self._add(place, tree, 0, 0)
        self._used = np.flatnonzero((self._left != 0xFFFF).any(axis=(1, 2)))
        self._first_of = np.arange(len(nodes)) * MOST_LEAVES

    def decision_function(self, codes: np.ndarray) -> np.ndarray:
        parts = [self._scores(codes[start : start + BLOCK]) for start in range(0, len(codes), BLOCK)]
        return np.concatenate(parts) if parts else np.zeros(0)

    def _scores(self, codes: np.ndarray) -> np.ndarray:
        possible = np.full((len(codes), len(self._first_of)), 0xFFFF, np.uint16)
        for feature in self._used:
            possible &= self._left[feature].take(codes[:, feature], axis=0)
        return self._base + self._values.take(LOWEST_BIT.take(possible) + self._first_of).sum(axis=1)

    def _add(self, place: int, tree: np.ndarray, node: int, leaf: int) -> int:
        """Notes the leaves under a node, which are numbered from `leaf` on; returns the number after the last."""
        at = tree[node]
        if at["is_leaf"]:
            self._values[place, leaf] = at["value"]
            return leaf + 1
        middle = self._add(place, tree, at["left"], leaf)
        lefts = (1 << middle) - (1 << leaf)
        above = np.arange(self._left.shape[1]) > at["num_threshold"]
        self._left[at["feature_idx"], above, place] &= np.uint16(0xFFFF & ~lefts)
        return self._add(place, tree, at["right"], middle)
