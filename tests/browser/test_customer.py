"""Who the customer is, what they agreed to, and what they type."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import expect
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from bot.channels.consent_wording import WORDING
from bot.channels.identity import CustomerTokens
from crm_store.tables import Consent, Conversation, Customer, Direction, Message
from tests.browser.widget import Widget
from tests.factories import make_customer
from tests.stack import IDENTITY_SECRET

MESSAGES = "**/messages"


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


def test_whom_the_store_does_not_know_keeps_the_chat(
    visit: Callable[..., Widget], store: Session, customers: list[str]
) -> None:
    key = f"{customers[0]}-new"
    widget = visit().open()
    page = widget.page
    widget.says("hello")
    conversation = widget.conversation()["id"]
    page.route(MESSAGES, lambda route: route.abort())
    widget.write("do you sell tents?")
    expect(widget.host.locator(".note")).to_contain_text("Your message is kept")
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url) if request.url.endswith("/customer") else None)
    for seconds in (300, 301):  # each page has a fresh token
        reloaded(widget, token(key, seconds))
        expect(widget.bubbles.first).to_contain_text("hello")
        expect(widget.host.locator(".waiting")).to_contain_text("do you sell tents?")
    set_token = "token => document.querySelector('salesclerk-chat').setAttribute('customer-token', token)"
    page.evaluate(set_token, token(key, 302))
    page.unroute(MESSAGES)
    page.evaluate("dispatchEvent(new Event('online'))")
    expect(widget.answers).to_have_count(2)
    assert widget.conversation()["id"] == conversation
    assert who(store, widget) is None
    assert len(asked) == 1
    make_customer(store, external_id=key)
    store.commit()
    page.clock.set_fixed_time(datetime.now(UTC) + timedelta(days=1, minutes=1))
    reloaded(widget, token(key))
    expect(widget.bubbles.first).to_contain_text("hello")
    assert (who(store, widget), widget.conversation()["id"]) == (key, conversation)


def test_nobody_else_sees_the_chat_of_whom_the_store_does_not_know(
    visit: Callable[..., Widget], store: Session
) -> None:
    widget = visit(customer_token=token("nobody")).open()
    widget.says("hello")
    reloaded(widget, None)  # signed out
    expect(widget.bubbles).to_have_count(1)  # the welcome


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


CONTACT = "write to ada@example.org"


def said(store: Session, widget: Widget, text: str) -> int:
    """How often the customer has said it, as the server has it."""
    store.rollback()  # ends the view of before
    conversation = widget.conversation()["id"]
    return len(
        store.scalars(select(Message).where(Message.conversation_id == conversation, Message.text == text)).all()
    )


def test_who_was_forgotten_is_asked_again(visit: Callable[..., Widget], store: Session) -> None:
    widget = visit().open()
    for _ in range(2):
        widget.says("a helmet under 200 in black")
        widget.presses(widget.cards.last.get_by_role("button", name="Add to cart"))
        widget.says("checkout")
        widget.consent.get_by_role("button", name="I agree", exact=True).click()
        widget.says("Ada Lovelace")
        assert [granted for _, granted, _ in consents(store, widget)] == [True]
        conversation = widget.conversation()["id"]
        widget.says("delete all my data")
        widget.says("yes")
        assert consents(store, widget) == []
    widget.write(CONTACT)  # outside of a checkout as well
    expect(widget.consent).to_be_visible()
    assert said(store, widget, CONTACT) == 0
    assert widget.conversation()["id"] == conversation


def test_what_waits_for_consent_outlives_the_page_and_is_sent_once(
    visit: Callable[..., Widget], store: Session
) -> None:
    widget = visit().open()
    widget.write(CONTACT)
    expect(widget.consent).to_be_visible()
    for _ in range(2):
        widget.page.reload()
        expect(widget.host.locator(".waiting")).to_contain_text(CONTACT)
        expect(widget.consent).to_have_count(1)
    assert said(store, widget, CONTACT) == 0
    widget.presses(widget.button("Agree and send"))
    expect(widget.host.locator(".waiting")).to_have_count(0)
    widget.page.reload()
    expect(widget.bubbles.first).to_contain_text(CONTACT)
    expect(widget.consent).to_have_count(0)
    assert said(store, widget, CONTACT) == 1
    kept = widget.conversation()
    assert (kept["held"], kept["outbox"]) == ([], [])


def test_a_yes_that_is_on_its_way_counts(visit: Callable[..., Widget], store: Session) -> None:
    widget = visit().open()
    widget.write(CONTACT)
    expect(widget.consent).to_be_visible()
    widget.page.route("**/consents", lambda route: route.abort())
    widget.button("Agree and send").click()
    with widget.page.expect_response("**/messages?*"):  # with a state that does not know of the yes
        widget.page.reload()
    expect(widget.host.locator(".waiting")).to_contain_text(CONTACT)
    later = "or call 0131 496 0123"
    widget.write(later)
    assert widget.conversation()["held"] == []
    widget.page.unroute_all()
    widget.page.evaluate("dispatchEvent(new Event('online'))")
    expect(widget.answers).to_have_count(2)
    expect(widget.host.locator(".waiting")).to_have_count(0)
    assert (said(store, widget, CONTACT), said(store, widget, later)) == (1, 1)


def test_all_that_was_held_back_can_be_taken_back(visit: Callable[..., Widget], store: Session) -> None:
    widget = visit().open()
    widget.write(CONTACT)
    widget.write("or call 0131 496 0123")
    widget.input.fill("a tent for two")
    expect(widget.consent).to_be_visible()
    widget.button("Do not send").click()
    expect(widget.input).to_have_value(f"{CONTACT}\nor call 0131 496 0123\na tent for two")
    expect(widget.host.locator(".waiting")).to_have_count(0)
    widget.page.reload()
    expect(widget.launcher.or_(widget.input)).to_have_count(2)
    expect(widget.host.locator(".waiting")).to_have_count(0)
    assert widget.conversation()["held"] == []


def test_starting_anew_forgets_what_was_held_back(visit: Callable[..., Widget], store: Session) -> None:
    widget = visit().open()
    widget.write(CONTACT)
    expect(widget.consent).to_be_visible()
    assert [item["text"] for item in widget.conversation()["held"]] == [CONTACT]
    widget.button("Start a new chat").click()
    expect(widget.bubbles).to_have_count(1)  # the welcome
    expect(widget.consent).to_have_count(0)
    assert widget.conversation()["held"] == []


def test_several_tabs_hold_back_and_agree_together(visit: Callable[..., Widget], store: Session) -> None:
    first = visit().open()
    first.page.route("**/api/**", lambda route: route.abort())
    first.write(CONTACT)
    second = Widget(first.page.context.new_page(), [])
    second.load(first.page.url)
    second.says("hello")  # the chat that is begun there is that of both
    for tab in (first, second):
        expect(tab.host.locator(".waiting")).to_contain_text(CONTACT)
    first.page.unroute_all()
    first.page.evaluate("dispatchEvent(new Event('online'))")
    for tab in (first, second):
        expect(tab.consent).to_be_visible()
    second.presses(second.button("Agree and send"))
    for tab in (first, second):
        expect(tab.consent).to_have_count(0)
        expect(tab.host.locator(".waiting")).to_have_count(0)
        expect(tab.bubbles.filter(has_text=CONTACT)).to_have_count(1)
    assert said(store, second, CONTACT) == 1


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


def test_a_tab_where_somebody_else_is_signed_in_neither_ends_nor_enters_the_chat_of_this_one(
    visit: Callable[..., Widget], store: Session, customers: list[str]
) -> None:
    first = visit(customer_token=token(customers[0]))
    second = Widget(first.page.context.new_page(), [])
    second.load(f"{first.page.url.split('?')[0]}?customer-token={token(customers[1])}")
    for widget in (first.open(), second.open()):
        widget.says("hello")
    second.says("do you sell tents?")
    expect(second.answers).to_have_count(2)
    expect(first.answers).to_have_count(1)
    first.says("thanks")
    store.rollback()
    chats = select(Conversation).join(Customer, Conversation.customer_id == Customer.id)
    of_each = [store.scalars(chats.where(Customer.external_id == key)).one() for key in customers]
    assert all(one.identified for one in of_each)
    assert [store.scalar(said_in(one)) for one in of_each] == [2, 2]


def said_in(conversation: Conversation) -> Select[tuple[int]]:
    """How much the customer has said there."""
    inbound = (Message.conversation_id == conversation.id, Message.direction == Direction.INBOUND)
    return select(func.count(Message.id)).where(*inbound)
