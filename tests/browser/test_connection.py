"""Nothing is lost and nothing doubled: reloads, closed pages, dead and slow lines, a killed server."""

from __future__ import annotations

import json
import signal
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from playwright.sync_api import Request, Route, expect
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_store.tables import Conversation, Direction, Message, MessageState
from tests.browser.widget import Widget
from tests.integration.test_recovery import listener
from tests.stack import Stack

MESSAGES = "**/messages"
EVENTS = "**/events"


def push(store: Session, conversation_id: str, text: str, **payload: str) -> None:
    """What nobody asked for: a follow-up, a rep's words."""
    message = Message(
        conversation_id=conversation_id,
        direction=Direction.OUTBOUND,
        state=MessageState.SENT,
        text=text,
        payload={"text": text, "quick_replies": [], "products": [], **payload},
        at=datetime.now(UTC),
    )
    store.add(message)
    store.commit()


def stored(store: Session, conversation_id: str) -> list[str]:
    store.rollback()  # ends the view of before
    log = select(Message.text).where(Message.conversation_id == conversation_id).order_by(Message.id)
    return list(store.scalars(log))


def said(widget: Widget) -> list[str]:
    """The bubbles without the words for screen readers."""
    return [text.split("said:", 1)[-1].strip() for text in widget.bubbles.all_inner_texts()]


def squeezed(text: str) -> str:
    return " ".join(text.split())


def test_history_is_back_and_what_came_meanwhile_is_there_once(visit: Callable[..., Widget], store: Session) -> None:
    widget = visit().open()
    widget.says("hello")
    widget.says("do you have tents?")
    conversation = widget.conversation()["id"]
    push(store, conversation, "Your tent is back in stock")
    expect(widget.answers.last).to_contain_text("Your tent is back in stock")  # by the open stream
    push(store, conversation, "I have put one aside for you", author="person")
    expect(widget.answers.last).to_contain_text("I have put one aside for you")
    expect(widget.log.get_by_text("Our staff")).to_have_count(1)
    address = widget.page.url
    widget.button("Close the chat").click()
    widget.page.goto("about:blank")
    push(store, conversation, "And the stove as well")
    widget.load(address)
    expect(widget.launcher).to_have_accessible_name("Open the chat (1 unread)")
    widget.page.reload()
    expect(widget.host.locator(".launcher .badge")).to_have_text("1")  # still unread, and still one
    widget.open()
    expect(widget.launcher).to_be_hidden()
    assert [squeezed(text) for text in said(widget)] == [squeezed(text) for text in stored(store, conversation)]
    widget.button("Close the chat").click()
    expect(widget.host.locator(".launcher .badge")).to_be_hidden()


def test_a_stream_that_breaks_loses_nothing(visit: Callable[..., Widget], store: Session) -> None:
    widget = visit().open()
    widget.says("hello")
    conversation = widget.conversation()["id"]
    widget.page.context.set_offline(True)
    expect(widget.host.get_by_role("status")).to_have_text("No connection just now")
    push(store, conversation, "first")
    widget.page.context.set_offline(False)
    expect(widget.answers.last).to_contain_text("first")
    expect(widget.host.get_by_role("status")).to_have_text("Answers right away")
    push(store, conversation, "second")
    expect(widget.answers.last).to_contain_text("second")
    assert [squeezed(text) for text in said(widget)] == [squeezed(text) for text in stored(store, conversation)]


def test_an_answer_that_gets_lost_is_asked_for_again_under_the_same_id(
    visit: Callable[..., Widget], store: Session
) -> None:
    widget = visit().open()
    widget.says("hello")
    conversation = widget.conversation()["id"]
    sent: list[dict[str, Any]] = []

    def lost(route: Route) -> None:
        """The server gets it and answers; the answer does not arrive."""
        sent.append(json.loads(route.request.post_data or ""))
        route.fetch()
        route.abort()

    widget.page.route(MESSAGES, lost, times=1)
    widget.page.on("request", lambda request: note_post(request, sent))
    widget.write("do you sell tents?")
    expect(widget.host.locator(".note")).to_contain_text("Your message is kept")
    widget.button("Try now").click()
    expect(widget.answers.nth(1)).to_be_attached()
    expect(widget.host.locator(".note")).to_have_count(0)
    assert len({message["client_message_id"] for message in sent}) == 1
    assert stored(store, conversation).count("do you sell tents?") == 1
    assert [squeezed(text) for text in said(widget)] == [squeezed(text) for text in stored(store, conversation)]


def note_post(request: Request, sent: list[dict[str, Any]]) -> None:
    if request.method == "POST" and request.url.endswith("/messages"):
        sent.append(request.post_data_json)


def test_what_was_written_on_a_dead_line_outlives_the_page(visit: Callable[..., Widget], store: Session) -> None:
    widget = visit().open()
    widget.page.route("**/api/**", lambda route: route.abort())
    widget.write("hello")
    widget.write("do you sell tents?")
    expect(widget.host.locator(".note")).to_contain_text("Your message is kept")
    widget.page.reload()
    expect(widget.host.locator(".waiting")).to_have_count(2)
    widget.page.unroute_all()
    widget.page.evaluate("dispatchEvent(new Event('online'))")
    expect(widget.answers.nth(1)).to_be_attached()
    expect(widget.host.locator(".waiting")).to_have_count(0)
    conversation = widget.conversation()
    assert conversation["outbox"] == []
    both = stored(store, conversation["id"])
    assert [squeezed(text) for text in said(widget)] == [squeezed(text) for text in both]
    assert (both[0], both.count("hello"), both.count("do you sell tents?")) == ("hello", 1, 1)


def test_a_slow_answer_is_said_to_be_slow(visit: Callable[..., Widget]) -> None:
    widget = visit().open()
    widget.says("hello")
    widget.page.clock.install()
    held: list[Route] = []
    widget.page.route(MESSAGES, lambda route: held.append(route))
    before = widget.count()
    with widget.page.expect_request(MESSAGES):
        widget.write("do you sell tents?")
    expect(widget.typing).to_be_visible()
    widget.page.clock.fast_forward(7_000)
    expect(widget.host.locator(".note")).to_contain_text("longer than usual")
    held[0].continue_()
    widget.answer(before)
    expect(widget.host.locator(".note")).to_have_count(0)


def test_a_killed_server_costs_a_pause_and_nothing_else(
    visit: Callable[..., Widget], stack: Stack, store: Session
) -> None:
    widget = visit().open()
    widget.says("hello")
    conversation = widget.conversation()["id"]
    listener(stack.port).send_signal(signal.SIGKILL)
    widget.write("do you sell tents?")
    expect(widget.answers.nth(1)).to_be_attached(timeout=60_000)
    log = stored(store, conversation)
    assert log.count("do you sell tents?") == 1
    assert [squeezed(text) for text in said(widget)] == [squeezed(text) for text in log]


def test_what_was_not_sent_yet_goes_into_another_conversation_when_the_old_one_is_gone(
    visit: Callable[..., Widget], store: Session
) -> None:
    widget = visit().open()
    widget.says("hello")
    gone = widget.conversation()["id"]
    widget.page.route(MESSAGES, lambda route: route.abort())
    widget.write("do you sell tents?")
    expect(widget.host.locator(".note")).to_contain_text("Your message is kept")
    spoiled = "([key, kept]) => localStorage.setItem(key, JSON.stringify({...JSON.parse(kept), token: 'too old'}))"
    widget.page.evaluate(f"({spoiled})(Object.entries(localStorage).find(([key]) => key.startsWith('salesclerk')))")
    widget.page.unroute(MESSAGES)
    widget.page.reload()
    expect(widget.answers).to_have_count(1)
    assert widget.conversation()["id"] != gone
    assert "do you sell tents?" in stored(store, widget.conversation()["id"])


def test_two_tabs_are_one_conversation(visit: Callable[..., Widget], store: Session) -> None:
    first = visit().open()
    first.says("hello")
    second = Widget(first.page.context.new_page(), [])
    second.load(first.page.url)
    second.says("do you sell tents?")
    expect(first.answers.nth(1)).to_be_attached()
    assert said(first) == said(second)
    assert [squeezed(text) for text in said(first)] == [
        squeezed(text) for text in stored(store, first.conversation()["id"])
    ]


def test_two_tabs_on_a_dead_line_begin_one_conversation(visit: Callable[..., Widget], store: Session) -> None:
    first = visit().open()
    context = first.page.context
    context.route("**/api/**", lambda route: route.abort())
    first.write("hello")
    expect(first.host.locator(".note")).to_be_visible()
    second = Widget(context.new_page(), [])
    second.load(first.page.url)
    expect(second.host.locator(".waiting")).to_have_count(1)
    before = store.scalar(select(func.count(Conversation.id)))
    context.unroute_all()
    for tab in (first, second):
        tab.page.evaluate("dispatchEvent(new Event('online'))")
    for tab in (first, second):
        expect(tab.answers).to_have_count(1)
        expect(tab.host.locator(".waiting")).to_have_count(0)
    store.rollback()  # ends the view of before
    assert store.scalar(select(func.count(Conversation.id))) == before + 1
