from __future__ import annotations

import numpy as np
import pytest
from sklearn.ensemble import HistGradientBoostingClassifier

from models.baskets.compiled_trees import BLOCK, CompiledTrees
from models.baskets.propensity import Bins
from models.baskets.training import KEEP_OTHER, Sampling

CODES = 20


def fitted(codes, seed, **settings):
    rng = np.random.default_rng(seed)
    chance = 1 / (1 + np.exp(3 - codes[:, 0] * codes[:, 1] / 40 - np.sin(codes[:, 2])))
    trees = HistGradientBoostingClassifier(max_iter=25, random_state=seed, early_stopping=False, **settings)
    return trees.fit(codes.astype(np.float32), rng.random(len(codes)) < chance)


@pytest.mark.parametrize(("seed", "leaves"), [(0, 2), (1, 15), (2, 16)])
def test_compiled_trees_score_as_the_trees_do(seed, leaves):
    codes = np.random.default_rng(seed).integers(0, CODES, (BLOCK + 10, 4)).astype(np.uint8)
    trees = fitted(codes[:2000], seed, max_leaf_nodes=leaves)
    scores = CompiledTrees(trees, CODES).decision_function(codes)
    assert scores == pytest.approx(trees.decision_function(codes.astype(np.float32)), abs=1e-9)
    assert len(np.unique(scores)) > leaves


def test_compiled_trees_of_no_rows_and_of_too_many_leaves():
    codes = np.random.default_rng(0).integers(0, CODES, (2000, 3)).astype(np.uint8)
    assert len(CompiledTrees(fitted(codes, 0, max_leaf_nodes=8), CODES).decision_function(codes[:0])) == 0
    with pytest.raises(ValueError, match="16 leaves"):
        CompiledTrees(fitted(codes, 0, max_leaf_nodes=31, min_samples_leaf=5), CODES)


def test_bins_are_ranks_and_the_unknown_come_last():
    features = np.column_stack([np.arange(100.0), np.full(100, np.nan)]).astype(np.float32)
    codes = Bins(features, most=11).codes(np.array([[-5, np.nan], [50, 1], [500, np.nan], [np.nan, 0]], np.float32))
    assert codes[:, 0].tolist() == [0, 5, 9, 9]
    assert codes[0, 1] == codes[2, 1] > codes[3, 1]


def test_what_was_bought_often_is_kept_more_often_and_a_small_shop_keeps_all():
    chance = Sampling.of(own=10**7, other=10**7).chance(np.array([1.0, 5.0, 1000.0, np.nan]))
    assert chance == pytest.approx([0.03, 0.15, 1.0, KEEP_OTHER])
    assert Sampling.of(own=50, other=50).chance(np.array([1.0, np.nan])).tolist() == [1, 1]
