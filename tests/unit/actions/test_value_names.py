"""What the catalogue says in English has a name for every customer: values, attributes and the questions about them."""

from __future__ import annotations

import re

import pytest
import yaml
from sqlalchemy.orm import Session

from actions.value_names import LEXICON, facet_name, general_words, value_name
from actions.wording import Wording
from crm_store.colors import color_values
from crm_store.demo.products import demo_products
from tests import factories

WORDING = Wording.from_domain()
HAN = re.compile(r"[\u3400-\u9fff]")
# "29 inch", "18 L", "-14 °C", "700 x 35c", "XL": the same in every language.
MEASURE = re.compile(r"-?\d+(?:\.\d+)?(?: ?(?:L|ml|g|kg|Wh|inch|lumens|°C|c))?|\d+(?:\.\d+)? x \d+(?:\.\d+)?c?|[SMLX]+")
NUMBER = re.compile(r"\d+(?:\.\d+)?")
ALWAYS_ASKED = ("category", "use", "color", "size", "brand", "budget")


def _values() -> dict[str, set[str]]:
    """Attribute -> its values in the demo catalogue, with uses, colours and sizes among them."""
    found: dict[str, set[str]] = {}
    for product in demo_products():
        for name, value in product.columns["attributes"].items():
            found.setdefault(name, set()).add(value)
        found.setdefault("use", set()).update(product.columns["uses"])
        for variant in product.variants:
            if variant.color:
                found.setdefault("color", set()).update(color_values(variant.color))
            if variant.size:
                found.setdefault("size", set()).add(variant.size)
    return found


def _asked() -> list[str]:
    """Attributes that a question may be about: those that are not bare numbers."""
    numbers = {name for name, values in _values().items() if all(map(NUMBER.fullmatch, values))}
    return sorted({*_values(), *ALWAYS_ASKED} - numbers)


@pytest.fixture
def colored(session: Session) -> Session:
    """A store that has the demo catalogue's colours; the shop's own translations come from them."""
    factories.make_shop(session)
    colors = sorted({v.color for product in demo_products() for v in product.variants if v.color})
    variants = [{"sku": f"C{place}", "color": color} for place, color in enumerate(colors)]
    factories.make_product(session, "Paint", variants=variants)
    session.flush()
    return session


def test_every_value_of_the_demo_catalogue_has_a_chinese_name(colored: Session) -> None:
    nameless = {
        (name, value)
        for name, values in _values().items()
        for value in values
        if not MEASURE.fullmatch(value) and not HAN.search(value_name(colored, value, "zh"))
    }
    assert nameless == set()


def test_english_customers_read_the_catalogue_s_own_words(session: Session) -> None:
    assert value_name(session, "goose down", "en") == "goose down"


@pytest.mark.parametrize(("value", "shown"), [("2-person", "双人"), ("women", "女款"), ("full suspension", "双减震")])
def test_a_value_is_shown_by_its_first_chinese_word(session: Session, value: str, shown: str) -> None:
    assert value_name(session, value, "zh") == shown


@pytest.mark.parametrize("name", sorted({*_values(), *ALWAYS_ASKED}))
def test_every_attribute_has_a_name_in_both_languages(name: str) -> None:
    assert WORDING.has(f"utter_facet_{name}")
    assert not HAN.search(facet_name(WORDING, name, "en"))
    assert HAN.search(facet_name(WORDING, name, "zh"))


@pytest.mark.parametrize("name", _asked())
def test_every_attribute_that_is_asked_for_has_a_question_of_its_own(name: str) -> None:
    facts = {"values": "A or B", "facet": "", "category": ""}
    for language in ("en", "zh"):
        question = WORDING.text(f"utter_question_{name}", language, **facts)
        assert "A or B" in question
        assert bool(HAN.search(question)) == (language == "zh")


def test_no_word_names_two_values() -> None:
    entries = yaml.safe_load((LEXICON / "values.yml").read_text(encoding="utf-8"))
    words = [word.casefold().replace("-", " ") for name, names in entries.items() for word in (name, *names)]
    assert sorted({word for word in words if words.count(word) > 1}) == []
    assert {word for word in words if len(word) == 1} == {"男", "女"}
    assert all(any(HAN.search(name) for name in names) for names in entries.values())


def test_the_lexicon_has_no_file_that_is_not_a_table_of_words() -> None:
    for file in LEXICON.glob("*.yml"):
        entries = yaml.safe_load(file.read_text(encoding="utf-8"))
        assert all(isinstance(key, str) and all(isinstance(word, str) for word in entries[key]) for key in entries)


def test_a_kind_without_a_chinese_name_of_the_shops_has_the_general_one(session):
    assert value_name(session, "Pumps", "zh") == general_words()["pump"]
