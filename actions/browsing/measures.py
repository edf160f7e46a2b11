"""Which is the lightest, the cheapest, the brightest: a property that puts products in an order."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from actions.turn import Turn
from crm_store.catalog import CatalogItem
from models.recommender import weight_of


@dataclass(frozen=True, slots=True)
class Measure:
    """A property and the end of it that is meant; `keys` are the names that a catalogue may have for it."""

    name: str
    highest: bool
    keys: tuple[str, ...] = ()

    def of(self, item: CatalogItem) -> Decimal | None:
        if self.name == "price":
            return item.price
        if self.name == "weight":
            return weight_of(item)
        for key in self.keys:
            for name, values in item.attributes.items():
                if key in name.casefold() and values and (number := re.search(r"\d+(?:\.\d+)?", values[0])):
                    return Decimal(number[0])
        return None


_CAPACITY = ("capacity", "people", "volume", "litre", "person")
_WORDS: tuple[tuple[str, Measure], ...] = tuple(
    (words, measure)
    for words, measure in (
        (r"cheap(?:er|est)|(?:least|less) expensive|便宜", Measure("price", False)),
        (r"(?:most|more) expensive|dear(?:er|est)|prici(?:er|est)|最贵|更贵", Measure("price", True)),
        (r"light(?:er|est)(?! colou?r)|[最更比]?较?轻(?=$|[^松])", Measure("weight", False)),
        (r"heav(?:ier|iest)|[最更]重(?!要)|哪个重", Measure("weight", True)),
        (r"bright(?:er|est)|[最更]亮|哪[个款]亮", Measure("brightness", True, ("lumen", "bright"))),
        (r"(?:bigg|larg)(?:er|est)|roomi(?:er|est)|[最更]大|大的那", Measure("capacity", True, _CAPACITY)),
        (r"small(?:er|est)|[最更]小|小的那", Measure("capacity", False, _CAPACITY)),
        (r"warm(?:er|est)|[最更](?:暖|保暖)", Measure("warmth", False, ("comfort", "temperature"))),
    )
)
_PATTERNS = tuple((re.compile(words, re.IGNORECASE), measure) for words, measure in _WORDS)


def measure_meant(turn: Turn) -> Measure | None:
    """The property in which the message wants the first: read by the engine, or by its words."""
    if pick := turn.mentions.get("pick"):
        return Measure(pick["attribute"], pick["to"] == "highest")
    return next((measure for pattern, measure in _PATTERNS if pattern.search(turn.text)), None)


def best_of(items: Sequence[CatalogItem], measure: Measure) -> CatalogItem | None:
    """The one furthest in the wanted direction; None where the catalogue does not say it of all of them."""
    values = [measure.of(item) for item in items]
    known = [(value, item) for value, item in zip(values, items, strict=True) if value is not None]
    if not known or len(known) < len(items):
        return None
    return (max if measure.highest else min)(known, key=lambda pair: pair[0])[1]


def weight_text(item: CatalogItem) -> str:
    """The weight as people say it: 3.1 kg, below a kilogram in grams; empty when it is not known."""
    grams = weight_of(item)
    if grams is None:
        return ""
    return f"{grams:.0f} g" if grams < 1000 else f"{grams / 1000:.2f}".rstrip("0").rstrip(".") + " kg"
