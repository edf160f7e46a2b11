"""A small shop, a few examples of a few intents, and one model trained on them for all tests."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import yaml
from bot.engine import runtime

# Before anything imports Rasa: the tests run it as the programs do.
runtime.prepare()

EXAMPLES = {
    "greet": ["hi", "hello", "hey there", "good morning", "你好", "您好", "早上好", "hello again"],
    "state_need": [
        "i want {category}",
        "looking for {category} under {price}",
        "i need {number} {color} {category}",
        "do you sell {category} for {use}",
        "我想买{category}",
        "有{color}的{category}吗",
    ],
    "track_order": [
        "where is my order {order}",
        "track order {order}",
        "has my parcel been sent",
        "when does my order arrive",
        "我的订单{order}到哪了",
        "查一下我的快递",
    ],
    "out_of_scope": [
        "what is the meaning of life",
        "who won the election",
        "tell me a joke about cats",
        "how tall is the eiffel tower",
        "今天天气怎么样",
        "给我讲个笑话",
    ],
}
VOCABULARY = {
    "version": 1,
    "shop": "Test shop",
    "currency": "USD",
    "timezone": "UTC",
    "categories": [{"name": "Mountain Bikes", "parent": "Bikes", "synonyms": ["mtb"], "names": {"zh": "山地自行车"}}],
    "brands": [{"name": "Litware", "synonyms": []}],
    "products": [{"name": "Sport-100", "synonyms": [], "category": "Mountain Bikes", "brand": "Litware"}],
    "attributes": {"color": [{"name": "Black", "synonyms": ["黑色"]}], "size": [{"name": "M", "synonyms": ["medium"]}]},
    "uses": [{"name": "commuting", "synonyms": ["通勤"]}],
}


def write_examples(folder: Path, examples: dict[str, list[str]], name: str = "all.yml") -> Path:
    """Writes one NLU file as the team writes them."""
    entries = [
        {"intent": intent, "examples": "".join(f"- {template}\n" for template in templates)}
        for intent, templates in examples.items()
    ]
    (folder / "nlu").mkdir(parents=True, exist_ok=True)
    file = folder / "nlu" / name
    file.write_text(yaml.safe_dump({"version": "3.1", "nlu": entries}, allow_unicode=True), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def vocabulary_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small shop's vocabulary."""
    file = tmp_path_factory.mktemp("shop") / "vocabulary.json"
    file.write_text(json.dumps(VOCABULARY, ensure_ascii=False), encoding="utf-8")
    return file


@pytest.fixture(scope="session")
def project(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with training data, rules and a domain."""
    folder = tmp_path_factory.mktemp("project")
    write_examples(folder, EXAMPLES)
    intents = [*EXAMPLES, "press_button"]
    domain = {
        "version": "3.1",
        "intents": intents,
        "entities": ["button"],
        "actions": [*(f"action_{intent}" for intent in intents)],
        "session_config": {"session_expiration_time": 0, "carry_over_slots_to_new_session": True},
    }
    (folder / "domain.yml").write_text(yaml.safe_dump(domain), encoding="utf-8")
    rules = [{"rule": name, "steps": [{"intent": name}, {"action": f"action_{name}"}]} for name in intents]
    (folder / "rules").mkdir()
    (folder / "rules" / "rules.yml").write_text(yaml.safe_dump({"version": "3.1", "rules": rules}), encoding="utf-8")
    return folder


@pytest.fixture(scope="session")
def model(project: Path, vocabulary_file: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model trained by the program that trains the real one, with the real configuration."""
    from bot.engine.train import train

    out = tmp_path_factory.mktemp("models") / "live.tar.gz"
    train(vocabulary_file, out, project, project / "domain.yml", Path("config.yml"), seed=7)
    return out
