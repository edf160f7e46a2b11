"""The figures of a run as a table: ours, and the peers beside."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from benchmarks.chaos_run.run import ALLOWED, WRONG, Outcome

Figures = Mapping[str, Any]


def counts(outcome: Outcome) -> dict[str, int]:
    """What was found wrong in ours, and what cannot be avoided."""
    return {kind: outcome.found.counts[kind] for kind in (*WRONG, ALLOWED)}


def lines(outcome: Outcome, peers: Mapping[str, Figures]) -> Iterable[str]:
    """One line a figure; a dash where a column has none."""
    ours = outcome.figures | counts(outcome)
    columns = {"ours": ours, **peers}
    yield f"{'':34}" + "".join(f"{name:>18}" for name in columns)
    names = list(ours) + [name for figures in peers.values() for name in figures if name not in ours]
    for name in dict.fromkeys(names):
        yield f"{name:34}" + "".join(f"{figures.get(name, '-'):>18}" for figures in columns.values())
