"""The question that splits the remaining products best."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from math import log2

from crm_store.catalog import CatalogItem
from models.audience import gender_of_recipient
from models.needs import Needs

MOST_VALUES = 8  # a longer list of choices is a burden, not a question
# A bit about these is worth more or less than another: every product comes in several colours, a beginner knows no
# brand and no wheel size, and a kind or a use is what people come with.
WORTH = {"color": 0.5, "brand": 0.6, "wheel_size": 0.4, "material": 0.7, "kind": 1.5, "use": 1.2}
LEAST_GAIN = 0.25  # bits; below this an answer would hardly change what is shown


@dataclass(frozen=True, slots=True)
class Question:
    """What to ask: a facet, the answers that exist with the most bought first, and the bits they are worth."""

    facet: str
    values: tuple[str, ...]
    gain: float


def next_question(items: Sequence[CatalogItem], needs: Needs, asked: Collection[str]) -> Question | None:
    """Return the unasked facet with the highest information gain over `items`, or None when none is worth asking.

    The gain of a facet is the entropy of its values, weighted by what sold, times the share of products
    that state it: a facet that half of the products leave empty tells half as much.
    """
    if not needs.get("category") and not needs.get("product"):
        return _category_question(items, asked)
    products = _one_per_product(items)
    if len(products) < 2:
        return None
    questions = [_question(f, vs, products) for f, vs in _facets(items, needs) if f not in asked]
    questions.append(_budget_question(products) if "budget" not in asked and not needs.get("budget") else None)
    worth_asking = [q for q in questions if q and q.gain >= LEAST_GAIN]
    return max(worth_asking, key=lambda q: q.gain * WORTH.get(q.facet, 1.0), default=None)


def _category_question(items: Sequence[CatalogItem], asked: Collection[str]) -> Question | None:
    if "category" in asked or not items:
        return None
    sold: Counter[str] = Counter()
    for item in items:
        sold[item.categories[-1]] += 1 + item.units_sold
    if len(sold) == 1:  # everything is under one roof: ask one level below
        sold = Counter()
        for item in items:
            sold[item.categories[0]] += 1 + item.units_sold
    values = tuple(name for name, _ in sold.most_common(MOST_VALUES))
    return Question("category", values, _entropy(sold.values())) if len(values) > 1 else None


def _facets(items: Sequence[CatalogItem], needs: Needs) -> Iterable[tuple[str, dict[str, set[str]]]]:
    """Yield each facet not yet settled with, for every value, the codes of the products that have it."""
    names = dict.fromkeys(name for item in items for name in item.attributes)
    for name in names:
        if name in needs.get("attributes", {}) or (name == "brand" and needs.get("brand")):
            continue
        if name == "gender" and gender_of_recipient(needs):
            continue  # "for my wife" has answered it
        found: dict[str, set[str]] = {}
        for item in items:
            for value in item.attributes.get(name, ()):
                found.setdefault(value, set()).add(item.code)
        yield name, found
    if kinds := _kinds(items, needs.get("category")):
        yield "kind", kinds
    if not needs.get("use"):
        uses: dict[str, set[str]] = {}
        for item in items:
            for use in item.uses:
                uses.setdefault(use, set()).add(item.code)
        yield "use", uses


def _kinds(items: Sequence[CatalogItem], category: str | None) -> dict[str, set[str]]:
    """The kinds right below the wanted category with the codes of their products: mountain, road and city bikes."""
    kinds: dict[str, set[str]] = {}
    for item in items:
        place = item.categories.index(category) if category in item.categories else 0
        if place > 0:
            kinds.setdefault(item.categories[place - 1], set()).add(item.code)
    return kinds


def _question(facet: str, values: dict[str, set[str]], products: dict[str, CatalogItem]) -> Question | None:
    if len(values) < 2 or len(values) > MOST_VALUES:
        return None
    if facet != "size" and all(len(value.split()) == 1 and value.replace(".", "").isdigit() for value in values):
        return None  # a measure such as a weight in grams: nobody picks one from a list
    weight = {code: 1 + log2(1 + item.units_sold) for code, item in products.items()}
    mass = {value: sum(weight[code] for code in codes) for value, codes in values.items()}
    # A size or colour that every product comes in does not split the products, yet it must fit the person.
    stating = set().union(*values.values())
    share = sum(weight[code] for code in stating) / sum(weight.values())
    overlap = sum(len(codes) for codes in values.values()) / len(stating)
    gain = share * _entropy(mass.values()) / overlap
    return Question(facet, tuple(sorted(mass, key=lambda v: -mass[v])), gain)


def _budget_question(products: dict[str, CatalogItem]) -> Question | None:
    prices = sorted(item.price for item in products.values())
    if len(prices) < 4 or prices[-1] < prices[0] * 2:
        return None
    # A third of the products under the first limit, a third above the second.
    limits = {_round_price(prices[len(prices) // 3]), _round_price(prices[2 * len(prices) // 3])}
    bands = Counter(sum(price > limit for limit in limits) for price in prices)
    return Question("budget", tuple(str(limit) for limit in sorted(limits)), _entropy(bands.values()) * 0.8)


def _round_price(price: Decimal) -> Decimal:
    """Round up to a price people would say: 1, 2 or 5 times a power of ten, halved steps between."""
    power = Decimal(10) ** (len(str(int(price))) - 1)
    for step in (
        Decimal(1),
        Decimal("1.5"),
        Decimal(2),
        Decimal(3),
        Decimal(4),
        Decimal(5),
        Decimal("7.5"),
        Decimal(10),
    ):
        if price <= step * power:
            return (step * power).normalize().quantize(Decimal(1))
    return price.quantize(Decimal(1))


def _one_per_product(items: Sequence[CatalogItem]) -> dict[str, CatalogItem]:
    return {item.code: item for item in items}


def _entropy(weights: Iterable[float]) -> float:
    weights = [w for w in weights if w > 0]
    total = sum(weights)
    return -sum(w / total * log2(w / total) for w in weights) if total else 0.0
