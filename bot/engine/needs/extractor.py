"""Reads one message: what the customer wants (needs) and what they speak of (mentions)."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from bot.engine.needs.asked import asked_properties, open_properties
from bot.engine.needs.circumstances import find_age, find_priority, find_recipient, find_use
from bot.engine.needs.dates import Moment, find_moments
from bot.engine.needs.lexicon import Lexicon
from bot.engine.needs.matching import Found, TermMatcher
from bot.engine.needs.money import Budget, bare_amount, find_budget
from bot.engine.needs.negation import refused, taken_back
from bot.engine.needs.picks import find_pick, is_turned_down
from bot.engine.needs.pointing import find_changes, find_order_number, find_pointers, find_positions
from bot.engine.needs.quantities import counted_things, find_quantity
from bot.engine.needs.sizes import find_measures
from bot.engine.needs.terms import NOT_SOLD, ancestors, vocabulary_terms
from bot.engine.needs.words import Reading, Tokenizer

# Messages in which what is named is wanted; in all others it is only spoken of.
WANTING = frozenset({"state_need", "refine_need", "no_preference", "undecided", "reject_offer"})
ASKING = frozenset(
    {"accept_offer", "add_to_cart", "ask_product_info", "ask_price", "ask_availability", "compare_products",
     "ask_promotion", "request_quote", "place_order"}
)  # fmt: skip
SINGLE = ("category", "product", "brand")
NOT_ATTRIBUTES = frozenset({*SINGLE, "use", "recipient", "priority", NOT_SOLD})

# The kinds that an outline tells apart.
_KINDS = frozenset({*SINGLE, "color", "size", "use", "recipient", "priority"})
_DIGITS = re.compile(r"\d[\d,.]*")
_EMAIL = re.compile(r"[A-Za-z0-9_.+-]+@[A-Za-z0-9_.-]*")
_PHONE = re.compile(r"(?<![\d.,])\+?\d[\d ()-]{7,}\d(?!\d)")
_CONTACT = re.compile(rf"{_EMAIL.pattern}|https?://\S+|www\.\S+|{_PHONE.pattern}")
_DUE = re.compile(
    r"(?:\b(?:by|before|until|till|no later than|due|in time for|ahead of)(?: the| my| next| this)*\s*)$", re.IGNORECASE
)
_DUE_WITHIN = re.compile(r"^(?:by|before|until|within|in)\b", re.IGNORECASE)
_DUE_BEHIND = re.compile(r"\s*(?:之前|以前|前|要用|要到|到货|送到|到(?!底)|内|用|收到|拿到)")
_CONTEXT_LEFT = re.compile(
    r"(?:\b(?:for|on|with|to fit|fits|goes with|go with|match(?:es)?|compatible with|under|inside|like|own|have|got|bought) (?:my|the|a|an|our|this|that|"
    r"his|her|their)? ?|(?:我的|配|搭配|给我的|装在|放在|适合))$",
    re.IGNORECASE,
)
_OWNED = re.compile(
    r"(?:\b(?:i|we)(?: already)?(?:'ve)? (?:have|own|bought|got|ride)(?: already)?(?: got)?(?: a| an| my)? ?|(?:我有|已经有|买了)(?:一?[辆个件双顶])?)$",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Understanding:
    """What a message says: `needs` as in the contract, `mentions` for what it points at and speaks of."""

    needs: dict[str, Any]
    mentions: dict[str, Any]


class NeedsExtractor:
    """Knows one shop's words; reads any number of messages."""

    def __init__(self, vocabulary: dict[str, Any], lexicon: Lexicon) -> None:
        self._tokenizer = Tokenizer()
        self._matcher = TermMatcher(vocabulary_terms(vocabulary, lexicon), self._tokenizer)
        self._above = ancestors(vocabulary)
        self._category_of = {str(p["name"]): str(p.get("category")) for p in vocabulary.get("products") or ()}
        self._currency = str(vocabulary.get("currency") or "USD")
        self._attributes = vocabulary.get("attributes") or {}

    def outline(self, text: str) -> str:
        """The text with the shop's words replaced by their kind, and numbers by one sign."""
        text = self.without_codes(text)
        reading = self._tokenizer(text)
        parts, position = [], 0
        for one in self._matcher.find(reading):
            begin, stop = _place(reading, one)
            kind = "CATEGORY" if one.kind == NOT_SOLD else one.kind.upper() if one.kind in _KINDS else "ATTRIBUTE"
            parts += [text[position:begin], f" {kind} "]
            position = stop
        return " ".join(_DIGITS.sub("0", "".join([*parts, text[position:]])).split())

    def without_codes(self, text: str) -> str:
        """The text with order numbers, addresses and phone numbers replaced by what they are: they say no intent."""
        if order := find_order_number(text):
            start, end = order[1]
            text = f"{text[:start]} ORDERCODE {text[end:]}"
        return " ".join(_EMAIL.sub(" EMAILADDRESS ", _PHONE.sub(" PHONENUMBER ", text)).split())

    def read(self, text: str, intent: str, now: datetime) -> Understanding:
        """Return needs and mentions of a clean text; `now` is the customer's local time, naive."""
        order = find_order_number(text)
        contacts = [match.span() for match in _CONTACT.finditer(text)]
        blocked = [*contacts, *([order[1]] if order else [])]
        reading = self._tokenizer(text)
        found = [one for one in self._matcher.find(reading) if not _within(reading, one, blocked)]
        moments = [m for m in find_moments(text, now) if not _overlaps((m.start, m.end), blocked)]
        blocked += [(m.start, m.end) for m in moments]
        found = [one for one in found if one.kind == "product" or not _within(reading, one, blocked)]
        measures = find_measures(text, self._attributes)
        blocked += [span for _, _, span in measures]
        positions = find_positions(text)
        blocked += [span for _, span in positions]
        # A size or a model's number is no amount; words without digits cannot be one.
        blocked += [_place(reading, one) for one in found if re.search(r"\d", reading.span_text(one.start, one.end))]
        budget = find_budget(text, self._currency, blocked)
        if budget:
            blocked.append(budget.place)
        quantity = find_quantity(reading, found, [*blocked])
        view = _View(reading, found, moments, budget, quantity, measures, self._above, self._category_of)
        mentions = view.mentions()
        if order:
            mentions["order_number"] = order[0]
        if wanted := [place for place, span in positions if not is_turned_down(text, span)]:
            mentions["positions"] = wanted
        if turned_down := [place for place, _ in positions if place not in wanted]:
            mentions["not_positions"] = turned_down
        if pick := find_pick(text):
            mentions["pick"] = pick
        if asked := asked_properties(text, self._attributes):
            mentions["asked"] = asked
        if open_ones := open_properties(text):
            mentions["open"] = open_ones
        if (age := find_age(text)) is not None:
            mentions["age"] = age
        if items := counted_things(text, [*view.named(), *(({"position": n}, span) for n, span in positions)]):
            mentions["items"] = items
        if (amount := bare_amount(text)) is not None:
            mentions["amount"] = amount
        mentions.update(find_pointers(text))
        if changes := find_changes(text):
            mentions["change"] = changes
        return Understanding(view.needs(intent), mentions)


@dataclass
class _View:
    """Everything found in one message, put together."""

    reading: Reading
    found: list[Found]
    moments: list[Moment]
    budget: Budget | None
    quantity: int | None
    measures: list[tuple[str, str, tuple[int, int]]]
    above: dict[str, set[str]]
    category_of: dict[str, str]

    def __post_init__(self) -> None:
        self.unwanted = refused(self.reading, self.found)
        self.corrected = taken_back(self.reading, self.found, self.unwanted)

    # --- needs

    def needs(self, intent: str) -> dict[str, Any]:
        if intent not in WANTING and intent not in ASKING:
            return {}
        needs: dict[str, Any] = {}
        for kind in SINGLE:
            if value := self._single(kind):
                needs[kind] = value
        self._keep_one_thing(needs)
        if attributes := self._attribute_values(wanted=True):
            needs["attributes"] = attributes
        if exclude := self._excluded():
            needs["exclude"] = exclude
        if self.budget and (self.budget.explicit or intent in WANTING):
            needs["budget"] = self.budget.limits
        if self.quantity:
            needs["quantity"] = self.quantity
        if priority := find_priority(self.found, self.unwanted):
            needs["priority"] = priority
        blocked = {i for one in self.found if one.kind in SINGLE for i in range(one.start, one.end)}
        if use := find_use(self.reading, [one for one in self.found if one not in self.unwanted], blocked):
            needs["use"] = use
        if recipient := find_recipient(self.reading, self.found):
            needs["recipient"] = recipient
        if due := self._needed_by(intent):
            needs["needed_by"] = due
        return needs

    def _single(self, kind: str) -> str | None:
        wanted = [
            one for one in self.found if one.kind == kind and one not in self.unwanted and one not in self.corrected
        ]
        if kind == "category":
            return self._wanted_category(wanted)
        return wanted[0].value if wanted else None

    def _keep_one_thing(self, needs: dict[str, Any]) -> None:
        """Of a model and of a kind that is not its own, the one named first: "a Sport-100 and a pump"."""
        product, category = needs.get("product"), needs.get("category")
        if not product or not category:
            return
        own = self.category_of.get(product, "")
        if category == own or category in self.above.get(own, ()):
            return
        first = next(one for one in self.found if one.value in (product, category))
        del needs["category" if first.kind == "product" else "product"]

    def _wanted_category(self, wanted: list[Found]) -> str | None:
        heads = [one for one in wanted if not self._is_first_of_compound(one, wanted)]
        aside = [one for one in heads if not self._is_context(one)]
        heads = aside or [one for one in heads if not _OWNED.search(self._left(one))]
        if not heads:
            return None
        names = [one.value for one in heads]
        first = names[0]
        # "a bike, preferably a mountain bike": the more special name says more.
        return next((name for name in names if first in self.above.get(name, ())), first)

    def _is_first_of_compound(self, one: Found, wanted: Sequence[Found]) -> bool:
        """The bike of "bike helmet": the last noun of a row is the thing."""
        return any(
            other.start == one.end
            and not self.reading.text[_place(self.reading, one)[1] : _place(self.reading, other)[0]].strip()
            for other in wanted
        )

    def _is_context(self, one: Found) -> bool:
        left = self._left(one)
        return bool(_CONTEXT_LEFT.search(left)) and bool(re.search(r"\w", left)) and self._something_before(one)

    def _something_before(self, one: Found) -> bool:
        return any(other.kind == "category" and other.start < one.start for other in self.found) or bool(
            _OWNED.search(self._left(one))
        )

    def _left(self, one: Found) -> str:
        begin = _place(self.reading, one)[0]
        return self.reading.text[max(0, begin - 30) : begin]

    def _attribute_values(self, wanted: bool) -> dict[str, list[str]]:
        values: dict[str, list[str]] = {}
        for one in self.found:
            if one.kind in NOT_ATTRIBUTES or one in self.corrected or (one in self.unwanted) == wanted:
                continue
            if one.value not in values.setdefault(one.kind, []):
                values[one.kind].append(one.value)
        if wanted:
            for name, value, _ in self.measures:
                if value not in values.setdefault(name, []):
                    values[name].append(value)
        return values

    def _excluded(self) -> dict[str, list[str]]:
        values = self._attribute_values(wanted=False)
        for kind in SINGLE:
            names = [one.value for one in self.found if one.kind == kind and one in self.unwanted]
            if names:
                values[kind] = list(dict.fromkeys(names))
        return values

    def _needed_by(self, intent: str) -> str | None:
        text = self.reading.text
        for moment in reversed(self.moments):
            said = text[moment.start : moment.end]
            is_due = (
                _DUE.search(text[: moment.start])
                or _DUE_WITHIN.match(said)
                or _DUE_BEHIND.match(text, moment.end)
                or re.search(r"内$", said)
            )
            if intent in WANTING or is_due:
                return moment.at.date().isoformat()
        return None

    # --- mentions

    def named(self) -> list[tuple[dict[str, Any], tuple[int, int]]]:
        """The models and kinds spoken of, each with its place; of a compound only the thing itself."""
        named = [one for one in self.found if one not in self.corrected and one not in self.unwanted]
        categories = [one for one in named if one.kind == "category"]
        return [
            ({one.kind: one.value}, _place(self.reading, one))
            for one in named
            if one.kind == "product" or (one.kind == "category" and not self._is_first_of_compound(one, categories))
        ]

    def mentions(self) -> dict[str, Any]:
        mentions: dict[str, Any] = {}
        named = [one for one in self.found if one not in self.corrected]
        categories = [one for one in named if one.kind == "category"]
        kinds = [one.value for one in categories if not self._is_first_of_compound(one, categories)]
        products = [one.value for one in named if one.kind == "product"]
        for name, values in (("categories", kinds), ("products", products)):
            if values:
                mentions[name] = list(dict.fromkeys(values))
        if brands := [one.value for one in named if one.kind == "brand"]:
            mentions["brands"] = list(dict.fromkeys(brands))
        if attributes := self._attribute_values(wanted=True):
            mentions["attributes"] = attributes
        if strange := [one.value for one in named if one.kind == NOT_SOLD]:
            mentions[NOT_SOLD] = list(dict.fromkeys(strange))
        if purposes := [one.value for one in named if one.kind == "use" and one not in self.unwanted]:
            mentions["purposes"] = list(dict.fromkeys(purposes))
        if self.quantity:
            mentions["quantity"] = self.quantity
        if self.moments:
            moment = self.moments[-1]
            mentions["moment"] = {"at": moment.at.isoformat(), "grain": moment.grain}
        return mentions


def _place(reading: Reading, one: Found) -> tuple[int, int]:
    return reading.places[one.start][0], reading.places[one.end - 1][1]


def _within(reading: Reading, one: Found, spans: Sequence[tuple[int, int]]) -> bool:
    return _overlaps(_place(reading, one), spans)


def _overlaps(span: tuple[int, int], spans: Sequence[tuple[int, int]]) -> bool:
    return any(begin < span[1] and stop > span[0] for begin, stop in spans)
