"""How good chances are: how well they rank, how far they are off, and whether they come true as often as they say."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from sklearn.metrics import brier_score_loss, roc_auc_score

BINS = 15
ROWS_OF_BIN = 20  # fewer say nothing about a share
_DRAWS = 200


def calibration_error(y: ArrayLike, chances: ArrayLike, bins: int = BINS) -> float:
    """Expected calibration error over `bins` bins of equally many rows: mean distance of said and seen shares."""
    said, seen, weights = reliability(y, chances, bins)
    return float(np.sum(weights * np.abs(said - seen)))


def reliability(
    y: ArrayLike, chances: ArrayLike, bins: int = BINS
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Mean chance, share that came true, and share of the rows of each bin, from the least likely rows on."""
    outcomes, p = np.asarray(y, dtype=float), np.asarray(chances, dtype=float)
    parts = [part for part in np.array_split(np.argsort(p, kind="stable"), bins) if len(part)]
    said = np.array([p[part].mean() for part in parts])
    seen = np.array([outcomes[part].mean() for part in parts])
    return said, seen, np.array([len(part) for part in parts]) / max(len(p), 1)


def calibration_noise(chances: ArrayLike, bins: int = BINS, seed: int = 0) -> float:
    """The calibration error that chances which are exactly right would show on as many rows, by chance alone."""
    p = np.asarray(chances, dtype=float)
    random = np.random.default_rng(seed)
    return float(np.mean([calibration_error(random.random(len(p)) < p, p, bins) for _ in range(_DRAWS)]))


def bins_for(rows: int) -> int:
    """As many bins as leave enough rows in each."""
    return int(np.clip(rows // ROWS_OF_BIN, 1, BINS))


def chance_scores(y: ArrayLike, chances: ArrayLike) -> dict[str, Any]:
    """AUC (None when all ended the same way), Brier score, calibration error with its bins and its noise."""
    outcomes, p = np.asarray(y, dtype=int), np.asarray(chances, dtype=float)
    bins = bins_for(len(p))
    return {
        "auc": float(roc_auc_score(outcomes, p)) if 0 < outcomes.sum() < len(outcomes) else None,
        "brier": float(brier_score_loss(outcomes, p)) if len(p) else None,
        "calibration_error": calibration_error(outcomes, p, bins) if len(p) else None,
        "calibration_noise": calibration_noise(p, bins) if len(p) else None,
        "bins": bins,
    }
