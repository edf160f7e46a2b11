"""Lead scores beside tuned peers: the same rows, the same splits, one run, one table.

    python benchmarks/leads.py --file bank-full.csv.gz [--splits 3] [--draws 8] [--json]

The file is bank marketing (UCI); its column `duration` is left out, for it is known only after the call. A second
table, Caravan, is measured where the package ISLP is installed: for its data alone, without what it needs
(`pip install --no-deps ISLP`). Six tenths of the rows are learned from. Peers are tuned for AUC by random search
with cross-validation inside the first split's training rows, class weights being one of the choices; what was found is
used in all splits. One thread each.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import json
import os
import statistics
import sys
import time
import warnings
from collections.abc import Callable
from importlib.resources import files
from importlib.util import find_spec
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")

import numpy as np
import pandas as pd
from catboost import CatBoostClassifier
from lightgbm import LGBMClassifier
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingClassifier
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score
from sklearn.model_selection import ParameterSampler, StratifiedKFold, train_test_split
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler

sys.path.insert(0, str(Path(__file__).parents[1]))
from models.evaluation.chances import chance_scores
from models.leads.table_scorer import TableScorer

LEARNED = 0.6
FIGURES = ("auc", "brier", "calibration_error", "calibration_noise", "fit_s", "rows_s")
Make = Callable[..., Any]


def lightgbm(**settings: Any) -> LGBMClassifier:
    return LGBMClassifier(n_jobs=1, verbose=-1, random_state=0, subsample_freq=1, **settings)


def catboost(**settings: Any) -> CatBoostClassifier:
    return CatBoostClassifier(thread_count=1, verbose=False, random_seed=0, allow_writing_files=False, **settings)


def hist_gradient_boosting(**settings: Any) -> HistGradientBoostingClassifier:
    return HistGradientBoostingClassifier(
        categorical_features="from_dtype", early_stopping=False, random_state=0, **settings
    )


def logistic_regression(**settings: Any) -> Any:
    columns = make_column_transformer(
        (OneHotEncoder(handle_unknown="ignore", min_frequency=5), make_column_selector(dtype_include="category")),
        (StandardScaler(), make_column_selector(dtype_include="number")),
    )
    return make_pipeline(columns, LogisticRegression(max_iter=2000, **settings))


PEERS: dict[str, tuple[Make, dict[str, list[Any]]]] = {
    "LightGBM": (
        lightgbm,
        {
            "n_estimators": [150, 300, 500], "learning_rate": [0.02, 0.03, 0.05, 0.1], "num_leaves": [7, 15, 31, 63],
            "min_child_samples": [10, 20, 40, 80],
            "subsample": [0.7, 0.85, 1.0], "colsample_bytree": [0.4, 0.6, 0.8, 1.0],
            "reg_lambda": [0.0, 1.0, 5.0, 20.0], "class_weight": [None, "balanced"],
        },
    ),
    "CatBoost": (
        catboost,
        {
            "iterations": [150, 300, 500], "learning_rate": [0.03, 0.05, 0.1], "depth": [4, 6, 7],
            "l2_leaf_reg": [1.0, 3.0, 10.0], "auto_class_weights": [None, "Balanced"],
        },
    ),
    "HistGradientBoosting": (
        hist_gradient_boosting,
        {
            "max_iter": [100, 200, 400], "learning_rate": [0.02, 0.05, 0.1], "max_leaf_nodes": [7, 15, 31],
            "min_samples_leaf": [10, 20, 40], "l2_regularization": [0.0, 1.0, 10.0], "max_features": [0.3, 0.5, 1.0],
            "class_weight": [None, "balanced"],
        },
    ),
    "logistic regression": (
        logistic_regression, {"C": [0.01, 0.03, 0.1, 0.3, 1.0, 10.0], "class_weight": [None, "balanced"]},
    ),
}  # fmt: skip


def bank_marketing(path: Path) -> tuple[pd.DataFrame, np.ndarray]:
    with gzip.open(path, "rt") if path.suffix == ".gz" else path.open() as file:
        separator = csv.Sniffer().sniff(file.readline(), ",;\t").delimiter
    table = pd.read_csv(path, sep=separator).drop(columns="duration")
    return table, (table.pop("y") == "yes").to_numpy(int)


def caravan() -> tuple[pd.DataFrame, np.ndarray]:
    """Who bought an insurance for a caravan; raises ModuleNotFoundError without ISLP."""
    with files("ISLP").joinpath("data", "Caravan.csv").open() as file:
        table = pd.read_csv(file)
    return table, (table.pop("Purchase") == "Yes").to_numpy(int)


def with_categories(table: pd.DataFrame) -> pd.DataFrame:
    """Texts as categories, which is what the peers take."""
    texts = table.select_dtypes(exclude="number").columns
    return table.astype(dict.fromkeys(texts, "category"))


def fitted(name: str, settings: dict[str, Any], table: pd.DataFrame, y: np.ndarray) -> Any:
    model = PEERS[name][0](**settings)
    if name == "CatBoost":
        return model.fit(table, y, cat_features=list(table.select_dtypes("category").columns))
    return model.fit(table, y)


def tuned(name: str, table: pd.DataFrame, y: np.ndarray, draws: int, folds: int) -> dict[str, Any]:
    """The settings with the highest cross-validated AUC of `draws` random ones."""
    best, chosen = -1.0, {}
    for settings in ParameterSampler(PEERS[name][1], draws, random_state=0):
        aucs = []
        for seen, left_out in StratifiedKFold(folds, shuffle=True, random_state=0).split(table, y):
            model = fitted(name, settings, table.iloc[seen], y[seen])
            aucs.append(roc_auc_score(y[left_out], model.predict_proba(table.iloc[left_out])[:, 1]))
        if np.mean(aucs) > best:
            best, chosen = float(np.mean(aucs)), settings
    return chosen


def measured(
    name: str, settings: dict[str, Any], table: pd.DataFrame, y: np.ndarray, parts: tuple[np.ndarray, np.ndarray]
) -> dict[str, float]:
    learn, test = parts
    begin = time.perf_counter()
    ours = name == "ours"
    model = (
        TableScorer().fit(table.iloc[learn], y[learn]) if ours else fitted(name, settings, table.iloc[learn], y[learn])
    )
    fit_s = time.perf_counter() - begin
    begin = time.perf_counter()
    chances = model.predict_proba(table.iloc[test])[:, 1]
    rows_s = len(test) / (time.perf_counter() - begin)
    return {**chance_scores(y[test], chances), "fit_s": fit_s, "rows_s": rows_s}


def compare(table: pd.DataFrame, y: np.ndarray, options: argparse.Namespace) -> dict[str, dict[str, Any]]:
    """Medians over the splits of every figure, for ours and each peer."""
    peers_table = with_categories(table)
    rows = np.arange(len(y))
    splits = [
        train_test_split(rows, train_size=LEARNED, stratify=y, random_state=options.seed + n)
        for n in range(options.splits)
    ]
    results: dict[str, dict[str, Any]] = {}
    for name in ("ours", *PEERS):
        first, used = splits[0][0], table if name == "ours" else peers_table
        settings = {} if name == "ours" else tuned(name, used.iloc[first], y[first], options.draws, options.folds)
        runs = [measured(name, settings, used, y, parts) for parts in splits]
        results[name] = {figure: statistics.median(run[figure] for run in runs) for figure in FIGURES}
        results[name] |= {"bins": runs[0]["bins"], "settings": settings}
        print(f"  {name}: {results[name]}", file=sys.stderr, flush=True)
    return results


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path, required=True, help="bank marketing, compressed or not")
    parser.add_argument("--splits", type=int, default=3)
    parser.add_argument("--seed", type=int, default=2026, help="of the first split; the others count on")
    parser.add_argument("--draws", type=int, default=8, help="settings tried for each peer")
    parser.add_argument("--folds", type=int, default=3, help="of the cross-validation that tunes the peers")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    tables: dict[str, Callable[[], tuple[pd.DataFrame, np.ndarray]]] = {}
    if find_spec("ISLP"):
        tables["caravan"] = caravan
    else:
        print("Caravan is left out: its package ISLP is not installed", file=sys.stderr)
    tables["bank marketing"] = lambda: bank_marketing(options.file)
    results = {name: compare(*read(), options) for name, read in tables.items()}
    if options.json:
        print(json.dumps(results))
        return
    for table, models in results.items():
        print(f"\n{table}: medians of {options.splits} splits, calibration error in {models['ours']['bins']} bins")
        print(f"{'':22}" + "".join(f"{figure:>19}" for figure in FIGURES))
        for name, figures in models.items():
            print(f"{name:22}" + "".join(f"{figures[figure]:19.4f}" for figure in FIGURES))


if __name__ == "__main__":
    main()
