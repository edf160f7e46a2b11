from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.special import expit
from sklearn.metrics import roc_auc_score

from models.leads.contributions import contributions
from models.leads.errors import NotEnoughToLearn
from models.leads.table_scorer import TableScorer

ROWS = 700


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    random = np.random.default_rng(1)
    return pd.DataFrame(
        {"source": random.choice(["referral", "advert", "NA"], ROWS), "visits": random.integers(0, 9, ROWS).astype(str)}
    )


@pytest.fixture(scope="module")
def true_chance(table: pd.DataFrame) -> np.ndarray:
    return expit(1.5 * (table["source"] == "referral") + 0.4 * table["visits"].astype(int) - 2.5).to_numpy()


@pytest.fixture(scope="module")
def outcomes(true_chance: np.ndarray) -> np.ndarray:
    return (np.random.default_rng(2).random(ROWS) < true_chance).astype(int)


@pytest.fixture(scope="module")
def scorer(table: pd.DataFrame, outcomes: np.ndarray) -> TableScorer:
    return TableScorer().fit(table, outcomes)


def test_chances_come_near_the_true_ones(scorer: TableScorer, table: pd.DataFrame, true_chance: np.ndarray) -> None:
    chances = scorer.predict_proba(table)[:, 1]
    assert np.abs(chances - true_chance).mean() < 0.06


def test_contributions_add_up_to_the_log_odds(scorer: TableScorer, table: pd.DataFrame) -> None:
    effects, base = scorer.contributions(table.head(20))
    assert effects.sum(axis=1).to_numpy() + base == pytest.approx(scorer.decision_function(table.head(20)))


def test_what_is_known_to_help_is_said_to_help(scorer: TableScorer) -> None:
    effects, _ = scorer.contributions(pd.DataFrame({"source": ["referral", "advert"], "visits": ["8", "0"]}))
    assert (effects.iloc[0] > 0.3).all() and (effects.iloc[1] < -0.3).all()


def test_the_same_seed_gives_the_same_chances(scorer: TableScorer, table: pd.DataFrame, outcomes: np.ndarray) -> None:
    again = TableScorer().fit(table, outcomes)
    assert (again.predict_proba(table) == scorer.predict_proba(table)).all()


def test_too_few_of_an_outcome_are_refused(table: pd.DataFrame) -> None:
    with pytest.raises(NotEnoughToLearn, match="9 rows with the outcome"):
        TableScorer().fit(table, [1] * 9 + [0] * (ROWS - 9))


def test_a_table_that_says_nothing_is_refused() -> None:
    with pytest.raises(NotEnoughToLearn, match="no column says anything"):
        TableScorer().fit(pd.DataFrame({"x": ["same"] * 40}), [0, 1] * 20)


def test_contributions_of_a_product_are_shared_evenly() -> None:
    effects, base = contributions(lambda x: x[:, 0] * x[:, 1], np.array([[2.0, 3.0]]), np.zeros((1, 2)))
    assert (effects.tolist(), base) == ([[3.0, 3.0]], 0.0)


def test_chances_rank_rows_never_seen(table: pd.DataFrame, outcomes: np.ndarray, true_chance: np.ndarray) -> None:
    half = ROWS // 2
    chances = TableScorer().fit(table[:half], outcomes[:half]).predict_proba(table[half:])[:, 1]
    best = roc_auc_score(outcomes[half:], true_chance[half:])
    assert roc_auc_score(outcomes[half:], chances) > best - 0.03
