"""What every message goes through before anything tries to understand it."""

from __future__ import annotations

import unicodedata

# Longer texts are cut for understanding only; the conversation keeps the whole message.
MAX_CHARACTERS = 2000

# Controls, formats (zero width, bidirectional), surrogates, private use, unassigned: nothing a customer says.
_NOT_TEXT = frozenset({"Cc", "Cf", "Cs", "Co", "Cn"})


def clean(text: str) -> str:
    """Returns the text as the components see it: NFKC, printable, single spaces, at most `MAX_CHARACTERS`."""
    # Cut first as well: NFKC of a hostile megabyte would cost time, and grows some characters eighteenfold.
    normalised = unicodedata.normalize("NFKC", text[: 2 * MAX_CHARACTERS])
    printable = "".join(
        character if unicodedata.category(character) not in _NOT_TEXT else _replacement(character)
        for character in normalised
    )
    return " ".join(printable.split())[:MAX_CHARACTERS].rstrip()


def _replacement(character: str) -> str:
    # A control such as a tab or a null byte may stand between words, a zero-width joiner never does.
    return " " if unicodedata.category(character) == "Cc" else ""
