"""Text from outside, made fit for a column: without what SQLite takes and PostgreSQL would refuse."""

from __future__ import annotations

import re

# NUL is refused by PostgreSQL, a lone surrogate by UTF-8 itself.
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_CONTROL = re.compile("[\x00-\x1f\x7f\ud800-\udfff]+")


def storable(text: str) -> str:
    """The text without the characters that no database stores."""
    return _UNSTORABLE.sub("", text)


def one_line(text: str | None, limit: int) -> str | None:
    """The text on one line, trimmed, cut to `limit` characters; None when nothing is left."""
    if text is None:
        return None
    return " ".join(_CONTROL.sub(" ", text).split())[:limit].rstrip() or None


def storable_json(value: object) -> object:
    """The same JSON value with every string in it storable."""
    if isinstance(value, str):
        return storable(value)
    if isinstance(value, dict):
        return {storable(str(key)): storable_json(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [storable_json(item) for item in value]
    return value
