"""Makes any table fit for learning: finds out what each column holds and drops what says nothing."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, TransformerMixin
from sklearn.utils.validation import check_is_fitted

from models.leads.cells import are_numbers, as_dates, as_numbers, as_texts, date_format

OTHER = "(other)"
ID_SHARE = 0.9  # of the filled cells are different: a name, a number, an address
WORDS_OF_TEXT = 3.0  # a column of many different values with this many words on average is free text
_ID_NAME = {"id", "ids", "no", "nr", "number", "num", "key", "uuid", "guid", "code", "index", "row", "phone", "zip"}
_WORD = re.compile(r"[^\W\d_]{3,}|[\u3400-\u9fff]{2}")
_ODD_DAY = pd.Timestamp("2000-01-01", tz="UTC")


class ColumnKind(StrEnum):
    NUMBER = "number"
    CATEGORY = "category"
    DATE = "date"
    TEXT = "text"


@dataclass(frozen=True, slots=True)
class Column:
    """What was found of one column: the levels of a category, the words of a text, the format of a date."""

    name: str
    kind: ColumnKind
    levels: tuple[str, ...] = ()
    form: str | None = None


class TableReader(TransformerMixin, BaseEstimator):
    """Turns a table of any cells into columns of floats, the same for every table to come.

    A category becomes the place of its value among `Column.levels`, a date its day, month and weekday, a free text
    whether it mentions each of its usual words; what is unknown is NaN. Identifiers, constants and empty
    columns are dropped. It never looks at the outcome.

    Parameters
    ----------
    max_levels : how many values of a category are told apart; the rarer ones are one value.
    min_rows : how often a value must occur to be told apart.
    max_words : how many words of a free text are looked for.

    Attributes
    ----------
    columns_ : list of Column that are kept.
    dropped_ : dict of column name to the reason why it is not.
    feature_names_out_ : names of the columns that `transform` returns.
    categorical_ : (k,) whether each of them holds places of more than two values.
    parents_ : dict of each of these names to the Column that it comes from.
    """

    def __init__(self, max_levels: int = 60, min_rows: int = 8, max_words: int = 40) -> None:
        self.max_levels = max_levels
        self.min_rows = min_rows
        self.max_words = max_words

    def fit(self, table: pd.DataFrame, y: object = None) -> TableReader:
        self.columns_: list[Column] = []
        self.dropped_: dict[str, str] = {}
        for place, name in enumerate(names_of(table)):
            found = self._look_at(name, as_texts(table.iloc[:, place]))
            if isinstance(found, Column):
                self.columns_.append(found)
            else:
                self.dropped_[name] = found
        self.feature_names_out_ = [feature for column in self.columns_ for feature in _features(column)]
        self.parents_ = {feature: column for column in self.columns_ for feature in _features(column)}
        # Two values are split alike as a number, at a fraction of the cost.
        several = [column.kind is ColumnKind.CATEGORY and len(column.levels) > 3 for column in self.parents_.values()]
        self.categorical_ = np.array(several, dtype=bool)
        return self

    def transform(self, table: pd.DataFrame) -> pd.DataFrame:
        """One float64 column for each of `feature_names_out_`; a column that is not there is unknown."""
        check_is_fitted(self, "columns_")
        places = {name: place for place, name in enumerate(names_of(table))}
        parts: dict[str, pd.Series] = {}
        for column in self.columns_:
            place = places.get(column.name)
            cells = table.iloc[:, place] if place is not None else pd.Series(None, table.index, dtype=object)
            parts |= _read(column, cells)
        return pd.DataFrame(parts, index=table.index, columns=self.feature_names_out_)

    def _look_at(self, name: str, texts: pd.Series) -> Column | str:
        """The column as it is to be read, or why it is dropped."""
        filled = texts.dropna()
        if filled.empty:
            return "it is empty"
        different = filled.nunique()
        if different == 1 and len(filled) == len(texts):
            return f"every row says {_short(filled.iloc[0])!r}"
        if are_numbers(texts):
            numbers = as_numbers(filled).dropna()
            return "each row has its own number" if _is_id(name, numbers) else Column(name, ColumnKind.NUMBER)
        if form := date_format(texts):
            return Column(name, ColumnKind.DATE, form=form)
        counts = filled.value_counts()
        is_long = filled.str.count(" ").mean() + 1 >= WORDS_OF_TEXT or filled.str.len().mean() > 40
        if is_long and different > max(30, 0.3 * len(filled)):
            words = self._usual_words(filled)
            return Column(name, ColumnKind.TEXT, levels=words) if words else "its texts have no words in common"
        if different >= ID_SHARE * len(filled) and len(filled) >= 20:
            return "nearly every row has its own value"
        levels = tuple(counts[counts >= min(self.min_rows, len(filled) / 20)].index[: self.max_levels])
        if not levels:
            return f"its {different} values are too rare to learn from"
        return Column(name, ColumnKind.CATEGORY, levels=(*(level for level in levels if level != OTHER), OTHER))

    def _usual_words(self, texts: pd.Series) -> tuple[str, ...]:
        rows = Counter(word for text in texts for word in _words(text))
        least, most = max(self.min_rows, 0.01 * len(texts)), 0.8 * len(texts)
        return tuple(word for word, count in rows.most_common() if least <= count <= most)[: self.max_words]


def names_of(table: pd.DataFrame) -> list[str]:
    """The names of the columns as different texts: a second "x" is "x (2)", one without a name "column 3"."""
    names: list[str] = []
    for place, given in enumerate(table.columns, start=1):
        plain = " ".join(str(given).split()) or f"column {place}"
        name, number = plain, 2
        while name in names:
            name, number = f"{plain} ({number})", number + 1
        names.append(name)
    return names


def _features(column: Column) -> Sequence[str]:
    match column.kind:
        case ColumnKind.DATE:
            return [f"{column.name}: day", f"{column.name}: month", f"{column.name}: weekday"]
        case ColumnKind.TEXT:
            return [f"{column.name}: length", *(f"{column.name}: “{word}”" for word in column.levels)]
    return [column.name]


def _read(column: Column, cells: pd.Series) -> dict[str, pd.Series]:
    if column.kind is ColumnKind.NUMBER and pd.api.types.is_float_dtype(cells.dtype):
        return {column.name: cells.astype(float).replace([np.inf, -np.inf], np.nan)}
    texts = as_texts(cells)
    names = _features(column)
    match column.kind:
        case ColumnKind.NUMBER:
            return {column.name: as_numbers(texts)}
        case ColumnKind.DATE:
            dates = as_dates(texts, column.form or "ISO8601")
            days = (dates - _ODD_DAY) / pd.Timedelta(days=1)
            parts = (days, dates.dt.month, dates.dt.day_of_week)
            return {name: part.astype(float) for name, part in zip(names, parts, strict=True)}
        case ColumnKind.TEXT:
            said = [_words(text) if text else frozenset() for text in texts]
            lengths = [len(text) if text else np.nan for text in texts]
            hits = ([float(word in words) for words in said] for word in column.levels)
            return {
                name: pd.Series(part, texts.index, float) for name, part in zip(names, (lengths, *hits), strict=True)
            }
    codes = {level: float(place) for place, level in enumerate(column.levels)}
    places = [np.nan if text is None else codes.get(text, codes[OTHER]) for text in texts]
    return {column.name: pd.Series(places, texts.index, dtype=float)}


def _words(text: str) -> frozenset[str]:
    return frozenset(_WORD.findall(text.casefold()))


def _is_id(name: str, numbers: pd.Series) -> bool:
    """Whether whole numbers that are all different count or name the rows instead of measuring them."""
    if len(numbers) < 20 or numbers.nunique() < len(numbers) or (numbers % 1 != 0).any():
        return False
    parts = {part.casefold() for part in re.findall(r"[A-Z]?[a-z]+|[A-Z]+|\d+", name)}
    steps = np.diff(np.sort(numbers.to_numpy()))
    return bool(parts & _ID_NAME) or bool((steps == 1).mean() > 0.9)


def _short(text: str) -> str:
    return text if len(text) <= 40 else text[:39] + "…"
