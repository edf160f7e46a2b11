"""Messages as spaCy documents of words: Latin words and numbers whole, Chinese by the character.

A Chinese segmenter would have to know the shop's own names; single characters let a phrase matcher find them all.
"""

from __future__ import annotations

import re

from spacy.tokens import Doc
from spacy.vocab import Vocab

_WORD = re.compile(r"[a-z]+(?:['’][a-z]+)*|\d+(?:[.,]\d+)*|[^\W\d_]|[^\s]", re.IGNORECASE)
_IRREGULAR = {"knives": "knife", "tyres": "tire", "tyre": "tire", "women": "woman", "men": "man", "children": "child"}
_SIBILANT = ("sses", "shes", "ches", "xes", "zes")


def normal_form(word: str) -> str:
    """Lower case and singular: "Helmets" -> "helmet", "glasses" -> "glass"; short words stay as they are."""
    word = word.casefold().replace("’", "'").removesuffix("'s")
    if word in _IRREGULAR:
        return _IRREGULAR[word]
    if len(word) <= 3 or not word.isascii() or word.endswith(("ss", "us", "is")):
        return word
    if word.endswith("ies") and len(word) > 4:
        return word[:-3] + "y"
    if word.endswith(_SIBILANT):
        return word[:-2]
    return word.removesuffix("s")


class Words:
    """Turns text into documents whose `norm_` is the normal form."""

    def __init__(self) -> None:
        self.vocab = Vocab()

    def __call__(self, text: str) -> Doc:
        """Return the document; `doc[i].idx` is the place of a word in `text`."""
        found = list(_WORD.finditer(text))
        words = [match.group() for match in found]
        ends = [match.start() for match in found[1:]] + [len(text)]
        spaces = [match.end() < end for match, end in zip(found, ends)]
        doc = Doc(self.vocab, words=words, spaces=spaces)
        for token in doc:
            token.norm_ = normal_form(token.text)
        return doc
