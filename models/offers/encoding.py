"""Customer features as numbers that a linear model can weigh."""

from __future__ import annotations

from typing import Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin

from models.preparation.customer_features import BOUGHT, DAYS_SINCE, LATELY, NEVER, TEXT

FADES = (20.0, 60.0, 180.0)  # days: what was bought last week, last month and last season each wear off differently
FAR = 9.0  # squared standard deviations: how far out a number may be
RARE = 20  # rows a word needs to get a column of its own


class HabitEncoder(TransformerMixin, BaseEstimator):
    """Turns rows of `customer_features` into standardised numbers.

    Counts are taken as logarithms, days since a purchase as what is left of it after several fades, words as one column
    each, numbers that are not known as the usual one with a column that says so.

    Parameters
    ----------
    fades : sequence of float
        Days after which a purchase counts 1/e.

    Attributes
    ----------
    mean_, scale_ : ndarray of shape (n_columns,)
        Of the numbers before they were standardised.
    medians_, spread_ : Series
        What an unknown number is taken for, and the standard deviations.
    levels_ : dict
        Column -> the words that have a column.
    """

    def __init__(self, fades: tuple[float, ...] = FADES) -> None:
        self.fades = fades

    def fit(self, features: pd.DataFrame, y: object = None) -> Self:
        self.categories_ = [name.removeprefix(BOUGHT) for name in features.columns if name.startswith(BOUGHT)]
        by_category = {f"{kind}{name}" for kind in (BOUGHT, LATELY, DAYS_SINCE) for name in self.categories_}
        self.numbers_ = [name for name in features.columns if name not in by_category and name not in TEXT]
        self.medians_ = features[self.numbers_].median().fillna(0.0)
        self.spread_ = features[self.numbers_].std().fillna(1.0).replace(0.0, 1.0)
        self.unknown_ = [name for name in self.numbers_ if features[name].isna().any()]
        self.levels_ = {name: self._frequent(features[name]) for name in TEXT if name in features}
        raw = self._raw(features)
        self.mean_, scale = raw.mean(axis=0), raw.std(axis=0)
        self.scale_ = np.where(scale > 0, scale, 1.0)
        return self

    def transform(self, features: pd.DataFrame) -> np.ndarray:
        """An array (rows, columns) of float32."""
        return ((self._raw(features) - self.mean_) / self.scale_).astype(np.float32)

    def _frequent(self, words: pd.Series) -> list[str]:
        counts = words.dropna().value_counts()
        return sorted(counts.index[counts >= RARE])

    def _raw(self, features: pd.DataFrame) -> np.ndarray:
        numbers = features[self.numbers_]
        known = numbers.fillna(self.medians_).to_numpy("float64")
        month = 2 * np.pi * features["month"].to_numpy("float64") / 12
        parts = [
            known,
            np.sign(known) * np.log1p(np.abs(known)),
            # A taste can be strongest in the middle: hikers are neither the youngest nor the oldest.
            np.minimum(((known - self.medians_.to_numpy()) / self.spread_.to_numpy()) ** 2, FAR),
            numbers[self.unknown_].isna().to_numpy("float64"),
            np.column_stack([np.sin(month), np.cos(month)]),
            *self._habits(features),
        ]
        for name, levels in self.levels_.items():
            words = features[name].to_numpy()
            parts.append(np.column_stack([words == level for level in levels]) if levels else np.empty((len(words), 0)))
        return np.hstack([np.asarray(part, dtype="float32") for part in parts])

    def _habits(self, features: pd.DataFrame) -> list[np.ndarray]:
        bought = features[[BOUGHT + name for name in self.categories_]].to_numpy("float32")
        lately = features[[LATELY + name for name in self.categories_]].to_numpy("float32")
        days = features[[DAYS_SINCE + name for name in self.categories_]].to_numpy("float32")
        left = [np.where(days < NEVER, np.exp(-days / fade), 0.0) for fade in self.fades]
        return [np.log1p(bought), bought > 0, np.log1p(lately), *left]
