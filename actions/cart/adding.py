"""Putting things into the cart: offered and agreed to, pointed at, named with counts, or the best of a kind."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from actions.browsing.references import (
    focus_item,
    item_at,
    item_named,
    referred_items,
    shown_items,
    variant_with,
)
from actions.browsing.stock_watch import offer_to_watch
from actions.cart.lines import hold, remember_added, say_total
from actions.cart.words import number_of
from actions.turn import Turn
from actions.wording import listed
from crm_store import carts
from crm_store.catalog import CatalogItem
from models.matching import matching_items
from models.needs import Needs, merge_needs
from models.recommender import recommend

# Of the needs for one kind of goods, what holds of the person and so for every other kind.
_OF_THE_PERSON = ("gender", "size")
# "that" before a noun only says which noun: "add that helmet" names one thing, "add that and a helmet" two.
_IT_BY_ITSELF = re.compile(
    r"\b(?:it|them|this one|that one|these|those)\b|\b(?:this|that)\b(?=\s*(?:$|[,.!]|(?:and|plus|too|please|with)\b))"
    r"|它|[这那][个款件辆双顶](?=\s*(?:$|[，,。和跟与加再也还]))",
    re.IGNORECASE,
)
_BOTH = re.compile(r"\bboth\b|两[个款件辆双顶把]?都|俩都", re.IGNORECASE)
_EACH = re.compile(r"\b(?:each|apiece)\b|各|每", re.IGNORECASE)
# What stands after these is to be shown: "add the first, and show me a tent".
_SHOWS = re.compile(
    r"\b(?:show me|let me see|can i see|what about|how about|do you have|have you got|looking for|find me)\b"
    r"|看看|看一下|有没有|有什么|推荐|找[个一]",
    re.IGNORECASE,
)
_COUNT = r"(?P<n>\d{1,2}|two|three|four|five|six|seven|eight|nine|ten|[一二两三四五六七八九十]{1,2})"
# A number that measures is no count: "a tent for 3 people".
_MEASURED = re.compile(
    rf"(?<!\w){_COUNT}[\s-]*(?:persons?|people|adults?|kids|children|m[ae]n|inch(?:es)?|litres?|liters?|l\b|cm|mm|kg"
    r"|人|英寸|寸|升|公斤|厘米|毫米)",
    re.IGNORECASE,
)
# How many of what is spoken of, beside further kinds: "2 of those, and one rain jacket".
_OF_THOSE = re.compile(
    rf"(?<!\w){_COUNT}(?: of)? (?:those|these|them|it|that|this)\b"
    rf"|这[个款件种双顶]?[要来拿]?{_COUNT.replace('<n>', '<m>')}[个件只双顶条]"
    rf"|{_COUNT.replace('<n>', '<k>')}[个件只双顶条]这[个款种]",
    re.IGNORECASE,
)
_NOT_EVERYTHING = re.compile(r"\bthat'?s (?:all|everything)\b|\bthat is all\b|就这些", re.IGNORECASE)


@dataclass
class Wanted:
    """What a message asks for: items and kinds of goods with their counts, and whether some of it is not clear."""

    items: dict[str, tuple[CatalogItem, int]] = field(default_factory=dict)
    kinds: dict[str, int] = field(default_factory=dict)
    unclear: bool = False
    shows: list[str] = field(default_factory=list)  # kinds that are asked to be shown, not added

    def take(self, item: CatalogItem, quantity: int) -> None:
        self.items.setdefault(item.sku, (item, quantity))


def offer_to_add(turn: Turn, item: CatalogItem) -> None:
    """Offer one item: the button adds it, and so does a plain yes to what is being said."""
    turn.remember(focus_sku=item.sku)
    turn.offer(turn.phrase("utter_button_add"), "add_to_cart", sku=item.sku)
    if not turn.checkout:  # there a yes is the answer to the checkout's own question
        turn.ask("add", sku=item.sku)


def wanted_of(turn: Turn) -> Wanted:
    """What the message wants in the cart, each thing with its own count."""
    wanted, arguments = Wanted(), turn.understood.arguments
    if "sku" in arguments:
        for item in referred_items(turn):
            wanted.take(item, int(arguments.get("quantity") or 1))
        return wanted
    said, shown, counts = turn.mentions, shown_items(turn), _counts(turn)
    for place in said.get("positions") or ():
        if item := item_at(shown, place):
            wanted.take(item, counts.of("position", place))
    refused = turn.understood.needs.get("exclude") or {}
    for name in said.get("products") or ():
        if name not in (refused.get("product") or ()) and (item := item_named(turn, name)):
            wanted.take(item, counts.of("product", name))
    kinds = [name for name in said.get("categories") or () if name not in (refused.get("category") or ())]
    if wants_to_see(turn) and (wanted.items or said.get("it")):
        wanted.shows, kinds = [k for k in kinds if not any(k in i.categories for i, _ in wanted.items.values())], []
    alone = not wanted.items and len(kinds) == 1
    for name in kinds:
        _take_kind(turn, wanted, name, counts.of("category", name), alone)
    if _means_all_shown(turn):
        _take_all(turn, wanted, shown, counts)
    elif said.get("it") and kinds and _points_at_it(turn) or not (kinds or wanted.items):
        items = [] if said.get("positions") else referred_items(turn)
        for item in items:
            wanted.take(item, counts.pointed or (1 if kinds or wanted.shows else counts.default))
        wanted.unclear = wanted.unclear or not items
    return wanted


def wants_to_see(turn: Turn) -> bool:
    """Whether a part of the message asks to be shown something, rather than to have it."""
    return bool(_SHOWS.search(turn.text))


def counted(turn: Turn) -> int:
    """How many the message says in all, one where it says nothing."""
    return _counts(turn).default


def _points_at_it(turn: Turn) -> bool:
    return bool(_IT_BY_ITSELF.search(turn.text) or _OF_THOSE.search(turn.text))


def add_wanted(turn: Turn, wanted: Wanted) -> None:
    """Put it all into the cart, and say what the cart comes to."""
    several = len(wanted.items) + len(wanted.kinds) + len(wanted.shows) > 1
    added: dict[str, int] = {}
    for item, quantity in wanted.items.values():
        if put := _add(turn, item, quantity, several):
            added[put.sku] = quantity
    for kind, quantity in wanted.kinds.items():
        if not can_choose(turn, kind):
            wanted.shows.append(kind)
        elif best := _add_best_of(turn, kind, quantity):
            added[best.sku] = quantity
    if added:
        remember_added(turn, added)
        turn.outcome = "added"
        say_total(turn)


def add_items(turn: Turn, items: Sequence[CatalogItem]) -> None:
    """Put what was chosen into the cart, as many as the message says, and every further kind that it names."""
    wanted, counts = Wanted(), _counts(turn)
    for item in items:
        wanted.take(item, counts.default)
    had = {name for item in items for name in item.categories}
    wanted.kinds = {n: counts.of("category", n) for n in turn.mentions.get("categories") or () if n not in had}
    add_wanted(turn, wanted)


@dataclass(frozen=True)
class _Counts:
    said: Mapping[tuple[str, Any], int]
    default: int
    pointed: int | None = None  # of what is spoken of: "2 of those"

    def of(self, kind: str, name: Any) -> int:
        return self.said.get((kind, name), self.default)


def _counts(turn: Turn) -> _Counts:
    """Each thing's own count; a count said once is for the only thing named, or for each where it says so."""
    measured = {number_of(match["n"]) for match in _MEASURED.finditer(turn.text)}
    said = {
        (kind, thing[kind]): 1 if int(thing["quantity"]) in measured else int(thing["quantity"])
        for thing in turn.mentions.get("items") or ()
        for kind in ("position", "product", "category")
        if kind in thing
    }
    quantity = int(turn.mentions.get("quantity") or 1)
    if quantity in measured:
        quantity = 1
    named = turn.mentions.get("categories") or turn.mentions.get("products")
    if named and (match := _OF_THOSE.search(turn.text)):
        return _Counts(said, 1, number_of(match["n"] or match["m"] or match["k"]))
    all_of_them = turn.mentions.get("all") and not _EACH.search(turn.text)  # 两个都要 is one of each
    return _Counts(said, 1 if all_of_them or len(said) > 1 else quantity)


def _take_kind(turn: Turn, wanted: Wanted, kind: str, quantity: int, alone: bool) -> None:
    """One of a kind that is named: the one spoken of, the only one shown, else the best there is."""
    if any(kind in item.categories for item, _ in wanted.items.values()):
        return
    focus = focus_item(turn)
    shown = [item for item in shown_items(turn) if kind in item.categories]
    if focus and kind in focus.categories:
        wanted.take(focus, quantity)
    elif len(shown) > 1 and alone:
        wanted.unclear = True
    elif shown:
        wanted.take(shown[0], quantity)
    else:
        wanted.kinds[kind] = quantity


def _means_all_shown(turn: Turn) -> bool:
    return bool(turn.mentions.get("all")) and not _NOT_EVERYTHING.search(turn.text) and len(shown_items(turn)) > 1


def _take_all(turn: Turn, wanted: Wanted, shown: Sequence[CatalogItem], counts: _Counts) -> None:
    """All that was shown; "both" of three is not clear, and "both" of two that were named is those."""
    if len(wanted.items) > 1:
        return
    if _BOTH.search(turn.text) and len(shown) != 2:
        wanted.unclear = True
        return
    for item in shown:
        wanted.take(item, counts.default)


def _add(turn: Turn, item: CatalogItem, quantity: int, several: bool) -> CatalogItem | None:
    """Add one item in the size and colour asked for; what is not made so is said, and not added."""
    wanted = {} if turn.understood.arguments.get("sku") else dict(turn.mentions.get("attributes") or {})
    if several and _OF_THOSE.search(turn.text):
        wanted = {}  # "2 of those, and a jacket in M": the size is the jacket's
    if wanted:
        variant, siblings = variant_with(turn, item, wanted)
        known = any(name in other.attributes for other in siblings for name in wanted)
        if variant is None and known and not several:
            _say_not_made(turn, item, wanted, siblings)
            return None
        item = variant or item
    if item.stock == 0:
        turn.say("utter_sold_out", name=item.title(turn.language))
        offer_to_watch(turn, item.sku)
        return None
    held = carts.quantity_of(turn.session, turn.conversation.id, item.sku, turn.now)
    hold(turn, item, held + quantity)
    amount = turn.money(item.price * quantity)
    turn.say("utter_added", quantity=quantity, name=item.title(turn.language), amount=amount)
    if held:
        turn.say("utter_held_now", quantity=held + quantity)
    turn.remember(focus_sku=item.sku)
    return item


def _say_not_made(
    turn: Turn, item: CatalogItem, wanted: Mapping[str, Sequence[str]], siblings: Sequence[CatalogItem]
) -> None:
    in_stock = [other for other in siblings if other.in_stock]
    by_color = "color" in wanted
    values = dict.fromkeys(other.color if by_color else other.size for other in in_stock)
    known = [turn.value_name(value) if by_color else value for value in values if value]
    turn.say(
        "utter_variant_not_made" if known else "utter_variant_not_made_at_all",
        name=item.name if turn.language == "en" else (item.name_zh or item.name),
        asked=listed([turn.value_name(v) for vs in wanted.values() for v in vs], turn.language, "standard"),
        values=listed(known, turn.language, "standard"),
    )
    for other in in_stock[:4]:
        turn.offer(other.title(turn.language), "add_to_cart", sku=other.sku)
    turn.remember(focus_sku=item.sku)
    turn.outcome = "not_made"


def _add_best_of(turn: Turn, kind: str, quantity: int) -> CatalogItem | None:
    """Add the best fit of a kind named in passing: the customer wants one, and can still change it."""
    best = _best_of(turn, kind)
    if not best:
        turn.say("utter_nothing_at_all", category=turn.value_name(kind))
        return None
    focus, chosen = turn.conversation.focus_sku, best[0]
    held = carts.quantity_of(turn.session, turn.conversation.id, chosen.sku, turn.now)
    hold(turn, chosen, held + quantity)
    response = "utter_added_best" if quantity == 1 else "utter_added_best_several"
    amount = turn.money(chosen.price * quantity)
    turn.say(response, name=chosen.title(turn.language), amount=amount, quantity=quantity)
    if best[1:]:
        turn.say("utter_swap_it")
    for other in best[1:]:
        title = turn.phrase("utter_button_swap", name=other.title(turn.language), price=turn.money(other.price))
        turn.offer(title, "add_to_cart", sku=other.sku, quantity=quantity, instead_of=chosen.sku)
    turn.remember(focus_sku=focus or chosen.sku)
    return chosen


def can_choose(turn: Turn, kind: str) -> bool:
    """Whether the best of a kind can be picked unseen: not where it is asked for in a size that nothing of it has."""
    items = [item for item in turn.catalog if kind in item.categories]
    wanted = _asked_of(turn, kind)
    fits = [i for i in items if all(set(vs) & set(i.attributes.get(n, ())) for n, vs in wanted.items())]
    return bool(fits) if wanted else not (_MEASURED.search(turn.text) and not turn.mentions.get("items"))


def _asked_of(turn: Turn, kind: str) -> dict[str, list[str]]:
    """The values the message asks for in properties that this kind of goods has."""
    said = {**(turn.understood.needs.get("attributes") or {}), **(turn.mentions.get("attributes") or {})}
    had = {name for item in turn.catalog if kind in item.categories for name in item.attributes}
    return {name: list(values) for name, values in said.items() if name in had}


def _best_of(turn: Turn, kind: str) -> list[CatalogItem]:
    """The best of a kind in stock, in the customer's own size and for their gender where it is made so."""
    shop, known = turn.shop, turn.conversation.needs
    needs: Needs = merge_needs(known, {"category": kind})
    needs["exclude"] = {k: v for k, v in (known.get("exclude") or {}).items() if k == "color"}
    said = {**(known.get("attributes") or {}), **(turn.mentions.get("attributes") or {})}
    personal = {**{name: said[name] for name in _OF_THE_PERSON if name in said}, **_asked_of(turn, kind)}
    tries = [personal, *({name: values} for name, values in personal.items() if len(personal) > 1), {}]
    for attributes in tries:
        wish = {**needs, "attributes": {**needs.get("attributes", {}), **attributes}}
        items = matching_items(turn.catalog, wish, shop.currency, shop.exchange_rates)
        if best := recommend(items, wish, currency=shop.currency, rates=shop.exchange_rates, count=3):
            return [offered.item for offered in best]
    return []
