"""Messages as spaCy documents of words: Latin words and numbers whole, Chinese by the character.

A Chinese segmenter would have to know the shop's own names; single characters let a phrase matcher find them all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from spacy.tokens import Doc
from spacy.vocab import Vocab

_LATIN = r"A-Za-z\u00c0-\u024f"
_WORD = re.compile(rf"[{_LATIN}]+(?:['’][{_LATIN}]+)*|\d+(?:[.,]\d+)*|[^\W\d_]|\S", re.IGNORECASE)
# "Sport-100", "Silver/Black": written with or without, they are the same words.
_JOINERS = "-/‐‑–_"
_IRREGULAR = {
    "knives": "knife", "tyres": "tire", "tyre": "tire", "tubes": "tube", "women": "woman", "men": "man",
    "children": "child", "grey": "gray", "colour": "color", "coloured": "colored",
}  # fmt: skip
_SIBILANT = ("sses", "shes", "ches", "xes", "zzes")


def normal_form(word: str) -> str:
    """Lower case and singular: "Helmets" -> "helmet", "glasses" -> "glass"; short words stay as they are."""
    word = word.casefold().replace("’", "'").removesuffix("'s")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.isascii() or word.endswith(("ss", "us", "is", "'s")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(_SIBILANT):
        return word[:-2]
    return word.removesuffix("s")


def name_key(name: str) -> tuple[str, ...]:
    """The normal forms of a name's words: the same for "Bib-Shorts" and "bib short"."""
    return tuple(normal_form(match.group()) for match in _WORD.finditer(name) if not _is_joiner(match, name))


@dataclass(frozen=True)
class Reading:
    """A message as words: `doc[i].norm_` is the normal form of a word, `places[i]` where it stands in `text`."""

    text: str
    doc: Doc
    places: tuple[tuple[int, int], ...]

    def __len__(self) -> int:
        return len(self.places)

    def word(self, index: int) -> str:
        """The word in lower case; empty before the first and after the last."""
        return self.doc[index].text.casefold() if 0 <= index < len(self.places) else ""

    def span_text(self, start: int, end: int) -> str:
        """What the words from `start` to before `end` look like in the message."""
        return self.text[self.places[start][0] : self.places[end - 1][1]]

    def between(self, start: int, end: int) -> str:
        """The text between two words, the words left out, in lower case."""
        left = self.places[start][1] if start >= 0 else 0
        right = self.places[end][0] if end < len(self.places) else len(self.text)
        return self.text[left:right].casefold()

    def words_in(self, start: int, end: int) -> set[int]:
        """The indexes of the words that touch a stretch of the text."""
        return {i for i, (begin, stop) in enumerate(self.places) if begin < end and stop > start}


class Tokenizer:
    """Turns text into words that share one spaCy vocabulary."""

    def __init__(self) -> None:
        self.vocab = Vocab()

    def __call__(self, text: str) -> Reading:
        """Return the words of a text; joiners inside a word are left out."""
        found = [match for match in _WORD.finditer(text) if not _is_joiner(match, text)]
        # Words are joined by spaces in the document whatever stands between them: only `places` speak of the text.
        doc = Doc(self.vocab, words=[match.group() for match in found])
        for token in doc:
            token.norm_ = normal_form(token.text)
        return Reading(text, doc, tuple(match.span() for match in found))


def _is_joiner(match: re.Match[str], text: str) -> bool:
    if match.group() not in _JOINERS:
        return False
    before, after = text[: match.start()][-1:], text[match.end() : match.end() + 1]
    return before.isalnum() and after.isalnum()
