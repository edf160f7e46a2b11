"""Finds the names of a shop in a message, longest first, misspelt ones too: one spaCy phrase matcher."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from spacy.matcher import PhraseMatcher
from spacy.tokens import Doc, Span
from spacy.util import filter_spans

from bot.engine.needs.spelling import Spelling
from bot.engine.needs.terms import NOT_SOLD, Term
from bot.engine.needs.words import Reading, Tokenizer

LETTER_SIZES = frozenset({"s", "m", "l", "xs", "xl", "xxl", "xxs", "xxxl"})
# Nouns of shops that are everyday adjectives and verbs too: names only where a noun stands.
EVERYDAY = frozenset(
    "book card key iron fan pan game plate pin sheet bar file mat net chest seat ball stand stamp train light watch top case fit cap set pump lock tie ring frame rack match tape plant".split()
)
_BEFORE_NOUN = frozenset(
    """a an the my your our some any bike head front rear new this that these those two three no cycling
    road rear for with of and or sell have need want buy""".split()
)
_SIZE_BEFORE = frozenset("size sizes in a an or and need want fit wear im i'm it's its , / 码 号 要 穿 有 是".split())
_SIZE_AFTER = frozenset("size sizes frame please pls one ones instead ? ！ ! . , 码 号 的 吗 or and 和 或".split())
_TOO = frozenset({"too", "so", "bit", "太"})  # "too small" is a wish for another size, and not for small
_RELATIVE_BEHIND = re.compile(r"一?点|一?些")  # "轻便一点" is relative to what was shown
_HAN = re.compile(r"[\u3400-\u9fff]")
_AFTER_HAN_COLOR = re.compile(
    r"色|的|款|[，。！？,.!?、\s]|$|吗|呢|和|或|跟|还是|也|都|就|那|车|头|手|帐|夹|背|不|好|有"
)
_BEFORE_HAN_COLOR = re.compile(r"[纯大深浅要是有换来、，,\s和或]$|^$|不要$|喜欢$|黑$|白$")


@dataclass(frozen=True)
class Found:
    """A term in a message: the words from `start` to before `end`."""

    start: int
    end: int
    term: Term

    @property
    def kind(self) -> str:
        return self.term.kind

    @property
    def value(self) -> str:
        return self.term.value


class TermMatcher:
    """Finds the terms it was given in any number of messages."""

    def __init__(self, named_terms: Iterable[tuple[Term, str]], tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer
        self._matcher = PhraseMatcher(tokenizer.vocab, attr="NORM")
        self._meaning: dict[tuple[str, ...], Term] = {}
        names: list[Doc] = []
        for term, name in named_terms:
            doc = tokenizer(name).doc
            key = tuple(token.norm_ for token in doc)
            if key and key not in self._meaning and not _says_nothing(key, term):
                self._meaning[key] = term
                names.append(doc)
        self._matcher.add("term", names)
        self._spelling = Spelling({word for key in self._meaning for word in key})

    def find(self, reading: Reading) -> list[Found]:
        """Return the terms in reading order, none inside another."""
        for token in reading.doc:
            token.norm_ = self._spelling.corrected(token.norm_)
        spans = [reading.doc[start:end] for _, start, end in self._matcher(reading.doc)]
        found = []
        for span in filter_spans([span for span in spans if _in_one_breath(reading, span.start, span.end)]):
            span, term = self._head_sold(span)
            if _is_meant(reading, span.start, span.end, term):
                found.append(Found(span.start, span.end, term))
        return sorted(found, key=lambda one: one.start)

    def _head_sold(self, span: Span) -> tuple[Span, Term]:
        """What a name means; of goods that are not sold, the kind at the end that is: "disc brakes" are brakes."""
        term = self._meaning[tuple(token.norm_ for token in span)]
        if term.kind == NOT_SOLD:
            for start in range(span.start + 1, span.end):
                shorter = span.doc[start : span.end]
                head = self._meaning.get(tuple(token.norm_ for token in shorter))
                if head and head.kind == "category":
                    return shorter, head
        return span, term


def _says_nothing(key: tuple[str, ...], term: Term) -> bool:
    """A bare digit or letter would be found everywhere; sizes are looked at more closely."""
    alone = len(key) == 1 and len(key[0]) == 1 and not _HAN.match(key[0])
    return alone and (term.kind != "size" or key[0].isdigit())


def _in_one_breath(reading: Reading, start: int, end: int) -> bool:
    """Whether only spaces and joiners stand between the words: "red, hat" is no "red hat"."""
    gaps = (reading.text[reading.places[i][1] : reading.places[i + 1][0]] for i in range(start, end - 1))
    return all(len(gap) <= 3 and not re.search(r"\w", gap) for gap in gaps)


def _is_meant(reading: Reading, start: int, end: int, term: Term) -> bool:
    stop = reading.places[end - 1][1]
    if term.kind == "priority" and _RELATIVE_BEHIND.match(reading.text, stop):
        return False
    if end - start > 1:
        return not (term.kind == "size" and reading.word(start - 1) == "太")
    word = reading.word(start)
    if term.kind == "size":
        return reading.word(start - 1) not in _TOO and _is_a_size(reading, start)
    if term.kind == "color" and len(word) == 1 and _HAN.match(word):
        begin, stop = reading.places[start]
        after, before = reading.text[stop : stop + 2], reading.text[max(0, begin - 2) : begin]
        if before.endswith("明"):  # 明白的: understood
            return False
        return bool(_AFTER_HAN_COLOR.match(after) and (after[:1] in "色的款" or _BEFORE_HAN_COLOR.search(before)))
    if word in EVERYDAY and term.kind in ("category", "product", NOT_SOLD):
        return reading.word(start - 1) in _BEFORE_NOUN or len(reading) <= 2
    return True


def _is_a_size(reading: Reading, index: int) -> bool:
    """A lone "m" or "42" is a size only where a size is spoken of."""
    word, before, after = reading.word(index), reading.word(index - 1), reading.word(index + 1)
    is_letter, is_number = word in LETTER_SIZES, word.replace(".", "").isdigit()
    if not (is_letter or is_number):
        return True
    if len(reading) == 1 or before in ("size", "sizes", "sz", "码", "号") or after in ("码", "号", "size", "frame"):
        return True
    if is_number:
        return before == "in" or (before in ("a", "an") and reading.word(index - 2) in ("in", "wear", "need", "i'm"))
    written_large = reading.doc[index].text.isupper()
    if word == "s" and before.endswith("'"):
        return False
    return written_large or before in _SIZE_BEFORE or after in _SIZE_AFTER or len(reading) <= 3
