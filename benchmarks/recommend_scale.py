"""How the basket recommender grows: a made-up store, a quarter of it and all of it, each in a process of its own.

Runs in the application's environment, from the folder of the project:

    python benchmarks/recommend_scale.py [--lines 5000000] [--json]

Customers come back to a few favourites of theirs; what else they buy follows a Zipf-like law. Lines, customers and
products grow together up to the number of customers and products asked for.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

BASKET, FAVOURITES, LOYALTY, DAYS = 5, 12, 0.6, 700
ASKED = 500


def store(lines: int, customers: int, products: int, seed: int) -> pd.DataFrame:
    """Order lines, BASKET a basket: a share LOYALTY of them favourites of the customer."""
    rng = np.random.default_rng(seed)
    chances = 1 / np.arange(1, products + 1) ** 0.8
    popular = np.cumsum(chances / chances.sum())
    draw = lambda size: np.minimum(np.searchsorted(popular, rng.random(size)), products - 1)  # noqa: E731
    favourites = draw((customers, FAVOURITES))
    baskets = lines // BASKET
    owner = rng.integers(0, customers, baskets)
    start = np.datetime64("2024-01-01", "us")
    moment = start + (rng.random(baskets) * DAYS * 86400).astype("timedelta64[s]")
    basket = np.repeat(np.arange(baskets), BASKET)
    loyal = rng.random(len(basket)) < LOYALTY
    mine = favourites[owner[basket], rng.integers(0, FAVOURITES, len(basket))]
    item = np.where(loyal, mine, draw(len(basket)))
    at = pd.Series(moment[basket]).dt.tz_localize("UTC")
    return pd.DataFrame({"customer_id": owner[basket], "item": item, "basket": basket, "at": at, "quantity": 1})


def measure(lines: int, customers: int, products: int) -> dict[str, float]:
    from models.baskets import BasketRecommender

    table = store(lines, customers, products, seed=0)
    made = _peak_gb()
    begin, cpu = time.perf_counter(), time.process_time()
    model = BasketRecommender().fit(table)
    fit_s, fit_cpu_s = time.perf_counter() - begin, time.process_time() - cpu
    times, cpu_times = [], []
    for customer in np.random.default_rng(1).choice(model.purchases_.customers, ASKED).tolist():
        begin, cpu = time.perf_counter(), time.process_time()
        model.recommend(customer, 10)
        times.append((time.perf_counter() - begin) * 1000)
        cpu_times.append((time.process_time() - cpu) * 1000)
    return {
        "lines": len(table),
        "customers": len(model.purchases_.customers),
        "products": len(model.purchases_.items),
        "fit_s": round(fit_s, 1),
        "fit_cpu_s": round(fit_cpu_s, 1),
        "peak_gb_lines_alone": made,
        "peak_gb": _peak_gb(),
        "recommend_ms_median": round(float(np.median(times)), 2),
        "recommend_cpu_ms_median": round(float(np.median(cpu_times)), 2),
        "recommend_ms_p95": round(float(np.percentile(times, 95)), 2),
        "recommend_cpu_ms_p95": round(float(np.percentile(cpu_times, 95)), 2),
    }


def _peak_gb() -> float:
    return round(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20, 2)


def main() -> None:
    parser = argparse.ArgumentParser(description="How the basket recommender grows.")
    parser.add_argument("--lines", type=int, default=5_000_000)
    parser.add_argument("--customers", type=int, default=100_000)
    parser.add_argument("--products", type=int, default=50_000)
    parser.add_argument("--one", action="store_true", help="this size only, in this process")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if options.one:
        print(json.dumps(measure(options.lines, options.customers, options.products)))
        return
    measured = [_in_a_process(options, part) for part in (4, 1)]
    if options.json:
        print(json.dumps(measured))
        return
    for name in measured[0]:
        print(f"{name:24}" + "".join(f"{row[name]:>14,}" for row in measured))


def _in_a_process(options: argparse.Namespace, part: int) -> dict[str, float]:
    sizes = {name: getattr(options, name) // part for name in ("lines", "customers")} | {"products": options.products}
    command = [sys.executable, __file__, "--one", *(f"--{name}={size}" for name, size in sizes.items())]
    return json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout)


if __name__ == "__main__":
    main()
