"""Misspelt words of the shop: a word that is no English word, near to one of the shop's, is that one."""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from importlib.resources import files

from symspellpy import SymSpell, Verbosity

SHORTEST_MISSPELT = 4  # shorter words are too easily another word
LONG = 7  # from this length on, two mistakes are forgiven
LEAST_FREQUENT = 20_000  # rarer entries of the dictionary are mostly mistakes that many people make


@cache
def english_words() -> frozenset[str]:
    """The words of symspellpy's frequency dictionary that are common enough to be meant as they stand."""
    lines = files("symspellpy").joinpath("frequency_dictionary_en_82_765.txt").read_text("utf-8-sig").splitlines()
    counted = (line.split() for line in lines)
    return frozenset(word for word, count in counted if int(count) >= LEAST_FREQUENT)


class Spelling:
    """Knows the words of a shop and finds the one that was meant."""

    def __init__(self, words: Iterable[str]) -> None:
        self._words = frozenset(word for word in words if len(word) >= SHORTEST_MISSPELT and word.isalpha())
        self._near = SymSpell(max_dictionary_edit_distance=2, prefix_length=7)
        for word in self._words:
            if word.isascii():
                self._near.create_dictionary_entry(word, 1)

    def corrected(self, word: str) -> str:
        """The shop's word for a misspelt one, else the word itself."""
        if len(word) < SHORTEST_MISSPELT or not (word.isascii() and word.isalpha()):
            return word
        if word in self._words or word in english_words():
            return word
        allowed = 1 if len(word) < LONG else 2
        near = self._near.lookup(word, Verbosity.CLOSEST, max_edit_distance=allowed)
        same_start = [guess.term for guess in near if guess.term[0] == word[0]]
        return min(same_start, key=lambda term: (abs(len(term) - len(word)), term)) if same_start else word
