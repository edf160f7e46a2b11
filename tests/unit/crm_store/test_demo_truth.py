"""The simulated sales show the structure that `truth` states, so that models can find it."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from statistics import correlation, fmean

import pytest

from crm_store.demo import truth
from crm_store.demo.history import History, SoldOrder, simulate
from crm_store.demo.products import demo_categories
from crm_store.demo.prospects import Prospect, draw_prospects
from crm_store.tables import Customer, LeadStage, OrderStatus

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)


@pytest.fixture(scope="module")
def history() -> History:
    return simulate(seed=7, now=NOW, customers=2000)


def categories_of(order: SoldOrder) -> set[str]:
    return {line.product.category for line in order.lines}


def test_everything_said_is_said_about_categories_that_exist() -> None:
    sold = {category.name for category in demo_categories() if category.products}
    assert set(truth.USUAL_PRICE) == sold
    pairs = {name for pair in (*truth.GOES_TOGETHER, *truth.FOLLOWS) for name in pair}
    tastes = {name for segment in truth.SEGMENTS for name in segment.tastes}
    assert pairs | tastes | set(truth.SEASONS) | set(truth.RUNS_OUT) | set(truth.LASTS) | truth.RETURNED_OFTEN <= sold


def test_there_are_enough_sales_to_learn_from(history: History) -> None:
    orders = Counter(order.person for order in history.orders)
    assert len(history.orders) > 4 * len(history.people)
    assert 0.85 < len(orders) / len(history.people) < 0.96
    bought = Counter(line.product.category for order in history.orders for line in order.lines)
    assert min(bought[category] for category in truth.USUAL_PRICE) >= 40


@pytest.mark.parametrize(
    ("first", "other"),
    [("Tents", "Sleeping Bags"), ("Mountain Bikes", "Helmets"), ("Hiking Boots", "Hiking Socks")],
)
def test_what_goes_together_is_bought_together(history: History, first: str, other: str) -> None:
    baskets = [categories_of(order) for order in history.orders]
    with_first = [basket for basket in baskets if first in basket]
    lift = fmean(other in basket for basket in with_first) / fmean(other in basket for basket in baskets)
    assert lift > 3


def test_a_helmet_follows_a_bike_within_two_months(history: History) -> None:
    """Twice as often as in any other two months of the customers who ride."""
    followed, visits = [], defaultdict(list)
    for order in history.orders:
        visits[order.person].append(order)
    riders = [place for place, person in enumerate(history.people) if person.segment.name == "trail rider"]
    months = helmets = 0.0
    for place in riders:
        for order in visits[place]:
            if "Mountain Bikes" in categories_of(order) and order.placed_at < NOW - timedelta(days=60):
                later = [o for o in visits[place] if order.placed_at < o.placed_at <= order.placed_at + timedelta(60)]
                followed.append(any("Helmets" in categories_of(o) for o in later))
        months += (NOW - history.people[place].created_at).days / 60
        helmets += sum("Helmets" in categories_of(order) for order in visits[place])
    assert len(followed) > 100
    assert fmean(followed) > 2 * helmets / months


@pytest.mark.parametrize(
    ("category", "high", "low"), [("Tents", (5, 6, 7), (11, 12, 1)), ("Fleece Jackets", (11, 12), (5, 6))]
)
def test_sales_follow_the_season(history: History, category: str, high: tuple[int, ...], low: tuple[int, ...]) -> None:
    sold = Counter(order.placed_at.month for order in history.orders if order.lines[0].product.category == category)
    assert fmean(sold[month] for month in high) > 2 * fmean(sold[month] for month in low)


def test_spending_rises_with_income_as_stated(history: History) -> None:
    wanted, paid = [], []
    for order in history.orders:
        for line in order.lines:
            usual = truth.USUAL_PRICE[line.product.category]
            wanted.append(truth.expected_spend(history.people[order.person], line.product.category) / usual)
            paid.append(float(line.unit_price) / usual)
    assert correlation(wanted, paid) > 0.35
    rich = [price for level, price in zip(wanted, paid, strict=True) if level > 1.2]
    poor = [price for level, price in zip(wanted, paid, strict=True) if level < 0.8]
    assert fmean(rich) > 1.25 * fmean(poor)


def test_expected_spend_is_linear_in_income_and_falls_with_the_household() -> None:
    def spend(income: int, household_size: int = 2) -> float:
        return truth.expected_spend(Customer(income=Decimal(income), household_size=household_size), "Tents")

    assert spend(truth.USUAL_INCOME) == truth.USUAL_PRICE["Tents"]
    assert spend(90_000) - spend(80_000) == pytest.approx(spend(80_000) - spend(70_000))
    assert spend(80_000, household_size=5) < spend(80_000)
    assert spend(0) > 0


def test_odds_of_segments_are_probabilities_that_follow_the_person() -> None:
    parent = truth.segment_odds(age=41, gender="female", household_size=4, region="Midwest")
    single = truth.segment_odds(age=28, gender="male", household_size=1, region="Rockies")
    assert sum(parent.values()) == pytest.approx(1) == sum(single.values())
    assert max(parent, key=parent.__getitem__) == "family camper"
    assert max(single, key=single.__getitem__) == "trail rider"


def test_consumables_are_bought_again_in_their_own_time(history: History) -> None:
    gaps, last = [], {}
    for order in history.orders:
        if "Energy Bars" in categories_of(order) and order.status is not OrderStatus.CANCELLED:
            if order.person in last:
                gaps.append((order.placed_at - last[order.person]).days)
            last[order.person] = order.placed_at
    _, usual, _ = truth.RUNS_OUT["Energy Bars"]
    assert fmean(usual - 15 <= gap <= usual + 15 for gap in gaps) > 0.5


def test_only_what_is_new_is_still_on_its_way(history: History) -> None:
    share = Counter(order.status for order in history.orders)
    assert share[OrderStatus.DELIVERED] > 0.9 * len(history.orders)
    assert share[OrderStatus.CANCELLED] and share[OrderStatus.RETURNED]
    recent = {order.status for order in history.orders if order.placed_at > NOW - timedelta(days=1)}
    assert recent <= {OrderStatus.PLACED, OrderStatus.CANCELLED}
    under_way = (OrderStatus.PLACED, OrderStatus.SHIPPED)
    assert all(order.placed_at > NOW - timedelta(days=5) for order in history.orders if order.status in under_way)


def test_leads_are_won_as_often_as_their_signs_say(history: History) -> None:
    prospects = draw_prospects(history, seed=7, now=NOW)
    settled = [lead for lead in prospects if lead.stage in (LeadStage.CONVERTED, LeadStage.LOST)]
    assert len(settled) > 800 and 10 < len(prospects) - len(settled) < 100
    first_order: dict[int | None, datetime] = {}
    for order in history.orders:
        first_order.setdefault(order.person, order.placed_at)
    said = [truth.lead_propensity(signs_of(lead, first_order), lead.source) for lead in settled]
    likely = [lead.stage is LeadStage.CONVERTED for lead, chance in zip(settled, said, strict=True) if chance > 0.6]
    unlikely = [lead.stage is LeadStage.CONVERTED for lead, chance in zip(settled, said, strict=True) if chance < 0.2]
    assert fmean(likely) > 0.65 and fmean(unlikely) < 0.2
    assert fmean(said) == pytest.approx(truth.LEADS_WON, abs=0.04)


def signs_of(lead: Prospect, first_order: dict[int | None, datetime]) -> set[str]:
    shown = {
        "bought before": lead.person in first_order and first_order[lead.person] < lead.created_at,
        "gave a phone number": lead.phone is not None,
        "named a budget": "budget" in lead.wants,
        "named a product": "product" in lead.wants,
        "needs it by a day": "needed_by" in lead.wants,
        "was called": any(contact.kind == "call" for contact in lead.contacts),
    }
    return {sign for sign, is_shown in shown.items() if is_shown}
