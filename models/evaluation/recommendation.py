"""How good the next best offers are: on purchases the models did not see, and beside what the demo's customers want."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np

from models.evaluation.ranking import coverage, ndcg_at_k, recall_at_k
from models.evaluation.report import Report, reliability_diagram
from models.learning import learn_spend
from models.offers.next_best_offer import NextBestOffer
from models.preparation.frames import NothingSold, SalesFrames

K = 10
MOST_CUSTOMERS = 3000  # whose offers are compared with what they bought
MOST_ASKED = 1000  # customers, about, whose stated chances are compared with what happened
Ranker = Callable[[int], Sequence[str]]
Wanted = Mapping[int, Mapping[str, float]]  # customer id -> product -> how much it is wanted


def evaluate_recommendations(frames: SalesFrames, *, horizon: int = 60) -> Report:
    """Learn from all but the last `horizon` days and compare the offers with what was bought in these."""
    past, bought = _held_back(frames, horizon)
    if not bought or past.lines.empty:
        raise NothingSold(f"there are not enough orders to hold the last {horizon} days back")
    offers = NextBestOffer(horizon=horizon).fit(past, learn_spend(past))
    wanted = dict(sorted(bought.items())[:MOST_CUSTOMERS])
    rankers = {**_baselines(past), "next best offer": _ranker(offers)}
    report = Report({name: _figures(ranker, wanted, past) for name, ranker in rankers.items()})
    report.compare(f"Offers beside what {len(wanted)} customers bought in the last {horizon} days", report.figures)
    report.pictures["stated chance and share that was bought"] = reliability_diagram(
        {"offers": _chances(offers, bought)}
    )
    report.tables["Customers of whose purchases nothing was offered"] = (
        ["customer", "bought", "offered first"], _errors(rankers["next best offer"], wanted),
    )  # fmt: skip
    return report


def held_out_figures(frames: SalesFrames, offers: NextBestOffer) -> dict[str, dict[str, float]] | None:
    """Figures of what was offered as of before the last horizon, beside baselines; None when nothing was held out.

    Nothing of the horizon was learned from, but for the three numbers that weigh the parts.
    """
    past, bought = _held_back(frames, offers.horizon)
    wanted = {id: bought[id] for id in offers.held_out_ if id in bought}
    if not wanted:
        return None
    rankers = {**_baselines(past), "next best offer": offers.held_out_.__getitem__}
    return {name: _figures(ranker, wanted, past) for name, ranker in rankers.items()}


def _held_back(frames: SalesFrames, horizon: int) -> tuple[SalesFrames, dict[int, dict[str, float]]]:
    """The store as it was before the last `horizon` days, and what each customer bought in these."""
    before = frames.now - timedelta(days=horizon)
    past = replace(frames, lines=frames.lines[frames.lines["placed_at"] < before], now=before)
    after = frames.lines[
        (frames.lines["placed_at"] >= before) & frames.lines["product"].isin(frames.products["product"])
    ]
    bought: dict[int, dict[str, float]] = defaultdict(dict)
    for customer, product in zip(after["customer_id"], after["product"], strict=True):
        bought[int(customer)][product] = 1.0
    return past, bought


def compare_with_truth(
    frames: SalesFrames, preferences: Sequence[Mapping[str, float]], offers: NextBestOffer
) -> dict[str, dict[str, float]]:
    """NDCG of the offers against what simulated customers truly want: `preferences` in the order of their ids."""
    wanted = dict(zip(frames.customers.index, preferences, strict=True))
    truth = {id: sorted(gains, key=lambda product: -gains[product]) for id, gains in wanted.items()}
    rankers = {**_baselines(frames), "next best offer": _ranker(offers), "the truth": lambda id: truth[id][:K]}
    return {
        name: {"ndcg@10": _mean(ndcg_at_k(rank(id), wanted[id]) for id in wanted)} for name, rank in rankers.items()
    }


def _figures(rank: Ranker, wanted: Wanted, frames: SalesFrames) -> dict[str, float]:
    lists = {id: rank(id) for id in wanted}
    return {
        "ndcg@10": _mean(ndcg_at_k(lists[id], wanted[id]) for id in wanted),
        "recall@10": _mean(recall_at_k(lists[id], wanted[id]) for id in wanted),
        "coverage": coverage(lists.values(), frames.products["product"].nunique()),
    }


def _ranker(offers: NextBestOffer) -> Ranker:
    return lambda id: [ranked.product for ranked in offers.rank(id, k=K)]


def _baselines(frames: SalesFrames) -> dict[str, Ranker]:
    """What sells most, and what the customer bought most with that behind it."""
    lines = frames.lines[frames.lines["product"].isin(frames.products["product"])]
    popular = lines["product"].value_counts().index.tolist()
    mine = _personal(lines)
    return {
        "popular": lambda id: popular[:K],
        "bought before": lambda id: list(dict.fromkeys([*mine.get(id, ()), *popular]))[:K],
    }


def _personal(lines: Any) -> dict[int, list[str]]:
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for customer, product in zip(lines["customer_id"], lines["product"], strict=True):
        counts[int(customer)][product] += 1
    return {id: [product for product, _ in bought.most_common()] for id, bought in counts.items()}


def _chances(offers: NextBestOffer, bought: Wanted) -> tuple[np.ndarray, np.ndarray]:
    """Stated chances, and whether it was bought, of the offers made to every known customer."""
    pairs = [
        (ranked.propensity, ranked.product in bought.get(id, {}))
        for id in list(offers.known_.place)[:: max(len(offers.known_.place) // MOST_ASKED, 1)]
        for ranked in offers.rank(id, k=K)
    ]
    table = np.array(pairs, dtype=float)
    return table[:, 0], table[:, 1]


def _errors(rank: Ranker, wanted: Wanted, most: int = 20) -> list[list[str]]:
    """Customers of whose purchases nothing was offered, those who bought most first."""
    missed = [
        [str(id), ", ".join(wanted[id]), ", ".join(rank(id)[:5])]
        for id in sorted(wanted, key=lambda id: -len(wanted[id]))
        if not set(wanted[id]) & set(rank(id))
    ]
    return missed[:most]


def _mean(values: Any) -> float:
    values = list(values)
    return float(np.mean(values)) if values else 0.0
