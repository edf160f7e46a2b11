"""The chat as somebody in front of a browser sees and uses it."""

from __future__ import annotations

from typing import Any

from playwright.sync_api import ConsoleMessage, Locator, Page, expect

LOST = "Failed to load resource"  # what the console says of a dead network, which is no fault of a page
PATIENCE = 30_000  # ms; the machine may be busy
expect.set_options(timeout=PATIENCE)


class Widget:
    def __init__(self, page: Page, complaints: list[str]) -> None:
        """`complaints` gets every error of a script and every breach of the page's policy."""
        self.page = page
        page.set_default_timeout(PATIENCE)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda said: self._heard(said, complaints))
        self.host = page.locator("salesclerk-chat")
        self.log = page.get_by_role("log")
        self.input = page.get_by_role("textbox")
        self.bubbles = self.host.locator(".bubble")
        self.answers = self.host.locator(".entry .shop")  # the welcome is not an answer
        self.cards = self.host.locator("article")
        self.consent = self.host.locator(".consent")
        self.typing = self.host.locator(".typing")
        self.launcher = self.host.locator(".launcher")

    def _heard(self, said: ConsoleMessage, complaints: list[str]) -> None:
        if said.type in ("error", "warning") and LOST not in said.text:
            complaints.append(said.text)

    def load(self, address: str) -> None:
        self.page.goto(address)
        self.launcher.or_(self.input).first.wait_for()

    def open(self) -> Widget:
        self.launcher.click()
        return self

    def button(self, name: str) -> Locator:
        return self.host.get_by_role("button", name=name, exact=True)

    def write(self, text: str) -> None:
        """Type and send, without waiting for an answer."""
        self.input.fill(text)
        self.input.press("Enter")

    def says(self, text: str) -> str:
        """Type, send, and read the whole answer."""
        before = self.count()
        self.write(text)
        return self.answer(before)

    def presses(self, button: Locator) -> str:
        before = self.count()
        button.click()
        return self.answer(before)

    def count(self) -> int:
        return self.answers.count()

    def answer(self, before: int) -> str:
        """What the shop has said beyond the first `before` messages, once it is done."""
        expect(self.answers.nth(before)).to_be_attached()
        expect(self.typing).to_be_hidden()
        return "\n".join(self.answers.all_inner_texts()[before:])

    def conversation(self) -> dict[str, Any]:
        """What the browser keeps of the conversation."""
        kept = "() => JSON.parse(Object.entries(localStorage).find(([key]) => key.startsWith('salesclerk'))[1])"
        return self.page.evaluate(kept)
