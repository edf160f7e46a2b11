"""Figures of ranked lists."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np


def ndcg_at_k(ranked: Sequence[str], gains: Mapping[str, float], k: int = 10) -> float:
    """Normalised discounted cumulative gain of the first `k`: 1 when nothing could be ranked better, 0 for no gain."""
    discounts = 1 / np.log2(np.arange(2, k + 2))
    best = np.sort([gain for gain in gains.values() if gain > 0])[::-1][:k]
    if not len(best):
        return 0.0
    found = np.array([gains.get(item, 0.0) for item in ranked[:k]])
    return float(found @ discounts[: len(found)] / (best @ discounts[: len(best)]))


def recall_at_k(ranked: Sequence[str], wanted: Iterable[str], k: int = 10) -> float:
    """The share of what is wanted that is among the first `k`."""
    wanted = set(wanted)
    return len(wanted & set(ranked[:k])) / len(wanted) if wanted else 0.0


def coverage(lists: Iterable[Sequence[str]], items: int, k: int = 10) -> float:
    """The share of all `items` that is recommended to anybody."""
    return len({item for ranked in lists for item in ranked[:k]}) / items if items else 0.0
