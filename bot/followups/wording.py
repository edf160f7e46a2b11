"""What a follow-up says: one message in the conversation's language, with the buttons that go with it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import datetime
from decimal import Decimal
from typing import Any

from babel import Locale
from babel.dates import format_date, format_datetime, get_timezone_location
from babel.lists import format_list
from babel.numbers import format_currency
from sqlalchemy.orm import Session

from bot.channels.sentences import Sentences
from crm_store import conversations
from crm_store.carts import total, variant_title
from crm_store.catalog import items_by_sku
from crm_store.contact_hours import zone_of
from crm_store.followup_facts import Facts
from crm_store.followup_times import promised_at
from crm_store.followups import name_of
from crm_store.orders import estimated_delivery
from crm_store.tables import Conversation, FollowUp, FollowUpKind, Variant

LOCALES = {"en": Locale.parse("en_US"), "zh": Locale.parse("zh_CN")}
_WHEN = {"en": "EEEE, d MMMM y, HH:mm", "zh": "y年M月d日EEEE HH:mm"}
_DAY = {"en": "EEEE, d MMMM y", "zh": "y年M月d日EEEE"}
_MOST_NAMES = 3
sentences = Sentences("utter_")


class Wording:
    """The words for one follow-up in one conversation."""

    def __init__(self, session: Session, follow_up: FollowUp, facts: Facts, conversation: Conversation) -> None:
        self._session = session
        self._follow_up = follow_up
        self._facts = facts
        self._conversation = conversation
        self.language = conversation.language if conversation.language in LOCALES else "en"

    def message(self, late: bool) -> dict[str, Any]:
        """What is said to the customer, as channels get it."""
        kind = FollowUpKind(self._follow_up.kind)
        name = "due_message_late" if kind is FollowUpKind.MESSAGE and late else f"due_{kind}"
        facts, buttons = _CONTENTS[kind](self)
        text = sentences.say(name, self.language, **facts)
        return {"text": text, "quick_replies": [self._button(*button) for button in buttons], "products": []}

    def for_rep(self, late_minutes: int) -> dict[str, Any]:
        """What is said to the rep who has to act."""
        lines = [
            sentences.say(
                f"due_for_rep_{self._follow_up.kind}",
                self.language,
                name=self._who(),
                contact=self._follow_up.contact or "—",
                when=self.when(self._follow_up.due_at),
                note=self._follow_up.note,
            ).strip()
        ]
        if late_minutes:
            lines.append(sentences.say("due_for_rep_late", self.language, minutes=late_minutes))
        return {"text": "\n".join(lines), "quick_replies": [], "products": []}

    def _who(self) -> str:
        return name_of(self._session, self._follow_up) or sentences.say("due_nobody", self.language)

    def when(self, moment: datetime) -> str:
        """Day and time where the customer lives."""
        return self._formatted(moment, _WHEN)

    def when_there(self, moment: datetime) -> str:
        """Day and time, with the zone where it is not the shop's own."""
        zone = zone_of(self._follow_up.timezone)
        if zone.key == self._facts.shop.timezone:
            return self.when(moment)
        city = get_timezone_location(zone, locale=LOCALES[self.language], return_city=True)
        timezone = sentences.say("timezone", self.language, city=city)
        return sentences.say("when_zone", self.language, when=self.when(moment), timezone=timezone)

    def day(self, moment: datetime) -> str:
        return self._formatted(moment, _DAY)

    def _formatted(self, moment: datetime, patterns: dict[str, str]) -> str:
        local = moment.astimezone(zone_of(self._follow_up.timezone))
        return format_datetime(local, patterns[self.language], locale=LOCALES[self.language])

    def money(self, amount: Decimal, currency: str | None = None) -> str:
        currency = currency or self._facts.shop.currency
        return format_currency(amount, currency, locale=LOCALES[self.language]).removesuffix(".00")

    def names(self, variants: Iterable[Variant]) -> str:
        """The first few of these goods, as a sentence lists them."""
        few = list(variants)[:_MOST_NAMES]
        known = items_by_sku(self._session, [variant.sku for variant in few])
        titles = [known[v.sku].title(self.language) if v.sku in known else variant_title(v) for v in few]
        return format_list(titles, locale=LOCALES[self.language]) if titles else ""

    def _button(self, title: str, intent: str, arguments: dict[str, Any]) -> dict[str, str]:
        words = sentences.say(f"button_{title}", self.language)
        made = conversations.make_button(self._session, self._conversation.id, words, intent, arguments)
        return {"title": made.title, "payload": made.id}

    @property
    def follow_up(self) -> FollowUp:
        return self._follow_up

    @property
    def facts(self) -> Facts:
        return self._facts


Button = tuple[str, str, dict[str, Any]]
Content = tuple[dict[str, Any], list[Button]]
_CHECKOUT: Button = ("checkout", "place_order", {})
_CART: Button = ("cart", "view_cart", {})
_PERSON: Button = ("human", "talk_to_human", {})
_STOP: Button = ("unsubscribe", "opt_out", {})


def _reminder(say: Wording) -> Content:
    return {"note": say.follow_up.note, "when": say.when(promised_at(say.follow_up))}, []


def _quote(say: Wording) -> Content:
    quote = say.facts.quote
    assert quote is not None  # what has no quote any more is dropped
    words = {"number": quote.number, "total": say.money(quote.total, quote.currency)}
    buttons = [_CHECKOUT] if say.facts.cart and say.facts.cart.lines else []
    return {**words, "when": say.when(quote.valid_until)}, [*buttons, _PERSON]


def _basket(say: Wording) -> Content:
    cart = say.facts.cart
    assert cart is not None
    words = {"names": say.names(line.variant for line in cart.lines), "total": say.money(total(cart))}
    return words, [_CHECKOUT, _CART, _STOP]


def _order(say: Wording) -> Content:
    order, shop = say.facts.order, say.facts.shop
    assert order is not None
    last = estimated_delivery(order, shop)[1]
    words = {
        "number": order.number,
        "when": format_date(last, _DAY[say.language], locale=LOCALES[say.language]),
        "days": shop.return_days,
        "names": say.names(line.variant for line in order.lines),
    }
    shipped = say.follow_up.kind == FollowUpKind.ORDER_SHIPPED
    return words, [("track", "track_order", {"number": order.number})] if shipped else [_PERSON]


def _goods(say: Wording) -> Content:
    variant, about = say.facts.variant, say.follow_up.about
    assert variant is not None
    words = {"name": say.names([variant]), "price": say.money(variant.price), "days": about.get("days")}
    if bought_at := about.get("bought_at"):
        words["when"] = say.day(datetime.fromisoformat(bought_at))
    again = [_STOP] if say.follow_up.kind == FollowUpKind.BUY_AGAIN else []
    return words, [("add", "add_to_cart", {"sku": variant.sku}), *again]


_CONTENTS: dict[FollowUpKind, Callable[[Wording], Content]] = {
    FollowUpKind.MESSAGE: _reminder,
    FollowUpKind.QUOTE_EXPIRING: _quote,
    FollowUpKind.BASKET_LEFT: _basket,
    FollowUpKind.ORDER_SHIPPED: _order,
    FollowUpKind.ORDER_DELIVERED: _order,
    FollowUpKind.HOW_WAS_IT: _order,
    FollowUpKind.BACK_IN_STOCK: _goods,
    FollowUpKind.BUY_AGAIN: _goods,
}
