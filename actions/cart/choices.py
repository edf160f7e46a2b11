"""Which of the things shown is meant: by place, bare number, name, description, or left to us."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from actions.browsing.measures import best_of, measure_meant
from actions.browsing.references import focus_item, item_at, points_at_something, referred_items, shown_items
from actions.browsing.showing import show, stock_text
from actions.cart.adding import Wanted, add_wanted, counted, offer_to_add
from actions.cart.lines import cart_lines
from actions.turn import Turn
from actions.yes_no import asks, denies, says_no, says_yes
from crm_store.catalog import CatalogItem
from models.recommender import Recommendation, explain

MOST_TRIES = 2  # then the question is not asked the same way again
LEAST_BUDGET = 15  # from here a bare number is an amount of money
# What a bare "the second one" or a name may be taken for, when it answers "which one?".
_CHOOSES = frozenset(
    """accept_offer add_to_cart affirm out_of_scope refine_need state_need place_order no_preference undecided
    give_contact_details ask_product_info""".split()
)
_UP_TO_US = re.compile(
    r"\b(?:whatever|whichever|any(?: of (?:them|those|these)| one)?|you (?:choose|pick|decide)|up to you"
    r"|don'?t (?:mind|care)|either|surprise me|your (?:choice|pick|recommendation))\b|随便|都行|都可以|都好|无所谓"
    r"|你(?:来)?(?:推荐|选|定|决定|看着办)|听你的",
    re.IGNORECASE,
)
_NO_DESCRIPTION = frozenset(
    """the one ones that this these those it is a an of and i i'll i'd take want like please with in on to my me for
    first second third last yes ok get have would mean meant""".split()
)
_BARE_PICK = re.compile(
    r"(?:(?:ok|okay|and|so|just|hmm|well|then)[, ]+)*(?:show me |what(?:'s| is) |which (?:one )?is )?"
    r"the (?:cheapest|lightest|heaviest|dearest|priciest|(?:most|least) expensive)(?: one)?"
    r"(?: of (?:these|those|them))?\W*"
    r"|最(?:便宜|贵|轻|重)的?(?:那?[个款件]|一[个款件])?(?:是?哪[个款件])?[呢呀?？。\s]*",
    re.IGNORECASE,
)


def ask_which(turn: Turn) -> None:
    """Ask which of those shown is meant; after two tries that led nowhere, show them again instead."""
    shown, quantity = shown_items(turn), turn.mentions.get("quantity", 1)
    kept = turn.conversation.pending.get("which") or {}
    tries = kept.get("tries", 0) + 1 if kept.get("shown") == turn.conversation.shown else 1
    if tries > MOST_TRIES:
        reasons = explain(shown, shown, turn.conversation.needs, None)
        focus = turn.conversation.focus_sku
        show(
            turn,
            [Recommendation(item, 0.0, why) for item, why in zip(shown, reasons, strict=True)],
            "utter_which_again",
        )
        turn.remember(focus_sku=focus)
    else:
        turn.say("utter_which_one")
        for place, item in enumerate(shown, start=1):
            turn.offer(f"{place}. {item.title(turn.language)}", "add_to_cart", sku=item.sku, quantity=quantity)
    turn.keep_pending("which", {"shown": list(turn.conversation.shown), "tries": tries})
    turn.ask("add", quantity=quantity)


def takes_offer(turn: Turn, question: dict[str, Any]) -> bool:
    """Take a yes to "shall I add it?", or the place, name or description that "which one?" asked for.

    A yes counts right after the offer only: what was answered in between, it may be meant for.
    """
    said, sku = turn.mentions, question.get("sku")
    if sku is None:
        return _takes_choice(turn, question)
    elsewhere = said.get("positions") or said.get("products") or said.get("categories")
    focus = focus_item(turn)
    if elsewhere or question.get("waited") or not says_yes(turn) or focus is None or focus.sku != sku:
        return False
    _add(turn, focus, int(question.get("quantity") or 0) or counted(turn))
    return True


def takes_bare(turn: Turn) -> bool:
    """A number or "the cheapest" and nothing else puts nothing into the cart: it is shown, or asked about."""
    question = turn.question
    if turn.checkout or turn.understood.arguments or question and question["kind"] != "add":
        return False
    if question and question.get("sku") is None:  # "which one?" is open: there this is the answer
        return False
    shown = shown_items(turn)
    amount = turn.mentions.get("amount")
    if amount and amount < LEAST_BUDGET:
        return _takes_number(turn, int(amount), shown)
    if _BARE_PICK.fullmatch(turn.text) and len(shown) > 1 and (measure := measure_meant(turn)):
        best = best_of(shown, measure)
        if best is not None:
            describe(turn, best)
            return True
    return False


def describe(turn: Turn, item: CatalogItem) -> None:
    """Show one item with its price and stock, and offer it."""
    turn.say("utter_product_heading", name=item.title(turn.language), price=turn.money(item.price))
    turn.say_text(stock_text(turn, item))
    offer_to_add(turn, item)
    turn.outcome = "shown"


def described(turn: Turn, items: Sequence[CatalogItem]) -> list[CatalogItem]:
    """The items that a description fits: a colour, a size, a material, "the brightest", words of the name."""
    if wanted := turn.mentions.get("attributes"):
        found = [
            i for i in items if all(set(vs) & {*i.attributes.get(n, ()), i.color, i.size} for n, vs in wanted.items())
        ]
        if found and len(found) < len(items):
            return found
    if measure := measure_meant(turn):
        best = best_of(items, measure)
        return [best] if best else []
    words = set(re.findall(r"[a-z0-9']+", turn.text.casefold())) - _NO_DESCRIPTION
    scores = [_score(turn, item, words) for item in items]
    most = max(scores, default=0)
    return [item for item, score in zip(items, scores, strict=True) if score == most] if most else []


def _score(turn: Turn, item: CatalogItem, words: set[str]) -> int:
    values = [item.color, item.size, item.brand, item.variant_name, *(v for vs in item.attributes.values() for v in vs)]
    said = " ".join([item.name, *(value for value in values if value)]).casefold()
    english = len(words & set(re.findall(r"[a-z0-9']+", said)))
    names = {turn.value_name(value) for value in values if value} | {item.name_zh or ""}
    chinese = (name.removesuffix("色") for name in names if re.search(r"[一-鿿]", name))
    return english + sum(bool(name) and name in turn.text for name in chinese)


def _takes_choice(turn: Turn, question: Mapping[str, Any]) -> bool:
    shown, text = shown_items(turn), turn.text
    if not shown or turn.intent not in _CHOOSES or asks(text):
        return False
    if _UP_TO_US.search(text) or says_yes(turn) and not points_at_something(turn):
        if question.get("waited") or says_no(turn) and not _UP_TO_US.search(text):
            return False
        turn.say("utter_takes_first", name=shown[0].title(turn.language))
        _choose(turn, shown[0], question)
        return True
    if denies(text):
        return False
    chosen = _pointed(turn, shown)
    if len(chosen) == 1:
        _choose(turn, chosen[0], question)
        return True
    lost = turn.intent == "out_of_scope" and len(text.split()) <= 4 and not turn.understood.needs
    if chosen or lost:
        ask_which(turn)
        return True
    return False


def _pointed(turn: Turn, shown: Sequence[CatalogItem]) -> list[CatalogItem]:
    said = turn.mentions
    if amount := said.get("amount"):
        item = item_at(shown, int(amount))
        return [item] if item else []
    if said.get("positions") or said.get("products"):
        return referred_items(turn)
    if said.get("categories") and not any(set(said["categories"]) & set(item.categories) for item in shown):
        return []
    return described(turn, shown) if len(turn.text.split()) <= 8 and len(turn.text) <= 50 else []


def _choose(turn: Turn, item: CatalogItem, question: Mapping[str, Any]) -> None:
    said = 1 if turn.mentions.get("amount") else counted(turn)
    turn.keep_pending("which", None)
    _add(turn, item, said if said > 1 else int(question.get("quantity") or 1))


def _add(turn: Turn, item: CatalogItem, quantity: int) -> None:
    wanted = Wanted()
    wanted.take(item, quantity)
    had = set(item.categories)
    wanted.kinds = {n: 1 for n in turn.mentions.get("categories") or () if n not in had}
    add_wanted(turn, wanted)


def _takes_number(turn: Turn, number: int, shown: Sequence[CatalogItem]) -> bool:
    """ "2": the second of those shown; of the only one, as many, if a yes follows."""
    if len(shown) > 1 and turn.conversation.focus_sku is None:
        item = item_at(shown, number)
        if item is not None:
            describe(turn, item)
        else:
            turn.say("utter_only_so_many_shown", count=len(shown))
            ask_which(turn)
        return True
    item = focus_item(turn) or (shown[0] if len(shown) == 1 else None)
    if item is None:
        return False
    name, amount = item.title(turn.language), turn.money(item.price * number)
    turn.say("utter_shall_i_add_so_many", quantity=number, name=name, amount=amount)
    turn.remember(focus_sku=item.sku)
    line = next((line for line in cart_lines(turn) if line.item.sku == item.sku), None)
    arguments = {"line_quantity": number} if line else {"quantity": number}
    turn.offer(turn.phrase("utter_button_yes"), "add_to_cart", sku=item.sku, **arguments)
    if not line:
        turn.ask("add", sku=item.sku, quantity=number)
    turn.outcome = "asked"
    return True
