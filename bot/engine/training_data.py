"""Makes Rasa training data for one shop: general examples with placeholders, filled from its vocabulary."""

from __future__ import annotations

import json
import random
import re
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bot.engine.example_file import write_examples
from bot.engine.fillers import ATTRIBUTE_NAMES, GENERAL, GENERAL_SHARE, general_words

# A template is filled once: its outline, without the words it was filled with, would be the same every time.
FILLINGS = 1

# What Rasa is shown of each intent: with fewer it warns.
SHOWN = 2

# The same loader in C is ten times faster, where PyYAML was built with it.
YamlLoader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)

_PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_HAN = re.compile(r"[\u3400-\u9fff]")
# Rasa would read these as entity markup.
_MARKUP = str.maketrans({character: " " for character in "[](){}"})


class TrainingDataError(ValueError):
    """Training data or vocabulary cannot be used; the message is one line that says where and why."""


def write_training_folder(
    source: Path,
    vocabulary: Path,
    target: Path,
    seed: int = 7,
    known_intents: frozenset[str] | None = None,
    most: int = 0,
) -> int:
    """Writes `target` from `source/nlu`, `source/rules` and the vocabulary file.

    All examples go into `examples.jsonl`, a few of each intent into `rasa/nlu.yml`, the rules into `rasa/rules/`.
    Returns the number of examples. Raises TrainingDataError naming the file, and the intent and placeholder when one is
    wrong or unknown; `known_intents` are those of the domain. With `most`, so many examples of each intent are drawn.
    """
    words = read_vocabulary(vocabulary)
    examples: dict[str, list[str]] = {}
    for file in _yaml_files(source / "nlu"):
        for intent, templates in read_examples(file):
            if known_intents is not None and intent not in known_intents:
                raise TrainingDataError(f"{file}: intent {intent} is not in the domain")
            # Seeded by the intent and not by the order of files, so that a new file changes nothing elsewhere.
            chance = random.Random(f"{seed} {intent} {file.name}")
            filled = fill_examples(templates, words, chance, f"{file}: intent {intent}")
            examples.setdefault(intent, []).extend(filled)
    if not examples:
        raise TrainingDataError(f"{source / 'nlu'}: no training examples")
    if most:
        chance = random.Random(seed)
        examples = {name: chance.sample(texts, min(most, len(texts))) for name, texts in sorted(examples.items())}
    shown = target / "rasa"
    shown.mkdir(parents=True, exist_ok=True)
    write_examples(target / "examples.jsonl", examples)
    few = {intent: filled[:SHOWN] for intent, filled in examples.items()}
    (shown / "nlu.yml").write_text(as_yaml(few), encoding="utf-8")
    if (source / "rules").is_dir():
        shutil.copytree(source / "rules", shown / "rules", dirs_exist_ok=True)
    return sum(len(filled) for filled in examples.values())


def filled_templates(folder: Path, vocabulary: dict[str, Any], seed: int) -> Iterator[tuple[str, str, int]]:
    """Yields (example, intent, number of its template) of every file in the folder, filled as for training."""
    number = 0
    for file in _yaml_files(folder):
        for intent, templates in read_examples(file):
            chance = random.Random(f"{seed} {intent} {file.name}")
            for template in templates:
                number += 1
                for example in fill_examples([template], vocabulary, chance, f"{file}: intent {intent}"):
                    yield example, intent, number


def read_vocabulary(path: Path) -> dict[str, Any]:
    """Reads the vocabulary file; raises TrainingDataError when it is missing or not one."""
    try:
        vocabulary = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise TrainingDataError(f"{path}: no such vocabulary file") from None
    except (OSError, ValueError) as error:
        raise TrainingDataError(f"{path}: not a vocabulary file ({_one_line(error)})") from None
    if not isinstance(vocabulary, dict) or vocabulary.get("version") != 1:
        raise TrainingDataError(f"{path}: not a vocabulary file of version 1")
    return vocabulary


def read_examples(path: Path) -> Iterator[tuple[str, list[str]]]:
    """Yields (intent, templates) of one file; raises TrainingDataError when it is not Rasa's NLU format."""
    try:
        content = yaml.load(path.read_text(encoding="utf-8"), Loader=YamlLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TrainingDataError(f"{path}: not readable as YAML ({_one_line(error)})") from None
    entries = content.get("nlu") if isinstance(content, dict) else None
    if not isinstance(entries, list):
        raise TrainingDataError(f"{path}: no list 'nlu'")
    for position, entry in enumerate(entries, start=1):
        if not isinstance(entry, dict) or not isinstance(entry.get("intent"), str):
            raise TrainingDataError(f"{path}: entry {position} of 'nlu' has no 'intent'")
        yield entry["intent"], _templates(entry.get("examples"), f"{path}: intent {entry['intent']}")


def _templates(examples: object, where: str) -> list[str]:
    if not isinstance(examples, str) or not examples.strip():
        raise TrainingDataError(f"{where}: no examples")
    templates = []
    for line in filter(None, map(str.strip, examples.splitlines())):
        if not line.startswith("- "):
            raise TrainingDataError(f"{where}: example does not start with '- ': {line[:60]}")
        templates.append(line[2:].strip())
    return templates


def fill_examples(templates: list[str], vocabulary: dict[str, Any], chance: random.Random, where: str) -> list[str]:
    """Returns the examples, each template with placeholders filled, without repetitions, in order.

    Raises TrainingDataError beginning with `where` when a placeholder is unknown.
    """
    filled: dict[str, None] = {}
    for template in templates:
        names = _PLACEHOLDER.findall(template)
        for name in names:
            if name not in GENERAL:
                known = " ".join(f"{{{placeholder}}}" for placeholder in GENERAL)
                raise TrainingDataError(
                    f"{where}: unknown placeholder {{{name}}} in '{template[:60]}' (known: {known})"
                )
        for _ in range(FILLINGS if names else 1):
            filled[_fill(template, vocabulary, chance)] = None
    return list(filled)


def _fill(template: str, vocabulary: dict[str, Any], chance: random.Random) -> str:
    language = "zh" if _HAN.search(_PLACEHOLDER.sub("", template)) else "en"

    def word(match: re.Match[str]) -> str:
        own = shop_words(vocabulary, match.group(1), language)
        general = general_words(match.group(1), language)
        pool = own if own and chance.random() >= GENERAL_SHARE else general
        return chance.choice(pool).translate(_MARKUP).strip()

    return " ".join(_PLACEHOLDER.sub(word, template).split())


def shop_words(vocabulary: dict[str, Any], placeholder: str, language: str) -> list[str]:
    """Returns the shop's own words for a placeholder in a language, sorted; empty when it has none."""
    attributes = vocabulary.get("attributes", {})
    if placeholder == "attribute":
        return sorted(ATTRIBUTE_NAMES.get(name, {}).get(language, name.replace("_", " ")) for name in attributes)
    lists = {"category": "categories", "product": "products", "brand": "brands", "use": "uses"}
    if placeholder in ("color", "size"):
        entries = attributes.get(placeholder, [])
    else:
        entries = vocabulary.get(lists.get(placeholder, ""), [])
    return sorted({word for entry in entries for word in _spoken(entry, language)})


def _spoken(entry: dict[str, Any], language: str) -> Iterator[str]:
    """Yields the words for one thing in the language; a brand or model without a Chinese name keeps its own."""
    words = [entry["name"], *entry.get("synonyms", []), *entry.get("names", {}).values()]
    chinese = [word for word in words if _HAN.search(word)]
    if language == "zh":
        yield from chinese or [entry["name"]]
    else:
        yield from (word if _looks_like_code(word) else word.lower() for word in words if not _HAN.search(word))


def _looks_like_code(word: str) -> bool:
    return any(character.isdigit() for character in word) or word.isupper()


def _yaml_files(folder: Path) -> list[Path]:
    files = sorted(folder.glob("*.yml"))
    if not files:
        raise TrainingDataError(f"{folder}: no *.yml files")
    return files


def as_yaml(examples: dict[str, list[str]]) -> str:
    """Intent -> examples as a file of Rasa's."""
    # Literal blocks, which Rasa's YAML reader takes three times faster than quoted strings. An example is one line of
    # printable text, so nothing in it needs an escape.
    lines = ['version: "3.1"', "nlu:"]
    for intent, filled in sorted(examples.items()):
        lines += [f"- intent: {json.dumps(intent)}", "  examples: |", *(f"    - {example}" for example in filled)]
    return "\n".join(lines) + "\n"


def _one_line(error: Exception) -> str:
    return " ".join(str(error).split())[:200]
