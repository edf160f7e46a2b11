"""Changes of what is in the cart: quantities here, what goes out and what takes its place in modules of their own.

They come at any time, in the checkout too, and under many intents: the words decide, and a line must be meant.
"""

from __future__ import annotations

from collections.abc import Sequence

from actions.cart import lines as cart_lines
from actions.cart.choices import takes_bare
from actions.cart.lines import Line
from actions.cart.removals import say_not_in_cart, takes_back, takes_exception, takes_out_unwanted
from actions.cart.swaps import takes_size, takes_swap
from actions.cart.words import CartWish, read_wish
from actions.turn import Turn
from crm_store import carts, followups

# Under these the words may mean the cart; questions, orders placed and appointments have intents of their own.
_MAY_CHANGE = frozenset(
    """change_order refine_need state_need accept_offer reject_offer add_to_cart remove_from_cart view_cart place_order
    out_of_scope account_help affirm deny undecided give_contact_details stop cancel_order ask_availability""".split()
)
_WISHES = frozenset({"state_need", "refine_need", "add_to_cart", "accept_offer", "affirm", "undecided"})


def takes_quantity(turn: Turn) -> bool:
    """Take the message as a change of the cart; False, and nothing done, when it is none."""
    said = turn.mentions
    if turn.understood.arguments or said.get("order_number") or said.get("moment"):
        return False
    if takes_back(turn) or takes_bare(turn):
        return True
    no_call = turn.intent == "change_followup" and not followups.planned(turn.session, turn.conversation.id)
    if turn.intent not in _MAY_CHANGE and not no_call:
        return False
    waiting = (turn.question or {}).get("kind")
    if waiting not in (None, "add", "facet"):
        return False
    lines = cart_lines.cart_lines(turn)
    wish = read_wish(turn.text)
    if lines and takes_exception(turn, lines):
        pass
    elif wish and wish.kind == "empty" and not turn.mentions.get("categories"):
        _empty(turn, lines)
    elif not lines or not (
        _takes_wish(turn, lines, wish, asked=waiting == "facet")
        or (waiting != "facet" or cart_lines.names_goods(turn))
        and takes_swap(turn, lines)
        or takes_out_unwanted(turn, lines)
    ):
        return False
    turn.keep_pending("question", None)
    cart_lines.close_empty_checkout(turn)
    return True


def _takes_wish(turn: Turn, lines: Sequence[Line], wish: CartWish | None, asked: bool) -> bool:
    if wish is None or turn.understood.needs.get("budget") or _is_a_size(turn, wish):
        return False
    if wish.kind == "set" and not wish.counted and takes_size(turn, lines, wish.number):
        return True
    named = cart_lines.names_goods(turn) or wish.place is not None
    if wish.names_line and not named or not wish.certain and (asked or turn.checkout) and not named:
        return False
    found = _lines_wished(turn, lines, wish)
    if not found:
        if cart_lines.names_goods(turn) and wish.certain and turn.intent not in _WISHES:
            say_not_in_cart(turn)
            return True
        return False
    if len(found) > 1:
        _ask_whose_quantity(turn, found, wish)
    else:
        _change(turn, found[0], wish)
    return True


def _lines_wished(turn: Turn, lines: Sequence[Line], wish: CartWish) -> list[Line]:
    """The line whose quantity is meant; several when the customer has to say which."""
    if wish.place is not None:
        return cart_lines.lines_at(turn, lines, [wish.place])
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
        cart_lines.set_line(turn, line, wish.number)
    else:
        cart_lines.set_line(turn, line, line.quantity + (wish.number if wish.kind == "more" else -wish.number))


def _ask_whose_quantity(turn: Turn, lines: Sequence[Line], wish: CartWish) -> None:
    turn.say("utter_which_line")
    for line in lines:
        new = {"set": wish.number, "more": line.quantity + wish.number}.get(wish.kind, line.quantity - wish.number)
        turn.offer(line.item.title(turn.language), "add_to_cart", sku=line.item.sku, line_quantity=new)
    turn.outcome = "asked"


def _empty(turn: Turn, lines: Sequence[Line]) -> None:
    cart_lines.remember_removed(turn, {line.item.sku: line.quantity for line in lines})
    carts.clear(turn.session, turn.conversation.id, turn.now)
    cart_lines.remember_added(turn, {})
    turn.remember(focus_sku=None)
    turn.say("utter_cart_emptied" if lines else "utter_cart_empty")
    turn.outcome = "removed"
