"""What follow-ups are decided in: days and nights, a filled basket, a yes to advertising."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from sqlalchemy.orm import Session

from crm_store import carts, consents
from crm_store.tables import Conversation, FollowUp
from tests.factories import NOW, make_product

Plan = Callable[..., FollowUp]
Settle = Callable[..., str]
Said = Callable[[], list[str]]
SUNDAY = datetime(2026, 11, 29, 12, 0, tzinfo=UTC)
NIGHT = datetime(2026, 11, 23, 22, 0, tzinfo=UTC)
NINE = datetime(2026, 11, 24, 9, 0, tzinfo=UTC)


def filled_cart(session: Session, chat: Conversation) -> str:
    product = make_product(session, "Kite Urban", variants=[{"stock": 3}])
    carts.add(session, chat.id, product.variants[0].sku, 1, NOW)
    return product.code


def agree(session: Session, chat: Conversation) -> None:
    consents.record_consent(session, chat, consents.MARKETING, True, "May I write?", NOW)
