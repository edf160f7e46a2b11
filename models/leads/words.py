"""Says in a few words what speaks for a row or a lead, and what against it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

LEAST_EFFECT = 0.05  # of the log odds; less is not worth a word
MOST_FACTORS = 3


@dataclass(frozen=True, slots=True)
class Factor:
    """One reason: its words and what it adds to the log odds, below zero when it speaks against."""

    words: str
    effect: float

    def __str__(self) -> str:
        return f"{self.words} ({'+' if self.effect > 0 else '-'})"


def strongest(factors: Sequence[Factor], most: int = MOST_FACTORS) -> tuple[list[Factor], list[Factor]]:
    """The strongest factors for and against, the strongest first."""
    told = sorted((one for one in factors if abs(one.effect) >= LEAST_EFFECT), key=lambda one: -abs(one.effect))
    return [one for one in told if one.effect > 0][:most], [one for one in told if one.effect < 0][:most]


def cell_words(column: str, value: Any) -> str:
    """A column and its value in a table of which only the names are known."""
    if value is None or (isinstance(value, float) and pd.isna(value)):
        return f"{column} is not known"
    if isinstance(value, float):
        return f"{column} {value:,.0f}" if value.is_integer() else f"{column} {value:,.4g}"
    return f"{column}: {value}"


def lead_factors(features: Mapping[str, Any], effects: Mapping[str, float]) -> list[Factor]:
    """One factor for each subject of a lead's features, the effects of its columns added up."""
    factors = []
    for columns, say in SUBJECTS:
        effect = sum(effects.get(column, 0.0) for column in columns)
        if effect:
            factors.append(Factor(say(features), effect))
    return factors


Say = Callable[[Mapping[str, Any]], str]


def _either(column: str, there: str, missing: str) -> tuple[tuple[str, ...], Say]:
    return (column,), lambda features: there if features[column] == "yes" else missing


def _bought(features: Mapping[str, Any]) -> str:
    match int(features["orders before"]):
        case 0:
            return "has not bought before"
        case 1:
            return "bought once before"
        case count:
            return f"bought {count} times before"


def _budget(features: Mapping[str, Any]) -> str:
    if features["budget named"] == "no":
        return "no budget named"
    amount = features["budget"]
    return "named a budget" if amount is None or pd.isna(amount) else f"named a budget of {amount:,.0f}"


def _category(features: Mapping[str, Any]) -> str:
    return f"asked about {features['category']}" if features["category"] else "no kind of product named"


def _messages(features: Mapping[str, Any]) -> str:
    count = features["messages"]
    if count is None or pd.isna(count):
        return "no chat"
    return "wrote one message" if count == 1 else f"wrote {count:.0f} messages"


def _properties(features: Mapping[str, Any]) -> str:
    count = int(features["properties named"])
    return "named no colour, size or the like" if not count else f"named {count} propert{'y' if count == 1 else 'ies'}"


SUBJECTS: tuple[tuple[tuple[str, ...], Say], ...] = (
    (("source",), lambda features: f"came by {features['source']}"),
    _either("phone", "gave a phone number", "no phone number"),
    _either("e-mail", "gave an e-mail address", "no e-mail address"),
    _either("name", "gave a name", "no name"),
    (("bought before", "orders before", "spent before"), _bought),
    (("budget named", "budget"), _budget),
    (("category named", "category"), _category),
    (("properties named",), _properties),
    _either("product named", "named a product", "no product named"),
    _either("brand named", "named a brand", "no brand named"),
    _either("needed_by named", "needs it by a day", "no day it is needed by"),
    _either("use named", "said what it is for", "did not say what it is for"),
    _either("recipient named", "said whom it is for", "did not say whom it is for"),
    _either("priority named", "said what matters most", "did not say what matters most"),
    _either("quantity named", "said how many", "did not say how many"),
    _either("called", "was called", "not called yet"),
    _either("written to", "was written to", "not written to yet"),
    _either("visited", "came to the shop", "has not come to the shop"),
    _either("has a quote", "has a quote", "no quote yet"),
    (("messages",), _messages),
    _either("asked about a product", "asked about a product", "asked nothing about a product"),
    _either("asked the price", "asked the price", "did not ask the price"),
    _either("asked about stock", "asked whether it is in stock", "did not ask about stock"),
    _either("asked about delivery", "asked about delivery or payment", "did not ask about delivery or payment"),
    _either("asked for a quote", "asked for a quote", "did not ask for a quote"),
    _either("turned an offer down", "turned an offer down", "turned no offer down"),
    _either("complained", "complained", "no complaint"),
    _either("has a cart", "has something in the cart", "nothing in the cart"),
    _either("promised a call", "a call is promised", "no call promised"),
    _either("wanted a person", "asked for a person", "did not ask for a person"),
)
