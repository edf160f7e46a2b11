"""How well spend is foreseen, on the latest sales, beside the mean and the median, and beside a simulation's truth."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import mean_absolute_error, r2_score

from models.evaluation.report import Report, cut_in_time, expected_and_found, shares_beside
from models.preparation.customer_features import TrainingRows, customer_features, training_rows
from models.preparation.encoding import NothingToLearnFrom
from models.spend import CATEGORY, SpendRegressor, spend_rows

MOST_ERRORS = 20
FEWEST_IN_A_CATEGORY = 20  # sales after the cut for a coverage of its own
Truth = Callable[[Any, str], float]


@dataclass(frozen=True, slots=True)
class Means:
    """What a simulation's truth asks of a customer."""

    income: float | None
    household_size: float | None


def evaluate_spend(
    lines: pd.DataFrame, customers: pd.DataFrame, now: datetime, *, truth: Truth | None = None, seed: int = 0
) -> Report:
    """Learn from the earlier sales and measure on the latest: `figures` has "item", "order", and "truth" where given.

    `truth(customer, category)` is the price that a customer really looks for.
    """
    cut = cut_in_time(lines)
    rows = training_rows(lines, customers, lines["placed_at"].min(), now)
    earlier, later = rows.between(until=cut), rows.between(since=cut)
    if not len(earlier.orders) or not len(later.orders):
        raise NothingToLearnFrom("all orders are of one moment, so that none are left to measure on")
    report = Report()
    for unit, sold in (("item", lines), ("order", None)):
        _measure(report, unit, earlier, later, sold, seed)
    if truth is not None:
        beside = _beside_truth(earlier, lines, customers, cut, truth, seed)
        report.figures["truth"] = beside
        report.compare("Price looked for, beside the simulation's truth", beside)
    return report


def _measure(
    report: Report, unit: str, earlier: TrainingRows, later: TrainingRows, sold: pd.DataFrame | None, seed: int
) -> None:
    known, paid, customer = spend_rows(earlier, sold)
    asked, found, _ = spend_rows(later, sold)
    model = SpendRegressor(seed=seed).fit(known, paid, customer)
    foreseen, found = model.interval(asked), found.to_numpy()
    inside = (found >= foreseen.low) & (found <= foreseen.high)
    models = {"linear regression": _errors(found, foreseen.expected)}
    for name in ("mean", "median"):
        models[f"{name} of the {'category' if sold is not None else 'shop'}"] = _errors(
            found, _usual(known, paid, asked, name)
        )
    report.figures[unit] = {
        "learned_from": len(known), "measured_on": len(asked), "models": models, "shape": model.shape_,
        "interval": {"wanted": model.coverage, "covered": float(inside.mean()),
                     "width": float(((foreseen.high - foreseen.low) / foreseen.expected).mean())},
        "effects": [effect.sentence() for effect in model.effects()],
    }  # fmt: skip
    report.compare(f"Spend by {unit}", models)
    report.tables[f"What makes a difference by {unit}"] = (
        ["beside the usual spend"], [[sentence] for sentence in report.figures[unit]["effects"]]
    )  # fmt: skip
    report.pictures[f"spend by {unit}"] = expected_and_found(foreseen.expected, found, f"spend by {unit}")
    if sold is not None:
        _by_category(report, asked, foreseen.expected, found, inside, model.coverage)


def _by_category(
    report: Report, asked: pd.DataFrame, expected: np.ndarray, found: np.ndarray, inside: np.ndarray, wanted: float
) -> None:
    table = pd.DataFrame(
        {"category": asked[CATEGORY].to_numpy(), "expected": expected, "paid": found, "inside": inside}
    )
    counts = table.groupby("category")["inside"].agg(["mean", "size"])
    covered = counts.loc[counts["size"] >= FEWEST_IN_A_CATEGORY, "mean"]
    if len(covered):
        report.pictures["coverage of intervals"] = shares_beside(covered.to_dict(), wanted, "share inside the interval")
    table["off"] = (table["paid"] / table["expected"]).map(np.log).abs()
    worst = table.sort_values("off", ascending=False).head(MOST_ERRORS)
    report.tables["Furthest off"] = (["category", "expected", "paid"], worst.iloc[:, :3].to_numpy(object).tolist())


def _beside_truth(
    earlier: TrainingRows, lines: pd.DataFrame, customers: pd.DataFrame, cut: datetime, truth: Truth, seed: int
) -> dict[str, dict[str, float]]:
    """For every customer and category, the price looked for and the one foreseen at the cut."""
    known, paid, customer = spend_rows(earlier, lines)
    model = SpendRegressor(seed=seed).fit(known, paid, customer)
    foreseen = model.expected_price(customer_features(lines, customers, cut)).expected
    means = [Means(*(None if pd.isna(v) else float(v) for v in row)) for row in
             customers[["income", "household_size"]].itertuples(index=False)]  # fmt: skip
    real = np.array([[truth(one, category) for category in model.categories_] for one in means])
    usual = np.tile([model.usual_[category] for category in model.categories_], (len(real), 1))
    level, of_usual = foreseen.mean(axis=1), (real / real.mean(axis=0)).mean(axis=1)
    return {
        "linear regression": {**_errors(real.ravel(), foreseen.ravel()),
                              "correlation of levels": float(np.corrcoef(level, of_usual)[0, 1])},
        "mean of the category": {**_errors(real.ravel(), usual.ravel()), "correlation of levels": 0.0},
    }  # fmt: skip


def _usual(known: pd.DataFrame, paid: pd.Series, asked: pd.DataFrame, kind: str) -> np.ndarray:
    overall = paid.agg(kind)
    if CATEGORY not in known:
        return np.full(len(asked), overall)
    return asked[CATEGORY].map(paid.groupby(known[CATEGORY]).agg(kind)).fillna(overall).to_numpy(float)


def _errors(found: np.ndarray, expected: np.ndarray) -> dict[str, float]:
    return {"R2": float(r2_score(found, expected)), "MAE": float(mean_absolute_error(found, expected))}
