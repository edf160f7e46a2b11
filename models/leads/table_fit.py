"""Fits a scorer to a table in a file and says how good it is on rows that were held out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from sklearn.model_selection import train_test_split

from crm_store.importing.sheets import open_sheet
from models.evaluation.chances import chance_scores
from models.leads.cells import as_numbers, as_texts
from models.leads.columns import ColumnKind, TableReader, names_of
from models.leads.errors import NotEnoughToLearn, TableNotUsable
from models.leads.leaks import Leak, leaking_columns
from models.leads.table_scorer import FEWEST_OF_EACH, TableScorer
from models.leads.words import Factor, cell_words, strongest

HELD_OUT = 0.25
SHOWN_ROWS = 3
MOST_VALUES_SHOWN = 6


@dataclass(frozen=True, slots=True)
class TableFit:
    """What was learned from a table: figures on the rows held out, beside those of the base rate alone."""

    rows: int
    positives: int
    held_out: int
    scores: dict[str, dict[str, Any]]
    used: list[str]
    dropped: dict[str, str]
    warnings: list[Leak]
    notes: list[str]
    strongest_columns: list[tuple[str, float]]  # with the mean size of what they add to the log odds
    examples: list[dict[str, Any]]

    def as_json(self) -> dict[str, Any]:
        """The same as plain values."""
        plain = {name: getattr(self, name) for name in ("rows", "positives", "held_out", "scores", "used", "dropped")}
        return plain | {
            "warnings": [asdict(leak) for leak in self.warnings],
            "notes": self.notes,
            "strongest_columns": [{"column": name, "effect": effect} for name, effect in self.strongest_columns],
            "examples": self.examples,
        }


def read_table(path: Path) -> tuple[pd.DataFrame, list[str]]:
    """The table in a CSV file as texts, with notes on how it was read; raises ImportRefused or TableNotUsable."""
    sheet = open_sheet(path)
    width, rows, odd = len(sheet.columns), [], 0
    for _, cells in sheet.rows():
        odd += len(cells) != width
        rows.append(cells[:width] + [""] * (width - len(cells)))
    if not rows:
        raise TableNotUsable(f"{path.name}: there are no rows below the header.")
    table = pd.DataFrame(rows, columns=sheet.columns, dtype=object)
    notes = [*sheet.notes, *([f"{odd} rows have more or fewer cells than the header"] if odd else [])]
    return table.set_axis(names_of(table), axis=1), notes


def fit_table(
    table: pd.DataFrame, target: str, positive: str, drop: Sequence[str] = (), notes: Sequence[str] = (), seed: int = 0
) -> TableFit:
    """Learn from three quarters of the rows and measure on the others; raises TableNotUsable or NotEnoughToLearn."""
    table = table.set_axis(names_of(table), axis=1)
    for column in (target, *drop):
        if column not in table.columns:
            raise TableNotUsable(f"there is no column {column!r}; there are {_listed(list(table.columns))}")
    if target in drop:
        raise TableNotUsable(f"the column {target!r} is the target and cannot be dropped")
    outcomes, unknown = _outcomes(table[target], target, positive)
    said = [*notes, *([f"{unknown} rows without a value in {target!r} are left out"] if unknown else [])]
    features = table.loc[outcomes.index].drop(columns=[target, *drop])
    return _measured(features, outcomes.to_numpy(), said, seed)


def _outcomes(cells: pd.Series, target: str, positive: str) -> tuple[pd.Series, int]:
    """1 or 0 for the rows whose end is known, and how many are not."""
    wanted = " ".join(positive.split())
    raw = cells.map(lambda value: " ".join(str(value).split()).casefold())
    # Asked for by name, even "none" or "-" is a value.
    texts = as_texts(cells).where(raw != wanted.casefold(), wanted).dropna()
    if texts.empty:
        raise TableNotUsable(f"the column {target!r} is empty")
    is_positive = texts.str.casefold() == wanted.casefold()
    number = as_numbers(pd.Series([wanted], dtype=object)).iloc[0]
    if not is_positive.any() and not np.isnan(number):
        is_positive = as_numbers(texts) == number
    if not is_positive.any():
        values = texts.value_counts().index[: MOST_VALUES_SHOWN + 1].tolist()
        raise TableNotUsable(f"no row has {positive!r} in the column {target!r}; it holds {_listed(values)}")
    if is_positive.all():
        raise NotEnoughToLearn(f"all {len(texts)} rows have {positive!r} in the column {target!r}: nothing to compare.")
    return is_positive.astype(int), len(cells) - len(texts)


def _measured(features: pd.DataFrame, y: NDArray[np.int64], notes: list[str], seed: int) -> TableFit:
    won = int(y.sum())
    if min(won, len(y) - won) < 2 * FEWEST_OF_EACH:
        raise NotEnoughToLearn(
            f"there are {won} rows with the outcome and {len(y) - won} without;"
            f" at least {2 * FEWEST_OF_EACH} of each are needed to learn and to measure."
        )
    learn, test = train_test_split(np.arange(len(y)), test_size=HELD_OUT, stratify=y, random_state=seed)
    scorer = TableScorer(seed=seed).fit(features.iloc[learn], y[learn])
    chances = scorer.predict_proba(features.iloc[test])[:, 1]
    base = np.full(len(test), scorer.base_rate_)
    strongest_columns, examples = _explained(scorer, features.iloc[test], chances)
    return TableFit(
        rows=len(y),
        positives=won,
        held_out=len(test),
        scores={"ours": chance_scores(y[test], chances), "base rate": chance_scores(y[test], base)},
        used=[column.name for column in scorer.reader_.columns_],
        dropped=scorer.reader_.dropped_,
        warnings=leaking_columns(scorer.reader_, features.iloc[learn], y[learn]),
        notes=notes,
        strongest_columns=strongest_columns,
        examples=examples,
    )


def _explained(
    scorer: TableScorer, table: pd.DataFrame, chances: NDArray[np.float64]
) -> tuple[list[tuple[str, float]], list[dict[str, Any]]]:
    """The columns that count most over rows spread by chance, and the reasons of the likeliest and unlikeliest."""
    order = np.argsort(-chances, kind="stable")
    spread = order[np.unique(np.linspace(0, len(order) - 1, 40).astype(int))]
    effects, _ = scorer.contributions(table.iloc[spread])
    of_column = effects.T.groupby(lambda name: scorer.reader_.parents_[name].name, sort=False).sum().T
    sizes = of_column.abs().mean().sort_values(ascending=False)
    ends = [*range(min(SHOWN_ROWS, len(spread))), *range(max(len(spread) - SHOWN_ROWS, SHOWN_ROWS), len(spread))]
    examples = []
    for place in ends:
        row = table.iloc[spread[place]]
        factors = table_factors(scorer.reader_, row, effects.iloc[place].to_dict())
        for_it, against = strongest(factors)
        examples.append(
            {
                "row": int(table.index[spread[place]]) + 1,
                "chance": float(chances[spread[place]]),
                "for": [str(factor) for factor in for_it],
                "against": [str(factor) for factor in against],
            }
        )
    return [(str(name), float(size)) for name, size in sizes.head(10).items()], examples


def table_factors(reader: TableReader, row: pd.Series, effects: dict[str, float]) -> list[Factor]:
    """One factor for each feature of a row, in the words of the table."""
    factors = []
    for feature, effect in effects.items():
        column = reader.parents_[feature]
        texts = as_texts(pd.Series([row[column.name]], dtype=object))
        if column.kind is ColumnKind.CATEGORY:
            words = cell_words(feature, texts.iloc[0])
        else:
            value = reader.transform(row.to_frame().T)[feature].iloc[0] if texts.iloc[0] else None
            words = _number_words(column.kind, feature, value)
        factors.append(Factor(words, effect))
    return factors


def _number_words(kind: ColumnKind, feature: str, value: Any) -> str:
    if kind is ColumnKind.TEXT and feature.endswith("”") and value is not None:
        column, _, word = feature.partition(": ")
        return f"{column} mentions {word}" if value else f"{column} does not mention {word}"
    if kind is ColumnKind.DATE and feature.endswith(": day") and value is not None and not np.isnan(value):
        return f"{feature.removesuffix(': day')} {pd.Timestamp('2000-01-01') + pd.Timedelta(days=value):%Y-%m-%d}"
    return cell_words(feature, value)


def _listed(values: Sequence[str]) -> str:
    shown = ", ".join(repr(value if len(value) <= 40 else value[:39] + "…") for value in values[:MOST_VALUES_SHOWN])
    return shown + (" and more" if len(values) > MOST_VALUES_SHOWN else "")
