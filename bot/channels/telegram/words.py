"""What the channel says by itself: the few responses of domain.yml that no action utters."""

from __future__ import annotations

from typing import Any

from bot.channels.sentences import Sentences

# For the menu of commands, at most 256 characters each.
COMMANDS = ("start", "cart", "orders", "human", "language", "stop", "privacy")
_sentences = Sentences("utter_channel_")


def phrase(name: str, language: str, **facts: Any) -> str:
    """The response utter_channel_<name> in this language, in English when it has none."""
    return _sentences.say(name, language, **facts)


def menu(language: str) -> list[tuple[str, str]]:
    """The commands with what they do."""
    return [(name, phrase(f"command_{name}", language)) for name in COMMANDS]
