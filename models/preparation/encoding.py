"""Feature tables as matrices for models that need numbers: scaled, with what is unknown made explicit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from crm_store.errors import SalesError

SKEWED = 2.0  # from this skewness on, a column that is never negative is read by its logarithm
Rows = pd.DataFrame | pd.Series | Mapping[str, Any]  # a table, or a single row


class ColumnMissing(SalesError):
    """A model is asked about rows without a column that it has learned from."""

    code = "column_missing"

    def __init__(self, name: str) -> None:
        super().__init__(f"There is no column {name!r}: the model has learned from one.", name=name)


class NothingToLearnFrom(SalesError):
    """Too little, or all the same."""

    code = "nothing_to_learn_from"

    def __init__(self, why: str) -> None:
        super().__init__(f"There is nothing to learn from: {why}.", why=why)


@dataclass(frozen=True, slots=True)
class Term:
    """One column of the matrix: a number, one of the texts of a column (`level`), or that a number is unknown."""

    column: str
    level: str | None = None
    unknown: bool = False
    logarithm: bool = False
    mean: float = 0.0
    scale: float = 1.0


class TableEncoder(TransformerMixin, BaseEstimator):
    """Turns a table of numbers and texts into a matrix.

    A number is centred and scaled, by its logarithm when it is skewed; when unknown it is put at its mean, with a
    column of its own that says so. A text becomes a column for each value that is there `min_count` times.

    Parameters: `min_count`; `defaults`, the value of a column for rows that come without it.
    Attributes: `terms_`, the columns of the matrix; those that never change are left out.
    """

    def __init__(self, min_count: int = 20, defaults: Mapping[str, float] | None = None) -> None:
        self.min_count = min_count
        self.defaults = defaults

    def fit(self, table: pd.DataFrame, y: Any = None) -> Self:
        if not len(table):
            raise NothingToLearnFrom("the table has no rows")
        self.terms_: list[Term] = []
        for name in table.columns:
            if pd.api.types.is_numeric_dtype(table[name]):
                self.terms_ += self._numeric(name, table[name].to_numpy(float, na_value=np.nan))
            else:
                self.terms_ += self._textual(name, table[name])
        if not self.terms_:
            raise NothingToLearnFrom("no column differs from row to row")
        self._arrange()
        return self

    def transform(self, rows: Rows) -> np.ndarray:
        """A matrix of rows x terms; a single row gives one of one row."""
        check_is_fitted(self)
        return self.encode(rows)

    def encode(self, rows: Rows) -> np.ndarray:
        """`transform` without the library's wrapping, which takes longer than the work on a single row."""
        count = len(rows) if isinstance(rows, pd.DataFrame) else 1
        matrix = np.empty((count, len(self.terms_)))
        numbers = np.empty((count, len(self._numbers)))
        for place, name in enumerate(self._numbers):
            numbers[:, place] = self._values(rows, name)
        known = np.isfinite(numbers)
        matrix[:, self._scaled] = self._standardized(numbers, known)
        matrix[:, self._unknown] = ~known[:, self._of_unknown]
        for name, places in self._texts.items():
            values = self._values(rows, name)
            for place in places:
                matrix[:, place] = values == self.terms_[place].level
        return matrix

    def _arrange(self) -> None:
        """What `transform` needs, as arrays: a single row is to take microseconds."""
        numeric = [place for place, term in enumerate(self.terms_) if term.level is None]
        self._numbers = list(dict.fromkeys(self.terms_[place].column for place in numeric))
        column = {name: place for place, name in enumerate(self._numbers)}
        self._scaled = [place for place in numeric if not self.terms_[place].unknown]
        self._unknown = [place for place in numeric if self.terms_[place].unknown]
        scaled = [self.terms_[place] for place in self._scaled]
        self._of_scaled = [column[term.column] for term in scaled]
        self._of_unknown = [column[self.terms_[place].column] for place in self._unknown]
        self._logarithm = np.array([term.logarithm for term in scaled], dtype=bool)
        self._mean, self._scale = (np.array([getattr(term, name) for term in scaled]) for name in ("mean", "scale"))
        self._texts: dict[str, list[int]] = {}
        for place, term in enumerate(self.terms_):
            if term.level is not None:
                self._texts.setdefault(term.column, []).append(place)

    def _standardized(self, numbers: np.ndarray, known: np.ndarray) -> np.ndarray:
        values, known = numbers[:, self._of_scaled], known[:, self._of_scaled]
        values[:, self._logarithm] = np.log1p(np.maximum(values[:, self._logarithm], 0))
        return np.where(known, (values - self._mean) / self._scale, 0.0)

    def _values(self, rows: Rows, name: str) -> Any:
        """A column, or the value of a single row."""
        try:
            values = rows[name]
        except KeyError:
            if name in (self.defaults or {}):
                return self.defaults[name]
            raise ColumnMissing(name) from None
        if not isinstance(values, pd.Series):
            return np.nan if values is None else values
        return values.to_numpy()

    def _numeric(self, name: str, values: np.ndarray) -> list[Term]:
        known = values[np.isfinite(values)]
        terms = []
        if len(known) and known.min() < known.max():
            logarithm = bool(known.min() >= 0 and abs(_skewness(known)) > SKEWED and len(np.unique(known)) > 2)
            read = np.log1p(known) if logarithm else known
            terms.append(Term(name, logarithm=logarithm, mean=float(read.mean()), scale=float(read.std())))
        if self.min_count <= len(values) - len(known) < len(values):
            terms.append(Term(name, unknown=True))
        return terms

    def _textual(self, name: str, values: pd.Series) -> list[Term]:
        counts = values.dropna().astype(str).value_counts()
        levels = sorted(counts[(counts >= self.min_count) & (counts < len(values))].index)
        return [
            Term(name, level=level) for level in (levels[1:] if counts.loc[levels].sum() == len(values) else levels)
        ]


def _skewness(values: np.ndarray) -> float:
    centred = values - values.mean()
    return float((centred**3).mean() / (centred**2).mean() ** 1.5)


class Pieces(TransformerMixin, BaseEstimator):
    """Lets a line bend, and columns act together: terms for a linear regression on an encoded matrix.

    Parameters: `knots`, how many places where each number's line may bend (0: straight); `pairs`, whether products of
    two columns are added; `terms`, what the columns stand for (products within one column are left out).
    """

    def __init__(self, knots: int = 0, pairs: bool = False, terms: list[Term] | None = None) -> None:
        self.knots = knots
        self.pairs = pairs
        self.terms = terms

    def fit(self, matrix: np.ndarray, y: Any = None) -> Self:
        self.hinges_: list[tuple[int, float]] = []
        for place in range(matrix.shape[1]):
            values = np.unique(matrix[:, place])
            if len(values) > 3 and self.knots:
                inner = np.quantile(matrix[:, place], np.linspace(0, 1, self.knots + 2)[1:-1])
                self.hinges_ += [(place, knot) for knot in np.unique(inner) if values[0] < knot < values[-1]]
        self._places = [place for place, _ in self.hinges_]
        self._knots = np.array([knot for _, knot in self.hinges_])
        self.pairs_ = self._products(matrix.shape[1]) if self.pairs else np.empty((0, 2), int)
        return self

    def transform(self, matrix: np.ndarray) -> np.ndarray:
        return self.expand(matrix)

    def expand(self, matrix: np.ndarray) -> np.ndarray:
        """`transform` without the library's wrapping."""
        if not self.hinges_ and not len(self.pairs_):
            return matrix
        wide = np.hstack([matrix, np.maximum(matrix[:, self._places] - self._knots, 0)])
        return np.hstack([wide, wide[:, self.pairs_[:, 0]] * wide[:, self.pairs_[:, 1]]]) if self.pairs else wide

    def _products(self, columns: int) -> np.ndarray:
        source = [self.terms[place].column if self.terms else place for place in range(columns)]
        source += [source[place] for place, _ in self.hinges_]
        return np.array(
            [(i, j) for i in range(len(source)) for j in range(i) if source[i] != source[j]], dtype=int
        ).reshape(-1, 2)
