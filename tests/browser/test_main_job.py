"""The main job in a browser: a customer on somebody's page buys a mountain bike through the widget."""

from __future__ import annotations

import re
from collections.abc import Callable
from decimal import Decimal

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.consent_wording import WORDING
from crm_store import carts
from crm_store.tables import Consent, Conversation, Order
from tests.browser.widget import Widget
from tests.integration.test_main_job import CHINESE, ENGLISH, orders_of, stocks
from tests.stack import Stack

SEEN = {
    "en": {"open": "Open the chat", "add": "Add to cart", "agree": "I agree", "price": r"\$([\d,.]+)"},
    "zh": {"open": "打开聊天", "add": "加入购物车", "agree": "同意", "price": r"([\d,.]+)"},
}


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["english", "chinese"])
def test_a_conversation_in_a_browser_becomes_an_order(
    visit: Callable[..., Widget], stack: Stack, store: Session, words: dict
) -> None:
    language = words["opening"]["language"]
    like = {"timezone_id": words["opening"]["timezone"], "locale": "zh-CN" if language == "zh" else "en-GB"}
    widget = visit(like, shop="Fernhill", language=language, source="spring-campaign")
    seen = SEEN[language]
    widget.button(seen["open"]).click()
    widget.says(words["hello"])
    widget.says(words["need"])
    shown = prices(widget, seen["price"])
    assert 2 <= len(shown) <= 3
    widget.says(words["cheaper"])
    cheaper = prices(widget, seen["price"])[len(shown) :]
    assert len(cheaper) >= 2 and cheaper[0] < min(shown)
    widget.says(words["medium"])
    widget.says(words["take"])
    expect(widget.host.locator(".head .badge")).to_have_text("2")
    question, answer = words["delivery"]
    assert answer in widget.says(question)
    widget.says(words["checkout"])
    widget.consent.get_by_role("button", name=seen["agree"], exact=True).click()
    widget.says(words["name"])
    bad, named = words["bad_email"]
    assert named in widget.says(bad)
    widget.says(words["email"])
    assert words["name"] in widget.says(words["address"])
    conversation = widget.conversation()["id"]
    assert orders_of(store, conversation) == []
    before = stocks(store)
    placed = widget.says(words["confirm"])
    (order,) = orders_of(store, conversation)
    assert order.number in placed
    expect(widget.host.locator(".head .badge")).to_be_hidden()
    widget.says(words["call"])
    assert order.number in widget.says(words["where"])
    check_store(store, order, words, before)


def prices(widget: Widget, pattern: str) -> list[Decimal]:
    return [
        Decimal(re.search(pattern, price)[1].replace(",", ""))  # type: ignore[index]
        for price in widget.cards.locator(".price").all_inner_texts()
    ]


def check_store(store: Session, order: Order, words: dict, before: dict[str, int | None]) -> None:
    """The order as agreed on, the stock gone down, the consent kept in the words that were shown, before the name."""
    language = words["opening"]["language"]
    bike, helmet = order.lines
    assert (bike.variant.size, helmet.variant.product.category.name) == ("M", "Helmets")
    assert (order.name, order.email) == (words["name"], words["email"])
    after = stocks(store)
    assert all(after[line.variant.sku] == before[line.variant.sku] - 1 for line in order.lines)
    conversation = store.get_one(Conversation, order.conversation_id)
    assert (conversation.language, conversation.timezone) == (language, words["opening"]["timezone"])
    assert (conversation.source, conversation.identified) == ("spring-campaign", False)
    consents = store.scalars(select(Consent).where(Consent.conversation_id == conversation.id).order_by(Consent.id))
    first, *_ = consents.all()
    assert (first.purpose, first.granted, first.wording) == ("details", True, WORDING["details"][language])
    assert first.at < order.placed_at


def test_what_is_on_a_card_goes_into_the_cart(visit: Callable[..., Widget], store: Session) -> None:
    widget = visit().open()
    widget.says("a helmet under 200 in black")
    name = widget.cards.first.locator(".name").inner_text()
    assert name in widget.presses(widget.cards.first.get_by_role("button", name="Add to cart"))
    cart = widget.host.get_by_role("button", name="Cart: 1")
    expect(cart).to_be_visible()
    assert name in widget.presses(cart)
    assert carts.items_in(store, widget.conversation()["id"]) == 1
