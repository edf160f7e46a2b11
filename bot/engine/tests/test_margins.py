from __future__ import annotations

import numpy as np
import pytest
from bot.engine.margins import MarginCalibration, fit_calibration


def test_low_margins_everywhere_are_outside() -> None:
    calibration = MarginCalibration(scale=4.0, none=-1.0, outside=2)
    (shares,) = calibration.probabilities(np.array([[-1.1, -1.0, -1.2]]))
    assert shares.argmax() == 2
    assert shares.sum() == pytest.approx(1.0)


def test_without_a_class_for_outside_the_rest_is_missing() -> None:
    calibration = MarginCalibration(scale=4.0, none=-1.0, outside=None)
    (shares,) = calibration.probabilities(np.array([[-1.1, -1.0, -1.2]]))
    assert shares.sum() < 0.5


def test_fitted_probabilities_match_how_often_the_machine_is_right() -> None:
    noise = np.random.default_rng(1)
    classes = noise.integers(0, 3, 3000)
    margins = -1 + 1.2 * np.eye(3)[classes] + noise.normal(0, 0.8, (3000, 3))
    shares = fit_calibration(margins, classes, outside=None).probabilities(margins)
    right = (shares.argmax(axis=1) == classes).mean()
    assert shares.max(axis=1).mean() == pytest.approx(right, abs=0.05)
