"""What "the second one", "it" and "in a medium" point at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actions.turn import Turn
from crm_store import catalog
from crm_store.catalog import CatalogItem
from models.recommender import recommend


def shown_items(turn: Turn) -> list[CatalogItem]:
    """The products last shown, in the order shown."""
    found = catalog.items_by_sku(turn.session, turn.conversation.shown)
    return [found[sku] for sku in turn.conversation.shown if sku in found]


def focus_item(turn: Turn) -> CatalogItem | None:
    sku = turn.conversation.focus_sku
    return catalog.items_by_sku(turn.session, [sku]).get(sku) if sku else None


def referred_items(turn: Turn) -> list[CatalogItem]:
    """The items a message points at: by button, place in the list, name, or "it"; empty when by nothing."""
    if sku := turn.understood.arguments.get("sku"):
        return list(catalog.items_by_sku(turn.session, [sku]).values())
    shown = shown_items(turn)
    if positions := turn.mentions.get("positions"):
        return [item for place in positions if (item := _at(shown, place))]
    if names := turn.mentions.get("products"):
        return [item for name in names if (item := _named(turn, name, shown))]
    if len(shown) == 1:
        return shown
    focus = focus_item(turn)
    return [focus] if focus else []


def points_at_something(turn: Turn) -> bool:
    """Whether the message itself names an item, rather than leaving it to what was spoken of before."""
    said = turn.mentions
    return bool(turn.understood.arguments.get("sku") or said.get("positions") or said.get("products") or said.get("it"))


def variant_with(
    turn: Turn, item: CatalogItem, wanted: Mapping[str, Sequence[str]]
) -> tuple[CatalogItem | None, list[CatalogItem]]:
    """The variant of the same product with the wanted values, and every variant there is.

    What is not mentioned (the colour, when a size is asked for) stays as it is where it can.
    """
    siblings = catalog.siblings(turn.session, item.sku)
    fitting = [
        other
        for other in siblings
        if all(
            any(v.casefold() in {o.casefold() for o in other.attributes.get(name, ())} for v in values)
            for name, values in wanted.items()
        )
    ]
    fitting.sort(key=lambda other: (not other.in_stock, other.color != item.color, other.size != item.size, other.sku))
    same_color = [other for other in fitting if other.color == item.color]
    if same_color and "color" not in wanted:
        return same_color[0], siblings
    return (fitting[0] if fitting else None), siblings


def _at(shown: Sequence[CatalogItem], place: int) -> CatalogItem | None:
    index = place - 1 if place > 0 else len(shown) + place
    return shown[index] if 0 <= index < len(shown) else None


def _named(turn: Turn, name: str, shown: Sequence[CatalogItem]) -> CatalogItem | None:
    """The best variant of a named product: one just shown, else the one that suits the needs and is in stock."""
    for item in shown:
        if item.name.casefold() == name.casefold():
            return item
    variants = [item for item in turn.catalog if item.name.casefold() == name.casefold()]
    wanted = turn.conversation.needs.get("attributes", {})
    fitting = [v for v in variants if all(set(values) & set(v.attributes.get(n, ())) for n, values in wanted.items())]
    picked = recommend(fitting or variants, {}, currency=turn.shop.currency, rates={}, count=1)
    if picked:
        return picked[0].item
    return variants[0] if variants else None
