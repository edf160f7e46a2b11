"""Changes of what is in the cart: quantities, what goes out, one thing in the place of another.

They come at any time, in the checkout too, and under many intents: the words decide, and a line must be meant.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions import cart_lines
from actions.cart_lines import Line
from actions.cart_swaps import takes_swap
from actions.cart_words import CartWish, read_wish
from actions.turn import Turn
from crm_store import carts

# Under these the words may mean the cart; questions, orders placed and appointments have intents of their own.
_MAY_CHANGE = frozenset(
    """change_order refine_need state_need accept_offer reject_offer add_to_cart remove_from_cart view_cart place_order
    out_of_scope account_help affirm deny undecided give_contact_details stop cancel_order ask_availability""".split()
)
_WISHES = frozenset({"state_need", "refine_need", "add_to_cart", "accept_offer", "affirm", "undecided"})
_NO_LONGER = re.compile(
    r"(?:不要|不想要|不买|不需要)[^，。,.!！?？]{0,20}了"
    r"|\b(?:don'?t|do not) (?:want|need)\b.*\b(?:the|my|that|those|any ?more|after all)\b|\bno longer (?:want|need)\b",
    re.IGNORECASE,
)
# A removal that names nothing: with any other word in it, it may be about something that is not in the cart.
_PLAIN_REMOVAL = re.compile(
    r"(?:\b(?:remove|take|delete|drop|get|rid|of|off|out|away|it|that|this|them|those|one|item|product|thing|from|my|the|cart"
    r"|basket|bag|please|pls|can|could|you|i|i'd|like|to|want|don'?t|not|do|no|need|any|more|anymore|just|actually|sorry|back"
    r"|again|ok|okay|and|put|him|x)\b|[把从将购物车里中删除掉去移拿出取走不要了它这那个件款东西商品请帮我吧一下的能可以吗\s.,!?。，！？'’]|\b)*",
    re.IGNORECASE,
)


def takes_quantity(turn: Turn) -> bool:
    """Take the message as a change of the cart; False, and nothing done, when it is none."""
    said = turn.mentions
    if turn.intent not in _MAY_CHANGE or turn.understood.arguments or said.get("order_number") or said.get("moment"):
        return False
    waiting = (turn.question or {}).get("kind")
    if waiting not in (None, "add", "facet"):
        return False
    lines = cart_lines.cart_lines(turn)
    wish = read_wish(turn.text)
    if wish and wish.kind == "empty" and not turn.mentions.get("categories"):
        _empty(turn, lines)
    elif not lines or not (
        _takes_wish(turn, lines, wish, asked=waiting == "facet")
        or (waiting != "facet" or cart_lines.names_goods(turn))
        and takes_swap(turn, lines)
        or _takes_out_unwanted(turn, lines)
    ):
        return False
    turn.keep_pending("question", None)
    cart_lines.close_empty_checkout(turn)
    return True


def remove_named(turn: Turn) -> None:
    """Take out what the message means; what is not in the cart is said, and nothing else goes in its place."""
    lines = cart_lines.cart_lines(turn)
    if not lines:
        turn.say("utter_cart_empty")
        return
    found, named = _lines_to_remove(turn, lines)
    if named and not found:
        _say_not_in_cart(turn)
    if not found:
        turn.say("utter_remove_which")
        for line in lines if not named or len(lines) > 1 else ():
            turn.offer(line.item.title(turn.language), "remove_from_cart", sku=line.item.sku)
        return
    for line in found:
        cart_lines.take_out(turn, line)
    cart_lines.close_empty_checkout(turn)
    cart_lines.say_cart(turn)


def _takes_wish(turn: Turn, lines: Sequence[Line], wish: CartWish | None, asked: bool) -> bool:
    if wish is None or turn.understood.needs.get("budget") or _is_a_size(turn, wish):
        return False
    named = cart_lines.names_goods(turn)
    if wish.names_line and not named or not wish.certain and (asked or turn.checkout) and not named:
        return False
    found = _lines_wished(turn, lines, wish)
    if not found:
        if named and wish.certain and turn.intent not in _WISHES:
            _say_not_in_cart(turn)
            return True
        return False
    if len(found) > 1:
        _ask_whose_quantity(turn, found, wish)
    else:
        _change(turn, found[0], wish)
    return True


def _lines_wished(turn: Turn, lines: Sequence[Line], wish: CartWish) -> list[Line]:
    """The line whose quantity is meant; several when the customer has to say which."""
    if cart_lines.names_goods(turn):
        named = cart_lines.lines_named(turn, lines)
        spoken_of = cart_lines.line_spoken_of(turn, named)
        return [spoken_of] if spoken_of else named
    if turn.mentions.get("positions"):
        return cart_lines.lines_at(turn, lines)
    if spoken_of := cart_lines.line_spoken_of(turn, lines):
        return [spoken_of]
    return list(lines) if wish.certain else []


def _is_a_size(turn: Turn, wish: CartWish) -> bool:
    values = [v for vs in (turn.mentions.get("attributes") or {}).values() for v in vs]
    return str(wish.number) in values


def _change(turn: Turn, line: Line, wish: CartWish) -> None:
    if wish.kind == "set":
        set_line(turn, line, wish.number)
    else:
        set_line(turn, line, line.quantity + (wish.number if wish.kind == "more" else -wish.number))


def set_line(turn: Turn, line: Line, quantity: int) -> None:
    """Give a line its new quantity, none at all takes it out, and say what the cart holds then."""
    turn.remember(focus_sku=line.item.sku)
    if quantity <= 0:
        cart_lines.take_out(turn, line)
        cart_lines.say_cart(turn)
        return
    cart_lines.hold(turn, line.item, quantity)
    amount = turn.money(line.item.price * quantity)
    turn.say("utter_quantity_now", quantity=quantity, name=line.item.title(turn.language), amount=amount)
    cart_lines.remember_added(turn, {line.item.sku: quantity})
    cart_lines.say_total(turn)
    turn.outcome = "quantity_changed"


def _ask_whose_quantity(turn: Turn, lines: Sequence[Line], wish: CartWish) -> None:
    turn.say("utter_which_line")
    for line in lines:
        new = {"set": wish.number, "more": line.quantity + wish.number}.get(wish.kind, line.quantity - wish.number)
        turn.offer(line.item.title(turn.language), "add_to_cart", sku=line.item.sku, line_quantity=new)
    turn.outcome = "asked"


def _empty(turn: Turn, lines: Sequence[Line]) -> None:
    carts.clear(turn.session, turn.conversation.id, turn.now)
    cart_lines.remember_added(turn, {})
    turn.remember(focus_sku=None)
    turn.say("utter_cart_emptied" if lines else "utter_cart_empty")
    turn.outcome = "removed"


def _takes_out_unwanted(turn: Turn, lines: Sequence[Line]) -> bool:
    """ "不要萤火600了", "I don't want the gloves any more": of what is in the cart, it goes out."""
    if turn.mentions.get("attributes") or not _NO_LONGER.search(turn.text):
        return False
    found = cart_lines.lines_named(turn, lines)
    if not found or len(found) > 1 and not turn.mentions.get("all"):
        return False
    for line in found:
        cart_lines.take_out(turn, line)
    cart_lines.say_cart(turn)
    return True


def _lines_to_remove(turn: Turn, lines: Sequence[Line]) -> tuple[list[Line], bool]:
    """Which lines go out, and whether the message says what: by button, name, kind or place, else what is spoken of."""
    if sku := turn.understood.arguments.get("sku"):
        return [line for line in lines if line.item.sku == sku], True
    everything = bool(turn.mentions.get("all"))
    if cart_lines.names_goods(turn):
        found = cart_lines.lines_named(turn, lines)
        spoken_of = cart_lines.line_spoken_of(turn, found)
        if len(found) > 1 and not everything and not _names_each(turn, found):
            found = [spoken_of] if spoken_of else []
            return found, bool(found)
        return found, True
    if turn.mentions.get("positions"):
        return cart_lines.lines_at(turn, lines), False
    if everything:
        return list(lines), True
    if not _PLAIN_REMOVAL.fullmatch(turn.text):
        return [], False
    spoken_of = cart_lines.line_spoken_of(turn, lines)
    found = [spoken_of] if spoken_of else list(lines)
    return (found if len(found) == 1 else []), False


def _names_each(turn: Turn, found: Sequence[Line]) -> bool:
    """Whether a message names as many things as lines were found, or says a kind in the plural."""
    said = [*(turn.mentions.get("products") or ()), *(turn.mentions.get("categories") or ())]
    plural = any(c.casefold() in turn.text.casefold() for line in found for c in line.item.categories)
    return len(said) >= len(found) or plural


def _say_not_in_cart(turn: Turn) -> None:
    names = [*(turn.mentions.get("products") or ())] or [
        turn.value_name(name) for name in turn.mentions.get("categories") or ()
    ]
    turn.say("utter_not_in_cart", name=names[0])
    cart_lines.say_cart(turn)
    turn.outcome = "not_in_cart"
