"""How a chat looks in a terminal, and as plain lines in a pipe."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import TYPE_CHECKING, Any

from babel.numbers import format_currency
from rich.box import SIMPLE_HEAD
from rich.console import Console
from rich.table import Table
from rich.text import Text

if TYPE_CHECKING:  # importing the tables takes a while, and most chats do not need them
    from crm_store.tables import Message

HEADINGS = {
    "en": ("No.", "Product", "Price", "Stock", "Why"),
    "zh": ("序号", "商品", "价格", "库存", "推荐理由"),
}


class ChatView:
    def __init__(self, console: Console, language: str) -> None:
        self._console = console
        self._language = language
        self.choices: dict[str, str] = {}

    def show(self, replies: Sequence[dict[str, Any]]) -> None:
        """Print replies; the quick replies of the last one become `choices`, by letter and by title."""
        self.choices = {}
        for reply in replies:
            if reply["text"]:
                self._say(reply["text"], "green")
            if reply["products"]:
                self._products(reply["products"])
        if replies:
            self._quick_replies(replies[-1]["quick_replies"])

    def understood(self, message: Message) -> None:
        """What the engine made of a message."""
        parts = [f"{message.intent} {message.confidence or 0:.2f}"]
        for name, found in (("needs", message.needs), ("mentions", message.mentions)):
            if found:
                parts.append(f"{name} {json.dumps(found, ensure_ascii=False)}")
        self._say("understood: " + "  ".join(parts), "dim")

    def sorry(self, sentence: str) -> None:
        self._say(sentence, "yellow")

    def _say(self, text: str, style: str) -> None:
        # In a pipe a line stays a line, however long; and what people write is never taken for markup.
        self._console.print(Text(text, style=style), highlight=False, soft_wrap=not self._console.is_terminal)

    def _quick_replies(self, quick_replies: Sequence[dict[str, str]]) -> None:
        """Letters, since a bare number means a product of the list or a quantity."""
        hints = []
        for letter, reply in zip("abcdefghijklmnopqrstuvwxyz", quick_replies, strict=False):
            self.choices[letter] = self.choices[reply["title"].casefold()] = reply["payload"]
            hints.append(f"{letter}) {reply['title']}")
        if hints:
            self._say("   ".join(hints), "cyan")

    def _products(self, products: Sequence[dict[str, Any]]) -> None:
        rows = [
            (str(position), product["name"], self._price(product), _stock(product), product.get("reason") or "")
            for position, product in enumerate(products, start=1)
        ]
        if not self._console.is_terminal:
            for number, *cells in rows:
                self._say(f"{number}. {' | '.join(filter(None, cells))}", "")
            return
        table = Table(box=SIMPLE_HEAD, pad_edge=False)
        for heading, side in zip(HEADINGS[self._language], ("right", "left", "right", "left", "left"), strict=True):
            table.add_column(heading, justify=side, no_wrap=heading == HEADINGS[self._language][2])
        for row in rows:
            table.add_row(*map(Text, row))
        self._console.print(table)

    def _price(self, product: dict[str, Any]) -> str:
        try:
            amount = Decimal(str(product["price"]))
        except InvalidOperation:
            return f"{product['price']} {product['currency']}"
        locale = "zh_CN" if self._language == "zh" else "en_GB"
        return format_currency(amount, product["currency"], locale=locale)


def _stock(product: dict[str, Any]) -> str:
    stock = product.get("stock")
    return "" if stock is None else str(stock)
