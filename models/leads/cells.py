"""Reads the cells of a table however people fill them in: nothing, numbers and dates written in any way."""

from __future__ import annotations

import numpy as np
import pandas as pd

# What people and programs write where nothing is known, in lower case.
NOTHING = frozenset({
    "", "select", "select one", "please select", "choose", "(select)", "na", "n/a", "n.a.", "n.a", "#n/a", "nan",
    "null", "nil", "none", "<na>", "nat", "unknown", "unk", "(unknown)", "undefined", "undisclosed",
    "unspecified", "missing",
    "not available", "not applicable", "not specified", "not provided", "not given", "not set", "not known",
    "no data", "blank", "(blank)", "empty", "(empty)", "tbd", "tba", "-", "--", "---", "\u2013", "\u2014", ".", "..",
    "...", "?", "??", "???", "\\n", "未知", "无", "不详", "未填写", "请选择",
})  # fmt: skip
NUMBER_SHARE = 0.97  # of the filled cells, for a column to be numbers
DATE_SHARE = 0.95
_DATE_FORMATS = (
    "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%d-%m-%Y", "%m-%d-%Y", "%Y/%m/%d", "%d/%m/%y", "%m/%d/%y", "%d.%m.%y",
    "%d %b %Y", "%d %B %Y", "%b %d, %Y", "%B %d, %Y", "%d-%b-%Y", "%d-%b-%y",
)  # fmt: skip
_TIMES = ("", " %H:%M", " %H:%M:%S", " %I:%M %p", " %I:%M:%S %p")
_DATE_LIKE = (
    r"(?:\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{1,2}[ -][A-Za-z]{3,9}[ -]\d{2,4}|[A-Za-z]{3,9} \d{1,2}, ?\d{4})(?:\D.*)?"
)


def as_texts(column: pd.Series) -> pd.Series:
    """The column as stripped texts, None where a cell says in some way that nothing is known."""
    values = column.astype(object)
    try:
        codes, different = pd.factorize(values)  # most cells repeat others
    except TypeError:  # a list or a dict in a cell
        codes, different = pd.factorize(values.map(str))
    texts = np.array([*(_known(" ".join(_written(value).split())) for value in different), None], dtype=object)
    return pd.Series(texts[codes], index=column.index, dtype=object)


def as_numbers(texts: pd.Series) -> pd.Series:
    """Texts as floats, NaN where they are none: "1,234.5", "$1 200", "12 %", "1.234,56" and "3,5" are numbers."""
    codes, different = pd.factorize(texts)
    numbers = np.append(_parsed(pd.Series(different, dtype="string")), np.nan)
    return pd.Series(numbers[codes], index=texts.index)


def _parsed(texts: pd.Series) -> np.ndarray:
    plain = texts.str.replace(r"[\s\u00a0\u202f'$€£¥%]", "", regex=True)
    english = plain.str.fullmatch(r"[+-]?\d{1,3}(?:,\d{3})+(?:\.\d+)?").fillna(False).astype(bool)
    european = plain.str.fullmatch(r"[+-]?\d{1,3}(?:\.\d{3})+,\d+|[+-]?\d+,\d+").fillna(False).astype(bool) & ~english
    plain = plain.mask(english, plain.str.replace(",", ""))
    plain = plain.mask(european, plain.str.replace(".", "", regex=False).str.replace(",", ".", regex=False))
    written = plain.str.fullmatch(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?").fillna(False).astype(bool)
    return np.array(
        [_finite(text) if right else np.nan for text, right in zip(plain, written, strict=True)], dtype=float
    )


def _finite(text: str) -> float:
    number = float(text)
    return number if abs(number) < 1e300 else np.nan


def are_numbers(texts: pd.Series) -> bool:
    """Whether the filled cells are quantities; codes with leading zeros and phone numbers are not."""
    filled = texts.dropna()
    if filled.empty or as_numbers(filled).notna().mean() < NUMBER_SHARE:
        return False
    return not filled.astype("string").str.fullmatch(r"0\d+|\+\d{7,}").mean() > 0.1


def date_format(texts: pd.Series) -> str | None:
    """The format in which nearly all filled cells are dates ("ISO8601" included), None when they are no dates."""
    filled = texts.dropna().astype("string")
    if filled.empty or filled.str.fullmatch(_DATE_LIKE).mean() < DATE_SHARE:
        return None
    formats = ("ISO8601", *(day + time for day in _DATE_FORMATS for time in _TIMES))
    sample = filled if len(filled) < 2000 else filled.sample(2000, random_state=0)
    right = (form for form in formats if as_dates(sample, form).notna().mean() >= DATE_SHARE)
    # A sample of days below 13 fits both orders: the whole column decides.
    return next((form for form in right if as_dates(filled, form).notna().mean() >= DATE_SHARE), None)


def as_dates(texts: pd.Series, form: str) -> pd.Series:
    """Texts as moments in UTC, NaT where they are not of this format."""
    codes, different = pd.factorize(texts)
    dates = pd.to_datetime(pd.Series([*different, None], dtype=object), format=form, errors="coerce", utc=True)
    return dates.iloc[codes].set_axis(texts.index)


def _known(text: str) -> str | None:
    return None if text.casefold() in NOTHING else text


def _written(value: object) -> str:
    if isinstance(value, (bool, np.bool_)):
        return "yes" if value else "no"
    if isinstance(value, (float, np.floating)) and float(value).is_integer() and abs(value) < 1e15:
        return str(int(value))
    return value.isoformat() if isinstance(value, pd.Timestamp) else str(value)
