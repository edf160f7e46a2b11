"""What the channel says by itself: the few responses of domain.yml that no action utters."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import yaml

DOMAIN = Path(__file__).resolve().parents[3] / "domain.yml"
PREFIX = "utter_channel_"

# For the menu of commands, at most 256 characters each.
COMMANDS = ("start", "cart", "orders", "human", "language", "stop", "privacy")


def phrase(name: str, language: str, **facts: Any) -> str:
    """The response utter_channel_<name> in this language, in English when it has none."""
    texts = _responses()[PREFIX + name]
    return texts.get(language, texts["en"]).format_map(facts)


def menu(language: str) -> list[tuple[str, str]]:
    """The commands with what they do."""
    return [(name, phrase(f"command_{name}", language)) for name in COMMANDS]


@cache
def _responses() -> dict[str, dict[str, str]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    domain = yaml.load(DOMAIN.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (both are safe loaders)
    said = domain["responses"].items()
    return {name: _by_language(variations) for name, variations in said if name.startswith(PREFIX)}


def _by_language(variations: list[dict[str, Any]]) -> dict[str, str]:
    texts: dict[str, str] = {}
    for variation in variations:
        spoken = (c["value"] for c in variation.get("condition", ()) if c.get("name") == "language")
        texts.setdefault(next(spoken, "en"), str(variation["text"]).strip())
    return texts
