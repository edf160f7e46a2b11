"""Relative wishes: cheaper, lighter, bigger than what was last shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from actions.browsing.references import referred_items, shown_items
from actions.browsing.showing import fitting_items, show, show_best, show_nearest
from actions.turn import Turn
from crm_store import catalog
from crm_store.catalog import CatalogItem
from models.recommender import Recommendation, explain, recommend, weight_of

Measure = Callable[[CatalogItem], Decimal | None]
# A dearer product stands for a better one: the catalogue has no other measure of quality.
MEASURES: dict[str, Measure] = {
    "price": lambda item: item.price,
    "weight": weight_of,
    "quality": lambda item: item.price,
}
LEAST_SHOWN = 2  # a single product is no choice: one already seen is added


def pointed_or_shown(turn: Turn) -> list[CatalogItem]:
    """What the message points at, else all that was last shown."""
    pointed = turn.mentions.get("positions") or turn.mentions.get("it")
    return (referred_items(turn) if pointed else []) or shown_items(turn)


def show_changed(turn: Turn, change: Mapping[str, Any]) -> None:
    """Show what goes further in the wanted direction than what was shown, and say so when nothing does."""
    attribute, upward = str(change["attribute"]), change.get("to") == "higher"
    items = [i for i in fitting_items(turn) if i.in_stock and i.code not in turn.conversation.rejected]
    if not items:
        show_nearest(turn)
    elif attribute == "size":
        _show_other_size(turn, upward)
    elif measure := MEASURES.get(attribute):
        _show_beyond(turn, attribute, measure, items, upward)
    else:
        show_best(turn, items, "utter_recommend")


def _show_beyond(turn: Turn, attribute: str, measure: Measure, items: Sequence[CatalogItem], upward: bool) -> None:
    anchor = [m for item in pointed_or_shown(turn) if (m := measure(item)) is not None]
    shop, needs = turn.shop, turn.conversation.needs
    measured = [item for item in items if measure(item) is not None]
    if not anchor or not measured:
        turn.say("utter_cannot_compare")
        show_best(turn, items, "utter_recommend")
        return
    limit = max(anchor) if upward else min(anchor)
    beyond = [i for i in measured if (measure(i) > limit if upward else measure(i) < limit)]
    best = [r.item for r in recommend(beyond, needs, currency=shop.currency, rates=shop.exchange_rates)]
    introduction = (
        f"utter_{'more' if upward else 'less'}_{attribute}"
        if best
        else f"utter_no_{'more' if upward else 'less'}_{attribute}"
    )
    if len(best) < LEAST_SHOWN:
        best += _furthest(turn, measure, measured, upward, without={item.code for item in best})[: 3 - 2 * len(best)]
    reasons = explain(best, items, needs, None)
    show(turn, [Recommendation(item, 0.0, why) for item, why in zip(best, reasons, strict=True)], introduction)


def _furthest(
    turn: Turn, measure: Measure, items: Sequence[CatalogItem], upward: bool, without: set[str]
) -> list[CatalogItem]:
    """One variant of each product, the cheapest, lightest or dearest first."""
    left = [item for item in items if item.code not in without]
    shop = turn.shop
    variants = recommend(
        left, turn.conversation.needs, currency=shop.currency, rates=shop.exchange_rates, count=len(left)
    )
    return sorted((r.item for r in variants), key=lambda item: (measure(item), item.sku), reverse=upward)


def _show_other_size(turn: Turn, upward: bool) -> None:
    """The next size up or down of what was spoken of."""
    base = pointed_or_shown(turn)[0]
    sizes = [v for v in catalog.siblings(turn.session, base.sku) if v.color == base.color and v.size]
    place = next((i for i, v in enumerate(sizes) if v.sku == base.sku), -1) + (1 if upward else -1)
    if 0 <= place < len(sizes):
        show_best(turn, [sizes[place]], "utter_recommend")
    else:
        turn.say("utter_no_other_size", name=base.title(turn.language))
