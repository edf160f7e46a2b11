"""How much each feature moved a score away from that of usual rows: Shapley values."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

Score = Callable[[NDArray[np.float64]], NDArray[np.float64]]
_CELLS_AT_ONCE = 2_000_000


def contributions(
    score: Score, rows: NDArray[np.float64], usual: NDArray[np.float64], seed: int = 0
) -> tuple[NDArray[np.float64], float]:
    """(n, k): what each feature adds to the score of each row, and the mean score of the usual rows.

    Contributions of a row add up to its score less that mean, exactly. They are averaged over orders in which a usual
    row is turned into this one feature by feature, each order taken forwards and backwards: for a score without
    interactions of more than two features the result is exact for these usual rows, else a sample of the orders.
    """
    count = rows.shape[1]
    random = np.random.default_rng(seed)
    total = np.zeros(rows.shape)
    at_once = max(1, _CELLS_AT_ONCE // (count * (count + 1)))
    for start in usual:
        order = random.permutation(count)
        for begin in range(0, len(rows), at_once):
            part = slice(begin, begin + at_once)
            for way in (order, order[::-1]):
                total[part] += _moves(score, rows[part], start, way)
    return total / (2 * len(usual)), float(np.mean(score(usual)))


def _moves(
    score: Score, rows: NDArray[np.float64], start: NDArray[np.float64], order: NDArray[np.int64]
) -> NDArray[np.float64]:
    """(n, k): how the score moves when each feature is put in place, in this order."""
    rank = np.argsort(order)
    in_place = rank < np.arange(len(order) + 1)[:, None]  # (stage, feature)
    stages = np.where(in_place[:, None, :], rows[None], start)
    scores = score(stages.reshape(-1, len(order))).reshape(len(order) + 1, len(rows))
    return np.diff(scores, axis=0).T[:, rank]
