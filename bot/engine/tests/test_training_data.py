from __future__ import annotations

import json
import random
from pathlib import Path

import pytest
import yaml
from bot.engine.training_data import TrainingDataError, fill_examples, shop_words, write_training_folder
from conftest import VOCABULARY, write_examples


def filled(templates: list[str], seed: int = 1) -> list[str]:
    return fill_examples(templates, VOCABULARY, random.Random(seed), "file: intent state_need")


def test_a_template_without_placeholders_is_taken_once_and_as_it_is() -> None:
    assert filled(["thanks a lot", "thanks a lot", "谢谢"]) == ["thanks a lot", "谢谢"]


def test_a_template_with_placeholders_is_filled_and_holds_no_braces() -> None:
    examples = filled(
        ["{number} {color} {category} by {brand} under {price} for {use} {product} {size} {attribute}"] * 3
    )
    assert 1 <= len(examples) <= 6
    assert not any("{" in example or "}" in example for example in examples)


def test_filling_depends_on_the_seed_alone() -> None:
    templates = ["i want {category} in {color}", "{number} of {product}"]
    assert filled(templates, seed=3) == filled(templates, seed=3)


def test_chinese_examples_get_chinese_names_and_english_ones_english_names() -> None:
    assert shop_words(VOCABULARY, "category", "zh") == ["山地自行车"]
    assert shop_words(VOCABULARY, "category", "en") == ["mountain bikes", "mtb"]
    assert shop_words(VOCABULARY, "product", "zh") == ["Sport-100"]


def test_a_shop_without_words_of_a_kind_is_taught_with_general_ones() -> None:
    bare = {"version": 1, "categories": [], "attributes": {}}
    examples = fill_examples(["got any {brand} {category}?"], bare, random.Random(1), "here")
    assert examples and "{" not in examples[0]


def test_an_unknown_placeholder_is_named_with_file_and_intent(tmp_path: Path, vocabulary_file: Path) -> None:
    file = write_examples(tmp_path, {"state_need": ["i want {colour} socks"]}, "needs.yml")
    with pytest.raises(TrainingDataError) as error:
        write_training_folder(tmp_path, vocabulary_file, tmp_path / "out")
    message = str(error.value)
    assert message.startswith(f"{file}: intent state_need: unknown placeholder {{colour}}")
    assert "\n" not in message


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("nlu: [", "not readable as YAML"),
        ("version: '3.1'", "no list 'nlu'"),
        ("nlu:\n- examples: |\n    - hi\n", "entry 1 of 'nlu' has no 'intent'"),
        ("nlu:\n- intent: greet\n", "intent greet: no examples"),
        ("nlu:\n- intent: greet\n  examples: |\n    hi\n", "does not start with '- '"),
    ],
)
def test_a_broken_file_is_one_clear_line(tmp_path: Path, vocabulary_file: Path, content: str, reason: str) -> None:
    (tmp_path / "nlu").mkdir()
    (tmp_path / "nlu" / "small_talk.yml").write_text(content, encoding="utf-8")
    with pytest.raises(TrainingDataError, match="small_talk.yml") as error:
        write_training_folder(tmp_path, vocabulary_file, tmp_path / "out")
    assert reason in str(error.value)
    assert "\n" not in str(error.value)


def test_so_many_examples_of_each_intent_are_drawn(tmp_path: Path, vocabulary_file: Path) -> None:
    write_examples(tmp_path, {"greet": ["hi", "hello", "hey there", "good day"], "thank": ["thanks"]})
    count = write_training_folder(tmp_path, vocabulary_file, tmp_path / "out", most=2)
    lines = (tmp_path / "out" / "examples.jsonl").read_text(encoding="utf-8").splitlines()
    assert count == 3
    assert sorted(json.loads(line)["intent"] for line in lines) == ["greet", "greet", "thank"]


def test_a_missing_or_foreign_vocabulary_is_one_clear_line(tmp_path: Path) -> None:
    write_examples(tmp_path, {"greet": ["hi"]})
    with pytest.raises(TrainingDataError, match="no such vocabulary file"):
        write_training_folder(tmp_path, tmp_path / "none.json", tmp_path / "out")
    (tmp_path / "odd.json").write_text('{"version": 9}', encoding="utf-8")
    with pytest.raises(TrainingDataError, match="version 1"):
        write_training_folder(tmp_path, tmp_path / "odd.json", tmp_path / "out")


def test_the_folder_holds_all_intents_of_all_files_and_the_rules(tmp_path: Path, vocabulary_file: Path) -> None:
    write_examples(tmp_path, {"greet": ["hi"]}, "a.yml")
    write_examples(tmp_path, {"greet": ["hello", "hey"], "thank": ["谢谢"]}, "b.yml")
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "a.yml").write_text("rules: []\n", encoding="utf-8")
    assert write_training_folder(tmp_path, vocabulary_file, tmp_path / "out") == 4
    lines = (tmp_path / "out" / "examples.jsonl").read_text(encoding="utf-8").splitlines()
    assert [(row["text"], row["intent"]) for row in map(json.loads, lines)] == [
        ("hi", "greet"),
        ("hello", "greet"),
        ("hey", "greet"),
        ("谢谢", "thank"),
    ]
    written = yaml.safe_load((tmp_path / "out" / "rasa" / "nlu.yml").read_text(encoding="utf-8"))["nlu"]
    assert written == [
        {"intent": "greet", "examples": "- hi\n- hello\n"},
        {"intent": "thank", "examples": "- 谢谢\n"},
    ]
    assert (tmp_path / "out" / "rasa" / "rules" / "a.yml").exists()
