"""What the simulated customers truly want next, by the rules in `truth`: what recommendations are held against.

Nobody could know more than this: it follows from who a customer is and what they have bought, and not from the
dice that the simulation has thrown already for days to come.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import datetime, timedelta
from math import erf, sqrt

from crm_store.demo import truth
from crm_store.demo.history import SoldOrder, price_appeal, suits, whole_history
from crm_store.demo.people import Person
from crm_store.demo.products import DemoProduct, demo_products
from crm_store.tables import OrderStatus

_DAYS = 60


def true_preferences(
    *, seed: int, now: datetime, customers: int, as_of: datetime | None = None, days: int = _DAYS
) -> list[dict[str, float]]:
    """For each simulated customer, in the order they are stored: product code -> how many orders with it to expect.

    The history is that of `simulate` with the same `seed`, `now` and `customers`; wanted is what comes in the `days`
    after `as_of` (`now` by default), and nothing after `as_of` is known.
    """
    moment = as_of or now
    people, orders_of = whole_history(seed=seed, now=now, customers=customers)
    shelf = defaultdict(list)
    for product in demo_products():
        shelf[product.category].append(product)
    return [
        _Wishes(person, [order for order in orders if order.placed_at < moment], shelf, moment, days).products()
        for person, orders in zip(people, orders_of, strict=True)
    ]


class _Wishes:
    """One customer's wishes at a moment."""

    def __init__(
        self,
        person: Person,
        orders: Sequence[SoldOrder],
        shelf: dict[str, list[DemoProduct]],
        moment: datetime,
        days: int,
    ) -> None:
        self._person, self._shelf, self._moment, self._days = person, shelf, moment, days
        self._bought: dict[str, list[datetime]] = defaultdict(list)
        self._last: dict[str, str] = {}
        for order in orders:
            if order.status is OrderStatus.CANCELLED:
                continue
            for line in order.lines:
                self._bought[line.product.category].append(order.placed_at)
                self._last[line.product.category] = line.product.code

    def products(self) -> dict[str, float]:
        """Product code -> expected orders."""
        fresh, again = self._visits(), self._running_out()
        for category, expected in self._following().items():
            fresh[category] += expected
        for main, expected in [*list(fresh.items()), *again.items()]:
            for (first, other), chance in truth.GOES_TOGETHER.items():
                if first == main:
                    fresh[other] += expected * chance * self._left(other)
        wanted: dict[str, float] = defaultdict(float)
        for category, expected in fresh.items():
            self._share_out(wanted, category, expected)
        for category, expected in again.items():
            wanted[self._last[category]] += expected * truth.SAME_AGAIN
            self._share_out(wanted, category, expected * (1 - truth.SAME_AGAIN))
        return dict(wanted)

    def _visits(self) -> dict[str, float]:
        """Category -> expected visits for it of the customer's own accord."""
        segment = self._person.segment
        visits = segment.visits_a_year * self._person.zeal * self._days / 365
        month = (self._moment + timedelta(days=self._days / 2)).month
        # A visit is for what is wished for, or in vain when the season or what is owned leaves little to want.
        most = 1.5 * sum(segment.tastes.values())
        return defaultdict(
            float,
            {
                category: visits * taste * truth.season_factor(category, month) * self._left(category) / most
                for category, taste in segment.tastes.items()
            },
        )

    def _following(self) -> dict[str, float]:
        """Category -> the chance that it follows now on what was bought before."""
        wanted: dict[str, float] = defaultdict(float)
        for (first, then), (chance, within) in truth.FOLLOWS.items():
            if self._bought[then]:
                continue
            for at in self._bought[first]:
                gone = self._gone(at)
                past, ahead = (_between(day, 3, within) for day in (gone, gone + self._days))
                wanted[then] += chance * (ahead - past) / (1 - chance * past)
        return wanted

    def _running_out(self) -> dict[str, float]:
        """Category -> the chance that what was bought last is used up now."""
        wanted = {}
        for category, (chance, usual, spread) in truth.RUNS_OUT.items():
            if self._bought[category]:
                gone = self._gone(self._bought[category][-1])
                past, ahead = (_below(day, usual, spread) for day in (gone, gone + self._days))
                wanted[category] = chance * (ahead - past) / (1 - chance * past)
        return wanted

    def _share_out(self, wanted: dict[str, float], category: str, expected: float) -> None:
        """Divide what is wanted of a category among its products, by what suits and what is looked for."""
        suitable = [product for product in self._shelf[category] if suits(product, self._person)]
        spend = truth.expected_spend(self._person, category)
        weights = [price_appeal(float(product.price), spend) for product in suitable]
        for product, weight in zip(suitable, weights, strict=True):
            wanted[product.code] += expected * weight / sum(weights)

    def _left(self, category: str) -> float:
        return truth.LASTS.get(category, 1.0) if self._bought[category] else 1.0

    def _gone(self, at: datetime) -> float:
        return (self._moment - at).total_seconds() / 86400


def _between(day: float, low: float, high: float) -> float:
    """The share of a stretch of days that is over by a day."""
    return min(max((day - low) / (high - low), 0.0), 1.0)


def _below(day: float, mean: float, spread: float) -> float:
    """The share of a normal distribution below a day."""
    return 0.5 * (1 + erf((day - mean) / (spread * sqrt(2))))
