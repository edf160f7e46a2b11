"""Spend from who the customers are: ours beside linear regression, a tree, a support vector machine and boosting.

    python benchmarks/spend.py --file customer_spend.csv.gz [--json]

Runs in the app's Python; LightGBM and CatBoost stand in the table where they can be imported (requirements.txt).
The table has one customer a row with `revenue`, `Age`, `Gender`, `AnnualIncome` and further columns. What is known
only after the sales (orders, bikes bought ...) is left out. Every model sees the same folds; a peer's settings are
chosen inside the training part. With `--rows N`, measures instead how long the support vector machine of habit trains
on N made-up rows.
"""

from __future__ import annotations

import argparse
import importlib.util
import json
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from sklearn.compose import make_column_selector, make_column_transformer
from sklearn.ensemble import HistGradientBoostingRegressor
from sklearn.kernel_approximation import Nystroem
from sklearn.linear_model import LinearRegression
from sklearn.metrics import mean_absolute_error, r2_score
from sklearn.model_selection import GridSearchCV, RepeatedKFold
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import OneHotEncoder, StandardScaler
from sklearn.svm import LinearSVR
from sklearn.tree import DecisionTreeRegressor

sys.path.insert(0, str(Path(__file__).resolve().parent.parent))

from models.habits import NeedSVM  # noqa: E402 - after the path that it lies on
from models.spend import SpendRegressor  # noqa: E402

TARGET = "revenue"
FIRST = ["Age", "Gender", "AnnualIncome"]
AFTERWARDS = ["orders", "lines", "first_order", "last_order", "bikes", "bike_buyer"]  # known from the sales alone
NO_FACTS = ["CustomerKey", "BirthDate"]  # an id, and the age again
MEASURES = {"r2": "R2", "mae": "MAE", "fit_s": "fit s"}


def peers() -> dict[str, Callable[[], Any]]:
    """Name -> a maker of a model that is ready to fit."""
    made: dict[str, Callable[[], Any]] = {
        "linear regression": lambda: _encoded(LinearRegression()),
        "tree": lambda: _tuned(_encoded(DecisionTreeRegressor(random_state=0)), {
            "model__min_samples_leaf": [30, 100, 200]}),
        "support vector machine": lambda: _tuned(_scaled_svm(), {
            "model__kernel__gamma": [0.03, 0.1, 0.3]}),
        "boosting (scikit-learn)": lambda: _tuned(_encoded(HistGradientBoostingRegressor(random_state=0)), {
            "model__learning_rate": [0.05, 0.1], "model__max_leaf_nodes": [8, 31]}),
    }  # fmt: skip
    if importlib.util.find_spec("lightgbm"):
        from lightgbm import LGBMRegressor

        made["LightGBM"] = lambda: _tuned(_encoded(LGBMRegressor(verbose=-1, n_jobs=1, random_state=0)), {
            "model__learning_rate": [0.05, 0.1], "model__num_leaves": [8, 31]})  # fmt: skip
    if importlib.util.find_spec("catboost"):
        from catboost import CatBoostRegressor

        made["CatBoost"] = lambda: _encoded(
            CatBoostRegressor(iterations=400, verbose=0, thread_count=1, random_seed=0, allow_writing_files=False)
        )
    return made


def ours() -> dict[str, Callable[[], Any]]:
    return {
        "ours: straight lines": lambda: SpendRegressor(shape="line"),
        "ours: as it comes": lambda: SpendRegressor(),
        "ours: columns together": lambda: SpendRegressor(shape="together"),
    }


def compare(table: pd.DataFrame, folds: int, repeats: int) -> dict[str, dict[str, float]]:
    """Model -> means over all folds: R2, MAE, processor seconds to fit (choice of settings included), R2's spread."""
    rows, spend = table.drop(columns=TARGET), table[TARGET].to_numpy()
    found: dict[str, list[tuple[float, float, float]]] = {}
    covered = []
    for train, test in RepeatedKFold(n_splits=folds, n_repeats=repeats, random_state=0).split(rows):
        for name, make in (peers() | ours()).items():
            print(f"fold {len(found.get(name, ())) + 1}: {name}", file=sys.stderr)
            begin = time.process_time()
            model = make().fit(rows.iloc[train], spend[train])
            seconds = time.process_time() - begin
            guess = model.predict(rows.iloc[test])
            score = (r2_score(spend[test], guess), mean_absolute_error(spend[test], guess), seconds)
            found.setdefault(name, []).append(score)
            if name == "ours: as it comes":
                low, _, high = model.interval(rows.iloc[test])
                covered.append(float(((spend[test] >= low) & (spend[test] <= high)).mean()))
    measured = {
        name: {**dict(zip(MEASURES, np.mean(scores, axis=0).tolist(), strict=True)),
               "r2_sd": float(np.std([score[0] for score in scores]))}
        for name, scores in found.items()
    }  # fmt: skip
    measured["ours: as it comes"]["covered"] = float(np.mean(covered))
    return measured


def explained(table: pd.DataFrame, most: int = 8) -> dict[str, list[str]]:
    """What each kind of model says of the whole table."""
    rows, spend = table.drop(columns=TARGET), table[TARGET].to_numpy()
    regression = SpendRegressor().fit(rows, spend)
    tree = _encoded(DecisionTreeRegressor(min_samples_leaf=200, max_depth=8, random_state=0)).fit(rows, spend)
    names = [name.split("__")[-1] for name in tree[0].get_feature_names_out()]
    weights = tree[-1].feature_importances_
    return {
        f"ours ({regression.shape_})": [effect.sentence() for effect in regression.effects()[:most]],
        "tree, share of what it explains": [
            f"{names[place]}: {100 * weights[place]:.0f} %"
            for place in np.argsort(-weights)[:most]
            if weights[place] > 0
        ],
    }


def svm_seconds(rows: int, seed: int = 0) -> dict[str, float]:
    """Seconds and accuracy of the machine of habit on made-up rows of 30 classes and 130 columns."""
    rng = np.random.default_rng(seed)
    centers = rng.normal(size=(30, 130))
    label = rng.integers(30, size=rows + 5000)
    table = pd.DataFrame(centers[label] * 0.35 + rng.normal(size=(rows + 5000, 130))).rename(columns=lambda c: f"c{c}")
    begin, used = time.perf_counter(), time.process_time()
    model = NeedSVM().fit(table[:rows], label[:rows])
    seconds, used = time.perf_counter() - begin, time.process_time() - used
    accuracy = float((model.predict(table[rows:]) == label[rows:].astype(str)).mean())
    return {"rows": rows, "fit_s": seconds, "processor_s": used, "accuracy": accuracy}


def _encoded(model: Any) -> Pipeline:
    texts = OneHotEncoder(drop="first", sparse_output=False, handle_unknown="ignore")
    columns = make_column_transformer(
        (texts, make_column_selector(dtype_exclude=np.number)), remainder="passthrough"
    ).set_output(transform="pandas")
    return Pipeline([("columns", columns), ("model", model)])


def _scaled_svm() -> Pipeline:
    machine = Pipeline([
        ("scale", StandardScaler()),
        ("kernel", Nystroem(n_components=200, random_state=0)),
        ("machine", _OfScaledSpend()),
    ])  # fmt: skip
    return _encoded(machine)


class _OfScaledSpend(LinearSVR):
    """A support vector machine for regression sees spend in units of its spread."""

    def __init__(self, C: float = 1.0) -> None:  # noqa: N803 - the library's name
        super().__init__(C=C, loss="squared_epsilon_insensitive", dual=False, epsilon=0.1)

    def fit(self, matrix: Any, spend: Any, sample_weight: Any = None) -> Any:
        self.mean_, self.spread_ = float(np.mean(spend)), float(np.std(spend)) or 1.0
        return super().fit(matrix, (spend - self.mean_) / self.spread_, sample_weight)

    def predict(self, matrix: Any) -> np.ndarray:
        return super().predict(matrix) * self.spread_ + self.mean_


def _tuned(model: Pipeline, settings: dict[str, list[Any]]) -> GridSearchCV:
    return GridSearchCV(model, settings, cv=3, scoring="neg_mean_squared_error")


def read(file: Path) -> pd.DataFrame:
    """The customers, with what may be used to foresee their spend."""
    table = pd.read_csv(file)
    lacking = [name for name in (TARGET, *FIRST) if name not in table]
    if lacking:
        raise SystemExit(f"{file}: there is no column {lacking[0]}")
    return table.drop(columns=[*AFTERWARDS, *NO_FACTS], errors="ignore")


def show(part: str, measured: dict[str, dict[str, float]], words: dict[str, list[str]]) -> None:
    print(f"\n{part}\n{'':26}" + "".join(f"{title:>10}" for title in MEASURES.values()))
    for name, values in measured.items():
        shown = f"{values['r2']:>10.3f}{values['mae']:>10.0f}{values['fit_s']:>10.2f}"
        inside = f"   {values['covered']:.1%} inside intervals of 80 %" if "covered" in values else ""
        print(f"{name:26}{shown}{inside}")
    for name, sentences in words.items():
        print(f"{name}: " + "; ".join(sentences))


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--file", type=Path)
    parser.add_argument("--repeats", type=int, default=1, help="of the folds")
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--rows", type=int, help="made-up rows for the support vector machine of habit")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.rows:
        print(json.dumps(svm_seconds(options.rows)))
        return
    if options.file is None or not options.file.is_file():
        raise SystemExit(f"--file: there is no file {options.file}")
    table = read(options.file)
    parts = {"age, gender, income": table[[*FIRST, TARGET]], "all columns": table}
    measured = {
        part: {"models": compare(chosen, options.folds, options.repeats), "explained": explained(chosen)}
        for part, chosen in parts.items()
    }
    if options.json:
        print(json.dumps(measured))
        return
    for part, found in measured.items():
        show(part, found["models"], found["explained"])


if __name__ == "__main__":
    main()
