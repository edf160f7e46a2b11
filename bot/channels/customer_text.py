"""What a customer typed, as it is kept and as the engine may see it.

Rasa takes a text that begins with "/" for an intent spelled out by a developer and believes it with
confidence 1.0. Only the server may speak that way, so a customer's leading slash never reaches the engine.
"""

from __future__ import annotations

import json
import re
import unicodedata

LONGEST_TEXT = 20_000  # characters; longer ones are refused
LONGEST_UNDERSTOOD = 10_000  # characters the engine gets to read
BUTTON_ID = r"^b_[A-Za-z0-9_-]{1,60}$"

# The server's own way to say "there was nothing to understand": the actions answer it kindly.
WORDLESS = "/out_of_scope"

_SLASHES = "/／⁄∕⧸╱⟋"
_LEADING_SLASH = re.compile(rf"^\s*[{_SLASHES}][\s{_SLASHES}]*")
_INTENT_SYNTAX = re.compile(r"^(\w+\s*[{@｛＠]|[A-Za-z]+_\w+)")


def kept(text: str) -> str:
    """The text as the store keeps it: what was typed, without NUL, which PostgreSQL refuses."""
    return text.replace("\x00", "")


def for_engine(text: str) -> str:
    """The text as the engine gets it: visible characters, no leading slash, never empty."""
    visible = "".join(map(_visible, text))[:LONGEST_UNDERSTOOD].strip()
    slash = _LEADING_SLASH.match(visible)
    if slash:
        visible = visible[slash.end() :]
        if _INTENT_SYNTAX.match(visible):
            return WORDLESS
    return visible or WORDLESS


def pressed(button_id: str) -> str:
    """The message that tells the engine which quick reply was pressed."""
    return f"/press_button{json.dumps({'button': button_id})}"


def _visible(character: str) -> str:
    category = unicodedata.category(character)
    if character in "\n\t":
        return character
    if category in ("Cc", "Zl", "Zp"):
        return " "
    return "" if category in ("Cf", "Cs") else character
