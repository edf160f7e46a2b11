"""How the catalogue's own words are said in the customer's language: a category, a colour, a use, an attribute."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

import yaml
from sqlalchemy.orm import Session

from actions.wording import Wording
from crm_store.catalog import translations

LEXICON = Path(__file__).resolve().parent.parent / "nlu_data" / "lexicon"
_HAN = re.compile(r"[\u3400-\u9fff]")


def facet_name(wording: Wording, facet: str, language: str) -> str:
    """The name of an attribute; one that the wording does not know is shown as the shop's file calls it."""
    response = f"utter_facet_{facet}"
    return wording.text(response, language) if wording.has(response) else facet.replace("_", " ")


def value_name(session: Session, value: str, language: str) -> str:
    """The name to show for a canonical value: the shop's own translation, else the general one, else the value."""
    if language == "en":
        return value
    words, name = general_words(), value.casefold()
    return translations(session).get(value) or words.get(name) or words.get(name.removesuffix("s")) or value


@cache
def general_words() -> dict[str, str]:
    """English word -> its first Chinese name, from the lexicon the engine understands with."""
    words: dict[str, str] = {}
    # Values before goods: "kids" is the kind of a bike here, not the people.
    for file in sorted(LEXICON.glob("*.yml"), key=lambda file: (file.stem != "values", file.stem)):
        for english, names in (yaml.safe_load(file.read_text(encoding="utf-8")) or {}).items():
            if chinese := next((name for name in names if _HAN.search(name)), None):
                words.setdefault(str(english).casefold(), chinese)
    return words
