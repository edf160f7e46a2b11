"""Scores the shop's open leads by what became of the earlier ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import numpy as np
from numpy.typing import NDArray
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted
from sqlalchemy.orm import Session

from crm_store.lead_records import LeadRecord, lead_records
from models.leads.errors import NotEnoughToLearn
from models.leads.features import lead_table, settled_at
from models.leads.table_scorer import FEWEST_OF_EACH, TableScorer
from models.leads.words import Factor, lead_factors, strongest

GIVEN_UP_AFTER = timedelta(days=60)  # a lead open for longer is taken for lost: reps seldom say so


@dataclass(frozen=True, slots=True)
class RankedLead:
    """An open lead, its chance (0 to 1), and what speaks for and against it, the strongest first."""

    lead: LeadRecord
    chance: float
    reasons_for: list[Factor]
    reasons_against: list[Factor]


class LeadScorer(BaseEstimator):
    """Calibrated chance that a lead buys, from what the shop knew of earlier leads at the same point.

    Parameters
    ----------
    given_up_after : age from which an open lead is learned from as a lost one.
    seed : of the folds and the trees.

    Attributes
    ----------
    table_scorer_ : the fitted TableScorer.
    leads_, won_ : how many leads it has learned from, and how many of them were won.
    since_, until_ : when the first and the last of them came.
    """

    def __init__(self, given_up_after: timedelta = GIVEN_UP_AFTER, seed: int = 0) -> None:
        self.given_up_after = given_up_after
        self.seed = seed

    def fit(self, records: Sequence[LeadRecord], now: datetime) -> LeadScorer:
        """Learns from the leads that are settled; raises NotEnoughToLearn."""
        known = [record for record in records if is_settled(record, now, self.given_up_after)]
        won = sum(record.is_won for record in known)
        _check(len(known), won)
        learned = ripe(known, now)
        outcomes = [int(record.is_won) for record in learned]
        self.table_scorer_ = TableScorer(seed=self.seed).fit(lead_table(learned, now), outcomes)
        self.leads_, self.won_ = len(learned), sum(outcomes)
        self.since_ = min(record.created_at for record in learned)
        self.until_ = max(record.created_at for record in learned)
        return self

    def predict_proba(self, records: Sequence[LeadRecord], now: datetime) -> NDArray[np.float64]:
        """(n, 2) chances of staying away and of buying, as of `now` or of the moment before a lead was settled."""
        check_is_fitted(self, "table_scorer_")
        return self.table_scorer_.predict_proba(lead_table(records, now)) if records else np.empty((0, 2))

    def explain(self, records: Sequence[LeadRecord], now: datetime) -> list[list[Factor]]:
        """For each lead what speaks for and against it, compared with usual leads."""
        check_is_fitted(self, "table_scorer_")
        if not records:
            return []
        table = lead_table(records, now)
        effects, _ = self.table_scorer_.contributions(table)
        rows = zip(table.to_dict("records"), effects.to_dict("records"), strict=True)
        return [lead_factors(features, added) for features, added in rows]


def fit_lead_scorer(session: Session, now: datetime, seed: int = 0) -> LeadScorer:
    """A scorer that has learned from all settled leads of the store; raises NotEnoughToLearn."""
    return LeadScorer(seed=seed).fit(lead_records(session), now)


def score_open_leads(session: Session, scorer: LeadScorer, now: datetime, most: int | None = None) -> list[RankedLead]:
    """The open leads, the likeliest to buy first; up to `most` of them."""
    records = lead_records(session, only_open=True)
    chances = scorer.predict_proba(records, now)[:, 1]
    places = np.argsort(-chances, kind="stable")[:most]
    chosen = [records[place] for place in places]
    told = [strongest(factors) for factors in scorer.explain(chosen, now)]
    return [
        RankedLead(record, float(chances[place]), *reasons)
        for place, record, reasons in zip(places, chosen, told, strict=True)
    ]


def is_settled(record: LeadRecord, now: datetime, given_up_after: timedelta = GIVEN_UP_AFTER) -> bool:
    """Whether a lead's end is known, or may be taken for known."""
    return not record.is_open or now - record.created_at > given_up_after


def ripe(settled: Sequence[LeadRecord], now: datetime) -> list[LeadRecord]:
    """The leads of days from which nearly all are settled.

    Who buys does so sooner than a lead is given up, so among the settled leads of the last weeks too many are won. They
    are left out where enough others remain.
    """
    waits = [end - record.created_at for record in settled if not record.is_won and (end := settled_at(record))]
    usual = sorted(waits)[int(0.9 * len(waits))] if waits else timedelta()
    older = [record for record in settled if record.created_at <= now - usual]
    won = sum(record.is_won for record in older)
    enough = len(older) >= len(settled) / 2 and min(won, len(older) - won) >= FEWEST_OF_EACH
    return older if enough else list(settled)


def _check(known: int, won: int) -> None:
    if not known:
        raise NotEnoughToLearn("No lead has been won or lost yet, so there is nothing to learn from.")
    if won in (0, known):
        ended = "won" if won else "lost"
        raise NotEnoughToLearn(
            f"All {known} settled leads were {ended}; a score can be learned when some have ended the other way."
        )
    if min(won, known - won) < FEWEST_OF_EACH:
        raise NotEnoughToLearn(
            f"There are {won} won and {known - won} lost leads; at least {FEWEST_OF_EACH} of each are needed to learn."
        )
