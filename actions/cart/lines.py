"""The lines of the cart: which one is meant, what was just put there, and how the cart is told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from actions.browsing.references import shown_items
from actions.turn import Turn
from crm_store import carts, catalog, leads
from crm_store.catalog import CatalogItem
from crm_store.errors import OutOfStock


@dataclass(frozen=True, slots=True)
class Line:
    item: CatalogItem
    quantity: int


def cart_lines(turn: Turn) -> list[Line]:
    cart = carts.cart_of(turn.session, turn.conversation.id, turn.now)
    items = catalog.items_by_sku(turn.session, [line.variant.sku for line in cart.lines])
    return [Line(items[line.variant.sku], line.quantity) for line in cart.lines if line.variant.sku in items]


def names_goods(turn: Turn) -> bool:
    """Whether the message names a product or a kind of goods."""
    return bool(turn.mentions.get("products") or turn.mentions.get("categories"))


def lines_named(turn: Turn, lines: Sequence[Line], refused: bool = False) -> list[Line]:
    """The lines whose product or kind the message names; a kind beside a product's name says only what that is.

    What it says is not wanted counts only where `refused` says so: "not the bottle", "everything except the tent".
    """
    unwanted = (turn.understood.needs.get("exclude") or {}) if refused else {}
    names = {name.casefold() for name in (*(turn.mentions.get("products") or ()), *(unwanted.get("product") or ()))}
    said = {c for item in turn.catalog if item.name.casefold() in names for c in item.categories}
    kinds = {*(turn.mentions.get("categories") or ()), *(unwanted.get("category") or ())} - said
    found = [line for line in lines if line.item.name.casefold() in names or kinds & set(line.item.categories)]
    wanted = turn.mentions.get("attributes") or {}
    exact = [line for line in found if _has(line.item, wanted)]
    return exact or found


def line_spoken_of(turn: Turn, lines: Sequence[Line]) -> Line | None:
    """The line that "it" means: what was spoken of last, or what was just put there."""
    by_sku = {line.item.sku: line for line in lines}
    focus = turn.conversation.focus_sku
    if focus in by_sku:
        return by_sku[focus]
    added = just_added(turn)
    return by_sku.get(next(iter(added))) if len(added) == 1 else None


def lines_at(turn: Turn, lines: Sequence[Line], places: Sequence[int] | None = None) -> list[Line]:
    """The lines that "the second one" means: in the cart, or of what was shown where the cart is not as long."""
    shown = [item.sku for item in shown_items(turn)]
    found = []
    for place in (turn.mentions.get("positions") or ()) if places is None else places:
        index = place - 1 if place > 0 else len(lines) + place
        if 0 <= index < len(lines):
            found.append(lines[index])
        elif 0 < place <= len(shown):
            found += [line for line in lines if line.item.sku == shown[place - 1]]
    return found


def remember_added(turn: Turn, added: Mapping[str, int]) -> None:
    """Keep what this message put into the cart (SKU: how many), and what it was chosen from."""
    place = {"shown": list(turn.conversation.shown), "focus": turn.conversation.focus_sku}
    turn.keep_pending("added", {"lines": dict(added), **place} if added else None)


def remember_removed(turn: Turn, removed: Mapping[str, int]) -> None:
    """Keep what was taken out (SKU: how many), the latest last, so that it can be put back."""
    kept = (turn.conversation.pending.get("removed") or {}).get("lines") or {}
    lines = {sku: quantity for sku, quantity in kept.items() if sku not in removed}
    turn.keep_pending("removed", {"lines": {**lines, **removed}})


def just_added(turn: Turn) -> dict[str, int]:
    """What was put into the cart last, while nothing else has been shown or spoken of since."""
    kept = turn.conversation.pending.get("added")
    if not kept or (kept["shown"], kept["focus"]) != (turn.conversation.shown, turn.conversation.focus_sku):
        return {}
    return dict(kept["lines"])


def hold(turn: Turn, item: CatalogItem, quantity: int) -> None:
    """Make the cart hold exactly this many of an item; a refusal names it in the customer's language."""
    try:
        carts.set_quantity(turn.session, turn.conversation.id, item.sku, quantity, turn.now)
    except OutOfStock as refused:
        raise OutOfStock(item.sku, item.title(turn.language), refused.facts["available"]) from None


def take_out(turn: Turn, line: Line) -> None:
    """Remove a line and say what, and how many when there were several."""
    removed = carts.remove(turn.session, turn.conversation.id, line.item.sku, turn.now)
    response = "utter_removed_several" if removed > 1 else "utter_removed"
    turn.say(response, name=line.item.title(turn.language), quantity=removed)
    remember_removed(turn, {line.item.sku: removed})
    if line.item.sku in just_added(turn):
        turn.keep_pending("added", None)
    if turn.conversation.focus_sku == line.item.sku:
        turn.remember(focus_sku=None)
    turn.outcome = "removed"


def set_line(turn: Turn, line: Line, quantity: int) -> None:
    """Give a line its new quantity, none at all takes it out, and say what the cart holds then."""
    turn.remember(focus_sku=line.item.sku)
    if quantity <= 0:
        take_out(turn, line)
        say_cart(turn)
        return
    hold(turn, line.item, quantity)
    amount = turn.money(line.item.price * quantity)
    turn.say("utter_quantity_now", quantity=quantity, name=line.item.title(turn.language), amount=amount)
    remember_added(turn, {line.item.sku: quantity})
    say_total(turn)
    turn.outcome = "quantity_changed"


def close_empty_checkout(turn: Turn) -> None:
    """A checkout without goods is over: its summary would be refused, and the change with it."""
    if turn.checkout and not cart_lines(turn):
        turn.keep_pending("checkout", None)


def say_cart(turn: Turn, buttons: bool = True) -> None:
    lines = cart_lines(turn)
    if not lines:
        turn.say("utter_cart_empty")
        return
    turn.say("utter_cart")
    for line in lines:
        amount = turn.money(line.item.price * line.quantity)
        turn.say("utter_cart_line", quantity=line.quantity, name=line.item.title(turn.language), amount=amount)
    subtotal = carts.total(carts.cart_of(turn.session, turn.conversation.id, turn.now))
    fee = carts.delivery_fee(turn.shop, subtotal)
    turn.say(
        "utter_cart_total" if fee else "utter_cart_total_free",
        subtotal=turn.money(subtotal), fee=turn.money(fee), total=turn.money(subtotal + fee),
    )  # fmt: skip
    if buttons:
        offer_checkout(turn)


def say_total(turn: Turn) -> None:
    """Say what the cart comes to now, and keep the lead's opportunity in step."""
    cart = carts.cart_of(turn.session, turn.conversation.id, turn.now)
    if not cart.lines:
        return
    subtotal = carts.total(cart)
    leads.record_opportunity(turn.session, turn.conversation, subtotal, turn.shop.currency, turn.now)
    turn.say("utter_cart_now", total=turn.money(subtotal), count=sum(line.quantity for line in cart.lines))
    offer_checkout(turn)


def offer_checkout(turn: Turn) -> None:
    if not turn.checkout:
        turn.offer(turn.phrase("utter_button_checkout"), "place_order")


def _has(item: CatalogItem, wanted: Mapping[str, Sequence[str]]) -> bool:
    return all(set(values) & set(item.attributes.get(name, ())) for name, values in wanted.items())
