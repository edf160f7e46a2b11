"""Recommendations from needs: what fits, ranked by use, price fit and what sells, each with its reason."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log, log1p
from types import MappingProxyType
from typing import Any

from crm_store.catalog import CatalogItem
from models.matching import fitting_use, price_limits
from models.needs import Needs

LIKING_WORTH = 1.5  # as much as the right use: what somebody like this one buys, within what fits the needs
WEIGHT_KEYS = ("weight_g", "weight", "weight_kg")
Limits = tuple[Decimal | None, Decimal | None]  # least and most, in the shop's currency
BUDGET_SWEET_SPOT = Decimal("0.75")  # people with a limit buy below it, and not the cheapest either


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an item is offered: a code that the wording turns into a sentence, and its facts."""

    code: str
    facts: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Liking:
    """How likely a product is to be bought, as what was learned from sales has it, and what speaks for it."""

    chance: float
    reasons: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Recommendation:
    item: CatalogItem
    score: float
    reason: Reason


def recommend(
    items: Sequence[CatalogItem],
    needs: Needs,
    *,
    currency: str,
    rates: Mapping[str, float],
    count: int = 3,
    rejected: Collection[str] = (),
    liking: Mapping[str, Liking] = MappingProxyType({}),
    near: Mapping[str, float] = MappingProxyType({}),
) -> list[Recommendation]:
    """Return up to `count` products in stock, best first, one variant of each.

    `items` fit the needs already. `rejected` holds product codes not to be offered again. `liking`, by product code, is
    what was learned from sales; without it what sells most counts. `near`, by product code, is how near a product's
    words come to the customer's (0 to 1).
    """
    limits = price_limits(needs, currency, rates)
    buyable = [item for item in items if item.in_stock and item.code not in rejected]
    best: dict[str, tuple[float, CatalogItem]] = {}
    top_sales = max((item.units_sold for item in buyable), default=0)
    prices = [item.price for item in buyable]
    likely = _likelihoods(buyable, liking)
    for item in buyable:
        popularity = log1p(item.units_sold) / log1p(top_sales) if top_sales else 0.0
        score = _score(item, needs, limits, likely.get(item.code, popularity), prices) + near.get(item.code, 0.0)
        if item.code not in best or score > best[item.code][0]:
            best[item.code] = (score, item)
    ranked = sorted(best.values(), key=lambda pair: (-pair[0], pair[1].sku))[:count]
    chosen = [item for _, item in ranked]
    # "around 500" names no limit: its upper end is ours, and nothing is below it that the customer said.
    most = None if (needs.get("budget") or {}).get("min") is not None else limits[1]
    reasons = explain(chosen, buyable, needs, most, liking)
    return [Recommendation(item, score, reason) for (score, item), reason in zip(ranked, reasons, strict=True)]


def weight_of(item: CatalogItem) -> Decimal | None:
    """The weight in grams, when the catalogue states one."""
    for key in WEIGHT_KEYS:
        for value in item.attributes.get(key, ()):
            try:
                return Decimal(value) * (1000 if key == "weight_kg" else 1)
            except ArithmeticError:
                continue
    return None


def explain(
    chosen: Sequence[CatalogItem],
    among: Sequence[CatalogItem],
    needs: Needs,
    most: Decimal | None,
    liking: Mapping[str, Liking] = MappingProxyType({}),
) -> list[Reason]:
    """Return one true reason for each chosen item, different ones where there are several."""
    reasons: list[Reason] = []
    for item in chosen:
        learned = liking[item.code].reasons if item.code in liking else ()
        possible = [*learned, *_true_reasons(item, among, needs, most)]
        used = {reason.code for reason in reasons}
        reasons.append(next((reason for reason in possible if reason.code not in used), possible[0]))
    return reasons


def _score(item: CatalogItem, needs: Needs, limits: Limits, likely: float, prices: Sequence[Decimal]) -> float:
    return 1.5 * bool(fitting_use(item, needs)) + likely + _price_fit(item.price, needs, limits, prices)


def _likelihoods(items: Sequence[CatalogItem], liking: Mapping[str, Liking]) -> dict[str, float]:
    """Product code -> 0 to `LIKING_WORTH`: the chances among these items, by their logarithm."""
    odds = {item.code: log(max(liking[item.code].chance, 1e-9)) for item in items if item.code in liking}
    if not odds:
        return {}
    low, high = min(odds.values()), max(odds.values())
    if high == low:
        return dict.fromkeys(odds, LIKING_WORTH / 2)
    return {code: LIKING_WORTH * (value - low) / (high - low) for code, value in odds.items()}


def _price_fit(price: Decimal, needs: Needs, limits: Limits, prices: Sequence[Decimal]) -> float:
    """0 to 2: how well a price suits the budget, or the wish for cheap or good."""
    low, high = min(prices), max(prices)
    place = float((price - low) / (high - low)) if high > low else 0.5
    match needs.get("priority"):
        case "price":
            return 2.0 * (1 - place)
        case "quality" | "durability":
            return 2.0 * place
    least, most = limits
    if least and most:
        return 1.0 - abs(float(price / ((least + most) / 2) - 1))
    if most:
        return 1.0 - abs(float(price / most - BUDGET_SWEET_SPOT))
    return 0.5


def _true_reasons(item: CatalogItem, among: Sequence[CatalogItem], needs: Needs, most: Decimal | None) -> list[Reason]:
    products = {other.code: other for other in among}.values()
    several = len(products) > 1
    reasons = []
    if use := fitting_use(item, needs):
        reasons.append(Reason("made_for_use", {"use": use}))
    if several and item.price == min(other.price for other in products):
        reasons.append(Reason("lowest_price", {}))
    weights = [w for other in products if (w := weight_of(other)) is not None]
    if len(weights) > 1 and weight_of(item) == min(weights):
        reasons.append(Reason("lightest", {}))
    if several and item.units_sold and item.units_sold == max(other.units_sold for other in products):
        reasons.append(Reason("best_seller", {}))
    if item.regular_price and item.regular_price > item.price:
        reasons.append(Reason("on_promotion", {"regular_price": item.regular_price}))
    if most and item.price < most:
        reasons.append(Reason("under_budget", {"saving": (most - item.price).quantize(Decimal("0.01"))}))
    if item.units_sold:
        reasons.append(Reason("bought_often", {"units": item.units_sold}))
    return reasons or [Reason("fits_wishes", {})]
