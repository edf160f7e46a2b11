"""One turn of a conversation: what was said, where the sale stands, and the answer being made."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from functools import cached_property
from typing import TYPE_CHECKING, Any

from sqlalchemy.orm import Session

from actions.checkout.places import region_of
from actions.replies import Reply
from actions.value_names import facet_name, value_name
from actions.wording import LANGUAGES, Wording, money
from crm_store import conversations
from crm_store.catalog import CatalogItem
from crm_store.catalog_cache import CatalogCache
from crm_store.tables import Conversation, Message, Shop
from models.offers.reasons import liking_of
from models.recommender import Liking

if TYPE_CHECKING:
    from models.learning import (
        SalesModels,  # scikit-learn takes seconds to load, and is needed for what was learned alone
    )


@dataclass(frozen=True)
class Understood:
    """What the engine understood of a message; a pressed button puts its own intent and arguments here."""

    intent: str
    confidence: float
    needs: Mapping[str, Any] = field(default_factory=dict)
    mentions: Mapping[str, Any] = field(default_factory=dict)
    language: str | None = None
    language_certain: bool = False
    button: str | None = None  # the opaque id of a pressed button, as the client sent it
    arguments: Mapping[str, Any] = field(default_factory=dict)  # what the server knows of that button
    wishes: Sequence[Mapping[str, Any]] = ()  # what else the message wants, each with the words it is in

    @classmethod
    def from_latest_message(cls, latest: Mapping[str, Any]) -> Understood:
        intent = latest.get("intent") or {}
        pressed = (e.get("value") for e in latest.get("entities") or () if e.get("entity") == "button")
        return cls(
            intent=intent.get("name") or "out_of_scope",
            confidence=float(intent.get("confidence") or 0.0),
            needs=latest.get("needs") or {},
            mentions=latest.get("mentions") or {},
            language=latest.get("language"),
            language_certain=bool(latest.get("language_certain")),
            button=next(pressed, None),
            wishes=latest.get("wishes") or (),
        )


@dataclass
class Turn:
    session: Session
    conversation: Conversation
    message: Message
    understood: Understood
    shop: Shop
    wording: Wording
    catalog_cache: CatalogCache
    now: datetime
    learned: SalesModels | None = None  # what was learned from the shop's sales
    outcome: str = "answered"
    replies: list[Reply] = field(default_factory=lambda: [Reply()])

    @property
    def text(self) -> str:
        return self.message.text.strip()

    @property
    def intent(self) -> str:
        return self.understood.intent

    @property
    def mentions(self) -> Mapping[str, Any]:
        return self.understood.mentions

    @property
    def language(self) -> str:
        language = self.conversation.language
        return language if language in LANGUAGES else "en"

    @property
    def countries(self) -> tuple[str, ...]:
        """Where a phone number without a country code may be from: the shop's country, then the customer's."""
        likely = [self.shop.country, region_of(self.conversation.timezone), "CN" if self.language == "zh" else None]
        return tuple(dict.fromkeys(country for country in likely if country))

    @cached_property
    def catalog(self) -> list[CatalogItem]:
        return self.catalog_cache.items(self.session)

    def liking(self, items: Iterable[CatalogItem]) -> Mapping[str, Liking]:
        """What was learned from sales about these items: for this customer when proven, else for just anybody."""
        if self.learned is None:
            return {}
        customer_id = self.conversation.customer_id if self.conversation.identified else None
        return liking_of(self.learned, customer_id, items)

    # What is said -------------------------------------------------------------------------------

    def phrase(self, response: str, **facts: Any) -> str:
        return self.wording.text(response, self.language, **facts)

    def say(self, response: str, **facts: Any) -> None:
        self.replies[-1].paragraphs.append(self.phrase(response, **facts))

    def say_text(self, text: str) -> None:
        self.replies[-1].paragraphs.append(text)

    def new_reply(self) -> None:
        if self.replies[-1].paragraphs:
            self.replies.append(Reply())

    def button(self, title: str, intent: str, **arguments: Any) -> dict[str, str]:
        made = conversations.make_button(self.session, self.conversation.id, title[:200], intent, arguments)
        return {"title": made.title, "payload": made.id}

    def offer(self, title: str, intent: str, **arguments: Any) -> None:
        """Add a quick reply to the answer."""
        self.replies[-1].quick_replies.append(self.button(title, intent, **arguments))

    def value_name(self, value: str) -> str:
        """A value of the catalogue (category, colour, use ...) in the customer's language."""
        return value_name(self.session, value, self.language)

    def facet_name(self, facet: str) -> str:
        return facet_name(self.wording, facet, self.language)

    def money(self, amount: Decimal) -> str:
        return money(amount, self.shop.currency, self.language)

    def money_of(self, amount: float | str, budget: Mapping[str, Any] | None = None) -> str:
        """A limit the customer named, in the currency they named."""
        return money(Decimal(str(amount)), (budget or {}).get("currency", self.shop.currency), self.language)

    # Where the sale stands; JSON columns are assigned whole, so that the change is seen --------------

    def remember(self, **state: Any) -> None:
        for name, value in state.items():
            setattr(self.conversation, name, value)

    @property
    def checkout(self) -> dict[str, Any] | None:
        return self.conversation.pending.get("checkout")

    @property
    def question(self) -> dict[str, Any] | None:
        return self.conversation.pending.get("question")

    def keep_pending(self, name: str, value: Mapping[str, Any] | None) -> None:
        pending = {key: kept for key, kept in self.conversation.pending.items() if key != name}
        if value is not None:
            pending[name] = dict(value)
        self.conversation.pending = pending

    def ask(self, kind: str, **facts: Any) -> None:
        """Wait for the answer to a question; a new one takes the place of the old one."""
        self.keep_pending("question", {"kind": kind, **facts})

    def mark_asked(self, facets: Sequence[str]) -> None:
        self.conversation.asked = list(dict.fromkeys([*self.conversation.asked, *facets]))
