"""Goods that are sold out: the customer is told when they are back, if they wish so."""

from __future__ import annotations

import re

from actions.browsing.references import referred_items
from actions.turn import Turn
from crm_store.catalog import CatalogItem, items_by_sku
from crm_store.occasions import watch_stock

_WISHES = re.compile(
    r"\b(?:let me know|tell me|notify me|message me|write (?:to )?me|ping me|remind me|text me|alert me)\b.*"
    r"\b(?:back|in stock|available|restock\w*|again)\b"
    r"|(?:到货|有货|补货|上架).{0,6}(?:告诉|通知|提醒|叫|发消息)|(?:告诉|通知|提醒|叫)我?.{0,8}(?:到货|有货|补货)"
    r"|到货提醒|到货通知",
    re.IGNORECASE,
)


def _meant(turn: Turn) -> list[CatalogItem]:
    if sku := turn.understood.arguments.get("watch"):
        return list(items_by_sku(turn.session, [sku]).values())
    wishes = not turn.understood.button and not turn.checkout and _WISHES.search(turn.text)
    return referred_items(turn) if wishes else []


def offer_to_watch(turn: Turn, sku: str) -> None:
    """Offer to tell when it is back."""
    turn.offer(turn.phrase("utter_button_watch_stock"), "book_followup", watch=sku)


def takes_stock_watch(turn: Turn) -> bool:
    """ "Let me know when it's back in stock", or the button for it."""
    items = _meant(turn)
    if len(items) != 1:
        return False
    [item] = items
    if item.in_stock:
        turn.say("utter_stock_watched_not_needed", name=item.title(turn.language))
        return True
    watch_stock(turn.session, turn.conversation, item.sku, turn.now, f"message-{turn.message.id}-stock")
    turn.say("utter_stock_watched", name=item.title(turn.language))
    turn.remember(focus_sku=item.sku)
    turn.outcome = "stock_watched"
    return True
