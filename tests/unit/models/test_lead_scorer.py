from __future__ import annotations

import pickle
from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from crm_store.lead_records import LeadRecord, lead_records
from crm_store.tables import LeadStage
from models.leads.errors import NotEnoughToLearn
from models.leads.evaluation import evaluate_leads, open_leads_against_truth
from models.leads.scorer import LeadScorer, fit_lead_scorer, ripe, score_open_leads
from tests.factories import make_lead

DAY = timedelta(days=1)


@pytest.fixture
def shop(session: Session, now: datetime) -> Session:
    """Of 240 leads nine in ten with a phone number were won, and one in ten without."""
    for number in range(240):
        has_phone, is_odd = number % 2 == 0, number % 20 in (4, 7)
        came = now - (60 + number) * DAY
        make_lead(
            session,
            stage=LeadStage.CONVERTED if has_phone != is_odd else LeadStage.LOST,
            phone="+442071234567" if has_phone else None,
            created_at=came,
            updated_at=came + (5 if has_phone != is_odd else 20) * DAY,
        )
    return session


def test_open_leads_are_ranked_with_their_reasons(shop: Session, now: datetime) -> None:
    cold = make_lead(shop, created_at=now - DAY)
    warm = make_lead(shop, created_at=now - DAY, phone="+442071234567")
    first, second = score_open_leads(shop, fit_lead_scorer(shop, now), now)
    assert (first.lead.id, second.lead.id) == (warm.id, cold.id)
    assert first.chance == pytest.approx(0.9, abs=0.08) and second.chance == pytest.approx(0.1, abs=0.08)
    assert [str(factor) for factor in first.reasons_for] == ["gave a phone number (+)"]
    assert [str(factor) for factor in second.reasons_against] == ["no phone number (-)"]


def test_no_open_lead_is_an_empty_list_and_the_scorer_survives_its_file(shop: Session, now: datetime) -> None:
    scorer = pickle.loads(pickle.dumps(fit_lead_scorer(shop, now)))
    assert score_open_leads(shop, scorer, now) == []


@pytest.mark.parametrize(
    ("stages", "about"),
    [
        ([], "No lead has been won or lost"),
        ([LeadStage.NEW] * 30, "No lead has been won or lost"),
        ([LeadStage.CONVERTED] * 30, "All 30 settled leads were won"),
        ([LeadStage.LOST] * 30, "All 30 settled leads were lost"),
        ([LeadStage.LOST] * 30 + [LeadStage.CONVERTED] * 3, "3 won and 30 lost"),
    ],
)
def test_too_little_to_learn_from_is_one_sentence(
    session: Session, now: datetime, stages: Sequence[LeadStage], about: str
) -> None:
    for stage in stages:
        make_lead(session, stage=stage)
    with pytest.raises(NotEnoughToLearn, match=about):
        fit_lead_scorer(session, now)


def test_leads_that_nobody_gave_up_are_learned_from_as_lost(session: Session, now: datetime) -> None:
    for number in range(40):
        make_lead(session, stage=LeadStage.CONVERTED if number % 2 else LeadStage.NEW, created_at=now - 90 * DAY)
    with pytest.raises(NotEnoughToLearn, match="no column says anything"):  # but both outcomes are there
        fit_lead_scorer(session, now)


def test_the_last_weeks_are_left_out_while_too_many_of_their_settled_leads_are_won(
    shop: Session, now: datetime
) -> None:
    for _ in range(5):
        make_lead(shop, stage=LeadStage.CONVERTED, created_at=now - 3 * DAY)
    records = lead_records(shop)
    assert len(ripe(records, now)) == 240
    assert len(ripe(records[-5:], now)) == 5


def test_an_evaluation_learns_from_earlier_leads_and_stands_beside_a_baseline(shop: Session, now: datetime) -> None:
    evaluation = evaluate_leads(lead_records(shop), now, against_truth=True)
    assert evaluation.learned_from < 170 and evaluation.tested_on == 72
    ours, base = evaluation.scores["ours"], evaluation.scores["base rate"]
    assert ours["auc"] > 0.8 > base["auc"] == 0.5
    assert ours["brier"] < base["brier"]
    assert evaluation.scores["truth"]["auc"] > 0.8
    said, seen = evaluation.calibration_curve()
    assert len(said) == len(seen) == ours["bins"]


def test_nothing_settled_cannot_be_evaluated(now: datetime) -> None:
    none: list[LeadRecord] = []
    with pytest.raises(NotEnoughToLearn):
        evaluate_leads(none, now)
    with pytest.raises(NotEnoughToLearn):
        open_leads_against_truth(none, LeadScorer(), now)
