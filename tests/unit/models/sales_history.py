"""A small made-up sales history of plain structure, as the models' tables and as a store.

Walkers (women of the North) buy boots once and bars every hundred days or so; riders (men of the South) buy a bike
once, most of them a helmet some weeks later, and oil a little more often than walkers their bars. Who earns more takes
the dearer of everything. Nothing hangs on the season.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from sqlalchemy.orm import Session

from bot.cli.__main__ import main
from crm_store.database import connect, migrate, sessions, writing
from crm_store.home import Home
from crm_store.tables import Variant
from models.learning import SalesModels, learn
from models.preparation.frames import SalesFrames
from tests.factories import make_category, make_customer, make_order, make_product

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
DAYS = 900  # of history
HELD_OUT = 60  # of them, to see what was bought then
# Category -> (department, prices of its products, the cheapest first).
SHELF = {
    "Boots": ("Walking", (90, 110, 130, 150, 170)),
    "Bars": ("Walking", (6, 8, 10)),
    "Bikes": ("Cycling", (500, 700, 900, 1100, 1300)),
    "Helmets": ("Cycling", (50, 70, 90)),
    "Oil": ("Cycling", (6, 9, 12)),
}
CONSUMABLES = {"Bars": 100, "Oil": 75}  # days until it is used up
SAME_AGAIN = 0.85  # of them are the very product of last time
COST = 0.6  # of the price
FOLLOWS = 0.8  # of the riders buy a helmet after the bike
Purchase = tuple[int, int, float, str]  # order, customer, days before now, product code


def is_walker(customer: int) -> bool:
    """Every other customer is one."""
    return customer % 2 == 1


def sales_history(customers: int = 120, *, seed: int = 1, now: datetime = NOW) -> SalesFrames:
    """The frames of such a shop; the same arguments give the same."""
    rng = np.random.default_rng(seed)
    ids = range(1, customers + 1)
    income = rng.uniform(20_000, 100_000, customers)
    purchases = [
        purchase
        for id, means in zip(ids, income, strict=True)
        for purchase in _life(rng, id, (means - 20_000) / 80_000)
    ]
    return SalesFrames(lines_of(purchases, now), _people(rng, ids, income, now), products_on_sale(), now)


def lines_of(purchases: Sequence[Purchase], now: datetime = NOW) -> pd.DataFrame:
    """Order lines of `SalesFrames`, one piece each at the price on the tag, oldest first."""
    tags = products_on_sale().set_index("product")
    rows = [
        (order, customer, now - timedelta(days=days), f"{code}-1", code, tags.at[code, "category"],
         tags.at[code, "department"], 1, tags.at[code, "price"])
        for order, customer, days, code in purchases
    ]  # fmt: skip
    columns = "order_id customer_id placed_at sku product category department quantity unit_price".split()
    table = pd.DataFrame(rows, columns=columns)
    table["placed_at"] = pd.to_datetime(table["placed_at"], utc=True).astype("datetime64[us, UTC]")
    return table.sort_values(["placed_at", "order_id"], kind="stable", ignore_index=True)


def products_on_sale() -> pd.DataFrame:
    """Products of `SalesFrames`, one variant each: "Boots 1" is the cheapest pair."""
    rows = [
        (f"{category} {number}-1", f"{category} {number}", f"{category} {number}", category, department, "Litware",
         float(price), COST * price, True)
        for category, (department, prices) in SHELF.items()
        for number, price in enumerate(prices, start=1)
    ]  # fmt: skip
    columns = "sku product name category department brand price cost in_stock".split()
    return pd.DataFrame(rows, columns=columns).set_index("sku")


def until(frames: SalesFrames, now: datetime) -> SalesFrames:
    """The frames as they were at an earlier moment."""
    return replace(frames, lines=frames.lines[frames.lines["placed_at"] < now], now=now)


def of_customers(frames: SalesFrames, *ids: int) -> SalesFrames:
    """What these customers are and have bought, and everything that is on sale."""
    mine = frames.lines[frames.lines["customer_id"].isin(ids)].reset_index(drop=True)
    return replace(frames, lines=mine, customers=frames.customers.loc[list(ids)])


@cache
def held_out() -> tuple[SalesFrames, pd.DataFrame]:
    """The history until `HELD_OUT` days before `NOW`, and the lines after: not to be changed."""
    frames, before = sales_history(), NOW - timedelta(days=HELD_OUT)
    return until(frames, before), frames.lines[frames.lines["placed_at"] >= before]


@cache
def learned() -> SalesModels:
    """What is learned from the earlier part of `held_out`; made once, not to be changed."""
    return learn(held_out()[0], None)


@cache
def trained_home(folder: Path) -> Path:
    """A home in a folder, the history its store, from which `train models` has learned; made once: copy it."""
    home = Home.from_environment({"SALESCLERK_HOME": str(folder / "learned-home")})
    home.path.mkdir()
    with opened(home) as session:
        write_history(session, sales_history(60, now=datetime.now(UTC)))
    with pytest.MonkeyPatch.context() as environment:
        environment.setenv("SALESCLERK_HOME", str(home.path))
        environment.delenv("DATABASE_URL", raising=False)
        assert main(["train", "models"]) == 0
    return home.path


@contextmanager
def opened(home: Home) -> Iterator[Session]:
    """A session on the home's store, made when it is not there; committed at the end."""
    engine = connect(home.database_url)
    try:
        migrate(engine)
        with writing(sessions(engine)) as session:
            yield session
    finally:
        engine.dispose()


def write_history(session: Session, frames: SalesFrames) -> None:
    """Put the frames into an empty store; the customers get the same numbers, and keys like "K-17"."""
    variants = _write_products(session, frames.products)
    buyers = {
        id: make_customer(
            session, id=id, external_id=f"K-{id}", gender=row["gender"], birth_date=row["birth_date"].date(),
            income=Decimal(round(row["income"])), household_size=int(row["household_size"]), region=row["region"],
            created_at=row["created_at"].to_pydatetime(),
        )
        for id, row in frames.customers.iterrows()
    }  # fmt: skip
    for _, order in frames.lines.groupby("order_id"):
        first = order.iloc[0]
        lines = [(variants[sku], int(many)) for sku, many in zip(order["sku"], order["quantity"], strict=True)]
        at = first["placed_at"].to_pydatetime()
        make_order(session, lines=lines, customer=buyers[first["customer_id"]], placed_at=at)


def _write_products(session: Session, products: pd.DataFrame) -> dict[str, Variant]:
    variants = {}
    for sku, row in products.iterrows():
        category = make_category(session, row["category"], parent=make_category(session, row["department"]))
        tag = {"sku": sku, "price": Decimal(str(row["price"])), "cost": Decimal(str(round(row["cost"], 2)))}
        made = make_product(session, row["name"], code=row["product"], category=category, variants=[tag])
        variants[sku] = made.variants[0]
    return variants


def _people(rng: np.random.Generator, ids: Sequence[int], income: np.ndarray, now: datetime) -> pd.DataFrame:
    walker = np.array([is_walker(id) for id in ids])
    born = pd.Timestamp(now.date()) - pd.to_timedelta((365.25 * rng.uniform(20, 70, len(ids))).astype(int), unit="D")
    return pd.DataFrame(
        {
            "gender": np.where(walker, "female", "male"), "birth_date": born.astype("datetime64[us]"),
            "income": income, "household_size": rng.integers(1, 5, len(ids)).astype(float),
            "region": np.where(walker, "North", "South"), "language": "en",
            "created_at": pd.Series([now - timedelta(days=DAYS)] * len(ids)).astype("datetime64[us, UTC]").to_numpy(),
        },
        index=pd.Index(ids, name="customer_id"),
    ).assign(created_at=lambda rows: pd.to_datetime(rows["created_at"], utc=True))  # fmt: skip


def _life(rng: np.random.Generator, customer: int, wealth: float) -> list[Purchase]:
    """One customer's purchases; `wealth` is 0 to 1."""
    durable, consumable = ("Boots", "Bars") if is_walker(customer) else ("Bikes", "Oil")
    begins = rng.uniform(120, DAYS - 1)
    at = rng.uniform(1, begins)
    bought = [(at, _taken(rng, durable, wealth))]
    if durable == "Bikes" and rng.random() < FOLLOWS and at > 40:
        bought.append((at - rng.uniform(3, 40), _taken(rng, "Helmets", wealth)))
    favourite, left = _taken(rng, consumable, wealth), begins
    while left > 0:
        bought.append((left, favourite if rng.random() < SAME_AGAIN else _taken(rng, consumable, wealth)))
        left -= max(rng.normal(CONSUMABLES[consumable], 12), 5)
    return [(1000 * customer + number, customer, days, code) for number, (days, code) in enumerate(bought)]


def _taken(rng: np.random.Generator, category: str, wealth: float) -> str:
    """The product that somebody of such means takes: the rich the last, the poor the first, give or take one."""
    most = len(SHELF[category][1])
    place = round((most - 1) * (wealth + rng.normal(0, 0.2)))
    return f"{category} {min(max(place, 0), most - 1) + 1}"
