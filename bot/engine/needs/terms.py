"""What the words of a shop mean: every name of the vocabulary and the lexicon, as a term."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from bot.engine.needs.lexicon import Lexicon
from bot.engine.needs.words import name_key

UNSPOKEN_VALUES = frozenset({"yes", "no", "none", "n/a", "na", "-", "true", "false", "other", "all", "one", "set"})
NOT_SOLD = "not_sold"  # kind of a term: goods that this shop does not have
ATTRIBUTES_OF_LEXICON = ("color", "size", "material")


@dataclass(frozen=True)
class Term:
    """A meaning: `kind` is category, product, brand, use, recipient, priority or the name of an attribute."""

    kind: str
    value: str


def vocabulary_terms(vocabulary: dict[str, Any], lexicon: Lexicon) -> Iterator[tuple[Term, str]]:
    """Yield (term, one of its names); where a name comes twice, the first meaning is the one to keep."""
    yield from _shop_terms(vocabulary)
    yield from _general_goods(vocabulary, lexicon)
    yield from _last_words(vocabulary)
    yield from _general_values(vocabulary, lexicon)
    own = {name_key(name): str(entry["name"]) for entry in vocabulary.get("uses") or () for name in _names(entry)}
    for kind, entries in (("use", lexicon.uses), ("recipient", lexicon.recipients), ("priority", lexicon.priorities)):
        for general, names in entries.items():
            # "what's the price" is no wish for a low one: the keys of priorities are names for us alone.
            words = names if kind == "priority" else [general, *names]
            # Where the shop has a name for the same use, that is what its products are marked with.
            meant = next(
                (own[name_key(word)] for word in [general, *names] if kind == "use" and name_key(word) in own), general
            )
            yield from ((Term(kind, meant), name) for name in words)
    yield from _goods_not_sold(vocabulary, lexicon)


def ancestors(vocabulary: dict[str, Any]) -> dict[str, set[str]]:
    """Category -> the categories above it."""
    parent = {str(entry["name"]): entry.get("parent") for entry in vocabulary.get("categories") or ()}
    above: dict[str, set[str]] = {}
    for name in parent:
        path: list[str] = []
        current = parent[name]
        while current and current not in path:
            path.append(current)
            current = parent.get(current)
        above[name] = set(path)
    return above


def _shop_terms(vocabulary: dict[str, Any]) -> Iterator[tuple[Term, str]]:
    categories = {name_key(str(entry["name"])) for entry in vocabulary.get("categories") or ()}
    for entry in vocabulary.get("products") or ():
        # A model that is called like its kind ("Water Bottle") is the kind for whoever asks for one.
        if name_key(str(entry["name"])) not in categories:
            yield from ((Term("product", str(entry["name"])), name) for name in _names(entry))
    for kind, part in (("category", "categories"), ("brand", "brands")):
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


def _general_goods(vocabulary: dict[str, Any], lexicon: Lexicon) -> Iterator[tuple[Term, str]]:
    """The lexicon's words for kinds that this shop has, by whichever of their names it calls them."""
    categories = {
        name_key(name): str(entry["name"]) for entry in vocabulary.get("categories") or () for name in _names(entry)
    }
    for general, names in lexicon.goods.items():
        words = [general, *names]
        category = next((categories[key] for word in words if (key := name_key(word)) in categories), None)
        if category:
            yield from ((Term("category", category), name) for name in words)


def _goods_not_sold(vocabulary: dict[str, Any], lexicon: Lexicon) -> Iterator[tuple[Term, str]]:
    """The lexicon's words for kinds that this shop has not: to be told so, and not to be misunderstood."""
    known = {name_key(name) for entry in vocabulary.get("categories") or () for name in _names(entry)}
    for general, names in lexicon.goods.items():
        words = [general, *names]
        if not any(name_key(word) in known for word in words):
            yield from ((Term(NOT_SOLD, general), name) for name in words)


def _last_words(vocabulary: dict[str, Any]) -> Iterator[tuple[Term, str]]:
    """ "backpack" for "Trekking Backpacks" when no other category ends so, else the parent that they share."""
    ending: dict[str, list[dict[str, Any]]] = defaultdict(list)
    for entry in vocabulary.get("categories") or ():
        words = str(entry["name"]).replace("-", " ").split()
        if len(words) > 1:
            ending[words[-1]].append(entry)
    for word, entries in ending.items():
        parents = {entry.get("parent") for entry in entries}
        if len(entries) == 1:
            yield Term("category", str(entries[0]["name"])), word
        elif len(parents) == 1 and (parent := parents.pop()):
            yield Term("category", str(parent)), word
    for entry in vocabulary.get("categories") or ():
        parts = [part.strip() for part in str(entry["name"]).replace("&", " and ").split(" and ")]
        if len(parts) > 1:
            yield from ((Term("category", str(entry["name"])), part) for part in parts)


def _general_values(vocabulary: dict[str, Any], lexicon: Lexicon) -> Iterator[tuple[Term, str]]:
    attributes = vocabulary.get("attributes") or {}
    named = {
        name_key(word): [general, *names] for general, names in lexicon.values.items() for word in [general, *names]
    }
    for attribute, entries in attributes.items():
        for entry in entries:
            value = str(entry["name"])
            yield from ((Term(attribute, value), word) for word in named.get(name_key(value), ()))
    for kind, entries in zip(ATTRIBUTES_OF_LEXICON, (lexicon.colors, lexicon.sizes, lexicon.materials), strict=True):
        values = {str(entry["name"]).casefold(): str(entry["name"]) for entry in attributes.get(kind) or ()}
        for general, names in entries.items():
            words = [general, *names]
            own = next((values[word.casefold()] for word in words if word.casefold() in values), None)
            if own:
                yield from ((Term(kind, own), name) for name in words)
            elif kind in attributes and kind != "material":
                # Wanted though the shop has none: to be said, not to be passed over.
                shown = general if kind == "size" else general.capitalize()
                yield from ((Term(kind, shown), name) for name in words)
