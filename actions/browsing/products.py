"""Questions about products: detail, price, availability, comparison, promotion."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.browsing.measures import best_of, measure_meant, weight_text
from actions.browsing.needs import understand_needs
from actions.browsing.properties import answers_property, attribute_lines
from actions.browsing.references import points_at_something, referred_items, shown_items, variant_with
from actions.browsing.showing import category_name, fitting_items, show_best, show_or_ask, stock_text
from actions.browsing.stock_watch import offer_to_watch
from actions.cart.adding import offer_to_add
from actions.sales_action import SalesAction
from actions.turn import Turn
from actions.wording import listed
from crm_store.catalog import CatalogItem
from models.matching import matching_items

_HAGGLES = re.compile(
    r"\bdiscounts?\b|\bcheaper\b|\bprice[- ]?match|\bmatch (?:it|that|the price)|\bvoucher|\bcoupon|\bcode\b"
    r"|\d\s?% off|\bknock\b|\bstudent"
    r"|便宜点|便宜一点|优惠券|优惠码|打.?折|学生|会员|最低|抹零|少点|降价吗|再低",
    re.IGNORECASE,
)
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
            if items:
                turn.say("utter_compare_only_one", name=items[0].title(turn.language))
                offer_to_add(turn, items[0])
            else:
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
        response = "utter_no_discount" if _HAGGLES.search(turn.text) else "utter_promotion"
        show_best(turn, reduced, response, category=category_name(turn, category))


def asked_about(turn: Turn) -> list[CatalogItem]:
    """What a question is about; a kind of goods named in it outranks what was spoken of before."""
    if points_at_something(turn):
        return referred_items(turn)
    if turn.understood.needs.get("category") or turn.mentions.get("categories"):
        return []
    return referred_items(turn)


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
    offer_to_watch(turn, variant.sku)
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
    winner = _say_winner(turn, items)
    turn.remember(shown=[item.sku for item in items], focus_sku=winner.sku if winner else None)
    for place, item in enumerate(items, start=1):
        turn.offer(turn.phrase("utter_button_add_place", place=place), "add_to_cart", sku=item.sku)


def _say_winner(turn: Turn, items: Sequence[CatalogItem]) -> CatalogItem | None:
    """Name the first in the property asked about, or the cheapest when none was; only the former is what "it" means."""
    measure = measure_meant(turn)
    if measure is None:
        cheapest = min(items, key=lambda item: item.price)
        turn.say("utter_compare_end", name=cheapest.title(turn.language))
        return None
    winner = best_of(items, measure)
    if winner is None:
        turn.say("utter_compare_unknown")
        return None
    response = f"utter_compare_{'most' if measure.highest else 'least'}_{measure.name}"
    turn.say(
        response if turn.wording.has(response) else "utter_compare_winner",
        name=winner.title(turn.language), price=turn.money(winner.price), weight=weight_text(winner),
    )  # fmt: skip
    return winner
