"""Questions about products: detail, price, availability, comparison, promotion."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from actions.adding import offer_to_add
from actions.needs import understand_needs
from actions.references import points_at_something, referred_items, shown_items, variant_with
from actions.sales_action import SalesAction
from actions.showing import category_name, fitting_items, show_best, show_or_ask, stock_text
from actions.turn import Turn
from actions.wording import listed
from crm_store import catalog
from crm_store.catalog import CatalogItem
from models.matching import matching_items
from models.recommender import WEIGHT_KEYS

SAME_PROPERTY = {"weight": WEIGHT_KEYS, "capacity": ("capacity", "people", "capacity_l", "volume")}
PRIVATE_ATTRIBUTES = frozenset({"brand", "color", "size"})
MOST_COMPARED = 3


class ActionAskProductInfo(SalesAction):
    intent = "ask_product_info"

    def answer(self, turn: Turn) -> None:
        items = asked_about(turn)
        if not items:
            _about_a_kind(turn)
            return
        for item in items[:MOST_COMPARED]:
            if not answers_property(turn, item):
                _describe(turn, item)
        _offer_to_add(turn, items)


class ActionAskPrice(SalesAction):
    intent = "ask_price"

    def answer(self, turn: Turn) -> None:
        items = asked_about(turn)
        if not items:
            _price_range(turn)
            return
        for item in items[:MOST_COMPARED]:
            turn.say("utter_price", name=item.title(turn.language), price=turn.money(item.price))
        _offer_to_add(turn, items)


class ActionAskAvailability(SalesAction):
    intent = "ask_availability"

    def answer(self, turn: Turn) -> None:
        wanted = dict(turn.mentions.get("attributes") or {})
        items = asked_about(turn)
        if not items:
            _about_a_kind(turn)
            return
        for item in items[:MOST_COMPARED]:
            _say_availability(turn, item, wanted)


class ActionCompareProducts(SalesAction):
    intent = "compare_products"

    def answer(self, turn: Turn) -> None:
        items = referred_items(turn) if points_at_something(turn) else []
        if len(items) < 2:
            items = list({i.sku: i for i in [*items, *shown_items(turn)]}.values())
        if len(items) < 2:
            turn.say("utter_compare_what")
            return
        _compare(turn, items[:MOST_COMPARED])


class ActionAskPromotion(SalesAction):
    intent = "ask_promotion"

    def answer(self, turn: Turn) -> None:
        category = turn.understood.needs.get("category") or next(iter(turn.mentions.get("categories") or ()), None)
        needs = {"category": category} if category else {}
        reduced = [
            item
            for item in matching_items(turn.catalog, needs, turn.shop.currency, {})
            if item.regular_price and item.regular_price > item.price and item.in_stock
        ]
        if not reduced:
            turn.say("utter_no_promotion", category=category_name(turn, category))
            return
        show_best(turn, reduced, "utter_promotion", category=category_name(turn, category))


def asked_about(turn: Turn) -> list[CatalogItem]:
    """What a question is about; a kind of goods named in it outranks what was spoken of before."""
    if points_at_something(turn):
        return referred_items(turn)
    if turn.understood.needs.get("category") or turn.mentions.get("categories"):
        return []
    return referred_items(turn)


def attribute_lines(turn: Turn, item: CatalogItem) -> list[tuple[str, str]]:
    """The further attributes of an item, named and valued in the customer's language."""
    lines = []
    for name, values in item.attributes.items():
        if name in PRIVATE_ATTRIBUTES or name.startswith("_") or not values:
            continue
        shown = [turn.value_name(value) for value in values]
        label = turn.facet_name(name)
        if name in WEIGHT_KEYS:
            shown = [_kilograms(name, value) for value in values]
        lines.append((label, listed(shown, turn.language, "standard")))
    return lines


def answers_property(turn: Turn, item: CatalogItem) -> bool:
    """Answer a question about one property with that property alone; False when it asks about the whole thing."""
    wanted = {n: v for n, v in (turn.mentions.get("attributes") or {}).items() if n not in PRIVATE_ATTRIBUTES}
    for name, values in wanted.items():
        _say_whether(turn, item, name, values)
    asked = [name for name in turn.mentions.get("asked") or () if name not in wanted]
    lines = [line for name in asked for line in _property_lines(turn, item, name)]
    if asked and not lines and not wanted:
        turn.say("utter_property_unknown", name=item.title(turn.language))
        turn.offer(turn.phrase("utter_button_human"), "talk_to_human")
        turn.outcome = "unknown"
        return True
    if lines:
        turn.say("utter_property_of", name=item.title(turn.language))
    for label, value in lines:
        turn.say("utter_attribute_line", attribute=label, value=value)
    return bool(wanted or asked)


def _say_whether(turn: Turn, item: CatalogItem, name: str, values: Sequence[str]) -> None:
    has = item.attributes.get(name, ())
    shown = listed([turn.value_name(v) for v in has or values], turn.language, "standard")
    response = "utter_property_unknown"
    if has:
        response = (
            "utter_property_yes"
            if {v.casefold() for v in values} & {v.casefold() for v in has}
            else "utter_property_no"
        )
    turn.say(response, name=item.title(turn.language), attribute=turn.facet_name(name), value=shown)


def _property_lines(turn: Turn, item: CatalogItem, name: str) -> list[tuple[str, str]]:
    """What the catalogue says of one property, of all variants for colour and size."""
    if name == "price":
        return [(turn.facet_name("price"), turn.money(item.price))]
    if name in ("color", "size"):
        variants = catalog.siblings(turn.session, item.sku)
        found = dict.fromkeys(getattr(other, name) for other in variants if getattr(other, name))
        values = [turn.value_name(value) for value in found]
        return [(turn.facet_name(name), listed(values, turn.language, "standard"))] if values else []
    if name == "use":
        uses = [turn.value_name(use) for use in item.uses]
        return [(turn.facet_name("use"), listed(uses, turn.language, "standard"))] if uses else []
    keys = SAME_PROPERTY.get(name, (name,))
    known = {turn.facet_name(key) for key in keys if item.attributes.get(key)}
    if name == "brand" and item.brand:
        return [(turn.facet_name("brand"), item.brand)]
    return [(label, value) for label, value in attribute_lines(turn, item) if label in known]


def _kilograms(name: str, value: str) -> str:
    """A weight as people say it: 3.1 kg, below a kilogram in grams."""
    try:
        grams = Decimal(value) * (1000 if name == "weight_kg" else 1)
    except ArithmeticError:
        return value
    return f"{grams:.0f} g" if grams < 1000 else f"{grams / 1000:.2f}".rstrip("0").rstrip(".") + " kg"


def _describe(turn: Turn, item: CatalogItem) -> None:
    zh = turn.language == "zh"
    description = (item.description_zh if zh else None) or item.description
    turn.say("utter_product_heading", name=item.title(turn.language), price=turn.money(item.price))
    if description:
        turn.say_text(description)
    for label, value in attribute_lines(turn, item)[:6]:
        turn.say("utter_attribute_line", attribute=label, value=value)
    turn.say_text(stock_text(turn, item))


def _offer_to_add(turn: Turn, items: Sequence[CatalogItem]) -> None:
    if len(items) == 1:
        offer_to_add(turn, items[0])


def _about_a_kind(turn: Turn) -> None:
    """A question about a kind of goods is answered by showing them."""
    if understand_needs(turn):
        show_or_ask(turn)
    elif shown_items(turn):
        turn.say("utter_about_which_one")
    else:
        turn.say("utter_about_which_product")


def _price_range(turn: Turn) -> None:
    if not understand_needs(turn):
        turn.say("utter_about_which_one" if shown_items(turn) else "utter_about_which_product")
        return
    prices = sorted(item.price for item in fitting_items(turn) if item.in_stock)
    if prices:
        name = category_name(turn, turn.conversation.needs.get("category"))
        turn.say("utter_price_range", category=name, low=turn.money(prices[0]), high=turn.money(prices[-1]))
        turn.new_reply()
    show_or_ask(turn)


def _say_availability(turn: Turn, item: CatalogItem, wanted: dict[str, list[str]]) -> None:
    variant, siblings = variant_with(turn, item, wanted)
    name = item.name if turn.language == "en" else (item.name_zh or item.name)
    if variant is None:
        sizes = list(dict.fromkeys(v.size for v in siblings if v.size and v.in_stock))
        colors = list(dict.fromkeys(v.color for v in siblings if v.color and v.in_stock))
        values = [turn.value_name(v) for n, vs in wanted.items() for v in vs]
        known = [turn.value_name(c) for c in colors] if "color" in wanted else sizes
        asked = listed(values, turn.language, "standard")
        response = "utter_variant_not_made" if known else "utter_variant_not_made_at_all"
        turn.say(response, name=name, asked=asked, values=listed(known, turn.language, "standard"))
        turn.remember(focus_sku=item.sku)
        turn.outcome = "not_made"
        return
    turn.remember(focus_sku=variant.sku)
    title = variant.title(turn.language)
    if variant.in_stock:
        turn.say("utter_available", name=title, price=turn.money(variant.price), stock=stock_text(turn, variant))
        offer_to_add(turn, variant)
        return
    others = [v for v in siblings if v.in_stock and v.sku != variant.sku]
    others.sort(key=lambda v: (v.size != variant.size, v.color != variant.color, v.sku))
    names = listed([v.title(turn.language) for v in others[:3]], turn.language)
    turn.say("utter_out_of_stock_others" if others else "utter_out_of_stock", name=title, others=names)
    for other in others[:3]:
        turn.offer(other.title(turn.language), "ask_availability", sku=other.sku)
    turn.outcome = "sold_out"


def _compare(turn: Turn, items: Sequence[CatalogItem]) -> None:
    """Say where the items differ: price first, then every attribute with different values."""
    turn.say("utter_compare")
    tables = [dict(attribute_lines(turn, item)) for item in items]
    differing = [n for n in dict.fromkeys(n for t in tables for n in t) if len({t.get(n) for t in tables}) > 1]
    for place, (item, table) in enumerate(zip(items, tables, strict=True), start=1):
        facts = [
            turn.money(item.price),
            *(f"{n}: {table[n]}" for n in differing if n in table),
            stock_text(turn, item),
        ]
        turn.say("utter_compare_line", place=place, name=item.title(turn.language), facts=" · ".join(facts))
    cheapest = min(items, key=lambda item: item.price)
    turn.say("utter_compare_end", name=cheapest.title(turn.language))
    turn.remember(shown=[item.sku for item in items], focus_sku=None)
    for place, item in enumerate(items, start=1):
        turn.offer(turn.phrase("utter_button_add_place", place=place), "add_to_cart", sku=item.sku)
