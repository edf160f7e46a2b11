"""How well a customer's next category is foreseen, on the latest orders, beside popularity and repetition."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import numpy as np
import pandas as pd

from models.evaluation.chances import calibration_error
from models.evaluation.report import Report, cut_in_time, reliability_diagram, shares_beside
from models.habits import CustomerGroups, NeedSVM, main_targets
from models.preparation.customer_features import BOUGHT, PROFILE, TrainingRows, customer_features, training_rows
from models.preparation.encoding import NothingToLearnFrom
from models.purchase import PurchaseTree

MOST_ERRORS = 30
REPEAT_PRIOR = 2.0  # orders as which popularity counts beside what a customer has bought
LEAST_CHANCE = 1e-6
Chances = Callable[[pd.DataFrame], np.ndarray]


def evaluate_purchase(
    lines: pd.DataFrame, customers: pd.DataFrame, now: datetime, *, wanted: pd.DataFrame | None = None, seed: int = 0
) -> Report:
    """Learn from the earlier orders and measure on the latest: tree, support vector machine, and plain baselines.

    `wanted` (customer_id x category) is how many orders with each a simulation expects, as of `cut_in_time(lines)`.
    """
    cut = cut_in_time(lines)
    rows = training_rows(lines, customers, lines["placed_at"].min(), now)
    earlier, later = rows.between(until=cut), rows.between(since=cut)
    later = _only(later, later.targets.to_numpy().any(axis=1))
    if not len(earlier.orders) or not len(later.orders):
        raise NothingToLearnFrom("all orders are of one moment, so that none are left to measure on")
    names = rows.targets.columns.to_numpy(str)
    begin = time.perf_counter()
    tree = PurchaseTree(seed=seed).fit(earlier)
    tree_done = time.perf_counter()
    svm = NeedSVM(seed=seed).fit(earlier.features, main_targets(earlier.targets))
    seconds = {"tree": tree_done - begin, "support vector machine": time.perf_counter() - tree_done}
    popular = _popular(earlier, names)
    models: dict[str, Chances] = {
        "tree": lambda asked: _spread(tree.predict_proba(asked), tree.classes_, names),
        "support vector machine": lambda asked: _spread(svm.predict_proba(asked), svm.classes_, names),
        "popularity": lambda asked: np.tile(popular, (len(asked), 1)),
        "repetition": lambda asked: repeated(asked, names, popular),
    }
    report = _report(earlier, later, names, {name: foresee(later.features) for name, foresee in models.items()}, tree)
    report.figures["seconds"] = seconds
    if wanted is not None:
        report.figures["truth"] = _beside_truth(lines, customers, cut, later, models, wanted)
        report.compare("The first order after the cut, beside the simulation's truth", report.figures["truth"])
    return report


def evaluate_groups(lines: pd.DataFrame, customers: pd.DataFrame, now: datetime, *, seed: int = 0) -> Report:
    """Groups of customers, and how well a newcomer's group is told from the profile alone.

    A support vector machine learns from customers who came earlier and is measured on the fifth who came last.
    """
    features = customer_features(lines, customers, now)
    groups = CustomerGroups(seed=seed).fit(features)
    names = pd.Series(groups.predict(features), index=features.index)
    known = customers.assign(group=names)[lambda table: table["group"].notna()].sort_values("created_at")
    cut = int(0.8 * len(known))
    profile, labels = features.loc[known.index, [name for name in PROFILE if name != "months_known"]], known["group"]
    svm = NeedSVM(seed=seed).fit(profile[:cut], labels[:cut])
    right = svm.predict(profile[cut:]) == labels[cut:].to_numpy()
    largest = labels[:cut].value_counts().index[0]
    share = labels.value_counts(normalize=True)
    report = Report(figures={
        "groups": {name: float(share.get(name, 0.0)) for name in groups.names_},
        "silhouette": groups.silhouettes_[len(groups.names_)],
        "accuracy from the profile": float(right.mean()),
        "accuracy of the largest group": float((labels[cut:] == largest).mean()),
    })  # fmt: skip
    report.tables["Groups"] = (["group", "share of customers"], [[k, v] for k, v in report.figures["groups"].items()])
    return report


def category_scores(chances: np.ndarray, bought: np.ndarray) -> dict[str, float]:
    """Accuracy, top 3, log loss and calibration error of rows x categories; every order counts once."""
    weight = bought / np.maximum(bought.sum(axis=1, keepdims=True), 1)
    ranked = np.argsort(-chances, axis=1, kind="stable")
    hits = np.take_along_axis(bought, ranked[:, :3], axis=1)
    logs = np.log(np.maximum(chances, LEAST_CHANCE))
    return {
        "accuracy": float(hits[:, 0].mean()),
        "top 3": float(hits.any(axis=1).mean()),
        "log loss": float(-(weight * logs).sum(axis=1).mean()),
        "calibration error": calibration_error(weight.ravel(), chances.ravel()),
        "of the first guess": calibration_error(*_first_guess(chances, weight)[::-1]),
    }


def repeated(features: pd.DataFrame, names: np.ndarray, popular: np.ndarray) -> np.ndarray:
    """The shares of each category in what a customer has bought, mixed with popularity: rows x categories."""
    counts = features.reindex(columns=[BOUGHT + name for name in names], fill_value=0.0).to_numpy(float)
    mixed = counts + REPEAT_PRIOR * popular
    return mixed / mixed.sum(axis=1, keepdims=True)


def _beside_truth(
    lines: pd.DataFrame, customers: pd.DataFrame, cut: datetime, later: TrainingRows, models: Mapping[str, Chances],
    wanted: pd.DataFrame,
) -> dict[str, dict[str, float]]:  # fmt: skip
    """Scores on each customer's first order after the cut, foreseen at the cut: the models', and the truth's own."""
    first = later.orders.drop_duplicates("customer_id")
    first = first[first["customer_id"].isin(wanted.index[wanted.sum(axis=1) > 0])]
    names = later.targets.columns.to_numpy(str)
    bought = later.targets.loc[first.index].to_numpy()
    known = customer_features(lines, customers, cut, categories=list(names)).loc[first["customer_id"]]
    truly = wanted.reindex(columns=names, fill_value=0.0).loc[first["customer_id"]].to_numpy(float) + LEAST_CHANCE
    foreseen = {name: chances(known) for name, chances in models.items()}
    foreseen["the simulation's truth"] = truly / truly.sum(axis=1, keepdims=True)
    return {name: category_scores(chances, bought) for name, chances in foreseen.items()}


def _report(
    earlier: TrainingRows,
    later: TrainingRows,
    names: np.ndarray,
    foreseen: Mapping[str, np.ndarray],
    tree: PurchaseTree,
) -> Report:
    bought = later.targets.to_numpy()
    models = {model: category_scores(chances, bought) for model, chances in foreseen.items()}
    report = Report(figures={
        "learned_from": len(earlier.orders), "measured_on": len(later.orders), "models": models,
        "tree": {"leaves": int(tree.tree_.get_n_leaves()), "depth": int(tree.tree_.get_depth()), "alpha": tree.alpha_},
    })  # fmt: skip
    report.compare("The next category", models)
    weight = bought / bought.sum(axis=1, keepdims=True)
    report.pictures["calibration of the first guess"] = reliability_diagram(
        {name: _first_guess(foreseen[name], weight) for name in ("tree", "support vector machine")}
    )
    best = foreseen["support vector machine"]
    first = np.take_along_axis(bought, best.argmax(axis=1)[:, None], axis=1)[:, 0]
    found = {name: float((best.argmax(axis=1) == place)[bought[:, place]].mean()) for place, name in enumerate(names)
             if bought[:, place].any()}  # fmt: skip
    report.pictures["foreseen by category"] = shares_beside(found, float(first.mean()), "share foreseen, first guess")
    report.tables["Surest errors"] = (["foreseen", "chance", "bought"], _errors(best, bought, names))
    report.tables["Reasons"] = (["reason"], [[sentence] for sentence in _reasons(tree, later)])
    return report


def _first_guess(chances: np.ndarray, weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The chance of each row's likeliest category, and whether it came (its share of what came)."""
    return chances.max(axis=1), np.take_along_axis(weight, chances.argmax(axis=1)[:, None], axis=1)[:, 0]


def _errors(chances: np.ndarray, bought: np.ndarray, names: np.ndarray) -> list[list[Any]]:
    first = chances.argmax(axis=1)
    wrong = np.flatnonzero(~bought[np.arange(len(first)), first])
    surest = wrong[np.argsort(-chances[wrong, first[wrong]], kind="stable")][:MOST_ERRORS]
    return [[str(names[first[row]]), float(chances[row, first[row]]), ", ".join(names[bought[row]])] for row in surest]


def _reasons(tree: PurchaseTree, later: TrainingRows, most: int = 20) -> list[str]:
    """What the tree says of customers who differ: one sentence a leaf."""
    sentences = dict.fromkeys(
        tree.reason(later.features.iloc[[row]], str(category)).sentence()
        for row, category in enumerate(tree.predict(later.features.head(500)))
    )
    return list(sentences)[:most]


def _popular(rows: TrainingRows, names: np.ndarray) -> np.ndarray:
    counts = rows.targets[names].sum().to_numpy(float) + 0.5
    return counts / counts.sum()


def _spread(chances: np.ndarray, classes: np.ndarray, names: np.ndarray) -> np.ndarray:
    """The same chances in the columns of all categories, those that a model does not know at 0."""
    wide = np.zeros((len(chances), len(names)))
    wide[:, pd.Index(names).get_indexer(classes)] = chances
    return wide


def _only(rows: TrainingRows, chosen: np.ndarray) -> TrainingRows:
    return TrainingRows(rows.features[chosen], rows.targets[chosen], rows.orders[chosen])
