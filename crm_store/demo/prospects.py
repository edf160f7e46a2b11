"""Simulated leads of the last year and a half: the won ones ended in an order of `history`, most others in nothing."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any

from crm_store.demo import truth
from crm_store.demo.history import History, SoldOrder
from crm_store.demo.people import draw_name
from crm_store.demo.products import DemoProduct
from crm_store.tables import LeadStage, OrderStatus

DAYS = 540
ASKED_FIRST = 0.22  # of the orders of things one thinks about
OPEN_DAYS = 14  # a lead as young as this is undecided
REPS = ("Mara Quill", "Joel Tanaka")


@dataclass(frozen=True, slots=True)
class Contact:
    """One contact with a lead."""

    kind: str
    summary: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Prospect:
    """A lead to be; `person` is a place in History.people, None for a stranger."""

    person: int | None
    stage: LeadStage
    source: str
    wants: dict[str, Any]
    name: str | None
    email: str | None
    phone: str | None
    assigned_to: str | None
    created_at: datetime
    updated_at: datetime
    contacts: tuple[Contact, ...]


def draw_prospects(history: History, *, seed: int, now: datetime) -> list[Prospect]:
    """Leads in the order they came; the same history and seed give the same leads."""
    rng = Random(f"{seed}/leads")
    desk = _Desk(rng, history, now)
    won = desk.orders_asked_about()
    lost = round(len(won) * (1 / truth.LEADS_WON - 1))
    if not won:
        return []  # too small a shop
    prospects = [desk.won(order) for order in won]
    prospects += [desk.lost(now - timedelta(days=rng.uniform(OPEN_DAYS, DAYS))) for _ in range(lost)]
    still_open = round((len(won) + lost) * OPEN_DAYS / DAYS)
    prospects += [desk.open(now - timedelta(days=rng.uniform(0.1, OPEN_DAYS))) for _ in range(still_open)]
    return sorted(prospects, key=lambda prospect: prospect.created_at)


class _Desk:
    """Where leads come in."""

    def __init__(self, rng: Random, history: History, now: datetime) -> None:
        self._rng, self._history, self._now = rng, history, now
        self._bought: dict[int, list[datetime]] = defaultdict(list)  # person -> days of their orders, in order
        for order in history.orders:
            self._bought[order.person].append(order.placed_at)
        since = now - timedelta(days=DAYS - OPEN_DAYS)
        self._considered = [
            order
            for order in history.orders
            if order.placed_at > since
            and order.lines[0].product.category in truth.ASKED_ABOUT
            and order.status is not OrderStatus.CANCELLED
        ]

    def orders_asked_about(self) -> list[SoldOrder]:
        """Orders that began as a lead, customers of old among them as often as `truth` says."""
        pools: tuple[list[SoldOrder], list[SoldOrder]] = ([], [])
        for order in self._considered:
            pools[self._has_bought(order.person, order.placed_at - timedelta(days=OPEN_DAYS))].append(order)
        share = truth.LEAD_SIGNS["bought before"][0]
        wanted = min(len(self._considered) * ASKED_FIRST, len(pools[1]) / share, len(pools[0]) / (1 - share))
        return [
            *self._rng.sample(pools[1], int(wanted * share)),
            *self._rng.sample(pools[0], int(wanted * (1 - share))),
        ]

    def won(self, order: SoldOrder) -> Prospect:
        created = order.placed_at - timedelta(days=self._rng.uniform(0.5, OPEN_DAYS))
        line = order.lines[0]
        return self._prospect(order.person, line.product, float(line.unit_price), created, order.placed_at, won=True)

    def lost(self, created: datetime) -> Prospect:
        given_up = min(created + timedelta(days=self._rng.uniform(OPEN_DAYS, 45)), self._now)
        return self._unsettled(created, given_up, won=False)

    def open(self, created: datetime) -> Prospect:
        """One of which nobody knows yet, though its signs say how it is likely to end."""
        return self._unsettled(created, None, won=self._rng.random() < truth.LEADS_WON)

    def _unsettled(self, created: datetime, settled: datetime | None, *, won: bool) -> Prospect:
        rng = self._rng
        known = rng.random() < truth.LEAD_SIGNS["bought before"][0 if won else 1]
        person = self._customer_before(created) if known else None
        product = rng.choice(self._considered).lines[0].product  # as others ask about: what it is tells nothing
        spend = float(product.price) * rng.uniform(0.7, 1.1)
        return self._prospect(person, product, spend, created, settled, won=won)

    def _prospect(
        self,
        person: int | None,
        product: DemoProduct,
        spend: float,
        created: datetime,
        settled: datetime | None,
        *,
        won: bool,
    ) -> Prospect:
        rng, column = self._rng, 0 if won else 1
        signs = {sign for sign, shares in truth.LEAD_SIGNS.items() if rng.random() < shares[column]}
        sources = {source: shares[column] for source, shares in truth.LEAD_SOURCES.items()}
        contacts = self._contacts(product, created, settled or self._now, called="was called" in signs)
        stage = LeadStage.CONVERTED if won else LeadStage.LOST
        if settled is None:
            stage = LeadStage.NEW if len(contacts) == 1 else rng.choice((LeadStage.CONTACTED, LeadStage.QUALIFIED))
        name, email, phone = self._reach(person, with_phone="gave a phone number" in signs)
        return Prospect(
            person=person,
            stage=stage,
            source=rng.choices(list(sources), list(sources.values()))[0],
            wants=self._wants(product, spend, created, signs),
            name=name,
            email=email,
            phone=phone,
            assigned_to=rng.choice(REPS) if len(contacts) > 1 else None,
            created_at=created,
            updated_at=settled or contacts[-1].at,
            contacts=contacts,
        )

    def _wants(self, product: DemoProduct, spend: float, created: datetime, signs: set[str]) -> dict[str, Any]:
        wants: dict[str, Any] = {"category": product.category}
        if "named a product" in signs:
            wants["product"] = product.columns["name"]
        if "named a budget" in signs:
            wants["budget"] = {"max": _round_sum(spend * self._rng.uniform(0.95, 1.3)), "currency": "USD"}
        if "needs it by a day" in signs:
            wants["needed_by"] = (created + timedelta(days=self._rng.randint(4, 30))).date().isoformat()
        elif self._rng.random() < 0.5:
            wants["use"] = self._rng.choice(product.columns["uses"])
        return wants

    def _contacts(
        self, product: DemoProduct, created: datetime, until: datetime, *, called: bool
    ) -> tuple[Contact, ...]:
        chat = Contact("chat", f"Asked about {product.category}.", created)
        if not called:
            return (chat,)
        at = created + (until - created) * self._rng.uniform(0.1, 0.8)
        return chat, Contact("call", f"Called about {product.columns['name']}.", at)

    def _reach(self, person: int | None, *, with_phone: bool) -> tuple[str | None, str | None, str | None]:
        """Name, e-mail address and phone number as far as the lead gave them."""
        rng = self._rng
        if person is not None:
            customer = self._history.people[person]
            return customer.name, customer.email, (customer.phone or _stranger_phone(rng)) if with_phone else None
        name, local_part = draw_name(rng, rng.choice(("female", "male")), "en")
        email = f"{local_part}.{rng.randrange(1000, 10000)}@example.org" if rng.random() < 0.5 else None
        return name if email or with_phone else None, email, _stranger_phone(rng) if with_phone else None

    def _has_bought(self, person: int, before: datetime) -> bool:
        return bisect(self._bought[person], before) > 0

    def _customer_before(self, at: datetime) -> int:
        """Somebody who had bought by then."""
        orders: Sequence[SoldOrder] = self._history.orders
        return orders[self._rng.randrange(max(bisect(orders, at, key=lambda order: order.placed_at), 1))].person


def _stranger_phone(rng: Random) -> str:
    """A fictional number in an area code where no customer of the demo lives."""
    return f"+130155501{rng.randrange(100):02d}"


def _round_sum(amount: float) -> int:
    """A sum as people say it: two leading digits."""
    step = 10 ** max(len(str(int(amount))) - 2, 0)
    return max(round(amount / step) * step, 10)
