"""What the customer is looking for: stated, refined, left open, refused, accepted."""

from __future__ import annotations

from actions.browsing.changes import pointed_or_shown, show_changed
from actions.browsing.properties import answers_property
from actions.browsing.references import focus_item, shown_items, variant_with
from actions.browsing.showing import (
    ask_question,
    best_of,
    offer_categories,
    offerable_items,
    show,
    show_or_ask,
    stock_text,
)
from actions.cart.adding import offer_to_add
from actions.sales_action import SalesAction
from actions.turn import Turn
from actions.wording import listed
from crm_store.leads import capture_lead
from models.needs import Needs, drop_field, merge_needs
from models.next_question import next_question

# Messages in which goods that are named are asked for.
MAY_NAME_GOODS = frozenset(
    {"state_need", "refine_need", "ask_availability", "ask_product_info", "ask_price", "add_to_cart", "out_of_scope"}
)
LEAST_BUDGET = 15  # a smaller number alone is a count or a size


class ActionStateNeed(SalesAction):
    intent = "state_need"

    def answer(self, turn: Turn) -> None:
        if understand_needs(turn):
            show_or_ask(turn)
        elif turn.understood.confidence < 0.8 and not turn.conversation.needs:
            turn.say("utter_not_sold")
            _ask_open(turn)
        else:
            _ask_open(turn)


class ActionRefineNeed(SalesAction):
    intent = "refine_need"

    def answer(self, turn: Turn) -> None:
        changes = turn.mentions.get("change") or []
        if _picks_size_of_focus(turn):
            return
        understood = understand_needs(turn)
        spoken_of = shown_items(turn)[:1] if len(turn.conversation.shown) == 1 else [focus_item(turn)]
        if not understood and not changes and turn.mentions.get("asked") and spoken_of[0]:
            answers_property(turn, spoken_of[0])  # "and in other colours?" about the one on the table
            return
        if changes and shown_items(turn) and not _new_topic(turn):
            show_changed(turn, changes[0])
        elif understood:
            show_or_ask(turn)
        else:
            _ask_open(turn)


class ActionNoPreference(SalesAction):
    intent = "no_preference"

    def answer(self, turn: Turn) -> None:
        understand_needs(turn)
        if not turn.conversation.needs:
            _ask_open(turn)
        elif not chooses_for_them(turn):
            show_or_ask(turn)


class ActionUndecided(SalesAction):
    intent = "undecided"

    def answer(self, turn: Turn) -> None:
        shown = shown_items(turn)
        if not shown:
            if turn.conversation.needs:
                show_or_ask(turn)
            else:
                _ask_open(turn)
            return
        turn.say("utter_take_your_time")
        if len(shown) > 1:
            turn.offer(turn.phrase("utter_button_compare"), "compare_products")
        turn.offer(turn.phrase("utter_button_remind"), "book_followup")
        turn.offer(turn.phrase("utter_button_human"), "talk_to_human")


class ActionRejectOffer(SalesAction):
    intent = "reject_offer"

    def answer(self, turn: Turn) -> None:
        refused = pointed_or_shown(turn)
        understood = understand_needs(turn)
        if "brand" in (turn.mentions.get("reject") or []) and refused:
            brands = sorted({item.brand for item in refused if item.brand})
            settle_needs(turn, {"exclude": {"brand": brands}} if brands else {})
        elif refused and not understood:
            codes = [item.code for item in refused]
            turn.remember(rejected=list(dict.fromkeys([*turn.conversation.rejected, *codes])))
        if turn.conversation.needs:
            show_or_ask(turn)
        else:
            _ask_open(turn)


def chooses_for_them(turn: Turn) -> bool:
    """Name our choice to whom all is the same, when otherwise the same products would be shown once more."""
    shown = list(turn.conversation.shown)
    if turn.intent != "no_preference" or not shown or turn.checkout:
        return False
    best = best_of(turn, offerable_items(turn))
    if [offered.item.sku for offered in best] != shown:
        return False
    choice = best[0].item
    show(turn, best[:1], "utter_our_choice")
    turn.new_reply()
    turn.say("utter_shall_i_add", name=choice.title(turn.language), price=turn.money(choice.price))
    offer_to_add(turn, choice)
    return True


def understand_needs(turn: Turn) -> bool:
    """Add what the message says to the needs of the conversation; False when it says nothing about them."""
    arguments = turn.understood.arguments
    forget_open(turn)
    needs: Needs = {**turn.understood.needs, **_what_matching_needs(turn)}
    if "facet" in arguments and "value" in arguments:
        needs = facet_needs(turn, arguments["facet"], arguments["value"])
    elif "category" in arguments:
        needs = {"category": arguments["category"]}
    if not needs:
        return False
    settle_needs(turn, needs)
    return True


def forget_open(turn: Turn) -> None:
    """Drop the wishes that the message declares open: "any colour is fine"."""
    for name in turn.mentions.get("open") or ():
        field = name if name in ("brand", "budget") else f"attributes.{name}"
        turn.remember(needs=drop_field(turn.conversation.needs, field))
        turn.mark_asked([name])


def says_not_sold(turn: Turn) -> bool:
    """Say that goods named are not sold here, when the message names no others and is not about an order."""
    names = turn.mentions.get("not_sold")
    others = turn.mentions.get("categories") or turn.mentions.get("products")
    if not names or others or turn.intent not in MAY_NAME_GOODS:
        return False
    shown = listed([turn.value_name(name) for name in names], turn.language)
    turn.say("utter_not_sold_named", goods=shown)
    offer_categories(turn)
    turn.outcome = "not_sold"
    return True


def takes_amount(turn: Turn) -> bool:
    """Take a bare number as the budget, when something is being looked for and nothing else was asked."""
    amount = turn.mentions.get("amount")
    if not amount or amount < LEAST_BUDGET or turn.checkout or not turn.conversation.needs.get("category"):
        return False
    settle_needs(turn, facet_needs(turn, "budget", str(amount)))
    show_or_ask(turn)
    return True


def _what_matching_needs(turn: Turn) -> Needs:
    """What the message says besides the needs of the contract: the general name of the use, and an age."""
    more: Needs = {}
    if "use" in turn.understood.needs and (purposes := turn.mentions.get("purposes")):
        more["purpose"] = purposes[0]
    if (age := turn.mentions.get("age")) is not None:
        more["age"] = age
    return more


def facet_needs(turn: Turn, facet: str, value: str) -> Needs:
    """The answer to a narrowing question as needs."""
    if facet == "budget":
        return {"budget": {"max": float(value), "currency": turn.shop.currency}}
    if facet == "kind":
        return {"category": value}
    if facet in ("category", "brand", "use"):
        return {facet: value}
    return {"attributes": {facet: [value]}}


def settle_needs(turn: Turn, needs: Needs) -> None:
    """Add needs to those of the conversation, and keep the lead up to date."""
    known = turn.conversation.needs
    merged = merge_needs(known, needs, related_categories(turn, known.get("category")))
    if merged.get("category") != known.get("category"):
        turn.remember(asked=[], rejected=[], focus_sku=None)
    settled = [
        *needs.get("attributes", {}),
        *(f for f in ("budget", "brand", "use", "category") if f in needs),
    ]
    turn.mark_asked(settled)
    turn.remember(needs=merged)
    if merged:
        capture_lead(turn.session, turn.conversation, wants=merged, now=turn.now)


def related_categories(turn: Turn, category: str | None) -> set[str]:
    """The categories above and below one: naming one of these narrows or widens, it does not change the topic."""
    if not category:
        return set()
    lines = {item.categories for item in turn.catalog if category in item.categories}
    return {
        name for line in lines for name in line if line.index(category) == 0 or line.index(name) < line.index(category)
    }


def _new_topic(turn: Turn) -> bool:
    category = turn.understood.needs.get("category")
    return bool(category) and all(category not in item.categories for item in shown_items(turn))


def _ask_open(turn: Turn) -> None:
    """Ask what is wanted at all, with the shop's categories as answers."""
    question = next_question([i for i in turn.catalog if i.in_stock], {}, ())
    if question and not turn.conversation.needs:
        ask_question(turn, question)
    elif turn.conversation.needs:
        turn.say("utter_what_else_matters")
        turn.outcome = "asked"
    else:
        turn.say("utter_what_are_you_looking_for")


def _picks_size_of_focus(turn: Turn) -> bool:
    """A bare size or colour right after one product was spoken of picks its variant."""
    wanted = turn.understood.needs.get("attributes") or {}
    focus = focus_item(turn)
    if not wanted or not focus or turn.understood.needs.keys() - {"attributes"} or turn.question:
        return False
    variant, _ = variant_with(turn, focus, wanted)
    if variant is None:
        return False
    settle_needs(turn, {"attributes": wanted})
    turn.remember(focus_sku=variant.sku, shown=[variant.sku])
    price, stock = turn.money(variant.price), stock_text(turn, variant)
    turn.say("utter_variant_picked", name=variant.title(turn.language), price=price, stock=stock)
    offer_to_add(turn, variant)
    turn.outcome = "shown"
    return True
