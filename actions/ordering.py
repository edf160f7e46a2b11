"""The cart and the quote; checkout has its own module."""

from __future__ import annotations

from collections.abc import Sequence

from actions import checkout
from actions.needs import understand_needs
from actions.references import referred_items, shown_items, variant_with
from actions.sales_action import SalesAction
from actions.showing import show_or_ask
from actions.turn import Turn
from actions.wording import day, local
from crm_store import carts, catalog, leads, quotes
from crm_store.catalog import CatalogItem
from models.matching import matching_items
from models.needs import Needs, merge_needs
from models.recommender import recommend


class ActionAddToCart(SalesAction):
    intent = "add_to_cart"

    def answer(self, turn: Turn) -> None:
        items = referred_items(turn)
        if swapped := turn.understood.arguments.get("instead_of"):
            carts.remove(turn.session, turn.conversation.id, swapped, turn.now)
        if items:
            add_items(turn, items)
        elif others := _further_categories(turn, taken=[]):
            _add_best_of(turn, others)
        elif shown_items(turn):
            ask_which(turn)
        else:
            turn.say("utter_nothing_to_add")


class ActionAcceptOffer(SalesAction):
    intent = "accept_offer"

    def answer(self, turn: Turn) -> None:
        taken = referred_items(turn)
        if not taken and not shown_items(turn):
            if understand_needs(turn) or turn.conversation.needs:
                show_or_ask(turn)
            else:
                turn.say("utter_nothing_to_add")
            return
        if not taken:
            turn.say("utter_which_one", count=len(turn.conversation.shown))
            turn.ask("which", then="add_to_cart", quantity=turn.mentions.get("quantity", 1))
            return
        add_items(turn, taken)


class ActionRemoveFromCart(SalesAction):
    intent = "remove_from_cart"

    def answer(self, turn: Turn) -> None:
        line_items = _cart_items(turn)
        if not line_items:
            turn.say("utter_cart_empty")
            return
        found = _in_cart(turn, line_items)
        if not found:
            turn.say("utter_remove_which")
            for item in line_items:
                turn.offer(item.title(turn.language), "remove_from_cart", sku=item.sku)
            return
        for item in found:
            carts.remove(turn.session, turn.conversation.id, item.sku, turn.now)
            turn.say("utter_removed", name=item.title(turn.language))
        turn.outcome = "removed"
        say_cart(turn)


class ActionViewCart(SalesAction):
    intent = "view_cart"

    def answer(self, turn: Turn) -> None:
        say_cart(turn)


class ActionPlaceOrder(SalesAction):
    intent = "place_order"

    def answer(self, turn: Turn) -> None:
        if not _cart_items(turn):
            chosen = referred_items(turn)
            if len(chosen) != 1:
                turn.say("utter_cart_empty")
                if shown_items(turn):
                    ask_which(turn)
                return
            add_items(turn, chosen)
        checkout.start(turn)


class ActionRequestQuote(SalesAction):
    intent = "request_quote"

    def answer(self, turn: Turn) -> None:
        if not _cart_items(turn):
            chosen = referred_items(turn)
            if not chosen:
                turn.say("utter_quote_of_what")
                return
            for item in chosen:
                carts.add(turn.session, turn.conversation.id, item.sku, turn.mentions.get("quantity", 1), turn.now)
        quote = quotes.draft_quote(turn.session, turn.conversation, turn.now)
        leads.record_opportunity(turn.session, turn.conversation, quote.total, quote.currency, turn.now, quote=quote)
        say_cart(turn, buttons=False)
        until = day(local(quote.valid_until, turn.conversation.timezone), turn.language)
        turn.say("utter_quote_ready", number=quote.number, total=turn.money(quote.total), until=until)
        turn.offer(turn.phrase("utter_button_checkout"), "place_order")
        turn.outcome = "quoted"


def add_items(turn: Turn, items: Sequence[CatalogItem]) -> None:
    """Put what was chosen into the cart, and the best fit of every further kind the customer names with it."""
    quantity = int(turn.mentions.get("quantity") or 1)
    for item in items:
        _add(turn, item, quantity)
    if others := _further_categories(turn, items):
        _add_best_of(turn, others)
    _say_total(turn)


def ask_which(turn: Turn) -> None:
    turn.say("utter_which_one")
    for place, item in enumerate(shown_items(turn), start=1):
        turn.offer(f"{place}. {item.title(turn.language)}", "add_to_cart", sku=item.sku)


def say_cart(turn: Turn, buttons: bool = True) -> None:
    cart = carts.cart_of(turn.session, turn.conversation.id, turn.now)
    if not cart.lines:
        turn.say("utter_cart_empty")
        return
    items = catalog.items_by_sku(turn.session, [line.variant.sku for line in cart.lines])
    turn.say("utter_cart")
    for line in cart.lines:
        amount = turn.money(line.variant.price * line.quantity)
        name = items[line.variant.sku].title(turn.language)
        turn.say("utter_cart_line", quantity=line.quantity, name=name, amount=amount)
    subtotal = carts.total(cart)
    fee = carts.delivery_fee(turn.shop, subtotal)
    turn.say(
        "utter_cart_total" if fee else "utter_cart_total_free",
        subtotal=turn.money(subtotal), fee=turn.money(fee), total=turn.money(subtotal + fee),
    )  # fmt: skip
    if buttons and not turn.checkout:
        turn.offer(turn.phrase("utter_button_checkout"), "place_order")


def _add(turn: Turn, item: CatalogItem, quantity: int) -> None:
    """Add one item in the size and colour asked for; where that is not made, the one shown, and say so."""
    wanted = {} if turn.understood.arguments.get("sku") else dict(turn.mentions.get("attributes") or {})
    if wanted:
        variant, siblings = variant_with(turn, item, wanted)
        item = variant or item
    if item.stock == 0:
        turn.say("utter_sold_out", name=item.title(turn.language))
        return
    carts.add(turn.session, turn.conversation.id, item.sku, quantity, turn.now)
    price = turn.money(item.price * quantity)
    turn.say("utter_added", quantity=quantity, name=item.title(turn.language), amount=price)
    turn.remember(focus_sku=item.sku)
    turn.outcome = "added"


def _further_categories(turn: Turn, taken: Sequence[CatalogItem]) -> list[str]:
    """Kinds named in the message besides those of the items it takes: "i'll take it, and a helmet"."""
    had = {name for item in taken for name in item.categories}
    return [name for name in turn.mentions.get("categories") or () if name not in had]


def _add_best_of(turn: Turn, categories: Sequence[str]) -> None:
    """Add the best fit of each kind named in passing: the customer wants one, and can still change it."""
    shop = turn.shop
    for category in categories:
        needs: Needs = merge_needs(turn.conversation.needs, {"category": category})
        needs["exclude"] = {k: v for k, v in (turn.conversation.needs.get("exclude") or {}).items() if k == "color"}
        fitting = matching_items(turn.catalog, needs, shop.currency, shop.exchange_rates)
        best = recommend(fitting, needs, currency=shop.currency, rates=shop.exchange_rates, count=3)
        if not best:
            turn.say("utter_nothing_at_all", category=category)
            continue
        focus = turn.conversation.focus_sku
        chosen = best[0].item
        carts.add(turn.session, turn.conversation.id, chosen.sku, 1, turn.now)
        turn.say("utter_added_best", name=chosen.title(turn.language), amount=turn.money(chosen.price))
        if best[1:]:
            turn.say("utter_swap_it")
        for other in best[1:]:
            swap = turn.phrase(
                "utter_button_swap", name=other.item.title(turn.language), price=turn.money(other.item.price)
            )
            turn.offer(swap, "add_to_cart", sku=other.item.sku, instead_of=chosen.sku)
        turn.remember(focus_sku=focus or chosen.sku)
        turn.outcome = "added"


def _say_total(turn: Turn) -> None:
    cart = carts.cart_of(turn.session, turn.conversation.id, turn.now)
    if not cart.lines:
        return
    subtotal = carts.total(cart)
    leads.record_opportunity(turn.session, turn.conversation, subtotal, turn.shop.currency, turn.now)
    turn.say("utter_cart_now", total=turn.money(subtotal), count=sum(line.quantity for line in cart.lines))
    if not turn.checkout:
        turn.offer(turn.phrase("utter_button_checkout"), "place_order")


def _cart_items(turn: Turn) -> list[CatalogItem]:
    cart = carts.cart_of(turn.session, turn.conversation.id, turn.now)
    found = catalog.items_by_sku(turn.session, [line.variant.sku for line in cart.lines])
    return list(found.values())


def _in_cart(turn: Turn, items: Sequence[CatalogItem]) -> list[CatalogItem]:
    """Which lines of the cart a message means: by button, kind, name or place; the only one when there is one."""
    said = turn.mentions
    if sku := turn.understood.arguments.get("sku"):
        return [item for item in items if item.sku == sku]
    kinds, names = set(said.get("categories") or ()), {n.casefold() for n in said.get("products") or ()}
    found = [i for i in items if kinds & set(i.categories) or i.name.casefold() in names]
    if found:
        return found
    if places := said.get("positions"):
        return [items[place - 1] for place in places if 0 < place <= len(items)]
    return list(items) if len(items) == 1 or said.get("all") else []
