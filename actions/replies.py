"""Replies as the channels get them: text, quick replies, product cards."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from crm_store.catalog import CatalogItem


@dataclass
class Reply:
    paragraphs: list[str] = field(default_factory=list)
    products: list[dict[str, Any]] = field(default_factory=list)
    quick_replies: list[dict[str, str]] = field(default_factory=list)
    asks: str | None = None  # the detail of an order that it asks for, so that a channel can help to give it

    def payload(self) -> dict[str, Any]:
        asks = {"asks": self.asks} if self.asks else {}
        return {
            "text": "\n".join(self.paragraphs),
            "quick_replies": self.quick_replies,
            "products": self.products,
            **asks,
        }


def product_card(
    item: CatalogItem, language: str, currency: str, reason: str, stock: str, actions: list[dict[str, str]]
) -> dict[str, Any]:
    """A product as a channel shows it; `price` is a decimal string, `stock` and `reason` are sentences."""
    card = {
        "sku": item.sku,
        "name": item.title(language),
        "price": str(item.price),
        "currency": currency,
        "reason": reason,
        "stock": stock,
        "actions": actions,
    }
    if item.image_url:
        card["image_url"] = item.image_url
    return card
