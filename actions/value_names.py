"""How a value of the catalogue is said in the customer's language: a category, a colour, a use."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import yaml
from sqlalchemy.orm import Session

from crm_store.catalog import translations

LEXICON = Path(__file__).resolve().parent.parent / "nlu_data" / "lexicon"


def shown_value(session: Session, facet: str, value: str, language: str) -> str:
    """Return the name to show for a canonical value of a facet; `attribute` names a facet itself."""
    if language == "en":
        return value
    if facet == "category":
        return translations(session).get(value, general_words().get(value.casefold(), value))
    return general_words().get(value.casefold(), value)


@cache
def general_words() -> dict[str, str]:
    """English word -> its first Chinese name, from the lexicon the engine understands with."""
    words: dict[str, str] = {}
    for file in sorted(LEXICON.glob("*.yml")):
        for entry in _entries(yaml.safe_load(file.read_text(encoding="utf-8"))):
            words.update(entry)
    return words


def _entries(node: object) -> list[dict[str, str]]:
    return []
