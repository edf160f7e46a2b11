"""What is put into the cart, taken out of it, quoted and ordered; checkout has its own module."""

from __future__ import annotations

import re
from dataclasses import replace

from actions.browsing.needs import settle_needs, understand_needs
from actions.browsing.references import (
    focus_item,
    item_at,
    points_at_something,
    points_beyond,
    referred_items,
    shown_items,
)
from actions.browsing.showing import category_name, show_or_ask
from actions.cart import removals as cart_removals
from actions.cart.adding import Wanted, add_items, add_wanted, offer_to_add, wanted_of, wants_to_see
from actions.cart.choices import ask_which, describe, takes_offer
from actions.cart.lines import cart_lines, just_added, offer_checkout, say_cart, say_total, set_line, take_out
from actions.checkout import steps as checkout
from actions.sales_action import SalesAction
from actions.turn import Turn
from actions.wording import day, listed, local
from actions.yes_no import asks, says_no
from crm_store import carts, leads, quotes
from crm_store.catalog import CatalogItem

__all__ = ["add_items", "ask_which", "describe", "offer_to_add", "say_cart", "takes_offer"]

_ASKS_ABOUT = re.compile(r"\b(?:what|how) about\b|怎么样|如何|好不好|好吗|呢[?？]?$", re.IGNORECASE)
_REQUESTS = re.compile(
    r"\b(?:can|could|may) (?:i|we) (?:have|get|take|buy|order|add)\b|\b(?:can|could|would|will) you\b"
    r"|帮我|给我|能加|可以加|加入|加到",
    re.IGNORECASE,
)
_REFUSES = re.compile(
    r"\b(?:don'?t|do not|never|not)\s+(?:want (?:you )?to |please |yet )?(?:add|put|buy|take|order|want|need|get)\b"
    r"|(?:别|不要|先不|不用|不想|不)(?:再|急着)?(?:要|把.{0,8})?(?:加|放|买|下单|添加)|(?:不要|不用)了?[。.!！]?$",
    re.IGNORECASE,
)
# Words that add to what there is, so that a kind named with them is wanted and not only looked for.
_ADDS = re.compile(r"\b(?:and|also|too|plus|as well|add|another)\b|再|还[要想]|也[要来]|加|另外|顺便", re.IGNORECASE)
_CART_WORDS = re.compile(
    r"\b(?:add|put|include|throw in|cart|basket|buy|order|(?:i'?ll|i will|i'?d like to) (?:take|have|get|buy))\b"
    r"|加|购物车|买|下单|[要来拿][一两二三\d]?[个件只双顶]|再来",
    re.IGNORECASE,
)
_REMOVES_AND_ADDS = re.compile(
    r"(?P<out>\b(?:remove|delete|drop|take out|take off)\b.+?)\b(?:and|then|but)\b[, ]+(?:then |also |instead )?"
    r"(?P<into>(?:add|put in|include)\b.+)"
    r"|(?P<out_zh>(?:删|去掉|移除|拿掉|不要).*?)[，,、。]?(?:然后|再|并且?)?(?P<into_zh>(?:加|添加|换).+)",
    re.IGNORECASE,
)
_ORDINAL = re.compile(r"第|\b(?:first|second|third|last)\b", re.IGNORECASE)
_ONE_MORE = re.compile(r"\b(?:more|another|extra|again|second)\b|再|多|另", re.IGNORECASE)


class ActionAddToCart(SalesAction):
    intent = "add_to_cart"

    def answer(self, turn: Turn) -> None:
        if _presses_quantity(turn) or _refuses(turn) or _asks_about(turn):
            return
        if _removes_and_adds(turn):
            return
        if swapped := turn.understood.arguments.get("instead_of"):
            carts.remove(turn.session, turn.conversation.id, swapped, turn.now)
        wanted = wanted_of(turn)
        if not _has_it_already(turn, wanted):
            _add_or_ask(turn, wanted)


class ActionAcceptOffer(SalesAction):
    intent = "accept_offer"

    def answer(self, turn: Turn) -> None:
        if _refuses(turn) or _asks_about(turn):
            return
        wanted = wanted_of(turn)
        looks = wanted.kinds and not wanted.items and not _ADDS.search(turn.text)
        if looks or not wanted.items and not wanted.kinds and not shown_items(turn):
            if understand_needs(turn) or turn.conversation.needs:
                show_or_ask(turn)
            else:
                turn.say("utter_nothing_to_add")
        elif not _has_it_already(turn, wanted):
            _add_or_ask(turn, wanted)


class ActionRemoveFromCart(SalesAction):
    intent = "remove_from_cart"

    def answer(self, turn: Turn) -> None:
        if not _removes_and_adds(turn):
            cart_removals.remove_named(turn)


class ActionViewCart(SalesAction):
    intent = "view_cart"

    def answer(self, turn: Turn) -> None:
        say_cart(turn)


class ActionPlaceOrder(SalesAction):
    intent = "place_order"

    def answer(self, turn: Turn) -> None:
        if not cart_lines(turn):
            focus = focus_item(turn)
            chosen = referred_items(turn) if points_at_something(turn) else [focus] if focus else []
            if len(chosen) != 1:
                turn.say("utter_cart_empty")
                if shown_items(turn):
                    ask_which(turn)
                return
            add_items(turn, chosen)
        if cart_lines(turn):
            checkout.start(turn)


class ActionRequestQuote(SalesAction):
    intent = "request_quote"

    def answer(self, turn: Turn) -> None:
        if not cart_lines(turn):
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


def takes_pointed(turn: Turn) -> bool:
    """Take a yes that says to what: "yes, the second one"."""
    if not (turn.mentions.get("positions") or turn.mentions.get("products") or turn.mentions.get("pick")):
        return False
    if not _refuses(turn) and not _asks_about(turn):
        _add_or_ask(turn, wanted_of(turn))
    return True


def asks_what_yes_means(turn: Turn) -> bool:
    """A yes to nothing in particular adds nothing: ask what is meant; False when nothing is on the table."""
    in_cart = {line.item.sku for line in cart_lines(turn)}
    items = referred_items(turn)
    if len(items) == 1 and items[0].sku not in in_cart:
        name, price = items[0].title(turn.language), turn.money(items[0].price)
        turn.say("utter_shall_i_add", name=name, price=price)
        offer_to_add(turn, items[0])
    elif in_cart and (items or not shown_items(turn)):
        _say_in_cart_already(turn, items)
    elif shown_items(turn):
        ask_which(turn)
    else:
        return False
    return True


def turn_down(turn: Turn) -> bool:
    """Take "not the first one" as it is: what is refused is left out, the rest can still be had."""
    refused = [i for place in turn.mentions.get("not_positions") or () if (i := item_at(shown_items(turn), place))]
    if not refused or turn.mentions.get("positions"):
        return False
    in_cart = {line.item.sku: line for line in cart_lines(turn)}
    for item in refused:
        if item.sku in in_cart:
            take_out(turn, in_cart[item.sku])
        else:
            turn.say("utter_left_out", name=item.title(turn.language))
    codes = [item.code for item in refused]
    turn.remember(rejected=list(dict.fromkeys([*turn.conversation.rejected, *codes])))
    for item in shown_items(turn):
        if item.code not in codes:
            turn.offer(item.title(turn.language), "ask_product_info", sku=item.sku)
    if turn.conversation.focus_sku in {item.sku for item in refused}:
        turn.remember(focus_sku=None)
    return True


def _presses_quantity(turn: Turn) -> bool:
    """A button that gives a line its quantity."""
    arguments = turn.understood.arguments
    line = next((line for line in cart_lines(turn) if line.item.sku == arguments.get("sku")), None)
    if line is None or "line_quantity" not in arguments:
        return False
    set_line(turn, line, int(arguments["line_quantity"]))
    return True


def _refuses(turn: Turn) -> bool:
    """A refusal adds nothing, whatever else the message was taken for."""
    if turn.understood.arguments:
        return False
    if turn_down(turn):
        return True
    wants = turn.mentions.get("positions") or turn.mentions.get("pick") or turn.mentions.get("products")
    if turn.mentions.get("not_positions") and turn.mentions.get("positions"):
        return False
    if _REFUSES.search(turn.text) or says_no(turn) and not wants:
        turn.say("utter_not_added")
        turn.outcome = "not_added"
        return True
    return False


def _asks_about(turn: Turn) -> bool:
    """ "What about the second?" is answered with the second, and adds nothing."""
    if turn.understood.arguments or _REQUESTS.search(turn.text):
        return False
    if not (asks(turn.text) or _ASKS_ABOUT.search(turn.text)):
        return False
    items = referred_items(turn)
    if not items:
        return False
    for item in items[1:3]:
        turn.say("utter_product_heading", name=item.title(turn.language), price=turn.money(item.price))
    describe(turn, items[0])
    return True


def _has_it_already(turn: Turn, wanted: Wanted) -> bool:
    """What was just added and is only agreed to once more is not added twice."""
    added = just_added(turn)
    again = bool(wanted.items) and not wanted.kinds and wanted.items.keys() <= added.keys()
    counted = turn.mentions.get("quantity") or turn.mentions.get("items") or _ONE_MORE.search(turn.text)
    if turn.understood.arguments or not again or counted:
        return False
    _say_in_cart_already(turn, [item for item, _ in wanted.items.values()])
    return True


def _say_in_cart_already(turn: Turn, items: list[CatalogItem]) -> None:
    held = {line.item.sku: line.quantity for line in cart_lines(turn)}
    for item in items:
        if item.sku in held:
            turn.say("utter_in_cart_already", name=item.title(turn.language), quantity=held[item.sku])
            turn.offer(turn.phrase("utter_button_one_more"), "add_to_cart", sku=item.sku)
    if items:
        say_total(turn)
    else:
        turn.say("utter_cart_waiting")
        offer_checkout(turn)
    turn.outcome = "in_cart_already"


def _add_or_ask(turn: Turn, wanted: Wanted) -> None:
    """Add what is clear, and ask for what is not."""
    if wanted.kinds and not wanted.items and not _may_add_kinds(turn):
        wanted.shows, wanted.kinds = [*wanted.shows, *wanted.kinds], {}
    if wanted.items or wanted.kinds:
        add_wanted(turn, wanted)
    _say_not_sold_too(turn)
    if wanted.shows:
        _show_kinds(turn, wanted.shows)
        return
    if points_beyond(turn):
        turn.say("utter_only_so_many_shown", count=len(shown_items(turn)))
    if (wanted.unclear or points_beyond(turn)) and shown_items(turn):
        ask_which(turn)
    elif not wanted.items and not wanted.kinds:
        turn.say("utter_nothing_to_add")


def _may_add_kinds(turn: Turn) -> bool:
    """Whether a kind that is only named may go into the cart unseen: it is said so, or something was just taken."""
    return bool(_CART_WORDS.search(turn.text) or just_added(turn)) and not wants_to_see(turn)


def _show_kinds(turn: Turn, kinds: list[str]) -> None:
    """Show the first of the kinds asked for, and say that the next comes after it."""
    turn.new_reply()
    first, *others = kinds
    needs = {**turn.understood.needs}
    understand_needs(turn)
    if needs.get("category") not in (first, *others) or others:
        settle_needs(turn, {"category": first})
    show_or_ask(turn)
    for other in others:
        turn.say("utter_comes_next", category=category_name(turn, other))
        turn.offer(turn.value_name(other), "state_need", category=other)


def _say_not_sold_too(turn: Turn) -> None:
    if names := turn.mentions.get("not_sold"):
        turn.say("utter_not_sold_too", goods=listed([turn.value_name(name) for name in names], turn.language))


def _removes_and_adds(turn: Turn) -> bool:
    """ "Remove the first one and add a pump": each half is done for itself."""
    match = None if turn.understood.arguments else _REMOVES_AND_ADDS.search(turn.text)
    if match is None or not cart_lines(turn):
        return False
    whole, out, into = turn.understood, {}, {}
    for name, value in turn.mentions.items():
        if name == "products":
            first = [n for n in value if n.casefold() in (match["out"] or match["out_zh"]).casefold()]
            out[name], into[name] = first, [n for n in value if n not in first]
        elif name in ("positions", "pick", "it") and (
            name != "positions" or not _ORDINAL.search(match["into"] or match["into_zh"])
        ):
            out[name] = value
        elif name != "categories":
            into[name] = value
    kinds = list(turn.mentions.get("categories") or ())
    pointed = out.get("positions") or out.get("products") or out.get("pick")
    taken = kinds[:1] if kinds and not pointed and (len(kinds) > 1 or into.get("products")) else []
    out["categories"], into["categories"] = taken, [kind for kind in kinds if kind not in taken]
    turn.understood = replace(whole, mentions=out, needs={})
    cart_removals.remove_named(turn)
    turn.understood = replace(whole, mentions=into)
    turn.new_reply()
    _add_or_ask(turn, wanted_of(turn))
    turn.understood = whole
    return True
