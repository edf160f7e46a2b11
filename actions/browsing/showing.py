"""Showing products and asking the next question: the heart of most answers."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

from actions.replies import product_card
from actions.turn import Turn
from actions.wording import listed
from crm_store.catalog import CatalogItem, category_names
from models.matching import fitting_use, matching_items, nearest_items, price_limits
from models.needs import drop_field, is_specific
from models.next_question import Question, next_question
from models.recommender import Reason, Recommendation, recommend

MOST_QUESTIONS = 3  # in a row, before something is shown
MOST_CATEGORIES = 6  # as quick replies
FEW_PRODUCTS = 3  # so few that a question would only delay


def show_or_ask(turn: Turn) -> None:
    """Answer the needs as they stand: with products, with the question that narrows most, or with both."""
    needs = turn.conversation.needs
    items = offerable_items(turn)
    if not items:
        show_nearest(turn)
        return
    question = next_question(items, needs, turn.conversation.asked)
    enough_asked = turn.conversation.questions_in_row >= MOST_QUESTIONS
    if question and not enough_asked and not is_specific(needs) and len({i.code for i in items}) > FEW_PRODUCTS:
        ask_question(turn, question)
        return
    show_best(turn, items, "utter_recommend")
    left_to_us = turn.intent in ("no_preference", "undecided") and turn.conversation.questions_in_row > 1
    if question and not left_to_us and len({i.code for i in items}) > FEW_PRODUCTS:
        turn.new_reply()
        ask_question(turn, question)


def fitting_items(turn: Turn) -> list[CatalogItem]:
    shop = turn.shop
    return matching_items(turn.catalog, turn.conversation.needs, shop.currency, shop.exchange_rates)


def offerable_items(turn: Turn) -> list[CatalogItem]:
    """What fits the needs, is there, and was not turned down."""
    return [i for i in fitting_items(turn) if i.in_stock and i.code not in turn.conversation.rejected]


def show_best(turn: Turn, items: Sequence[CatalogItem], introduction: str, **facts: object) -> None:
    """Show the up to three best of the items, under an introducing sentence."""
    show(turn, best_of(turn, items), introduction, **facts)


def best_of(turn: Turn, items: Sequence[CatalogItem]) -> list[Recommendation]:
    """The up to three best of the items for this customer."""
    return recommend(
        items,
        turn.conversation.needs,
        currency=turn.shop.currency,
        rates=turn.shop.exchange_rates,
        rejected=turn.conversation.rejected,
        liking=turn.liking(items),
        near=_near_use(turn, items),
    )


def _near_use(turn: Turn, items: Sequence[CatalogItem]) -> dict[str, float]:
    """How near products come to the use in the customer's own words, when none of them is made for it by name."""
    use = str(turn.conversation.needs.get("use") or "")
    if not use or any(fitting_use(item, turn.conversation.needs) for item in items):
        return {}
    from models.text_match import TextMatch  # scikit-learn takes a second to load, and few messages need it

    return turn.catalog_cache.derived(turn.session, TextMatch).nearness(use)


def show(turn: Turn, recommendations: Sequence[Recommendation], introduction: str, **facts: object) -> None:
    """Show exactly these, and remember them as what "the second one" counts on."""
    alone = f"{introduction}_one"
    turn.say(alone if len(recommendations) == 1 and turn.wording.has(alone) else introduction, **facts)
    for offered in recommendations:
        item = offered.item
        reason, stock = reason_text(turn, offered.reason), stock_text(turn, item)
        actions = [turn.button(turn.phrase("utter_button_add"), "add_to_cart", sku=item.sku)]
        card = product_card(item, turn.language, turn.shop.currency, reason, stock, actions)
        turn.replies[-1].products.append(card)
    turn.remember(
        shown=[offered.item.sku for offered in recommendations],
        focus_sku=recommendations[0].item.sku if len(recommendations) == 1 else None,
        questions_in_row=0,
    )
    turn.outcome = "shown"


def show_nearest(turn: Turn) -> None:
    """Nothing fits: say which wish stands in the way, and show the nearest without it."""
    shop, needs = turn.shop, turn.conversation.needs
    offered = [item for item in turn.catalog if item.code not in turn.conversation.rejected]
    nearest = nearest_items(offered, needs, shop.currency, shop.exchange_rates)
    if nearest is None:
        turn.say("utter_nothing_at_all", category=category_name(turn, needs.get("category")))
        offer_categories(turn)
        turn.outcome = "nothing"
        return
    wishes = listed([wish_text(turn, field) for field in nearest.fields], turn.language, "standard")
    without = needs
    for field in nearest.fields:
        without = drop_field(without, field)
    items = nearest.items
    if "budget" in nearest.fields:  # nearest to the budget, not simply what is best
        items = _nearest_in_price(items, price_limits(needs, shop.currency, shop.exchange_rates))
        without = {**without, "priority": "price"}
    best = recommend(items, without, currency=shop.currency, rates=shop.exchange_rates)
    show(turn, best, "utter_nothing_fits", wishes=wishes)
    turn.outcome = "relaxed"


def _nearest_in_price(items: Sequence[CatalogItem], limits: tuple[Decimal | None, Decimal | None]) -> list[CatalogItem]:
    """All variants of the few products whose price is least beyond the limits."""
    least, most = limits

    def beyond(item: CatalogItem) -> Decimal:
        return max((least or item.price) - item.price, item.price - (most or item.price))

    codes = dict.fromkeys(item.code for item in sorted(items, key=beyond))
    nearest = set(list(codes)[:FEW_PRODUCTS])
    return [item for item in items if item.code in nearest]


def ask_question(turn: Turn, question: Question) -> None:
    """Ask it, with its answers as quick replies, and remember what was asked."""
    response = f"utter_question_{question.facet}"
    if not turn.wording.has(response):
        response = "utter_question_other"
    facet = turn.facet_name(question.facet)
    category = category_name(turn, turn.conversation.needs.get("category"))
    names = [turn.value_name(value) for value in question.values]
    if question.facet == "budget":
        names = [turn.phrase("utter_up_to", amount=turn.money_of(value)) for value in question.values]
    turn.say(response, values=listed(names, turn.language), facet=facet, category=category)
    for value, name in zip(question.values, names, strict=True):
        turn.offer(name, "refine_need", facet=question.facet, value=value)
    turn.offer(turn.phrase("utter_button_any"), "no_preference", facet=question.facet)
    turn.ask("facet", facet=question.facet, values=list(question.values))
    turn.mark_asked([question.facet])
    turn.remember(questions_in_row=turn.conversation.questions_in_row + 1)
    turn.outcome = "asked" if turn.outcome != "shown" else "shown"


def reason_text(turn: Turn, reason: Reason) -> str:
    facts = {
        name: turn.money(value) if name in ("saving", "regular_price") else turn.value_name(str(value))
        for name, value in reason.facts.items()
    }
    return turn.phrase(f"utter_reason_{reason.code}", **facts)


def stock_text(turn: Turn, item: CatalogItem) -> str:
    if item.stock is None:
        return turn.phrase("utter_stock_uncounted")
    if item.stock == 0:
        return turn.phrase("utter_stock_none")
    return turn.phrase("utter_stock_few" if item.stock <= 3 else "utter_stock_plenty", count=item.stock)


def category_name(turn: Turn, category: str | None) -> str:
    if not category:
        return turn.phrase("utter_word_products")
    name = turn.value_name(category)
    return name.lower() if turn.language == "en" and not any(word.isupper() for word in name.split()) else name


def wish_text(turn: Turn, field: str) -> str:
    """One wish in words: "the colour black", "the budget of $500"."""
    needs = turn.conversation.needs
    outer, _, attribute = field.partition(".")
    if attribute:
        values = [turn.value_name(v) for v in needs["attributes"][attribute]]
        name = turn.facet_name(attribute)
        return turn.phrase("utter_wish_attribute", attribute=name, value=listed(values, turn.language))
    if outer == "budget":
        budget = needs["budget"]
        limits = [turn.money_of(budget[side], budget) for side in ("min", "max") if budget.get(side) is not None]
        return turn.phrase("utter_wish_budget", amount=" – ".join(limits))
    return turn.phrase(f"utter_wish_{outer}", value=needs[outer])


def offer_categories(turn: Turn) -> None:
    """Offer the kinds of goods that there are as quick replies."""
    for name, _ in category_names(turn.session, turn.language)[:MOST_CATEGORIES]:
        turn.offer(turn.value_name(name), "state_need", category=name)
