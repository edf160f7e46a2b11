"""What the assistant says, read from the responses in domain.yml, in the customer's language."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime, time
from decimal import Decimal
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import yaml
from babel import Locale
from babel.dates import format_date, format_time
from babel.lists import format_list
from babel.numbers import format_currency

DOMAIN = Path(__file__).resolve().parent.parent / "domain.yml"
LANGUAGES = ("en", "zh")
LOCALES = {"en": Locale.parse("en_US"), "zh": Locale.parse("zh_CN")}
DAY_PARTS = ("morning", "afternoon", "evening")


class Wording:
    """The responses of the domain; a variation with a condition on the slot `language` is for that language."""

    def __init__(self, responses: Mapping[str, Sequence[Mapping[str, Any]]]) -> None:
        self._texts = {name: _by_language(variations) for name, variations in responses.items()}

    @classmethod
    def from_domain(cls, path: Path = DOMAIN) -> Wording:
        return cls(yaml.safe_load(path.read_text(encoding="utf-8"))["responses"])

    def has(self, response: str) -> bool:
        return response in self._texts

    def text(self, response: str, language: str, **facts: Any) -> str:
        """Return a response with its facts filled in; raises KeyError when either is missing."""
        texts = self._texts[response]
        return texts.get(language, texts["en"]).format_map(facts)


def money(amount: Decimal, currency: str, language: str) -> str:
    """An amount as people write it: whole units without cents."""
    text = format_currency(amount, currency, locale=LOCALES[language])
    return text.removesuffix(".00")


def day(moment: date, language: str) -> str:
    return format_date(moment, "EEEE, d MMMM y" if language == "en" else "y年M月d日EEEE", locale=LOCALES[language])


def clock(moment: time | datetime, language: str) -> str:
    return format_time(moment, "HH:mm", locale=LOCALES[language])


def listed(names: Sequence[str], language: str, style: str = "or") -> str:
    """Names joined as a sentence does: "black, blue or silver"."""
    return format_list(list(names), style=style, locale=LOCALES[language]) if names else ""


def local(moment: datetime, timezone: str) -> datetime:
    return moment.astimezone(ZoneInfo(timezone))


def _by_language(variations: Sequence[Mapping[str, Any]]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for variation in variations:
        conditions = variation.get("condition", ())
        language = next((c["value"] for c in conditions if c.get("name") == "language"), "en")
        texts.setdefault(language, str(variation["text"]).strip())
    return texts
