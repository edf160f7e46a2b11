"""The figures of a run as a table, and what went wrong as a line."""

from __future__ import annotations

import traceback
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchmarks.chaos_run.run import ALLOWED, WRONG, Outcome

Figures = Mapping[str, Any]
LONGEST_PROBLEM = 400  # characters


def counts(outcome: Outcome) -> dict[str, int]:
    """What was found wrong in ours, and what cannot be avoided."""
    return {kind: outcome.found.counts[kind] for kind in (*WRONG, ALLOWED)}


def lines(columns: Mapping[str, Figures], names: Iterable[str]) -> Iterable[str]:
    """One line for each of these figures; a dash where a column has none."""
    yield f"{'':34}" + "".join(f"{name:>18}" for name in columns)
    for name in names:
        yield f"{name:34}" + "".join(f"{figures.get(name, '-'):>18}" for figures in columns.values())


def problem(error: Exception) -> str:
    """What went wrong and where, in one line."""
    words = " ".join(str(error).split())
    if len(words) > LONGEST_PROBLEM:
        words = f"... {words[-LONGEST_PROBLEM:]}"  # an assistant that did not start says why at the end
    place = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__}: {words} ({Path(place.filename).name}:{place.lineno})"
