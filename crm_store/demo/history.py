"""Three years of sales, played out by the rules in `truth`."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from heapq import heappop, heappush
from math import exp
from random import Random

from crm_store.demo import truth
from crm_store.demo.people import Person, draw_people
from crm_store.demo.products import DemoProduct, DemoVariant, demo_products
from crm_store.tables import OrderStatus
from crm_store.tables.base import to_cents

YEARS = 3
BEFORE = 2  # years that the shop was open before: some customers are old ones, whose first orders are not on record
NEVER_BOUGHT = 0.08  # of the customers: they asked once, or registered
PRICE_RISE = Decimal("0.03")  # a year: an order of two years ago was cheaper
CANCELLED = 0.03
# Bought several at a time.
BY_THE_HANDFUL = frozenset({"Energy Bars", "Inner Tubes", "Stove Fuel", "Hiking Socks"})
FOR_EVERYBODY = frozenset({"Sleeping Bags", "Sleeping Mats"})  # a family buys one for each

_FOLLOWERS: dict[str, list[tuple[str, float, int]]] = defaultdict(list)
for (_first, _then), (_chance, _days) in truth.FOLLOWS.items():
    _FOLLOWERS[_first].append((_then, _chance, _days))
_COMPANIONS: dict[str, list[tuple[str, float]]] = defaultdict(list)
for (_first, _with), _chance in truth.GOES_TOGETHER.items():
    _COMPANIONS[_first].append((_with, _chance))


@dataclass(frozen=True, slots=True)
class SoldLine:
    product: DemoProduct
    sku: str
    quantity: int
    unit_price: Decimal


@dataclass(frozen=True, slots=True)
class SoldOrder:
    person: int  # place in History.people
    placed_at: datetime
    status: OrderStatus
    lines: tuple[SoldLine, ...]


@dataclass(frozen=True, slots=True)
class History:
    people: list[Person]
    orders: list[SoldOrder]  # in the order they were placed


@dataclass(slots=True)
class _Life:
    """One customer's purchases so far."""

    person: Person
    owned: Counter[str] = field(default_factory=Counter)  # pieces by category
    last: dict[str, DemoProduct] = field(default_factory=dict)  # by category
    running_out: set[str] = field(default_factory=set)  # categories with a repurchase ahead


def simulate(*, seed: int, now: datetime, customers: int) -> History:
    """The shop's customers and orders of the three years before `now`; the same arguments give the same history."""
    people, orders_of = whole_history(seed=seed, now=now, customers=customers)
    start = now - timedelta(days=365 * YEARS)
    on_record = [order for orders in orders_of for order in orders if order.placed_at >= start]
    return History(people, sorted(on_record, key=lambda order: (order.placed_at, order.person)))


def whole_history(*, seed: int, now: datetime, customers: int) -> tuple[list[Person], list[list[SoldOrder]]]:
    """The customers, and each one's orders since the shop was opened, those of before the records too."""
    people = draw_people(Random(seed), customers, start=now - timedelta(days=365 * (YEARS + BEFORE)), now=now)
    shelf = _Shelf(demo_products(), now)
    # Everybody has chances of their own, so that a demo loaded tomorrow is much the same as one loaded today.
    return people, [_purchases(Random(f"{seed}/{place}"), shelf, people, place, now) for place in range(len(people))]


class _Shelf:
    """The catalogue as it is chosen from."""

    def __init__(self, products: Sequence[DemoProduct], now: datetime) -> None:
        self._now = now
        self._products: dict[str, list[DemoProduct]] = defaultdict(list)
        for product in products:
            self._products[product.category].append(product)

    def line(self, rng: Random, life: _Life, category: str, at: datetime, again: bool) -> SoldLine | None:
        """What a customer takes of a category; None when nothing in it is made for them."""
        product = self._product(rng, life, category, again)
        if product is None:
            return None
        return SoldLine(product, _variant(rng, life.person, product).sku, _quantity(rng, life, category),
                        self._price(product, at))  # fmt: skip

    def _product(self, rng: Random, life: _Life, category: str, again: bool) -> DemoProduct | None:
        if again and category in life.last and rng.random() < truth.SAME_AGAIN:
            return life.last[category]
        suitable = [product for product in self._products[category] if suits(product, life.person)]
        if not suitable:
            return None
        wanted = truth.expected_spend(life.person, category)
        weights = [price_appeal(float(product.price), wanted) for product in suitable]
        return rng.choices(suitable, weights)[0]

    def _price(self, product: DemoProduct, at: datetime) -> Decimal:
        """The price of that day: promotions are of now."""
        usual = product.regular_price or product.price
        return to_cents(usual / (1 + PRICE_RISE) ** ((self._now - at).days // 365))


def price_appeal(price: float, wanted: float) -> float:
    """The weight of a price for somebody who looks for another one."""
    # The further from what is looked for, the less likely; the small rest lets a category with gaps sell something.
    return exp(-0.5 * ((price / wanted - 1) / truth.PRICE_TOLERANCE) ** 2) + 0.002


def suits(product: DemoProduct, person: Person) -> bool:
    """Whether a product is made for such a person at all."""
    if product.for_children:
        return person.is_parent
    return product.gender not in ("women", "men") or (product.gender == "women") == (person.gender == "female")


def _purchases(rng: Random, shelf: _Shelf, people: Sequence[Person], place: int, now: datetime) -> list[SoldOrder]:
    """A customer's orders: visits of their own accord, and what one purchase leads to."""
    life = _Life(people[place])
    if rng.random() < NEVER_BOUGHT:
        return []
    orders: list[SoldOrder] = []
    # (day, tie-breaker, category or "" for a visit, whether more of the same is wanted)
    agenda: list[tuple[datetime, int, str, bool]] = [(life.person.created_at, 0, "", False)]
    while agenda:
        at, _, category, again = heappop(agenda)
        if at >= now:
            break
        if not category:
            gap = rng.expovariate(life.person.segment.visits_a_year * life.person.zeal / 365)
            heappush(agenda, (at + timedelta(days=gap + 1), len(orders), "", False))
            category = _wish(rng, life, at.month) or ""
        elif again:
            life.running_out.discard(category)
        elif life.owned[category]:
            continue  # what would have followed is there by now
        order = _order(rng, shelf, life, category, at, again) if category else []
        if not order:
            continue
        status = _status(rng, now - at, order)
        orders.append(SoldOrder(place, at, status, tuple(order)))
        if status is not OrderStatus.CANCELLED:
            for day, later, more in _consequences(rng, life, order, at):
                heappush(agenda, (_in_daytime(rng, day), len(orders), later, more))
    return orders


def _wish(rng: Random, life: _Life, month: int) -> str | None:
    """The category a visit is for; None when the season or what is owned leaves nothing to want."""
    tastes = life.person.segment.tastes
    wishes = {
        category: taste
        * truth.season_factor(category, month)
        * (truth.LASTS.get(category, 1.0) if life.owned[category] else 1.0)
        for category, taste in tastes.items()
    }
    total = sum(wishes.values())
    if rng.random() * 1.5 * sum(tastes.values()) > total:
        return None
    return rng.choices(list(wishes), list(wishes.values()))[0]


def _order(rng: Random, shelf: _Shelf, life: _Life, category: str, at: datetime, again: bool) -> list[SoldLine]:
    """The main purchase first, then what goes with it."""
    categories = [category]
    for other, chance in _COMPANIONS.get(category, ()):
        left = truth.LASTS.get(other, 1.0) if life.owned[other] else 1.0
        if rng.random() < chance * left:
            categories.append(other)
    lines = [shelf.line(rng, life, name, at, again and name == category) for name in categories]
    return [line for line in lines if line is not None] if lines[0] is not None else []


def _consequences(
    rng: Random, life: _Life, order: Sequence[SoldLine], at: datetime
) -> list[tuple[datetime, str, bool]]:
    """Remember what is owned now; returns (when, category, again) of the purchases that it leads to."""
    later: list[tuple[datetime, str, bool]] = []
    for line in order:
        category = line.product.category
        life.owned[category] += line.quantity
        life.last[category] = line.product
        for follower, chance, days in _FOLLOWERS.get(category, ()):
            if rng.random() < chance:
                later.append((at + timedelta(days=rng.uniform(3, days)), follower, False))
        chance, days, spread = truth.RUNS_OUT.get(category, (0.0, 0, 0))
        if rng.random() < chance and category not in life.running_out:
            life.running_out.add(category)
            later.append((at + timedelta(days=max(rng.gauss(days, spread), 5)), category, True))
    return later


def _quantity(rng: Random, life: _Life, category: str) -> int:
    if category in BY_THE_HANDFUL:
        return rng.choices((1, 2, 3, 4), (50, 30, 13, 7))[0]
    if category in FOR_EVERYBODY and life.person.segment.name == "family camper":
        return rng.randint(1, max(life.person.household_size, 1))
    return 1


def _variant(rng: Random, person: Person, product: DemoProduct) -> DemoVariant:
    """The size that fits, in a colour that pleases."""
    sizes = {person.clothing_size, person.shoe_size, "L" if person.clothing_size == "XL" else person.clothing_size}
    fitting = [variant for variant in product.variants if variant.size in sizes] or list(product.variants)
    return rng.choices(fitting, [4 if variant.color == person.color else 1 for variant in fitting])[0]


def _status(rng: Random, age: timedelta, order: Sequence[SoldLine]) -> OrderStatus:
    draw, returned = rng.random(), truth.return_rate(order[0].product.category)
    if draw < CANCELLED:
        return OrderStatus.CANCELLED
    if age < timedelta(days=1.5):
        return OrderStatus.PLACED
    if age < timedelta(days=5):
        return OrderStatus.SHIPPED
    if age > timedelta(days=14) and draw > 1 - returned:
        return OrderStatus.RETURNED
    return OrderStatus.DELIVERED


def _in_daytime(rng: Random, day: datetime) -> datetime:
    """Some time of that day when people in America are up (UTC)."""
    midnight = day.replace(hour=0, minute=0, second=0, microsecond=0)
    return midnight + timedelta(hours=14, seconds=rng.randrange(12 * 3600))
