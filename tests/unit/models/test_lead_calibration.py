from __future__ import annotations

import numpy as np
import pytest
from scipy.special import expit

from models.evaluation.chances import calibration_error, calibration_noise, chance_scores
from models.leads.calibration import Calibrator, CentredIsotonic, ScoreBlend


@pytest.fixture
def random() -> np.random.Generator:
    return np.random.default_rng(0)


def test_the_blend_trusts_the_score_that_knows_something(random: np.random.Generator) -> None:
    known, noise = random.normal(size=4000), random.normal(size=4000)
    y = (random.random(4000) < expit(known - 1)).astype(int)
    blend = ScoreBlend().fit(np.column_stack([known, noise]), y)
    assert blend.weights_[0] == pytest.approx(1, abs=0.15)
    assert 0 <= blend.weights_[1] < 0.1
    assert blend.intercept_ == pytest.approx(-1, abs=0.15)


def test_centred_isotonic_bends_scores_that_say_too_much_and_keeps_their_order(random: np.random.Generator) -> None:
    scores = random.normal(size=20_000)
    y = (random.random(20_000) < expit(0.3 * scores)).astype(int)
    bent = CentredIsotonic().fit(scores, y).decision_function(scores)
    assert calibration_error(y, expit(bent)) < calibration_error(y, expit(scores)) / 3
    assert (np.diff(bent[np.argsort(scores)]) >= 0).all()


def test_an_outermost_row_alone_does_not_lift_the_others() -> None:
    scores = np.arange(1001.0)
    y = np.r_[0, np.tile([0] * 49 + [1], 20)]
    assert expit(CentredIsotonic().fit(scores, y).decision_function(scores[:10])).max() < 0.05


def test_few_rows_are_not_bent(random: np.random.Generator) -> None:
    scores, y = random.normal(size=200), np.tile([0, 1], 100)
    assert Calibrator().fit(scores, y).bend_ is None
    assert Calibrator(fewest_of_each=50).fit(scores, y).bend_ is not None


def test_chances_that_are_right_show_only_noise(random: np.random.Generator) -> None:
    chances = random.random(3000)
    y = random.random(3000) < chances
    assert calibration_error(y, chances) == pytest.approx(calibration_noise(chances), rel=0.5)
    assert calibration_error(y, chances**2) > 3 * calibration_noise(chances)


def test_one_outcome_alone_has_no_auc() -> None:
    scores = chance_scores([1, 1, 1], [0.5, 0.6, 0.7])
    assert scores["auc"] is None and scores["bins"] == 1
