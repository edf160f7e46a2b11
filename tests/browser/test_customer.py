"""Who the customer is, what they agreed to, and what they type."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import expect
from sqlalchemy import select
from sqlalchemy.orm import Session

from bot.channels.consent_wording import WORDING
from bot.channels.identity import CustomerTokens
from crm_store.tables import Consent, Conversation, Customer, Message
from tests.browser.widget import Widget
from tests.factories import make_customer
from tests.stack import IDENTITY_SECRET


@pytest.fixture
def customers(store: Session) -> Iterator[list[str]]:
    """The keys of two customers in the shop's files."""
    keys = [f"web-{time.time_ns()}-{number}" for number in range(2)]
    for key in keys:
        make_customer(store, external_id=key)
    store.commit()
    yield keys


def token(key: str, seconds: int = 300, secret: str = IDENTITY_SECRET) -> str:
    return CustomerTokens(secret.encode()).sign(key, int(time.time()) + seconds)


def who(store: Session, widget: Widget) -> str | None:
    """The key of the customer whose conversation it is."""
    store.rollback()  # ends the view of before
    conversation = store.get_one(Conversation, widget.conversation()["id"])
    if not conversation.identified:
        return None
    return store.get_one(Customer, conversation.customer_id).external_id


def reloaded(widget: Widget, customer_token: str | None) -> None:
    """The next page of the shop, where somebody else, or nobody, may be signed in."""
    address = widget.page.url.split("?")[0]
    widget.load(f"{address}?customer-token={customer_token}" if customer_token else address)


def test_a_customer_is_known_by_the_shop_s_word_alone(
    visit: Callable[..., Widget], store: Session, customers: list[str]
) -> None:
    widget = visit().open()
    widget.says("hello")
    assert who(store, widget) is None
    anonymous = widget.conversation()["id"]
    reloaded(widget, token(customers[0]))  # signs in: the same conversation goes on
    expect(widget.bubbles.first).to_contain_text("hello")
    widget.says("thanks")
    assert (who(store, widget), widget.conversation()["id"]) == (customers[0], anonymous)
    reloaded(widget, token(customers[1]))  # somebody else at the same computer
    expect(widget.bubbles).to_have_count(1)  # the welcome
    widget.says("hi there")
    assert who(store, widget) == customers[1] and widget.conversation()["id"] != anonymous
    reloaded(widget, None)  # signed out
    expect(widget.bubbles).to_have_count(1)
    widget.says("hi again")
    assert who(store, widget) is None


def test_a_wrong_token_gives_an_anonymous_chat(
    visit: Callable[..., Widget], store: Session, customers: list[str]
) -> None:
    widget = visit(customer_token=token(customers[0], secret="another shop's secret")).open()
    assert widget.says("hello")
    for wrong in (token(customers[0], seconds=-1), token("nobody"), "nonsense"):
        reloaded(widget, wrong)
        assert widget.says("do you sell tents?")
        assert who(store, widget) is None


def consents(store: Session, widget: Widget) -> list[tuple[str, bool, str]]:
    store.rollback()
    of_chat = select(Consent).where(Consent.conversation_id == widget.conversation()["id"]).order_by(Consent.id)
    return [(one.purpose, one.granted, one.wording) for one in store.scalars(of_chat)]


def test_no_detail_leaves_the_page_before_the_customer_agrees(visit: Callable[..., Widget], store: Session) -> None:
    widget = visit().open()
    wording = WORDING["details"]["en"]
    posted: list[str] = []
    widget.page.on("request", lambda request: posted.append(request.post_data or ""))
    widget.write("call me on 0131 496 0123 or write to ada@example.org")
    expect(widget.consent).to_contain_text(wording)
    expect(widget.consent).to_be_focused()
    widget.button("Do not send").click()
    expect(widget.consent).to_be_hidden()
    expect(widget.input).to_have_value("call me on 0131 496 0123 or write to ada@example.org")
    assert widget.says("do you sell tents?") is not None  # nothing about the customer
    assert consents(store, widget) == [("details", False, wording)]
    assert not any("ada@" in body for body in posted)
    said = select(Message.text).where(Message.conversation_id == widget.conversation()["id"])
    assert not any("ada@" in text for text in store.scalars(said))
    widget.write("call me on 0131 496 0123 or write to ada@example.org")
    widget.consent.get_by_role("checkbox").check()
    widget.presses(widget.button("Agree and send"))
    assert consents(store, widget)[1:] == [("details", True, wording), ("marketing", True, WORDING["marketing"]["en"])]
    assert any("ada@" in text for text in store.scalars(said))
    widget.says("ada@example.org is my address")
    expect(widget.consent).to_be_hidden()  # asked once


def test_what_a_customer_types_is_never_markup(visit: Callable[..., Widget]) -> None:
    widget = visit().open()
    typed = "<img src=x onerror=\"document.title='broken'\"> <b>bold</b> {shop} ${1}"
    widget.says(typed)
    expect(widget.bubbles.first).to_contain_text(typed)
    widget.page.reload()
    expect(widget.bubbles.first).to_contain_text(typed)
    assert widget.host.locator(".bubble img, .bubble b").count() == 0
    assert widget.page.title() == "A shop"


def test_what_was_erased_leaves_no_empty_bubbles(visit: Callable[..., Widget]) -> None:
    widget = visit().open()
    widget.says("do you sell tents?")
    widget.says("delete all my data")
    widget.says("yes")
    widget.page.reload()
    expect(widget.bubbles.first).to_be_attached()
    left = [text.split("said:", 1)[-1].strip() for text in widget.bubbles.all_inner_texts()]
    assert all(left) and not any("tents" in text for text in left)


def test_the_language_is_switched_by_hand_and_by_what_is_written(visit: Callable[..., Widget], store: Session) -> None:
    widget = visit().open()
    widget.says("hello")
    widget.button("切换到中文").click()
    expect(widget.input).to_have_attribute("placeholder", "输入消息")
    expect(widget.typing).to_be_hidden()
    store.rollback()
    assert store.get_one(Conversation, widget.conversation()["id"]).language == "zh"
    widget.page.reload()
    expect(widget.input).to_have_attribute("placeholder", "输入消息")
    widget.says("do you have any tents for two people?")
    expect(widget.input).to_have_attribute("placeholder", "Write a message")
