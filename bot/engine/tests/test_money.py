from __future__ import annotations

import pytest
from bot.engine.needs.money import find_budget


@pytest.mark.parametrize(
    ("text", "limits"),
    [
        ("up to 2 grand", {"max": 2000, "currency": "USD"}),
        ("1.5k max", {"max": 1500, "currency": "USD"}),
        ("not over 300", {"max": 300, "currency": "USD"}),
        ("won't spend more than 150", {"max": 150, "currency": "USD"}),
        ("less than a thousand", {"max": 1000, "currency": "USD"}),
        ("$1,299.99", {"max": 1299.99, "currency": "USD"}),
        ("at least 100 pounds", {"min": 100, "currency": "GBP"}),
        ("no more than two hundred euros", {"max": 200, "currency": "EUR"}),
        ("around 500", {"min": 400, "max": 600, "currency": "USD"}),
        ("between 40 and 60", {"min": 40, "max": 60, "currency": "USD"}),
        ("two to three hundred dollars", {"min": 200, "max": 300, "currency": "USD"}),
        ("两千块以内", {"max": 2000, "currency": "CNY"}),
        ("一万五左右", {"min": 12000, "max": 18000, "currency": "USD"}),
        ("3-5百", {"min": 300, "max": 500, "currency": "USD"}),
        ("七八百块", {"min": 700, "max": 800, "currency": "CNY"}),
        ("预算3000到5000", {"min": 3000, "max": 5000, "currency": "USD"}),
        ("500以上", {"min": 500, "currency": "USD"}),
    ],
)
def test_a_budget_is_read(text: str, limits: dict) -> None:
    budget = find_budget(text, "USD")
    assert budget is not None and budget.limits == limits


@pytest.mark.parametrize(
    "text",
    [
        "under 20 kg",
        "size 42",
        "order 10293",
        "for 2 people",
        "2 helmets",
        "in 3 days",
        "a couple of",
        "明年5月",
        "第2款",
        "5点",
    ],
)
def test_other_numbers_are_no_budget(text: str) -> None:
    assert find_budget(text, "USD") is None


def test_a_stretch_that_means_something_else_is_passed_over() -> None:
    assert find_budget("Mountain-200 under 500", "USD", [(0, 12)]).limits == {"max": 500, "currency": "USD"}
    assert find_budget("under 200", "USD", [(0, 9)]) is None
