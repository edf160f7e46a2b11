"""One thing in the place of another: "replace the helmet with the Kite Urban", "把它换成L码", "不对，是第一个"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.browsing.references import item_at, item_named, referred_items, shown_items, variant_with
from actions.cart import lines as cart_lines
from actions.cart.lines import Line
from actions.turn import Turn
from actions.yes_no import asks
from crm_store import carts, catalog
from crm_store.catalog import CatalogItem

_SWAPS = re.compile(
    r"\b(?:replace|swap|exchange|switch|change|trade)\b.*\b(?:with|for|to|into|by)\b|换成|换为|换做|改成|改为|替换|换个?第",
    re.IGNORECASE,
)
_CORRECTS = re.compile(
    r"^\W*(?:no|nope|wrong|oops|actually)\b(?!\.?\s*\d)|\bi (?:meant|said)\b|\bnot that\b|\binstead\b"
    r"|不对|不是[这那]|错了|搞错|弄错|我要的是|我说的是|应该是",
    re.IGNORECASE,
)
_OF_DELIVERY = re.compile(r"\b(?:address|name|phone|e-?mail|contact)\b|地址|姓名|名字|电话|手机|邮箱", re.IGNORECASE)
_ORDINAL = re.compile(r"第|\b(?:first|second|third|last)\b", re.IGNORECASE)
_REQUESTS = re.compile(r"\b(?:can|could|would) (?:you|i|we)\b|可以.*[吗么]|能.*[吗么]|帮我", re.IGNORECASE)


def takes_swap(turn: Turn, lines: Sequence[Line]) -> bool:
    """Put one item in the place of another; False when the message does not say so, or not of what."""
    if turn.intent == "give_contact_details" or _OF_DELIVERY.search(turn.text):
        return False
    corrects, swaps = bool(_CORRECTS.search(turn.text)), bool(_SWAPS.search(turn.text))
    if not (corrects or swaps) or asks(turn.text) and not _REQUESTS.search(turn.text):
        return False
    target = _named_target(turn)
    if target is None:
        return bool(turn.mentions.get("attributes")) and _swap_variant(turn, lines)
    if swaps and len(turn.mentions.get("positions") or ()) > 1:
        old = _line_at_first_place(turn, lines)
    else:
        old = _old_line(turn, lines, target) if swaps else _just_added_line(turn, lines)
    if old is None:
        return False
    swap(turn, old, target)
    return True


def takes_size(turn: Turn, lines: Sequence[Line], number: int) -> bool:
    """Take a number that is a size of the product for that size: "take 41 instead of 42"."""
    named = cart_lines.lines_named(turn, lines)
    spoken_of = cart_lines.line_spoken_of(turn, named or lines)
    sized = [line for line in ([spoken_of] if spoken_of else named or lines) if size_of(turn, line.item, number)]
    if len(sized) != 1:
        return False
    size = size_of(turn, sized[0].item, number)
    variant, _ = variant_with(turn, sized[0].item, {"size": [size]}) if size else (None, [])
    if variant is None:
        return False
    swap(turn, sized[0], variant)
    return True


def size_of(turn: Turn, item: CatalogItem, number: int) -> str | None:
    """The size of this product that the number is: 41 is "EU 41"; None when it comes in no such size."""
    pattern = re.compile(rf"(?:[a-z]{{1,4}}\s?)?{number}(?:\s?[a-z]{{1,3}})?", re.IGNORECASE)
    sizes = [other.size for other in catalog.siblings(turn.session, item.sku) if other.size]
    return next((size for size in sizes if pattern.fullmatch(size)), None)


def swap(turn: Turn, old: Line, new: CatalogItem) -> None:
    """As many of the new one as there were of the old; what is sold out leaves the cart as it was."""
    name = new.title(turn.language)
    if old.item.sku == new.sku:
        amount = turn.money(new.price * old.quantity)
        turn.say("utter_quantity_now", quantity=old.quantity, name=name, amount=amount)
        return
    if not new.in_stock:
        turn.say("utter_swap_sold_out", name=name, old=old.item.title(turn.language))
        turn.outcome = "sold_out"
        return
    added = cart_lines.just_added(turn)
    quantity = added.get(old.item.sku, old.quantity) if len(added) == 1 else old.quantity
    session, conversation, now = turn.session, turn.conversation.id, turn.now
    if old.quantity > quantity:  # only what the message corrects was a mistake, not what was there before
        cart_lines.hold(turn, old.item, old.quantity - quantity)
    else:
        carts.remove(session, conversation, old.item.sku, now)
    cart_lines.hold(turn, new, quantity + carts.quantity_of(session, conversation, new.sku, now))
    amount = turn.money(new.price * quantity)
    turn.say("utter_swapped", old=old.item.title(turn.language), quantity=quantity, name=name, amount=amount)
    turn.remember(focus_sku=new.sku)
    cart_lines.remember_added(turn, {new.sku: quantity})
    cart_lines.say_total(turn)
    turn.outcome = "swapped"


def _named_target(turn: Turn) -> CatalogItem | None:
    """The new thing: the place pointed at, or the last product named."""
    said = turn.mentions
    if turn.checkout and not _ORDINAL.search(turn.text):
        said = {**said, "positions": []}  # in an address "No. 3" and "2号" are no places in a list
    if said.get("positions") or said.get("pick") and not said.get("products"):
        found = referred_items(turn)
        return found[-1] if found else None
    names = said.get("products") or ()
    if not names:
        return None
    item = item_named(turn, names[-1])
    wanted = said.get("attributes") or {}
    return (variant_with(turn, item, wanted)[0] or item) if item and wanted else item


def _old_line(turn: Turn, lines: Sequence[Line], target: CatalogItem) -> Line | None:
    """The line that makes room: named beside the new one, else the one spoken of, of the same kind, or the only one."""
    others = [line for line in lines if line.item.name != target.name]
    names = {name.casefold() for name in (turn.mentions.get("products") or ())[:-1]}
    named = [line for line in others if line.item.name.casefold() in names]
    if not named:
        kinds = set(turn.mentions.get("categories") or ())
        named = [line for line in others if kinds & set(line.item.categories)]
        if kinds and not named:
            return None
    spoken_of = cart_lines.line_spoken_of(turn, named or others)
    candidates = named or ([spoken_of] if spoken_of else others)
    if len(candidates) > 1:
        candidates = [line for line in candidates if target.categories[:1] == line.item.categories[:1]]
    return candidates[0] if len(candidates) == 1 else None


def _line_at_first_place(turn: Turn, lines: Sequence[Line]) -> Line | None:
    """What "swap the third for the second" takes out: the third shown, if it is in the cart, else its third line."""
    place = turn.mentions["positions"][0]
    item = item_at(shown_items(turn), place)
    in_cart = [line for line in lines if item and line.item.sku == item.sku]
    found = in_cart or cart_lines.lines_at(turn, lines, [place])
    return found[0] if found else None


def _just_added_line(turn: Turn, lines: Sequence[Line]) -> Line | None:
    added = cart_lines.just_added(turn)
    return next((line for line in lines if line.item.sku in added), None) if len(added) == 1 else None


def _swap_variant(turn: Turn, lines: Sequence[Line]) -> bool:
    """The same product in another size or colour."""
    named = cart_lines.lines_named(turn, lines)
    line = named[0] if len(named) == 1 else None
    if not cart_lines.names_goods(turn):
        line = cart_lines.line_spoken_of(turn, lines)
        if line is None and len(lines) == 1 and not turn.conversation.focus_sku and not turn.conversation.shown:
            line = lines[0]
    if line is None:
        return False
    variant, siblings = variant_with(turn, line.item, turn.mentions["attributes"])
    if variant is None:
        if not any(name in other.attributes for other in siblings for name in turn.mentions["attributes"]):
            return False
        turn.say("utter_swap_not_made", name=line.item.title(turn.language))
        for other in [other for other in siblings if other.in_stock and other.sku != line.item.sku][:4]:
            arguments = {"sku": other.sku, "quantity": line.quantity, "instead_of": line.item.sku}
            turn.offer(other.title(turn.language), "add_to_cart", **arguments)
        turn.outcome = "not_made"
        return True
    swap(turn, line, variant)
    return True
