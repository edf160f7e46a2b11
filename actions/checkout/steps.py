"""The checkout: a few questions, asked one at a time, that any other question may interrupt."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from actions.cart.changes import takes_quantity
from actions.cart.lines import say_cart
from actions.checkout import addresses, asides, reading
from actions.checkout.corrections import Correction, read_correction
from actions.checkout.details import Details, read_details
from actions.checkout.draft import MOST_TOWN_QUESTIONS, fill, next_step, put
from actions.checkout.summary import say_order_placed, say_summary
from actions.news import ask_for_news
from actions.orders.lookup import remember_order
from actions.turn import Turn
from actions.wording import listed
from crm_store import carts, consents, leads, orders
from crm_store.errors import CartEmpty
from crm_store.orders import Delivery
from crm_store.tables import Customer

SMALL_TALK = frozenset({"greet", "thank", "praise", "goodbye", "undecided"})
# Which question asks again for a detail that is wrong.
STEP_OF = {"name": "name", "address": "address", "email": "contact", "phone": "contact", "contact": "contact"}


def start(turn: Turn) -> None:
    """Begin, or go on where it was left, with what is known of the customer and what the message itself gives."""
    left = (turn.conversation.pending.get("checkout_left") or {}).get("draft")
    draft = dict((turn.checkout or {}).get("draft") or left or _known_details(turn))
    turn.keep_pending("checkout_left", None)
    turn.keep_pending("question", None)
    if turn.understood.button is None:
        details = read_details(turn.text, turn.countries)
        if details.name:
            draft.pop("name", None)  # who orders now may be another than who is known
        fill(draft, details)
        if details.problem:
            _say_problem(turn, details)
            if next_step(draft) == "contact":
                turn.keep_pending("checkout", {"step": "contact", "draft": draft})
                return
    _go_on(turn, draft)


def takes_answer(turn: Turn) -> bool:
    """Take the message as an answer in the checkout; False when it is something else."""
    checkout = turn.checkout
    if not checkout:
        return _resumes(turn) or _begins(turn)
    step, draft = checkout["step"], dict(checkout["draft"])
    if turn.understood.button is None and _takes_aside(turn, step, draft):
        return True
    correction = None if turn.understood.button else read_correction(turn.text, turn.countries)
    if correction and (step == "confirm" or correction.new):
        return _correct(turn, step, draft, correction)
    if reading.waits(turn):
        turn.say("utter_checkout_waits")
        turn.outcome = "asked_step"
        return True
    if step == "confirm":
        return _confirm(turn, draft)
    if reading.speaks_of_goods(turn) and _changes_cart(turn):
        return True
    if reading.leaves(turn, confirming=False):
        _leave(turn)
        return True
    return _answer_step(turn, step, draft)


def remind(turn: Turn) -> None:
    """After an interruption, come back to the question that is open; an order of nothing is dropped."""
    if not turn.checkout or turn.outcome in ("asked_step", "order_placed") or turn.question:
        return
    if not _has_cart(turn):
        turn.keep_pending("checkout", None)
        return
    turn.new_reply()
    _ask_step(turn, turn.checkout["step"], turn.checkout["draft"], reminder=True)


def asked_for(turn: Turn) -> str | None:
    """The step of the checkout whose question the answer ends with, if it does."""
    return turn.checkout["step"] if turn.checkout and turn.outcome == "asked_step" else None


def _takes_aside(turn: Turn, step: str, draft: dict[str, Any]) -> bool:
    """What is no answer to the step and yet about the checkout."""
    if asides.asks_what_is_ordered(turn) and _has_cart(turn) and "order_number" not in turn.mentions:
        if step == "confirm":
            _ask_step(turn, step, draft)
        else:
            say_cart(turn, buttons=False)
            remind(turn)
    elif asides.not_now(turn):
        _leave(turn)
    elif kept_back := asides.keeps_back(turn, step):
        asides.say_why_needed(turn, kept_back)
    else:
        return False
    return True


def _resumes(turn: Turn) -> bool:
    """Go on with an order that was left, when one of its details is to be changed and none was placed since."""
    left = turn.conversation.pending.get("checkout_left")
    said = turn.mentions
    if not left or turn.understood.button or said.get("order_number") or said.get("moment") or not _has_cart(turn):
        return False
    if turn.question or orders.orders_of_conversation(turn.session, turn.conversation.id):
        return False
    correction = read_correction(turn.text, turn.countries)
    if correction is None or not (correction.new or set(correction.wrong) & STEP_OF.keys()):
        return False
    draft = dict(left["draft"])
    turn.keep_pending("checkout_left", None)
    return _correct(turn, next_step(draft), draft, correction)


def _begins(turn: Turn) -> bool:
    """Start with the details that a message gives before it was asked for any."""
    if turn.understood.button or not (reading.begins_checkout(turn) and _has_cart(turn)):
        return False
    start(turn)
    return True


def _answer_step(turn: Turn, step: str, draft: dict[str, Any]) -> bool:
    details = read_details(turn.text, turn.countries)
    if step == "address_more" and not details.contact and _takes_town(turn, draft, details):
        _go_on(turn, draft)
        return True
    if not details.problem and reading.is_something_else(turn, step, details):
        _settle_delivery_question(turn)
        return False
    if step == "name":
        details.name = details.name or (None if details.address else reading.asked_name(turn))
    elif step == "address" and not details.address and not details.contact:
        details.address = reading.asked_address(turn)
    filled = fill(draft, details) or _adds_piece(turn, draft)
    if details.problem:
        _say_problem(turn, details)
        turn.keep_pending("checkout", {"step": step if not filled else next_step(draft), "draft": draft})
    elif filled:
        _go_on(turn, draft)
    elif turn.intent in SMALL_TALK:
        return False
    else:
        turn.say(f"utter_checkout_{step}_unclear")
        turn.outcome = "asked_step"
    return True


def _takes_town(turn: Turn, draft: dict[str, Any], details: Details) -> bool:
    """Complete the address with what was asked for; a plain no leaves it as it is."""
    if details.address and addresses.is_complete(details.address) and not addresses.is_fragment(details.address):
        return False
    piece = details.address or details.postcode or (turn.text if reading.is_town_asked_for(turn) else None)
    if piece:
        draft["address"] = addresses.completed(draft["address"], piece)
        draft["town_questions"] = draft.get("town_questions", 0) + 1
        return True
    if reading.leaves(turn, confirming=True) or reading.agrees(turn):
        draft["town_questions"] = MOST_TOWN_QUESTIONS
        return True
    return False


def _adds_piece(turn: Turn, draft: dict[str, Any]) -> bool:
    """A postcode or a town sent after the address belongs to it, whatever was asked for last."""
    if not draft.get("address") or not addresses.is_fragment(turn.text):
        return False
    draft["address"] = addresses.completed(draft["address"], turn.text)
    return True


def _go_on(turn: Turn, draft: dict[str, Any]) -> None:
    step = next_step(draft)
    turn.keep_pending("checkout", {"step": step, "draft": draft})
    _ask_step(turn, step, draft)


def _ask_step(turn: Turn, step: str, draft: dict[str, Any], reminder: bool = False) -> None:
    if step != "confirm":
        turn.say(f"utter_checkout_{step}_again" if reminder else f"utter_checkout_{step}")
    elif _has_cart(turn):
        say_summary(turn, draft)
    else:
        turn.keep_pending("checkout", None)
        raise CartEmpty
    turn.outcome = "asked_step"


def _correct(turn: Turn, step: str, draft: dict[str, Any], correction: Correction) -> bool:
    """Put right what was given, and ask again for what was only said to be wrong."""
    new = correction.new
    values = {"name": new.name, "email": new.email, "phone": new.phone, "address": new.address}
    if new.address:
        draft.pop("address", None)
    put(draft, {name: value for name, value in values.items() if value})
    if new.postcode and draft.get("address"):
        draft["address"] = addresses.completed(draft["address"], new.postcode)
    if new.problem:
        _say_problem(turn, new)
        turn.keep_pending("checkout", {"step": step, "draft": draft})
        return True
    wrong = [name for name in correction.wrong if name in STEP_OF]
    if not wrong and "quantity" in correction.wrong:
        return _correct_quantity(turn)
    for name in wrong:
        draft.pop(name, None)
    if not wrong:
        given = [value for value in (new.name, new.email, new.phone, new.address or new.postcode) if value]
        if given and next_step(draft) != "confirm":  # the summary shows it all
            turn.say("utter_checkout_noted", values=listed(given, turn.language, "standard"))
        _go_on(turn, draft)
        return True
    # An e-mail address that is wrong is asked for again, although a phone number is there.
    step = next_step(draft) if next_step(draft) in ("name", "contact", "address") else STEP_OF[wrong[0]]
    turn.keep_pending("checkout", {"step": step, "draft": draft})
    _ask_step(turn, step, draft)
    return True


def _correct_quantity(turn: Turn) -> bool:
    """How many is for the cart to say; without a number it is asked for."""
    if _changes_cart(turn):
        return True
    if reading.speaks_of_goods(turn) or turn.mentions.get("amount"):
        return False
    turn.say("utter_checkout_quantity")
    turn.outcome = "asked_step"
    return True


def _changes_cart(turn: Turn) -> bool:
    """Let a change of the cart be made, and go on with the checkout."""
    if turn.understood.button or not takes_quantity(turn):
        return False
    remind(turn)
    return True


def _confirm(turn: Turn, draft: dict[str, Any]) -> bool:
    """Only an explicit yes places the order; a detail is put right, a no leaves, anything else is answered first."""
    details = read_details(turn.text, turn.countries)
    if _adds_piece(turn, draft):
        _go_on(turn, draft)
    elif reading.agrees(turn):
        _place(turn, draft)
    elif _changes_cart(turn):
        pass
    elif details.postcode or (details or details.problem) and not reading.interrupts(turn):
        if details.problem:
            _say_problem(turn, details)
            return True
        _correct(turn, "confirm", draft, Correction(details))
    elif reading.says_wrong(turn) and not reading.speaks_of_goods(turn):
        turn.say("utter_checkout_what_is_wrong")
        turn.outcome = "asked_step"
    elif reading.leaves(turn, confirming=True):
        _leave(turn)
    else:
        _settle_delivery_question(turn)
        return False
    return True


def _settle_delivery_question(turn: Turn) -> None:
    """ "When will it arrive?" before anything was ordered is a question about the terms of delivery."""
    if turn.intent != "track_order" or "order_number" in turn.mentions:
        return
    if not orders.orders_of_conversation(turn.session, turn.conversation.id):
        turn.understood = replace(turn.understood, intent="ask_delivery")


def _leave(turn: Turn) -> None:
    if draft := (turn.checkout or {}).get("draft"):
        turn.keep_pending("checkout_left", {"draft": draft})
    turn.keep_pending("checkout", None)
    turn.keep_pending("question", None)
    turn.say("utter_checkout_left")
    turn.offer(turn.phrase("utter_button_checkout"), "place_order")
    turn.offer(turn.phrase("utter_button_cart"), "view_cart")
    ask_for_news(turn)
    turn.outcome = "checkout_left"


def _place(turn: Turn, draft: dict[str, Any]) -> None:
    delivery = Delivery(
        name=draft["name"], email=draft.get("email"), phone=draft.get("phone"), address=draft["address"]
    )
    consents.record_consent(
        turn.session, turn.conversation, "order", True, turn.phrase("utter_checkout_consent"), turn.now
    )
    order = orders.place_order(
        turn.session, turn.conversation, delivery, idempotency_key=f"message-{turn.message.id}", now=turn.now
    )
    turn.keep_pending("checkout", None)
    turn.remember(shown=[], focus_sku=None)
    remember_order(turn, order)
    say_order_placed(turn, order)
    turn.outcome = "order_placed"


def _say_problem(turn: Turn, details: Details) -> None:
    problem = details.problem
    if problem is not None:
        turn.say(f"utter_error_{problem.code}", **problem.facts)
        turn.outcome = "asked_step"


def _has_cart(turn: Turn) -> bool:
    return bool(carts.cart_of(turn.session, turn.conversation.id, turn.now).lines)


def _known_details(turn: Turn) -> dict[str, Any]:
    """What was given in this conversation before; what the shop knows of a customer only once they are proven."""
    conversation, known = turn.conversation, []
    if conversation.identified and conversation.customer_id:
        known.append(turn.session.get_one(Customer, conversation.customer_id))
    known += orders.orders_of_conversation(turn.session, conversation.id)
    known.append(leads.lead_of(turn.session, conversation.id))
    details = ({name: getattr(one, name, None) for name in ("name", "email", "phone", "address")} for one in known)
    given = ({name: value for name, value in one.items() if value} for one in details)
    return next(filter(None, given), {})
