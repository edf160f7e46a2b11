"""What an evaluation of a model hands over, and pictures that several share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from models.evaluation.pictures import png
from models.preparation.encoding import NothingToLearnFrom

LATEST = 0.2  # the share of order lines, the latest, that models are measured on
BLUE, RED, GRAY = "#3b7dd8", "#d8573b", "#888888"


@dataclass
class Report:
    """`figures` for a program; `tables` (title -> column names, rows) and `pictures` (words -> PNG) for a page."""

    figures: dict[str, Any] = field(default_factory=dict)
    tables: dict[str, tuple[list[str], list[list[Any]]]] = field(default_factory=dict)
    pictures: dict[str, bytes] = field(default_factory=dict)

    def compare(self, title: str, models: Mapping[str, Mapping[str, Any]]) -> None:
        """A table of models and their figures, the same for each."""
        names = list(next(iter(models.values())))
        self.tables[title] = (
            ["", *names],
            [[model, *(figures[name] for name in names)] for model, figures in models.items()],
        )


def cut_in_time(lines: pd.DataFrame, latest: float = LATEST) -> datetime:
    """The moment after which a share `latest` of the order lines lies; raises NothingToLearnFrom without any."""
    if not len(lines):
        raise NothingToLearnFrom("nothing has been sold yet")
    return lines["placed_at"].sort_values().iloc[int((1 - latest) * len(lines))]


def reliability_diagram(models: Mapping[str, tuple[np.ndarray, np.ndarray]], bins: int = 15) -> bytes:
    """How often things happened beside the chance they were given; on the diagonal is right."""
    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.subplots()
    axes.plot([0, 1], [0, 1], color=GRAY, linewidth=1)
    for name, (chances, happened) in models.items():
        mean, share, _ = binned(chances, happened, bins)
        axes.plot(mean, share, marker="o", label=name)
    axes.set_xlabel("predicted probability")
    axes.set_ylabel("share that happened")
    axes.legend()
    return png(figure)


def expected_and_found(expected: np.ndarray, found: np.ndarray, label: str, bins: int = 20) -> bytes:
    """Means of what was expected and what came, in bins of as many each, on logarithmic axes."""
    mean, came, _ = binned(expected, found, bins)
    figure = Figure(figsize=(6, 6), layout="constrained")
    axes = figure.subplots()
    ends = [min(mean.min(), came.min()), max(mean.max(), came.max())]
    axes.plot(ends, ends, color=GRAY, linewidth=1)
    axes.plot(mean, came, "o", color=BLUE)
    axes.set_xscale("log")
    axes.set_yscale("log")
    axes.set_xlabel(f"{label}, expected")
    axes.set_ylabel(f"{label}, in fact")
    return png(figure)


def shares_beside(shares: Mapping[str, float], wanted: float, label: str) -> bytes:
    """A bar for each name, and a line at what is wanted."""
    figure = Figure(figsize=(8, 0.25 * len(shares) + 1.2), layout="constrained")
    axes = figure.subplots()
    names = list(shares)[::-1]
    axes.barh(names, [shares[name] for name in names], color=BLUE)
    axes.axvline(wanted, color=RED)
    axes.set_xlim(0, 1)
    axes.set_xlabel(label)
    return png(figure)


def binned(by: np.ndarray, values: np.ndarray, bins: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Means of both and counts, in bins of as many each by size of `by`."""
    order = np.argsort(by, kind="stable")
    parts = [part for part in np.array_split(order, min(bins, len(order))) if len(part)]
    return (
        np.array([by[part].mean() for part in parts]),
        np.array([values[part].mean() for part in parts]),
        np.array([len(part) for part in parts]),
    )
