"""What a shop knows of its customers at a moment: who they are and how they have bought so far.

Every figure of a row is made from what lies before the row's moment, so that a model learns from what it will know
when it is asked. The rows of thousands of moments are made at once: each is a look-up in running totals.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import pandas as pd

NEVER = 9999.0  # days since what has not happened
HALF_LIFE = 180.0  # days after which a purchase counts half in the columns "lately ..."
MOST_CATEGORIES = 100  # with columns of their own, the most bought first
OLDEST = 110
LEVEL_PRIOR = 3  # a price level is drawn to 0 as if by so many purchases at the usual price

# Columns by category: "bought Tents" (orders with one), "lately Tents" (the same, decayed), "days since Tents", and,
# where needs are given, "days since asked for Tents".
BOUGHT, LATELY, DAYS_SINCE, ASKED = "bought ", "lately ", "days since ", "days since asked for "
PROFILE = ("age", "gender", "income", "household_size", "region", "language", "months_known")
HABIT = (
    "orders", "orders_lately", "days_since_order", "months_since_first", "spent", "mean_order", "price_level",
    "last_category",
)  # fmt: skip
TEXT = ("gender", "region", "language", "last_category")
_DAY = 86_400_000_000  # microseconds
_MONTH = 30.44  # days


@dataclass(frozen=True, slots=True)
class TrainingRows:
    """Orders with what was known just before each; all three have the index `order_id`, in the order of time.

    `targets` has a column of booleans for each category (or brand ...): is it in the order? `orders` has
    `customer_id`, `placed_at` and `total`.
    """

    features: pd.DataFrame
    targets: pd.DataFrame
    orders: pd.DataFrame

    def between(self, since: datetime | None = None, until: datetime | None = None) -> TrainingRows:
        """The orders of `since` and later, before `until`."""
        at = self.orders["placed_at"]
        chosen = np.ones(len(at), dtype=bool)
        if since is not None:
            chosen &= (at >= since).to_numpy()
        if until is not None:
            chosen &= (at < until).to_numpy()
        return TrainingRows(self.features[chosen], self.targets[chosen], self.orders[chosen])


def customer_features(
    lines: pd.DataFrame,
    customers: pd.DataFrame,
    as_of: datetime,
    *,
    needs: pd.DataFrame | None = None,
    categories: Sequence[str] | None = None,
) -> pd.DataFrame:
    """One row for each customer (index `customer_id`) from the order lines before `as_of`.

    `needs` are wishes that customers stated (columns `customer_id`, `at`, `category`). `categories` have columns of
    their own; by default those bought most before `as_of`. What is not known is NaN or None, `NEVER` where it has not
    happened. Columns: `PROFILE`, `HABIT`, `month`, and those by category.
    """
    known = lines[lines["placed_at"] < as_of]
    names = _most_bought(known, "category") if categories is None else list(categories)
    at = np.full(len(customers), _microseconds(pd.Series([as_of]))[0])
    features = _features(known, customers, customers.index.to_numpy(), at, names, needs)
    return features.set_index(customers.index)


def features_at(
    lines: pd.DataFrame, customers: pd.DataFrame, ids: np.ndarray, at: np.ndarray, categories: Sequence[str]
) -> pd.DataFrame:
    """A row as of `customer_features` for each pair of a customer (`ids`) and a moment (`at`, microseconds since 1970).

    Each from the lines before its own moment; the index counts from 0.
    """
    return _features(lines, customers, ids, at, categories, None)


def categories_of(lines: pd.DataFrame) -> list[str]:
    """The categories that have columns of their own, sorted: those bought most."""
    return _most_bought(lines, "category")


def training_rows(
    lines: pd.DataFrame,
    customers: pd.DataFrame,
    since: datetime,
    until: datetime,
    *,
    needs: pd.DataFrame | None = None,
    target: str = "category",
) -> TrainingRows:
    """Every order from `since` to before `until`, each with the customer's features as of just before it.

    `target` names the column of `lines` that is to be foreseen. Orders of customers who are not in `customers` have
    no profile, and their habit.
    """
    known = lines[lines["placed_at"] < until].sort_values(["placed_at", "order_id"], kind="stable")
    recent = known[known["placed_at"] >= since]
    total = (recent["unit_price"] * recent["quantity"]).rename("total")
    orders = (
        recent.assign(total=total)
        .groupby("order_id", sort=False)
        .agg(customer_id=("customer_id", "first"), placed_at=("placed_at", "first"), total=("total", "sum"))
    )
    at = _microseconds(orders["placed_at"])
    names = _most_bought(known, "category")
    features = _features(known, customers, orders["customer_id"].to_numpy(), at, names, needs)
    return TrainingRows(features.set_index(orders.index), _targets(recent, orders.index, target, known), orders)


def _targets(recent: pd.DataFrame, orders: pd.Index, target: str, known: pd.DataFrame) -> pd.DataFrame:
    names = _most_bought(known, target)
    rows, columns = orders.get_indexer(recent["order_id"]), pd.Index(names).get_indexer(recent[target])
    there = np.zeros((len(orders), len(names)), dtype=bool)
    there[rows[columns >= 0], columns[columns >= 0]] = True
    return pd.DataFrame(there, index=orders, columns=pd.Index(names, dtype="str"))


def _most_bought(lines: pd.DataFrame, column: str) -> list[str]:
    counts = lines[column].dropna().value_counts()
    return sorted(counts.sort_index().sort_values(ascending=False, kind="stable").index[:MOST_CATEGORIES])


def _features(
    lines: pd.DataFrame,
    customers: pd.DataFrame,
    ids: np.ndarray,
    at: np.ndarray,
    names: Sequence[str],
    needs: pd.DataFrame | None,
) -> pd.DataFrame:
    """A row for each pair of `ids` (customers) and `at` (microseconds since 1970)."""
    lines = lines.astype({"order_id": "int64", "customer_id": "int64", "quantity": float, "unit_price": float})
    lines = lines.sort_values(["placed_at", "order_id"], kind="stable")
    parts = [_profile(customers, ids, at), _habit(lines, ids, at), _by_category(lines, ids, at, names)]
    if needs is not None:
        stated = pd.DataFrame({"customer_id": needs["customer_id"], "placed_at": needs["at"]})
        stated = stated.assign(category=needs["category"], order_id=range(len(needs)))
        asked = _by_category(stated.sort_values("placed_at", kind="stable"), ids, at, names)
        asked = asked[[DAYS_SINCE + name for name in names]]
        parts.append(asked.set_axis([ASKED + name for name in names], axis=1))
    return pd.concat(parts, axis=1)


def _profile(customers: pd.DataFrame, ids: np.ndarray, at: np.ndarray) -> pd.DataFrame:
    known = customers.reindex(ids).reset_index(drop=True)
    moment = pd.Series(at.astype("datetime64[us]"))
    born, came = pd.to_datetime(known["birth_date"]), _naive(known["created_at"])
    age = (moment - born).dt.days / 365.25
    return pd.DataFrame({
        "age": age.where((age >= 0) & (age <= OLDEST)),
        "gender": known["gender"],
        "income": known["income"].astype(float),
        "household_size": known["household_size"].astype(float),
        "region": known["region"],
        "language": known["language"],
        "months_known": ((moment - came).dt.days / _MONTH).clip(lower=0),
        "month": moment.dt.month.astype(float),
    })  # fmt: skip


def _habit(lines: pd.DataFrame, ids: np.ndarray, at: np.ndarray) -> pd.DataFrame:
    totals = _running_orders(lines)
    place = _last_before(totals["customer_id"].to_numpy(), totals["at"].to_numpy(), ids, at)
    found = totals.iloc[np.maximum(place, 0)].reset_index(drop=True) if len(totals) else totals.reindex(range(len(at)))
    new = place < 0
    count = np.where(new, 0, found["orders"])
    spent = np.where(new, 0.0, found["spent"])
    return pd.DataFrame({
        "orders": count.astype(float),
        "orders_lately": np.where(new, 0.0, found["weight"] * _fade(at)),
        "days_since_order": np.where(new, NEVER, (at - found["at"]) / _DAY),
        "months_since_first": np.where(new, 0.0, (at - found["first"]) / _DAY / _MONTH),
        "spent": spent,
        "mean_order": np.where(new, np.nan, spent / np.maximum(count, 1)),
        "price_level": np.where(new, 0.0, found["level"] / (found["lines"] + LEVEL_PRIOR)),
        "last_category": found["main"].astype(object).where(~new, None),
    })  # fmt: skip


def _running_orders(lines: pd.DataFrame) -> pd.DataFrame:
    """Every order with its customer's totals up to it, by customer and time."""
    price = np.log(lines["unit_price"].clip(lower=0.01))
    seen = price.groupby(lines["category"])
    level = price - seen.cumsum() / (seen.cumcount() + 1)  # beside what the category had cost on the whole by then
    value = lines["unit_price"] * lines["quantity"]
    enriched = lines.assign(at=_microseconds(lines["placed_at"]), level=level, value=value)
    by_order = enriched.groupby("order_id", sort=False)
    orders = by_order.agg(
        customer_id=("customer_id", "first"), at=("at", "first"), spent=("value", "sum"), level=("level", "sum"),
        lines=("value", "size"),
    )  # fmt: skip
    dearest = enriched.sort_values("value", ascending=False, kind="stable").drop_duplicates("order_id")
    orders["main"] = dearest.set_index("order_id")["category"]
    orders["orders"], orders["weight"] = 1, _growth(orders["at"].to_numpy())
    orders = orders.sort_values(["customer_id", "at"], kind="stable")
    running = ["spent", "level", "lines", "orders", "weight"]
    mine = orders.groupby("customer_id", sort=False)
    orders[running] = mine[running].cumsum()
    orders["first"] = mine["at"].transform("first")
    return orders.reset_index(drop=True)


def _by_category(lines: pd.DataFrame, ids: np.ndarray, at: np.ndarray, names: Sequence[str]) -> pd.DataFrame:
    """The three columns of each category."""
    column = pd.Index(names).get_indexer(lines["category"])
    events = pd.DataFrame({"customer_id": lines["customer_id"], "order_id": lines["order_id"], "column": column})
    events["at"] = _microseconds(lines["placed_at"])
    events = events[column >= 0].drop_duplicates(["customer_id", "order_id", "column"])
    events = events.sort_values(["customer_id", "column", "at"], kind="stable", ignore_index=True)
    events["orders"], events["weight"] = 1.0, _growth(events["at"].to_numpy())
    mine = events.groupby(["customer_id", "column"], sort=False)
    pair, running = mine.ngroup().to_numpy(), mine[["orders", "weight"]].cumsum()
    pairs = events.drop_duplicates(["customer_id", "column"])
    moment, which = _join(ids, pairs["customer_id"].to_numpy())
    place = _last_before(pair, events["at"].to_numpy(), which, at[moment])
    moment, place = moment[place >= 0], place[place >= 0]
    column, when = events["column"].to_numpy()[place], at[moment]
    blocks = {BOUGHT: np.zeros((len(at), len(names)), np.float32), LATELY: np.zeros((len(at), len(names)), np.float32),
              DAYS_SINCE: np.full((len(at), len(names)), NEVER, np.float32)}  # fmt: skip
    blocks[BOUGHT][moment, column] = running["orders"].to_numpy()[place]
    blocks[LATELY][moment, column] = running["weight"].to_numpy()[place] * _fade(when)
    blocks[DAYS_SINCE][moment, column] = np.minimum((when - events["at"].to_numpy()[place]) / _DAY, NEVER)
    wide = [pd.DataFrame(block, columns=[prefix + name for name in names]) for prefix, block in blocks.items()]
    return pd.concat(wide, axis=1)


def _join(ids: np.ndarray, owners: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """All pairs of places (in `ids`, in `owners`) with the same customer; `owners` is sorted."""
    first, last = np.searchsorted(owners, ids, "left"), np.searchsorted(owners, ids, "right")
    many = last - first
    left = np.repeat(np.arange(len(ids)), many)
    return left, np.arange(many.sum()) - np.repeat(np.cumsum(many) - many, many) + np.repeat(first, many)


def _last_before(keys: np.ndarray, times: np.ndarray, of_keys: np.ndarray, at: np.ndarray) -> np.ndarray:
    """For each (of_key, at) the place of the last event of that key before that time, or -1.

    The events are sorted by key and time.
    """
    if not len(keys):
        return np.full(len(at), -1)
    stamps, known = np.unique(times), np.unique(keys)
    width = len(stamps) + 1
    codes = np.searchsorted(known, keys) * width + np.searchsorted(stamps, times)
    asked = np.searchsorted(known, of_keys)
    place = np.searchsorted(codes, asked * width + np.searchsorted(stamps, at)) - 1
    return np.where((place >= 0) & (keys[np.maximum(place, 0)] == of_keys), place, -1)


def _growth(at: np.ndarray) -> np.ndarray:
    """Weights of purchases that, summed up and multiplied by `_fade`, halve every `HALF_LIFE` days."""
    return np.exp2((at / _DAY - _EPOCH) / HALF_LIFE)


def _fade(at: np.ndarray) -> np.ndarray:
    return np.exp2(-(at / _DAY - _EPOCH) / HALF_LIFE)


_EPOCH = 18_262.0  # 2020-01-01 in days: keeps the weights near 1


def _microseconds(times: pd.Series) -> np.ndarray:
    return _naive(times).to_numpy("datetime64[us]").astype("int64")


def _naive(times: pd.Series) -> pd.Series:
    return pd.to_datetime(times, utc=True).dt.tz_localize(None)
