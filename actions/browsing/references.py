"""What "the second one", "it" and "in a medium" point at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from actions.turn import Turn
from crm_store import catalog
from crm_store.catalog import CatalogItem
from models.recommender import recommend, weight_of


def shown_items(turn: Turn) -> list[CatalogItem]:
    """The products last shown, in the order shown."""
    found = catalog.items_by_sku(turn.session, turn.conversation.shown)
    return [found[sku] for sku in turn.conversation.shown if sku in found]


def focus_item(turn: Turn) -> CatalogItem | None:
    sku = turn.conversation.focus_sku
    return catalog.items_by_sku(turn.session, [sku]).get(sku) if sku else None


def referred_items(turn: Turn) -> list[CatalogItem]:
    """The items a message points at: by button, place in the list, name, "the cheapest", or "it"; else none.

    "It" is what was spoken of last, a size asked about for one, before the only product shown.
    """
    if sku := turn.understood.arguments.get("sku"):
        return list(catalog.items_by_sku(turn.session, [sku]).values())
    shown = shown_items(turn)
    if positions := turn.mentions.get("positions"):
        return [item for place in positions if (item := item_at(shown, place))]
    if names := turn.mentions.get("products"):
        return [item for name in names if (item := item_named(turn, name))]
    if turn.mentions.get("pick") and shown:
        return _picked(turn.mentions["pick"], shown)
    if focus := focus_item(turn):
        return [focus]
    return shown if len(shown) == 1 else []


def points_at_something(turn: Turn) -> bool:
    """Whether the message itself names an item, rather than leaving it to what was spoken of before."""
    said = turn.mentions
    picks = said.get("pick") and turn.conversation.shown
    pointed = said.get("positions") or said.get("products") or said.get("it") or picks
    return bool(turn.understood.arguments.get("sku") or pointed)


def points_beyond(turn: Turn) -> bool:
    """Whether the message points at a place past the end of what was shown: the third of two."""
    shown = shown_items(turn)
    places = turn.mentions.get("positions") or ()
    return bool(shown) and any(item_at(shown, place) is None for place in places)


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


def item_at(shown: Sequence[CatalogItem], place: int) -> CatalogItem | None:
    """The item at a place in a list, counted from 1, or from the end when negative."""
    index = place - 1 if place > 0 else len(shown) + place
    return shown[index] if 0 <= index < len(shown) else None


def item_named(turn: Turn, name: str) -> CatalogItem | None:
    """The variant of a named product: the one spoken of, one just shown, else one in stock that suits the needs."""
    focus = focus_item(turn)
    for item in [*([focus] if focus else []), *shown_items(turn)]:
        if item.name.casefold() == name.casefold():
            return item
    variants = [item for item in turn.catalog if item.name.casefold() == name.casefold()]
    wanted = turn.conversation.needs.get("attributes", {})

    def suits(item: CatalogItem) -> tuple[bool, int]:
        return item.in_stock, sum(bool(set(vs) & set(item.attributes.get(n, ()))) for n, vs in wanted.items())

    most = max(map(suits, variants), default=None)
    best = [item for item in variants if suits(item) == most]
    picked = recommend(best, {}, currency=turn.shop.currency, rates={}, count=1)
    return picked[0].item if picked else next(iter(variants), None)


def _picked(pick: Mapping[str, str], shown: Sequence[CatalogItem]) -> list[CatalogItem]:
    """ "The cheapest", "the lightest" of what was shown; none when the catalogue does not say."""
    measure = weight_of if pick["attribute"] == "weight" else lambda item: item.price
    measured = [item for item in shown if measure(item) is not None]
    if not measured:
        return []
    return [(max if pick["to"] == "highest" else min)(measured, key=measure)]
