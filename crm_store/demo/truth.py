"""How the customers of the demo shop behave: the structure behind its simulated sales.

Nothing here is read by the assistant. `history` draws customers and orders from it, and tests and evaluations
compare what a model has learned with it:

- who: a customer belongs to one of `SEGMENTS`, more likely the better age, household, gender and region fit
  (`segment_odds`), and buys what the segment likes (`Segment.tastes`);
- when: the wish for a category rises and falls over the year (`season_factor`);
- how dear: the price a customer looks for is linear in income and household size (`expected_spend`);
- with what: one purchase brings others in the same order (`GOES_TOGETHER`), in the weeks after (`FOLLOWS`), and
  again when it is used up (`RUNS_OUT`); what lasts for years is seldom bought twice (`LASTS`);
- and back: clothes and shoes are returned more often than the rest (`return_rate`);
- after asking: some purchases begin as a lead, and what a lead shows tells how likely it is to be won
  (`LEAD_SIGNS`, `LEAD_SOURCES`, `lead_propensity`).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from math import cos, exp, pi
from typing import Protocol


class HasMeans(Protocol):
    """Anybody with an income and a household: a simulated customer, or a row of the store."""

    income: Decimal | None
    household_size: int | None


@dataclass(frozen=True, slots=True)
class Segment:
    """A kind of customer: how common, who is likely to be one, and what they buy."""

    name: str
    share: float
    age: float  # the usual age; half as likely 12 years away from it
    visits_a_year: float
    tastes: Mapping[str, float]  # category -> how often it is what they come for
    women: float = 1.0  # how much likelier women are to be one than men
    family: float = 1.0  # how much likelier households of three and more are
    regions: Mapping[str, float] = field(default_factory=dict)


SEGMENTS = (
    Segment(
        "trail rider", share=0.25, age=33, visits_a_year=5.1, women=0.4, regions={"Rockies": 1.8, "Northwest": 1.4},
        tastes={
            "Mountain Bikes": 5, "Helmets": 2, "Cycling Gloves": 2, "Tires": 1.5, "Inner Tubes": 2, "Chain Lube": 1.5,
            "Bike Pumps": 0.6, "Energy Bars": 1.5, "Daypacks": 0.7,
        },
    ),
    Segment(
        "commuter", share=0.22, age=38, visits_a_year=4.4, regions={"Northeast": 1.8, "Northwest": 1.3},
        tastes={
            "City Bikes": 3, "Electric Bikes": 1.2, "Road Bikes": 0.8, "Bike Lights": 2, "Bike Locks": 1.5,
            "Bike Bags": 1.5, "Rain Jackets": 2, "Helmets": 1.2, "Inner Tubes": 1, "Chain Lube": 0.8, "Daypacks": 1,
        },
    ),
    Segment(
        "family camper", share=0.2, age=42, visits_a_year=4.1, family=3.5, regions={"Midwest": 1.6, "South": 1.3},
        tastes={
            "Tents": 3, "Sleeping Bags": 2, "Sleeping Mats": 1, "Camping Stoves": 1.2, "Cookware": 0.8, "Headlamps": 1,
            "Kids' Bikes": 2, "Fleece Jackets": 1.5, "Stove Fuel": 1, "Water Bottles": 1, "Helmets": 0.8,
        },
    ),
    Segment(
        "hiker", share=0.2, age=53, visits_a_year=4.6, women=1.5, regions={"California": 1.5, "Northwest": 1.3},
        tastes={
            "Hiking Boots": 2.5, "Daypacks": 2, "Rain Jackets": 2, "Fleece Jackets": 1.8, "Hiking Socks": 1.5,
            "Water Bottles": 1.2, "Headlamps": 0.5, "Energy Bars": 0.8,
        },
    ),
    Segment(
        "trail runner", share=0.1, age=29, visits_a_year=5.5, women=1.2, regions={"California": 1.6, "Rockies": 1.3},
        tastes={
            "Trail Running Shoes": 4, "Hiking Socks": 1.5, "Energy Bars": 2, "Water Bottles": 1.2, "Headlamps": 0.8,
            "Rain Jackets": 0.5,
        },
    ),
    Segment(
        "trekker", share=0.08, age=26, visits_a_year=4.4, family=0.4, regions={"Rockies": 1.5},
        tastes={
            "Trekking Backpacks": 3, "Tents": 1.5, "Sleeping Bags": 1.5, "Sleeping Mats": 1, "Camping Stoves": 1,
            "Stove Fuel": 1.2, "Hiking Boots": 1.5, "Cookware": 0.8, "Rain Jackets": 1,
        },
    ),
)  # fmt: skip

# Category -> the price that a customer of middling means looks for.
USUAL_PRICE = {
    "Mountain Bikes": 1600, "Road Bikes": 1450, "City Bikes": 740, "Electric Bikes": 2700, "Kids' Bikes": 290,
    "Helmets": 92, "Cycling Gloves": 36, "Bike Lights": 70, "Bike Locks": 58, "Bike Bags": 66, "Bike Pumps": 42,
    "Tents": 330, "Sleeping Bags": 150, "Sleeping Mats": 55, "Camping Stoves": 70, "Cookware": 45, "Headlamps": 46,
    "Rain Jackets": 160, "Fleece Jackets": 95, "Hiking Socks": 17.5, "Hiking Boots": 170, "Trail Running Shoes": 125,
    "Daypacks": 85, "Trekking Backpacks": 210, "Energy Bars": 21, "Chain Lube": 10.5, "Tires": 42, "Inner Tubes": 8,
    "Stove Fuel": 9, "Water Bottles": 19,
}  # fmt: skip
USUAL_INCOME = 68_000
INCOME_SLOPE = 0.7  # twice the usual income looks for a price 70 % higher
HOUSEHOLD_SLOPE = -0.05  # every further person in the household takes 5 % off
LEAST_SPEND = 0.35  # of the usual price, however little there is
PRICE_TOLERANCE = 0.22  # spread of what is bought around what is looked for, as a share of the price

# Category -> (month of the year's peak, strength): strength 0.8 is 1.8 times the mean there, 0.2 half a year away.
SEASONS = {
    "Mountain Bikes": (5, 0.5), "Road Bikes": (4, 0.5), "City Bikes": (4, 0.5), "Electric Bikes": (4, 0.4),
    "Kids' Bikes": (5, 0.5), "Tents": (6, 0.8), "Sleeping Bags": (7, 0.75), "Sleeping Mats": (7, 0.7),
    "Camping Stoves": (7, 0.6), "Stove Fuel": (7, 0.6), "Cookware": (6, 0.5), "Trekking Backpacks": (6, 0.6),
    "Rain Jackets": (10, 0.5), "Fleece Jackets": (11, 0.7), "Bike Lights": (11, 0.7), "Headlamps": (11, 0.4),
    "Hiking Boots": (9, 0.3), "Water Bottles": (7, 0.4), "Daypacks": (8, 0.3),
}  # fmt: skip

# (bought, and with it) -> the chance that the second is in the same order.
GOES_TOGETHER = {
    ("Mountain Bikes", "Helmets"): 0.32, ("Mountain Bikes", "Cycling Gloves"): 0.15,
    ("Mountain Bikes", "Bike Pumps"): 0.12, ("Road Bikes", "Helmets"): 0.3, ("Road Bikes", "Water Bottles"): 0.25,
    ("City Bikes", "Bike Locks"): 0.4, ("City Bikes", "Helmets"): 0.22, ("Electric Bikes", "Bike Locks"): 0.45,
    ("Electric Bikes", "Helmets"): 0.25, ("Kids' Bikes", "Helmets"): 0.4, ("Tires", "Inner Tubes"): 0.4,
    ("Helmets", "Cycling Gloves"): 0.15, ("Tents", "Sleeping Bags"): 0.35, ("Tents", "Headlamps"): 0.12,
    ("Sleeping Bags", "Sleeping Mats"): 0.35, ("Camping Stoves", "Stove Fuel"): 0.6,
    ("Camping Stoves", "Cookware"): 0.3, ("Hiking Boots", "Hiking Socks"): 0.4,
    ("Trail Running Shoes", "Hiking Socks"): 0.28, ("Daypacks", "Water Bottles"): 0.25,
    ("Trekking Backpacks", "Rain Jackets"): 0.2, ("Rain Jackets", "Fleece Jackets"): 0.12,
}  # fmt: skip

# (bought, and later) -> (chance that the second follows when it is not owned yet, within how many days).
FOLLOWS = {
    ("Mountain Bikes", "Helmets"): (0.35, 60), ("Mountain Bikes", "Cycling Gloves"): (0.25, 60),
    ("Mountain Bikes", "Tires"): (0.3, 300), ("Road Bikes", "Bike Lights"): (0.25, 60),
    ("City Bikes", "Bike Lights"): (0.35, 60), ("City Bikes", "Bike Bags"): (0.3, 90),
    ("City Bikes", "Rain Jackets"): (0.2, 120), ("Electric Bikes", "Bike Bags"): (0.3, 60),
    ("Tents", "Sleeping Mats"): (0.3, 45), ("Tents", "Camping Stoves"): (0.25, 90),
    ("Hiking Boots", "Daypacks"): (0.25, 90), ("Trekking Backpacks", "Sleeping Bags"): (0.3, 60),
    ("Trail Running Shoes", "Headlamps"): (0.15, 120),
}  # fmt: skip

# Category -> (chance of coming back for more each time, days until then, their spread).
RUNS_OUT = {
    "Energy Bars": (0.72, 35, 8), "Stove Fuel": (0.5, 75, 20), "Chain Lube": (0.6, 150, 25),
    "Inner Tubes": (0.5, 140, 40), "Hiking Socks": (0.45, 240, 40), "Trail Running Shoes": (0.6, 230, 30),
    "Tires": (0.45, 330, 50),
}  # fmt: skip
SAME_AGAIN = 0.8  # the chance that it is the very product of last time

# Category -> how much of the wish is left once it is owned; the rest is bought again as if it were the first.
LASTS = {
    "Mountain Bikes": 0.06, "Road Bikes": 0.05, "City Bikes": 0.05, "Electric Bikes": 0.03, "Kids' Bikes": 0.3,
    "Tents": 0.15, "Sleeping Bags": 0.2, "Sleeping Mats": 0.2, "Camping Stoves": 0.1, "Cookware": 0.3,
    "Headlamps": 0.2, "Bike Locks": 0.2, "Bike Lights": 0.3, "Bike Pumps": 0.1, "Bike Bags": 0.3, "Helmets": 0.15,
    "Cycling Gloves": 0.35, "Trekking Backpacks": 0.1, "Daypacks": 0.3, "Hiking Boots": 0.25, "Rain Jackets": 0.25,
    "Fleece Jackets": 0.4, "Water Bottles": 0.5,
}  # fmt: skip

RETURNED_OFTEN = frozenset({"Rain Jackets", "Fleece Jackets", "Hiking Boots", "Trail Running Shoes", "Cycling Gloves"})

# What people ask about before they buy.
ASKED_ABOUT = frozenset({
    "Mountain Bikes", "Road Bikes", "City Bikes", "Electric Bikes", "Kids' Bikes", "Helmets", "Tents", "Sleeping Bags",
    "Rain Jackets", "Hiking Boots", "Trekking Backpacks", "Trail Running Shoes",
})  # fmt: skip
LEADS_WON = 0.34
# What a lead shows -> (how many of the won leads show it, how many of the lost), each independent of the others.
LEAD_SIGNS = {
    "bought before": (0.55, 0.3),  # the lead is a customer with an earlier order
    "gave a phone number": (0.6, 0.28),
    "named a budget": (0.66, 0.42),
    "named a product": (0.45, 0.22),
    "needs it by a day": (0.34, 0.12),
    "was called": (0.5, 0.27),  # a touchpoint of that kind
}
LEAD_SOURCES = {"web": (0.4, 0.48), "telegram": (0.22, 0.2), "newsletter": (0.12, 0.26), "referral": (0.26, 0.06)}


def segment_odds(*, age: float, gender: str, household_size: int, region: str) -> dict[str, float]:
    """Segment name -> the probability that such a customer belongs to it."""
    odds = {
        segment.name: segment.share
        * exp(-0.5 * ((age - segment.age) / 10.2) ** 2)
        * (segment.women if gender == "female" else 1.0)
        * (segment.family if household_size >= 3 else 1.0)
        * segment.regions.get(region, 1.0)
        for segment in SEGMENTS
    }
    total = sum(odds.values())
    return {name: value / total for name, value in odds.items()}


def expected_spend(customer: HasMeans, category: str) -> float:
    """The price, in the shop's currency, that a customer looks for in one piece of a category."""
    income = float(customer.income) if customer.income is not None else USUAL_INCOME
    household = customer.household_size or 2
    level = 1 + INCOME_SLOPE * (income / USUAL_INCOME - 1) + HOUSEHOLD_SLOPE * (household - 2)
    return USUAL_PRICE[category] * max(level, LEAST_SPEND)


def season_factor(category: str, month: int) -> float:
    """How much the wish for a category is above (1.5) or below (0.5) its yearly mean in a month, 1 to 12."""
    peak, strength = SEASONS.get(category, (1, 0.0))
    return 1 + strength * cos(2 * pi * (month - peak) / 12)


def return_rate(category: str) -> float:
    """The chance that an order of this main purchase comes back."""
    return 0.08 if category in RETURNED_OFTEN else 0.02


def lead_propensity(signs: Collection[str], source: str) -> float:
    """The chance that a lead with just these `LEAD_SIGNS`, from this source, is won."""
    won, lost = LEAD_SOURCES[source]
    odds = LEADS_WON / (1 - LEADS_WON) * won / lost
    for sign, (among_won, among_lost) in LEAD_SIGNS.items():
        odds *= among_won / among_lost if sign in signs else (1 - among_won) / (1 - among_lost)
    return odds / (1 + odds)
