"""How good lead scores are: learned from the earlier leads, compared with what became of the later ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
from numpy.typing import NDArray

from crm_store.demo.truth import LEAD_SOURCES, lead_propensity
from crm_store.lead_records import LeadRecord
from models.evaluation.chances import bins_for, chance_scores, reliability
from models.leads.errors import NotEnoughToLearn
from models.leads.features import settled_at
from models.leads.scorer import LeadScorer, is_settled, ripe

TEST_SHARE = 0.3


@dataclass(frozen=True, slots=True)
class LeadEvaluation:
    """Figures by name of who gave the chances ("ours", "base rate", "truth"), and what pictures need."""

    split_at: datetime
    learned_from: int
    tested_on: int
    scores: dict[str, dict[str, Any]]
    outcomes: NDArray[np.int64]
    chances: NDArray[np.float64]

    def calibration_curve(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Mean chance and share of won leads of each bin."""
        return reliability(self.outcomes, self.chances, bins_for(len(self.chances)))[:2]


def evaluate_leads(
    records: Sequence[LeadRecord], now: datetime, *, against_truth: bool = False, seed: int = 0
) -> LeadEvaluation:
    """Learn from the leads that were settled by a day and score those that came after it.

    `against_truth` adds what the demo shop's simulator knows. Raises NotEnoughToLearn.
    """
    settled = sorted((r for r in records if is_settled(r, now)), key=lambda record: record.created_at)
    settled = ripe(settled, now)
    if not settled:
        raise NotEnoughToLearn("No lead has been won or lost yet, so there is nothing to compare scores with.")
    split_at = settled[int(len(settled) * (1 - TEST_SHARE))].created_at
    earlier = [record for record in settled if (end := settled_at(record)) and end < split_at]
    later = [record for record in settled if record.created_at >= split_at]
    scorer = LeadScorer(seed=seed).fit(earlier, split_at)
    outcomes = np.array([int(record.is_won) for record in later])
    chances = scorer.predict_proba(later, now)[:, 1]
    base = np.full(len(later), scorer.won_ / scorer.leads_)
    scores = {"ours": chance_scores(outcomes, chances), "base rate": chance_scores(outcomes, base)}
    if against_truth:
        scores["truth"] = chance_scores(outcomes, [true_chance(record) for record in later])
    return LeadEvaluation(split_at, scorer.leads_, len(later), scores, outcomes, chances)


def open_leads_against_truth(records: Sequence[LeadRecord], scorer: LeadScorer, now: datetime) -> dict[str, float]:
    """How near the chances of the demo shop's open leads come to those that the simulator drew them with."""
    open_ones = [record for record in records if record.is_open]
    if not open_ones:
        raise NotEnoughToLearn("There is no open lead to compare with the truth.")
    true = np.array([true_chance(record) for record in open_ones])
    ours = scorer.predict_proba(open_ones, now)[:, 1]
    return {
        "leads": len(open_ones),
        "mean_distance": float(np.abs(ours - true).mean()),
        "mean_distance_of_base_rate": float(np.abs(scorer.table_scorer_.base_rate_ - true).mean()),
        "correlation": float(np.corrcoef(ours, true)[0, 1]) if len(open_ones) > 1 else 1.0,
    }


def true_chance(record: LeadRecord) -> float:
    """The chance with which the demo shop's simulator lets such a lead buy."""
    end = settled_at(record)
    signs = {
        "bought before": any(at < record.created_at for at, _ in record.orders),
        "gave a phone number": bool(record.phone),
        "named a budget": "budget" in record.wants,
        "named a product": "product" in record.wants,
        "needs it by a day": "needed_by" in record.wants,
        "was called": any(kind == "call" and (end is None or at < end) for kind, at in record.touchpoints),
    }
    source = record.source if record.source in LEAD_SOURCES else "web"
    return lead_propensity({sign for sign, shown in signs.items() if shown}, source)
