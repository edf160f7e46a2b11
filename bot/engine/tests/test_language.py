from __future__ import annotations

import pytest
from bot.engine.language import detect_language


@pytest.mark.parametrize(
    "text",
    [
        "I'm after a mountain bike for weekend trails",
        "anything cheaper?",
        "where is my order?",
        "wanna buy mtb asap",
        "is it there in blue?",
        "my name is 王伟",
        "send it to Juan de la Cruz please",
        "can i return it if the tyre is das wrong size",
    ],
)
def test_english_is_told_by_its_function_words(text: str) -> None:
    assert detect_language(text) == ("en", True)


@pytest.mark.parametrize(
    "text", ["我想买 Sport-100", "两副手套", "有没有red的", "有便宜一點的嗎", "I want 手套", "退货"]
)
def test_chinese_is_told_by_its_script_also_when_mixed(text: str) -> None:
    assert detect_language(text) == ("zh", True)


@pytest.mark.parametrize(
    "text",
    [
        "ok",
        "Sport-100",
        "helmet",
        "Anna Schmidt, 12 Hauptstrasse, Berlin",
        "Calle de la Cruz 5, Madrid",
        "Rue de la Paix 12, Paris",
        "Via Roma 3, Milano",
        "anna@posteo.de",
        "1299.99",
        "SC-7K3M9Q",
        "Touring tyre tube",
        "μ 5 mm",
        "",
    ],
)
def test_names_models_addresses_and_numbers_prove_no_language(text: str) -> None:
    assert detect_language(text) == ("en", False)


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("necesito una bicicleta de montaña", "es"),
        ("¿dónde está mi pedido?", "es"),
        ("je cherche un vélo", "fr"),
        ("ich suche ein Fahrrad", "de"),
        ("Was kostet der Helm?", "de"),
        ("dov'è il mio ordine", "it"),
        ("onde está meu pedido", "pt"),
        ("ik zoek een fiets", "nl"),
        ("こんにちは、自転車を探しています", "ja"),
        ("Где мой заказ?", "ru"),
        ("자전거 있어요?", "ko"),
    ],
)
def test_other_languages_are_named_when_the_text_is_clearly_theirs(text: str, language: str) -> None:
    assert detect_language(text) == (language, True)
