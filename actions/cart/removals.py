"""What goes out of the cart, and what comes back: "remove the helmet", "everything except the fleece"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.browsing.measures import best_of, measure_meant
from actions.cart import lines as cart_lines
from actions.cart.lines import Line
from actions.turn import Turn
from actions.wording import listed
from crm_store import carts, catalog

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
_ALL_BUT = re.compile(
    r"\b(?:everything|all(?: of (?:it|them))?|the rest|the others?|every(?:thing)? (?:item|one))\b.*"
    r"\b(?:except(?: for)?|but(?: not)?|apart from|other than|besides|aside from)\b"
    r"|\b(?:only|just) keep\b|\bkeep (?:only|just)\b"
    r"|\b(?:remove|delete|take out|drop)\b.*\b(?:everything|all|anything)\b.*\bkeep\b"
    r"|\bkeep\b.*\b(?:remove|delete|drop|take out)\b.*\b(?:the rest|the others?|everything|all)\b"
    r"|除了?.{1,20}(?:都|全|其[他它余])(?!.{0,3}(?:加|要(?!了)|买|来)).{0,8}(?:[删去移清]|不要|拿[掉走])"
    r"|(?:删|去掉|移除|清空|不要).{0,10}除了|只(?:保留|留下?)|其[他它余]的?[^，。]{0,4}(?:都|全)(?:部)?(?:删|不要|去掉|移)",
    re.IGNORECASE,
)
_NOT_THAT = re.compile(
    r"^\W*(?:(?:no|nope|oh|sorry|wait|actually)\W+)*(?:not|without|leave out|no) (?:the |a |an |any |that |those )?\w"
    r"|^\W*(?:不对?[，,\s]*)?(?:不要|别要|不用)(?!了?$).{1,12}$|(?:就?不要|不用|别要)了?[。.!！]?$",
    re.IGNORECASE,
)
_BACK = re.compile(
    r"\b(?:put|add|bring|get|take)\b.{0,40}\bback\b(?! order)|\bre-?add\b|\brestore\b|\bundo (?:that|it|the removal)\b"
    r"|放回|加回|恢复|拿回来|还是(?:要|留着|保留)",
    re.IGNORECASE,
)


def remove_named(turn: Turn) -> None:
    """Take out what the message means; what is not in the cart is said, and nothing else goes in its place."""
    lines = cart_lines.cart_lines(turn)
    if not lines:
        turn.say("utter_cart_empty")
        return
    found, named = _lines_to_remove(turn, lines)
    if named and not found:
        say_not_in_cart(turn)
    if not found:
        turn.say("utter_remove_which")
        for line in lines if not named or len(lines) > 1 else ():
            turn.offer(line.item.title(turn.language), "remove_from_cart", sku=line.item.sku)
        return
    _take_out(turn, found)
    cart_lines.close_empty_checkout(turn)


def takes_exception(turn: Turn, lines: Sequence[Line]) -> bool:
    """Take what must be read before anything else: all but one, not that one."""
    return _keeps_only(turn, lines) or _takes_not_that(turn, lines)


def takes_back(turn: Turn) -> bool:
    """Put what was taken out back as it was: "actually put the boots back"."""
    removed = (turn.conversation.pending.get("removed") or {}).get("lines") or {}
    if not removed or not _BACK.search(turn.text):
        return False
    items = catalog.items_by_sku(turn.session, list(removed))
    gone = [Line(items[sku], quantity) for sku, quantity in removed.items() if sku in items]
    wanted = cart_lines.lines_named(turn, gone) if cart_lines.names_goods(turn) else gone[-1:]
    if turn.mentions.get("all") and not cart_lines.names_goods(turn):
        wanted = gone
    if not wanted:
        return False
    for line in wanted:
        held = carts.quantity_of(turn.session, turn.conversation.id, line.item.sku, turn.now)
        cart_lines.hold(turn, line.item, held + line.quantity)
        turn.say("utter_put_back", quantity=line.quantity, name=line.item.title(turn.language))
    left = {sku: n for sku, n in removed.items() if sku not in {line.item.sku for line in wanted}}
    turn.keep_pending("removed", {"lines": left} if left else None)
    turn.remember(focus_sku=wanted[-1].item.sku)
    cart_lines.remember_added(turn, {line.item.sku: line.quantity for line in wanted})
    cart_lines.say_total(turn)
    turn.outcome = "put_back"
    return True


def say_not_in_cart(turn: Turn) -> None:
    names = [*(turn.mentions.get("products") or ())] or [
        turn.value_name(name) for name in turn.mentions.get("categories") or ()
    ]
    turn.say("utter_not_in_cart", name=names[0])
    cart_lines.say_cart(turn)
    turn.outcome = "not_in_cart"


def _take_out(turn: Turn, found: Sequence[Line]) -> None:
    for line in found:
        cart_lines.take_out(turn, line)
    cart_lines.say_cart(turn)


def _keeps_only(turn: Turn, lines: Sequence[Line]) -> bool:
    """What is excepted stays, the rest goes; when it is not clear what stays, nothing goes."""
    if not lines or not _ALL_BUT.search(turn.text):
        return False
    kept = cart_lines.lines_named(turn, lines, refused=True)
    places = [*(turn.mentions.get("positions") or ()), *(turn.mentions.get("not_positions") or ())]
    kept += cart_lines.lines_at(turn, lines, places)
    if not kept and (measure := measure_meant(turn)):
        best = best_of([line.item for line in lines], measure)
        kept = [line for line in lines if best and line.item.sku == best.sku]
    if not kept and turn.mentions.get("it") and (spoken_of := cart_lines.line_spoken_of(turn, lines)):
        kept = [spoken_of]
    if not kept:
        turn.say("utter_keep_which")
        for line in lines:
            turn.offer(line.item.title(turn.language), "remove_from_cart", keep=line.item.sku)
        turn.outcome = "asked"
        return True
    _keep(turn, lines, {line.item.sku for line in kept})
    return True


def _keep(turn: Turn, lines: Sequence[Line], kept: set[str]) -> None:
    names = [line.item.title(turn.language) for line in lines if line.item.sku in kept]
    turn.say("utter_kept", names=listed(names, turn.language, "standard"))
    turn.outcome = "kept"
    _take_out(turn, [line for line in lines if line.item.sku not in kept])


def _takes_not_that(turn: Turn, lines: Sequence[Line]) -> bool:
    """ "No, not the bottle" right after adding takes out what was just put there."""
    if turn.intent == "add_to_cart" and turn.mentions.get("positions") or not _NOT_THAT.search(turn.text):
        return False
    added = cart_lines.just_added(turn)
    fresh = [line for line in lines if line.item.sku in added]
    found = cart_lines.lines_named(turn, fresh, refused=True)
    others = {name.casefold() for name in turn.mentions.get("products") or ()} - {
        line.item.name.casefold() for line in found
    }
    if len(found) != 1 or others:  # "not this but that" is a swap
        return False
    more = found[0].quantity - added[found[0].item.sku]
    if more > 0:  # there were some before: only what was just added was refused
        cart_lines.set_line(turn, found[0], more)
        return True
    _take_out(turn, found)
    return True


def takes_out_unwanted(turn: Turn, lines: Sequence[Line]) -> bool:
    """ "不要萤火600了", "I don't want the gloves any more": of what is in the cart, it goes out."""
    if turn.mentions.get("attributes") or not _NO_LONGER.search(turn.text):
        return False
    found = cart_lines.lines_named(turn, lines)
    if not found or len(found) > 1 and not turn.mentions.get("all"):
        return False
    _take_out(turn, found)
    return True


def _lines_to_remove(turn: Turn, lines: Sequence[Line]) -> tuple[list[Line], bool]:
    """Which lines go out, and whether the message says what: by button, name, kind or place, else what is spoken of."""
    if sku := turn.understood.arguments.get("keep"):
        return [line for line in lines if line.item.sku != sku], True
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
    if measure := measure_meant(turn):
        best = best_of([line.item for line in lines], measure)
        return [line for line in lines if best and line.item.sku == best.sku], False
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
