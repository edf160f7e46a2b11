"""The checkout: four questions, asked one at a time, that any other question may interrupt."""

from __future__ import annotations

from typing import Any

from actions.checkout_details import Details, as_address, as_name, looks_like_a_name, read_details
from actions.turn import Turn
from actions.wording import day
from actions.yes_no import says_no, says_yes
from crm_store import carts, catalog, leads, orders, privacy
from crm_store.errors import CartEmpty
from crm_store.orders import Delivery
from crm_store.tables import Customer, Order

STEPS = ("name", "contact", "address", "confirm")
# Intents that are a wish of their own: in the checkout they are answered first, and then it goes on.
INTERRUPTING = frozenset(
    [
        "ask_product_info",
        "ask_price",
        "ask_availability",
        "compare_products",
        "ask_promotion",
        "add_to_cart",
        "remove_from_cart",
        "view_cart",
        "request_quote",
        "track_order",
        "change_order",
        "cancel_order",
        "request_refund",
        "track_refund",
        "ask_delivery",
        "ask_return_policy",
        "ask_payment_methods",
        "payment_issue",
        "ask_invoice",
        "ask_warranty",
        "book_followup",
        "change_followup",
        "talk_to_human",
        "complaint",
        "opt_out",
        "erase_my_data",
        "account_help",
        "ask_repeat",
        "bot_challenge",
        "ask_capabilities",
        "state_need",
        "refine_need",
    ]
)
SMALL_TALK = frozenset({"greet", "thank", "praise", "goodbye", "undecided"})
SURE = 0.55  # from this confidence an interrupting intent is believed against an answer that could be anything
CHANGES = {
    "address": ("address", "地址"),
    "name": ("name", "名字", "姓名"),
    "contact": ("mail", "phone", "邮箱", "电话"),
}


def start(turn: Turn) -> None:
    """Begin, or go on where it was left, with what is known of the customer filled in."""
    draft = dict((turn.checkout or {}).get("draft") or _known_details(turn))
    turn.keep_pending("question", None)
    _go_on(turn, draft)


def takes_answer(turn: Turn) -> bool:
    """Take the message as an answer in the checkout; False when it is something else."""
    checkout = turn.checkout
    if not checkout:
        return False
    step, draft = checkout["step"], dict(checkout["draft"])
    if _leaves(turn, step):
        _leave(turn)
        return True
    if step == "confirm":
        return _confirm(turn, draft)
    details = read_details(turn.text, turn.shop.country)
    if details.problem and step == "contact" and not (details.email or details.phone):
        _say_problem(turn, details)
        return True
    if _is_something_else(turn, step, details):
        return False
    if _fill(turn, step, draft, details):
        _go_on(turn, draft)
    elif turn.intent in SMALL_TALK:
        return False
    else:
        turn.say(f"utter_checkout_{step}_unclear")
        turn.outcome = "asked_step"
    return True


def remind(turn: Turn) -> None:
    """After an interruption, come back to the question that is open."""
    if not turn.checkout or turn.outcome == "asked_step" or turn.outcome == "order_placed" or turn.question:
        return
    turn.new_reply()
    _ask_step(turn, turn.checkout["step"], turn.checkout["draft"], reminder=True)


def _go_on(turn: Turn, draft: dict[str, Any]) -> None:
    step = next((s for s in STEPS if not draft.get(s)), "confirm")
    turn.keep_pending("checkout", {"step": step, "draft": draft})
    _ask_step(turn, step, draft)


def _ask_step(turn: Turn, step: str, draft: dict[str, Any], reminder: bool = False) -> None:
    if step == "confirm":
        _say_summary(turn, draft)
    else:
        turn.say(f"utter_checkout_{step}_again" if reminder else f"utter_checkout_{step}")
    turn.outcome = "asked_step"


def _is_something_else(turn: Turn, step: str, details: Details) -> bool:
    """Whether the message is a wish of its own; a contact in it makes it an answer, and so does a name asked for."""
    if details.email or details.phone:
        return False
    if step == "name" and looks_like_a_name(turn.text) and not turn.mentions and not turn.understood.needs:
        return False
    interrupts = turn.intent in INTERRUPTING and turn.understood.confidence >= SURE
    return interrupts or turn.text.endswith(("?", "？"))


def _fill(turn: Turn, step: str, draft: dict[str, Any], details: Details) -> bool:
    """Put every answer found into the draft; False when there was none."""
    name = details.name or (as_name(turn.text) if step == "name" else None)
    address = details.address
    if step == "address" and not address and _may_be_address(turn):
        address = as_address(turn.text)
    found = {
        "name": None if draft.get("name") else name,
        "contact": details.email or details.phone,
        "address": address,
    }
    draft.update({field: value for field, value in found.items() if value})
    return any(found.values())


def _may_be_address(turn: Turn) -> bool:
    """A long answer that is nothing else is taken as it is: addresses are written in too many ways."""
    return len(turn.text) >= 12 and turn.intent in ("give_contact_details", "out_of_scope")


def _leaves(turn: Turn, step: str) -> bool:
    wants_out = turn.intent == "stop" or turn.intent == "cancel_order" and "order_number" not in turn.mentions
    return wants_out and turn.understood.confidence >= 0.4 or step == "confirm" and says_no(turn)


def _leave(turn: Turn) -> None:
    turn.keep_pending("checkout", None)
    turn.keep_pending("question", None)
    turn.say("utter_checkout_left")
    turn.offer(turn.phrase("utter_button_checkout"), "place_order")
    turn.offer(turn.phrase("utter_button_cart"), "view_cart")
    turn.outcome = "checkout_left"


def _confirm(turn: Turn, draft: dict[str, Any]) -> bool:
    if says_yes(turn) or turn.intent in ("place_order", "accept_offer") and not turn.mentions.get("categories"):
        _place(turn, draft)
        return True
    for step, words in CHANGES.items():
        if any(word in turn.text.casefold() for word in words) and turn.intent not in (
            "ask_delivery",
            "track_order",
        ):
            details = read_details(turn.text, turn.shop.country)
            draft[step] = {
                "address": details.address,
                "name": None,
                "contact": details.email or details.phone,
            }[step]
            _go_on(turn, draft)
            return True
    details = read_details(turn.text, turn.shop.country)
    if turn.intent == "give_contact_details" and (new := details.email or details.phone or details.address):
        draft["address" if new == details.address else "contact"] = new
        _go_on(turn, draft)
        return True
    return False


def _place(turn: Turn, draft: dict[str, Any]) -> None:
    contact = draft["contact"]
    email, phone = (contact, None) if "@" in contact else (None, contact)
    delivery = Delivery(name=draft["name"], email=email, phone=phone, address=draft["address"])
    privacy.record_consent(
        turn.session, turn.conversation, "order", True, turn.phrase("utter_checkout_consent"), turn.now
    )
    order = orders.place_order(
        turn.session, turn.conversation, delivery, idempotency_key=f"message-{turn.message.id}", now=turn.now
    )
    turn.keep_pending("checkout", None)
    turn.remember(shown=[], focus_sku=None)
    say_order_placed(turn, order)
    turn.outcome = "order_placed"


def say_order_placed(turn: Turn, order: Order) -> None:
    earliest, latest = orders.estimated_delivery(order, turn.shop)
    turn.say(
        "utter_order_placed",
        number=order.number, total=turn.money(order.total), name=order.name, contact=order.email or order.phone,
        earliest=day(earliest, turn.language), latest=day(latest, turn.language),
    )  # fmt: skip
    turn.offer(turn.phrase("utter_button_track"), "track_order", number=order.number)


def _say_summary(turn: Turn, draft: dict[str, Any]) -> None:
    cart = carts.cart_of(turn.session, turn.conversation.id, turn.now)
    if not cart.lines:
        turn.keep_pending("checkout", None)
        raise CartEmpty
    items = catalog.items_by_sku(turn.session, [line.variant.sku for line in cart.lines])
    turn.say("utter_checkout_summary")
    for line in cart.lines:
        name = items[line.variant.sku].title(turn.language)
        turn.say(
            "utter_cart_line",
            quantity=line.quantity,
            name=name,
            amount=turn.money(line.variant.price * line.quantity),
        )
    subtotal = carts.total(cart)
    fee = carts.delivery_fee(turn.shop, subtotal)
    turn.say(
        "utter_cart_total" if fee else "utter_cart_total_free",
        subtotal=turn.money(subtotal), fee=turn.money(fee), total=turn.money(subtotal + fee),
    )  # fmt: skip
    turn.say("utter_checkout_to", name=draft["name"], contact=draft["contact"], address=draft["address"])
    turn.say("utter_checkout_consent")
    turn.offer(turn.phrase("utter_button_confirm"), "affirm")
    turn.offer(turn.phrase("utter_button_not_now"), "stop")


def _say_problem(turn: Turn, details: Details) -> None:
    problem = details.problem
    if problem is not None:
        turn.say(f"utter_error_{problem.code}", **problem.facts)
        turn.outcome = "asked_step"


def _known_details(turn: Turn) -> dict[str, Any]:
    """What the shop knows already of a customer it knows by this conversation."""
    draft: dict[str, Any] = {}
    if lead := leads.lead_of(turn.session, turn.conversation.id):
        draft = {"name": lead.name, "contact": lead.email or lead.phone}
    if turn.conversation.customer_id:
        customer = turn.session.get_one(Customer, turn.conversation.customer_id)
        draft = {
            "name": customer.name,
            "contact": customer.email or customer.phone,
            "address": customer.address,
        }
    return {name: value for name, value in draft.items() if value}
