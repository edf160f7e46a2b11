"""How the chat looks and is used: by eye, by keyboard, with a screen reader, on a phone, in the shop's colours."""

from __future__ import annotations

from collections.abc import Callable

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from tests.browser.widget import Widget

PHONE = {"viewport": {"width": 390, "height": 780}, "has_touch": True, "is_mobile": True}
DESK = {"width": 1280, "height": 800}


def check_everywhere(widget: Widget) -> None:
    """As it stands, in light and dark, on a phone and on a desk."""
    for size in (DESK, PHONE["viewport"]):
        widget.page.set_viewport_size(size)
        for scheme in ("light", "dark"):
            widget.page.emulate_media(color_scheme=scheme)
            violations = Axe().run(widget.page).response["violations"]
            found = [(one["id"], node["html"]) for one in violations for node in one["nodes"]]
            assert found == [], f"{size} {scheme}"


def test_axe_finds_nothing(visit: Callable[..., Widget]) -> None:
    widget = visit(PHONE, shop="Fernhill")
    check_everywhere(widget)
    widget.open()
    check_everywhere(widget)
    widget.says("a helmet under 200 in black")
    widget.presses(widget.cards.first.get_by_role("button", name="Add to cart"))
    widget.says("checkout")
    expect(widget.consent).to_be_visible()
    widget.write("Ada Lovelace")  # held back
    check_everywhere(widget)
    widget.page.route("**/api/**", lambda route: route.abort())
    widget.button("Agree and send").click()
    expect(widget.host.locator(".waiting")).to_be_visible()  # kept on a dead line
    expect(widget.page.get_by_role("status")).to_have_text("No connection just now")
    check_everywhere(widget)


def test_it_is_used_without_a_mouse(visit: Callable[..., Widget]) -> None:
    widget = visit(shop="Fernhill")
    page = widget.page
    page.keyboard.press("Tab")
    page.keyboard.press("Tab")
    expect(widget.launcher).to_be_focused()
    page.keyboard.press("Enter")
    expect(widget.input).to_be_focused()
    expect(page.get_by_role("dialog", name="Ask Fernhill")).to_be_visible()
    expect(widget.log).to_have_attribute("aria-live", "polite")
    page.keyboard.insert_text("hello")
    page.keyboard.press("Shift+Enter")
    expect(widget.input).to_have_value("hello\n")
    before = widget.count()
    page.keyboard.press("Enter")
    widget.answer(before)
    page.keyboard.press("Shift+Tab")  # from the input to what the shop offers
    before = widget.count()
    page.keyboard.press("Enter")
    widget.answer(before)
    expect(widget.log).to_be_focused()  # the button is gone, the focus is not
    page.keyboard.press("Escape")
    expect(widget.input).to_be_hidden()
    expect(widget.launcher).to_be_focused()


def test_on_a_phone_it_covers_the_page_and_keeps_the_focus(visit: Callable[..., Widget]) -> None:
    widget = visit(PHONE, shop="Fernhill").open()
    panel = widget.page.get_by_role("dialog")
    assert panel.bounding_box() == {"x": 0, "y": 0, "width": 390, "height": 780}
    expect(panel).to_have_attribute("aria-modal", "true")
    widget.button("Send").focus()
    widget.page.keyboard.press("Tab")
    expect(widget.button("切换到中文")).to_be_focused()
    widget.page.keyboard.press("Shift+Tab")
    expect(widget.button("Send")).to_be_focused()


def test_the_beginning_of_a_long_answer_stays_in_sight(visit: Callable[..., Widget]) -> None:
    widget = visit({"viewport": {"width": 1280, "height": 500}}).open()
    widget.says("a helmet under 200 in black")
    expect(widget.bubbles.filter(has_text="a helmet under 200 in black")).to_be_in_viewport()
    assert widget.log.evaluate("log => log.scrollHeight > log.clientHeight")


def test_the_shop_s_colours_and_theme(visit: Callable[..., Widget]) -> None:
    widget = visit(theme="dark").open()
    panel = widget.page.get_by_role("dialog")
    expect(panel).to_have_css("background-color", "rgb(22, 29, 25)")  # dark although the browser is light
    widget.page.evaluate("document.querySelector('salesclerk-chat').setAttribute('theme', 'light')")
    expect(panel).to_have_css("background-color", "rgb(255, 255, 255)")
    set_accent = (
        "document.querySelector('salesclerk-chat').style.setProperty('--salesclerk-accent', 'rgb(90, 30, 120)')"
    )
    widget.page.evaluate(set_accent)
    expect(widget.button("Send")).to_have_css("background-color", "rgb(90, 30, 120)")
