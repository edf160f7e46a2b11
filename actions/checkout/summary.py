"""What is said of an order about to be placed, and of one that was."""

from __future__ import annotations

from typing import Any

from actions.turn import Turn
from actions.wording import day
from crm_store import carts, catalog, orders
from crm_store.tables import Order


def say_summary(turn: Turn, draft: dict[str, Any]) -> None:
    """The cart, the total and where it goes, and the question whether to place it; the cart holds something."""
    cart = carts.cart_of(turn.session, turn.conversation.id, turn.now)
    items = catalog.items_by_sku(turn.session, [line.variant.sku for line in cart.lines])
    turn.say("utter_checkout_summary")
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
    contact = contacts_of(turn, draft.get("email"), draft.get("phone"))
    turn.say("utter_checkout_to", name=draft["name"], contact=contact, address=draft["address"])
    turn.say("utter_checkout_consent")
    turn.offer(turn.phrase("utter_button_confirm"), "affirm")
    turn.offer(turn.phrase("utter_button_not_now"), "stop")


def say_order_placed(turn: Turn, order: Order) -> None:
    earliest, latest = orders.estimated_delivery(order, turn.shop)
    turn.say(
        "utter_order_placed",
        number=order.number, total=turn.money(order.total), name=order.name,
        contact=contacts_of(turn, order.email, order.phone),
        earliest=day(earliest, turn.language), latest=day(latest, turn.language),
    )  # fmt: skip
    turn.offer(turn.phrase("utter_button_track"), "track_order", number=order.number)


def contacts_of(turn: Turn, email: str | None, phone: str | None) -> str:
    return ("、" if turn.language == "zh" else ", ").join(contact for contact in (email, phone) if contact)
