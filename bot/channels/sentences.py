"""What is said without an action: the responses of domain.yml that begin with a prefix."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

DOMAIN = Path(__file__).resolve().parents[2] / "domain.yml"


class Sentences:
    """The responses `<prefix><name>` in every language; read from the file when the first one is said."""

    def __init__(self, prefix: str) -> None:
        self._prefix = prefix

    def say(self, name: str, language: str, /, **facts: Any) -> str:
        """A response in this language, in English when it has none; KeyError when it or a fact is missing."""
        texts = _responses()[self._prefix + name]
        return texts.get(language, texts["en"]).format_map(facts)


@cache
def _responses() -> Mapping[str, dict[str, str]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    domain = yaml.load(DOMAIN.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (both are safe loaders)
    return {name: _by_language(variations) for name, variations in domain["responses"].items()}


def _by_language(variations: list[dict[str, Any]]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for variation in variations:
        spoken = (c["value"] for c in variation.get("condition", ()) if c.get("name") == "language")
        texts.setdefault(next(spoken, "en"), str(variation["text"]).strip())
    return texts
