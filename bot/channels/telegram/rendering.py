"""Replies as Telegram shows them: text in pieces it takes, product cards, inline keyboards."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from html import escape
from typing import Any

from babel.numbers import format_currency
from telegram import (
    InlineKeyboardButton,
    InlineKeyboardMarkup,
    KeyboardButton,
    ReplyKeyboardMarkup,
    ReplyKeyboardRemove,
)

from bot.channels.telegram.words import phrase

log = logging.getLogger(__name__)

LONGEST_MESSAGE = 4096  # UTF-16 units, after the markup is taken out
LONGEST_CAPTION = 1024
LONGEST_NAME = 96  # of who wrote it, in any language: the pieces must not depend on the words
LONGEST_PAYLOAD = 64  # bytes
ROW = 30  # characters of the titles that stand side by side
LOCALES = {"en": "en_US", "zh": "zh_CN"}

Button = tuple[str, str]  # title, payload


@dataclass(frozen=True, slots=True)
class Part:
    """One message of Telegram, its text in HTML; with a photo the text is its caption."""

    html: str
    buttons: tuple[Button, ...] = ()
    photo: str | None = None
    share: str | None = None  # the title of a button that sends the customer's phone number
    ends_sharing: bool = False  # that button is of no use any more

    def keyboard(self) -> InlineKeyboardMarkup | ReplyKeyboardMarkup | ReplyKeyboardRemove | None:
        rows = [[InlineKeyboardButton(title, callback_data=data) for title, data in row] for row in _rows(self.buttons)]
        if rows:
            return InlineKeyboardMarkup(rows)
        if self.share:
            key = KeyboardButton(self.share, request_contact=True)
            return ReplyKeyboardMarkup([[key]], resize_keyboard=True, one_time_keyboard=True)
        return ReplyKeyboardRemove() if self.ends_sharing else None


def render(payload: Mapping[str, Any], language: str, *, private: bool = True) -> list[Part]:
    """The messages of one reply; how many they are depends on the reply alone.

    A number is shared in private only: Telegram allows it nowhere else.
    """
    parts = _texts(payload, language)
    parts += [_card(product, language) for product in payload.get("products") or ()]
    buttons = tuple(_buttons(payload.get("quick_replies") or ()))
    if parts:
        asks = payload.get("asks") if private else None
        parts[-1] = replace(
            parts[-1],
            buttons=parts[-1].buttons + buttons,
            share=phrase("share_number", language) if asks == "contact" else None,
            ends_sharing=asks not in (None, "contact"),
        )
    return parts


def _texts(payload: Mapping[str, Any], language: str) -> list[Part]:
    """The text in pieces; what a person of the shop wrote says so."""
    by = f"{phrase('staff', language)}\n" if payload.get("author") else ""
    pieces = [
        escape(piece) for piece in split(payload.get("text") or "", LONGEST_MESSAGE - (LONGEST_NAME if by else 0))
    ]
    if by and pieces:
        pieces[0] = f"<i>{escape(by)}</i>{pieces[0]}"
    return [Part(piece) for piece in pieces]


def split(text: str, limit: int) -> list[str]:
    """The text in pieces of at most `limit` UTF-16 units, cut between lines, sentences or words where possible."""
    pieces = []
    rest = text.strip()
    while units(rest) > limit:
        fits = _prefix(rest, limit)
        cut = _best_cut(fits)
        pieces.append(fits[:cut].rstrip())
        rest = rest[cut:].lstrip()
    return [piece for piece in (*pieces, rest) if piece]


def units(text: str) -> int:
    """The length of a text as Telegram counts it."""
    return len(text) + sum(character > "\uffff" for character in text)


def _prefix(text: str, limit: int) -> str:
    """As much of the beginning as has at most `limit` units."""
    taken = 0
    for place, character in enumerate(text):
        taken += 2 if character > "\uffff" else 1
        if taken > limit:
            return text[:place]
    return text


def _best_cut(text: str) -> int:
    """Where to cut: after a line, a sentence or a word in the second half, else at the end."""
    for marks in ("\n", ".!?。！？", " ，、；"):
        place = max(text.rfind(mark) for mark in marks) + 1
        if place > len(text) // 2:
            return place
    return len(text)


def _card(product: Mapping[str, Any], language: str) -> Part:
    photo = product.get("image_url")
    name = f"<b>{escape(_prefix(str(product.get('name', '')), 200))}</b>"
    lines = [_price(product, language), *(product.get(line) or "" for line in ("reason", "stock"))]
    told = escape(_prefix("\n".join(line for line in lines if line), LONGEST_CAPTION - 250))
    usable = isinstance(photo, str) and photo.startswith(("https://", "http://"))
    return Part(f"{name}\n{told}".strip(), tuple(_buttons(product.get("actions") or ())), photo if usable else None)


def _price(product: Mapping[str, Any], language: str) -> str:
    price, currency = str(product.get("price", "")), str(product.get("currency", ""))
    try:
        shown = format_currency(Decimal(price), currency, locale=LOCALES.get(language, "en_US"))
    except InvalidOperation:
        return f"{price} {currency}".strip()
    return shown.removesuffix(".00")


def _buttons(replies: Iterable[Mapping[str, str]]) -> Iterator[Button]:
    for reply in replies:
        if len(reply["payload"].encode()) > LONGEST_PAYLOAD:
            log.error("a button is left out: its payload is longer than %d bytes", LONGEST_PAYLOAD)
            continue
        yield _prefix(reply["title"], 100) or "…", reply["payload"]


def _rows(buttons: Sequence[Button]) -> list[list[Button]]:
    """Short titles side by side, at most three in a row."""
    rows: list[list[Button]] = []
    for button in buttons:
        beside = rows[-1] if rows else []
        width = sum(_width(title) for title, _ in (*beside, button))
        if beside and len(beside) < 3 and width <= ROW:
            beside.append(button)
        else:
            rows.append([button])
    return rows


def _width(title: str) -> int:
    return sum(2 if character >= "\u2e80" else 1 for character in title)
