from __future__ import annotations

import pytest

from models.offers.companions import CategoryCompanions
from tests.unit.models.sales_history import held_out
from tests.unit.models.test_customer_features import sold

NAMES = ["Bikes", "Helmets", "Tents"]


def bought(*columns):
    """Lines of customers counted from 1, each a list of (days ago, category)."""
    lines = [(customer, *one) for customer, all_of in enumerate(columns, start=1) for one in all_of]
    return sold(*[(order, *line, 10) for order, line in enumerate(lines)])


@pytest.fixture
def companions():
    """Of 4 who bought bikes 3 bought a helmet then or later; one had the helmet first; 4 bought tents alone."""
    lines = bought(
        [(50, "Bikes"), (40, "Helmets")],
        [(50, "Bikes"), (50, "Helmets")],
        [(90, "Helmets"), (50, "Bikes"), (10, "Helmets")],
        [(90, "Helmets"), (50, "Bikes")],
        [(30, "Tents")],
        [(30, "Tents"), (20, "Tents")],
        [(30, "Tents")],
        [(30, "Tents")],
    )
    return CategoryCompanions(fewest_buyers=3).fit(lines, NAMES)


def test_what_was_bought_then_or_later_is_counted(companions):
    best = companions.best(["Bikes"], "Helmets")
    assert (best.owned, best.buyers) == ("Bikes", 4)
    assert best.share == pytest.approx(3 / 4)
    assert best.base == pytest.approx(4 / 8)


def test_the_usual_share_is_nothing_to_say():
    """Everybody buys both, whatever they own."""
    lines = bought(*[[(9, "Bikes"), (5, "Helmets")]] * 30)
    assert CategoryCompanions().fit(lines, NAMES).best(["Bikes"], "Helmets") is None


def test_a_lift_below_the_least_is_not_said(companions):
    """It is 0.75 / 0.5."""
    assert companions.set_params(least_lift=1.4).best(["Bikes"], "Helmets") is not None
    assert companions.set_params(least_lift=1.6).best(["Bikes"], "Helmets") is None


def test_too_few_buyers_say_nothing(companions):
    assert companions.best(["Tents"], "Helmets") is None
    assert companions.set_params(fewest_buyers=5, least_lift=0).best(["Bikes"], "Helmets") is None


def test_nothing_speaks_for_itself_nor_for_what_is_not_known(companions):
    companions.set_params(least_lift=0)
    assert companions.best(["Helmets"], "Helmets") is None
    assert companions.best([], "Helmets") is None
    assert companions.best(["Boats"], "Helmets") is None
    assert companions.best(["Bikes"], "Boats") is None


def test_of_several_the_one_that_speaks_most_is_named():
    lines = bought(
        *[[(50, "Bikes"), (40, "Helmets")]] * 8,
        *[[(50, "Bikes")]] * 2,
        *[[(50, "Tents"), (40, "Helmets")]] * 3,
        *[[(50, "Tents")]] * 7,
        *[[(50, "Socks")]] * 20,
    )
    companions = CategoryCompanions(fewest_buyers=5, least_lift=1).fit(lines, [*NAMES, "Socks"])
    assert companions.best(["Tents", "Bikes"], "Helmets").owned == "Bikes"
    assert companions.best(["Tents"], "Helmets").share == pytest.approx(0.3)


def test_a_category_nobody_bought_from_and_no_lines_at_all_are_fine():
    empty = CategoryCompanions(fewest_buyers=0, least_lift=0).fit(bought()[:0], NAMES)
    assert empty.best(NAMES, "Helmets") is None
    assert (empty.bases_ == 0).all() and (empty.shares_ == 0).all()


def test_on_a_history_shares_are_those_of_the_customers():
    frames, _ = held_out()
    companions = CategoryCompanions().fit(frames.lines, ["Bikes", "Helmets", "Boots"])
    riders = frames.lines[frames.lines["category"] == "Bikes"].groupby("customer_id")["placed_at"].min()
    last = frames.lines[frames.lines["category"] == "Helmets"].groupby("customer_id")["placed_at"].max()
    later = (last.reindex(riders.index) >= riders).sum()
    found = companions.best(["Bikes", "Boots"], "Helmets")
    assert (found.owned, found.buyers) == ("Bikes", len(riders))
    assert found.share == pytest.approx(later / len(riders))
