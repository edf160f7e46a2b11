"""Every word the shop and the lexicon know, as one spaCy phrase matcher."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from rapidfuzz import fuzz, process, utils
from rapidfuzz.distance import DamerauLevenshtein
from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from bot.engine.needs.lexicon import Lexicon
from bot.engine.needs.words import Words

SAME_NAME = 92  # rapidfuzz score from which a general word is taken for one of the shop's names
SHORTEST_MISSPELT = 5  # shorter words are too easily another word
SINGLE_LETTER_SIZES = frozenset({"s", "m", "l", "xs", "xl", "xxl", "xxs"})
UNSPOKEN_VALUES = frozenset({"yes", "no", "none", "n/a", "na", "-", "true", "false", "other", "all"})
# Not misspellings of the words of a shop, however near.
COMMON_WORDS = frozenset(
    """about above actually after again always another answer anyone anything around before being below better boats
    bought bring broke could doing early earth eight email every first found great group happy heavy house large later
    learn least leave light little local looking lower maybe might money month music never night nothing number often
    order other ought paint paper party phone place plain plant please point power price quick quite ready really right
    round second seven shall share sheet shirt short should sleep small smile solid sorry sound speak spend stand start
    still stock store story stuff sweet table taken taste thank their there these thing think third those three today
    total touch tough track train travel trust under until upper using usual value visit voice waste watch water weather
    week weekend where which while white whole whose woman world worth would write wrong young""".split()
)


@dataclass(frozen=True)
class Term:
    """A name with its meaning: `kind` is category, product, brand, use, recipient, priority or an attribute's name."""

    kind: str
    value: str


class Terms:
    """Finds the shop's names in a text, longest first, misspelt ones too."""

    def __init__(self, vocabulary: dict[str, Any], lexicon: Lexicon, words: Words) -> None:
        self._words = words
        self._matcher = PhraseMatcher(words.vocab, attr="NORM")
        self._meaning: dict[tuple[str, ...], Term] = {}
        self._by_kind: dict[str, set[str]] = defaultdict(set)
        self.currency = str(vocabulary.get("currency") or "USD")
        self.attributes = frozenset(vocabulary.get("attributes") or {})
        for term, name in _shop_terms(vocabulary):
            self._add(term, name)
        for term, name in self._general_terms(vocabulary, lexicon):
            self._add(term, name)
        self._single = sorted({key[0] for key in self._meaning if len(key) == 1 and len(key[0]) >= SHORTEST_MISSPELT})

    def find(self, doc: Doc) -> list[tuple[Span, Term]]:
        """Return the names in reading order, none inside another."""
        matches = [doc[start:end] for _, start, end in self._matcher(doc)]
        found = [(span, self._meaning[_key(span)]) for span in filter_spans(matches)]
        taken = {token.i for span, _ in found for token in span}
        found += [pair for token in doc if token.i not in taken and (pair := self._misspelt(token))]
        return sorted((pair for pair in found if not _is_plain_letter(*pair)), key=lambda pair: pair[0].start)

    def _add(self, term: Term, name: str) -> None:
        """The first meaning of a name stands: the shop's own before the general ones."""
        doc = self._words(name)
        key = _key(doc)
        if not key or key in self._meaning or (len(key) == 1 and len(key[0]) == 1 and key[0].isdigit()):
            return
        self._meaning[key] = term
        self._by_kind[term.kind].add(term.value)
        self._matcher.add(str(len(self._meaning)), [doc])

    def _misspelt(self, token: Any) -> tuple[Span, Term] | None:
        word = token.norm_
        if len(word) < SHORTEST_MISSPELT or not word.isalpha() or not word.isascii() or word in COMMON_WORDS:
            return None
        allowed = 1 if len(word) < 8 else 2
        near = process.extractOne(word, self._single, scorer=DamerauLevenshtein.distance, score_cutoff=allowed)
        if near is None or near[0][0] != word[0]:
            return None
        return token.doc[token.i : token.i + 1], self._meaning[(near[0],)]

    def _general_terms(self, vocabulary: dict[str, Any], lexicon: Lexicon) -> Iterator[tuple[Term, str]]:
        """Words of the lexicon that name something this shop has."""
        categories = [str(entry["name"]) for entry in vocabulary.get("categories") or ()]
        for general, names in lexicon.goods.items():
            if category := _same_thing([general, *names], categories):
                yield from ((Term("category", category), name) for name in [general, *names])
        yield from _last_words(vocabulary)
        for kind, entries in (("color", lexicon.colors), ("size", lexicon.sizes), ("material", lexicon.materials)):
            values = [str(entry["name"]) for entry in (vocabulary.get("attributes") or {}).get(kind) or ()]
            for general, names in entries.items():
                if value := _same_value([general, *names], values):
                    yield from ((Term(kind, value), name) for name in [general, *names])
                elif kind in self.attributes:
                    # Wanted though the shop has none: to be said, not to be left out.
                    yield from ((Term(kind, general), name) for name in [general, *names])
        for kind in ("use", "recipient", "priority"):
            entries = {"use": lexicon.uses, "recipient": lexicon.recipients, "priority": lexicon.priorities}[kind]
            for general, names in entries.items():
                yield from ((Term(kind, general), name) for name in [general, *names])


def _shop_terms(vocabulary: dict[str, Any]) -> Iterator[tuple[Term, str]]:
    for kind, part in (("product", "products"), ("category", "categories"), ("brand", "brands")):
        for entry in vocabulary.get(part) or ():
            yield from ((Term(kind, str(entry["name"])), name) for name in _names(entry))
    for attribute, entries in (vocabulary.get("attributes") or {}).items():
        for entry in entries:
            value = str(entry["name"])
            if value.casefold() in UNSPOKEN_VALUES or (value.replace(".", "").isdigit() and attribute != "size"):
                continue
            yield from ((Term(attribute, value), name) for name in _names(entry))
    for entry in vocabulary.get("uses") or ():
        yield from ((Term("use", str(entry["name"])), name) for name in _names(entry))


def _names(entry: dict[str, Any]) -> Iterable[str]:
    return [str(entry["name"]), *map(str, entry.get("synonyms") or ()), *map(str, (entry.get("names") or {}).values())]


def _last_words(vocabulary: dict[str, Any]) -> Iterator[tuple[Term, str]]:
    """"backpack" for "Trekking Backpacks" when no other category ends so, else the parent that they share."""
    ending: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in vocabulary.get("categories") or ():
        words = str(entry["name"]).split()
        if len(words) > 1:
            ending[words[-1]].append(entry)
    for word, entries in ending.items():
        parents = {entry.get("parent") for entry in entries}
        if len(entries) == 1:
            yield Term("category", str(entries[0]["name"])), word
        elif len(parents) == 1 and (parent := parents.pop()):
            yield Term("category", str(parent)), word


def _same_thing(names: list[str], categories: list[str]) -> str | None:
    for name in names:
        if not name.isascii():
            continue
        found = process.extractOne(
            name, categories, scorer=fuzz.ratio, processor=utils.default_process, score_cutoff=SAME_NAME - 4
        )
        if found:
            return str(found[0])
    return None


def _same_value(names: list[str], values: list[str]) -> str | None:
    by_name = {value.casefold(): value for value in values}
    return next((by_name[name.casefold()] for name in names if name.casefold() in by_name), None)


def _key(doc: Doc | Span) -> tuple[str, ...]:
    return tuple(token.norm_ for token in doc)


def _is_plain_letter(span: Span, term: Term) -> bool:
    """A lone "m" or "42" is a size only where a size is spoken of."""
    if term.kind != "size" or len(span) != 1:
        return False
    word, doc = span.text.casefold(), span.doc
    if word not in SINGLE_LETTER_SIZES and not word.replace(".", "").isdigit():
        return False
    before = doc[span.start - 1].text.casefold() if span.start else ""
    two_before = doc[span.start - 2].text.casefold() if span.start > 1 else ""
    after = doc[span.end].text.casefold() if span.end < len(doc) else ""
    if len(doc) == 1 or before in ("size", "sizes", "码", "号") or after in ("码", "号"):
        return False
    if word in SINGLE_LETTER_SIZES:
        spoken = before in ("in", "a", "an", "the", "or", ",", "有", "要") or after in ("size", "please", "?", "的")
        return not (spoken or span.text.isupper() or len(doc) <= 3)
    return not (before == "in" or (before in ("a", "an") and two_before == "in"))
