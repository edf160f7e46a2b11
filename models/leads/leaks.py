"""Finds columns that look as if they had been filled in after the outcome was known."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.metrics import roc_auc_score

from models.leads.cells import as_texts
from models.leads.columns import TableReader

TOO_GOOD = 0.9  # AUC of one column alone
GOOD_FOR_ITS_NAME = 0.7  # AUC of one whose name speaks of the end
NEARLY_ALL = 0.95
FEWEST_ROWS = 20
_BINS = 20
_END_WORDS = {
    "duration", "closed", "close", "closing", "won", "lost", "outcome", "result", "status", "stage", "converted",
    "conversion", "churned", "cancelled", "canceled", "signed", "paid", "invoice", "invoiced", "revenue", "reason",
    "final", "deal", "last",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Leak:
    """A column to look at, what is suspicious about it, and how well it ranks the rows alone (AUC)."""

    column: str
    why: str
    auc: float


def leaking_columns(reader: TableReader, table: pd.DataFrame, y: NDArray[np.int64]) -> list[Leak]:
    """Columns that tell the outcome nearly alone, or are filled in for one outcome only, the strongest first."""
    clean = reader.transform(table)
    rank: dict[str, float] = {}
    for feature, is_category in zip(clean, reader.categorical_, strict=True):
        name = reader.parents_[feature].name
        rank[name] = max(rank.get(name, 0.0), alone(clean[feature].to_numpy(), y, is_category))
    places = {name: place for place, name in enumerate(table.columns)}
    found = []
    for name, auc in rank.items():
        if why := _filled_for_one(as_texts(table.iloc[:, places[name]]).notna().to_numpy(), y) or _too_good(name, auc):
            found.append(Leak(name, why, auc))
    return sorted(found, key=lambda leak: -leak.auc)


def alone(values: NDArray[np.float64], y: NDArray[np.int64], is_category: bool) -> float:
    """AUC of the share of positives in a value's bin, each half of the rows ranked by the shares of the other."""
    codes = _codes(values, is_category)
    halves = np.arange(len(y)) % 2
    scores = np.empty(len(y))
    for half in (0, 1):
        other = halves != half
        count = np.bincount(codes[other], minlength=codes.max() + 1)
        won = np.bincount(codes[other], weights=y[other], minlength=codes.max() + 1)
        scores[halves == half] = ((won + y.mean()) / (count + 1))[codes[halves == half]]
    return float(roc_auc_score(y, scores))


def _codes(values: NDArray[np.float64], is_category: bool) -> NDArray[np.int64]:
    known = values[~np.isnan(values)]
    if is_category or len(np.unique(known)) <= _BINS:
        edges = np.unique(known)
    else:
        edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)))
    return np.where(np.isnan(values), 0, np.searchsorted(edges, values, side="right") + 1)


def _filled_for_one(filled: NDArray[np.bool_], y: NDArray[np.int64]) -> str | None:
    """What is suspicious about when the column is filled in at all."""
    base = y.mean()
    if min(filled.sum(), (~filled).sum()) < FEWEST_ROWS:
        return None
    share, share_of_empty = y[filled].mean(), y[~filled].mean()
    if share >= NEARLY_ALL and base < 0.8:
        return f"it is filled in almost only where the outcome came ({share:.0%} of {filled.sum()} rows)"
    if share <= base / 20 and base > 0.2 or share_of_empty >= NEARLY_ALL and base < 0.8:
        return "it is filled in almost only where the outcome stayed away"
    return None


def _too_good(name: str, auc: float) -> str | None:
    if auc >= TOO_GOOD:
        return f"it tells the outcome almost alone (AUC {auc:.2f}); it may be known only afterwards"
    parts = {part.casefold() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+", name)}
    if auc >= GOOD_FOR_ITS_NAME and parts & _END_WORDS:
        return f"its name suggests that it is known only afterwards, and it tells much alone (AUC {auc:.2f})"
    return None
