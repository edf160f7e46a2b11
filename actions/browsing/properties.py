"""What the catalogue says of one property of a product, and the answer to a question about it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from actions.turn import Turn
from actions.wording import listed
from crm_store import catalog
from crm_store.catalog import CatalogItem
from models.recommender import WEIGHT_KEYS

SAME_PROPERTY = {"weight": WEIGHT_KEYS, "capacity": ("capacity", "people", "capacity_l", "volume")}
# A question that wants a yes or a no, or a figure: the whole description would hide that we do not know.
_ASKS_ONE_THING = re.compile(
    r"^(?:so |and |ok |but )?(?:does|do|is|are|can|could|has|have|will|would|did"
    r"|how (?:far|long|many|much|fast|deep|high|often))\b.*\?|吗[？?]?$|能不能|会不会|有没有|多[远久快高深]",
    re.IGNORECASE,
)
PRIVATE_ATTRIBUTES = frozenset({"brand", "color", "size"})


def attribute_lines(turn: Turn, item: CatalogItem) -> list[tuple[str, str]]:
    """The further attributes of an item, named and valued in the customer's language."""
    lines = []
    for name, values in item.attributes.items():
        if name in PRIVATE_ATTRIBUTES or name.startswith("_") or not values:
            continue
        shown = [turn.value_name(value) for value in values]
        label = turn.facet_name(name)
        if name in WEIGHT_KEYS:
            shown = [_kilograms(name, value) for value in values]
        lines.append((label, listed(shown, turn.language, "standard")))
    return lines


def answers_property(turn: Turn, item: CatalogItem) -> bool:
    """Answer a question about one property with that property alone; False when it asks about the whole thing."""
    wanted = {n: v for n, v in (turn.mentions.get("attributes") or {}).items() if n not in PRIVATE_ATTRIBUTES}
    for name, values in wanted.items():
        _say_whether(turn, item, name, values)
    asked = [name for name in turn.mentions.get("asked") or () if name not in wanted]
    lines = [line for name in asked for line in _property_lines(turn, item, name)]
    if asked and not lines and not wanted:
        turn.say("utter_property_unknown", name=item.title(turn.language))
        turn.offer(turn.phrase("utter_button_human"), "talk_to_human")
        turn.outcome = "unknown"
        return True
    if not asked and not wanted and _ASKS_ONE_THING.search(turn.text.strip()):
        turn.say("utter_property_unknown", name=item.title(turn.language))
        turn.offer(turn.phrase("utter_button_human"), "talk_to_human")
        if item.description:
            turn.say_text((item.description_zh if turn.language == "zh" else None) or item.description)
        turn.outcome = "unknown"
        return True
    if lines:
        turn.say("utter_property_of", name=item.title(turn.language))
    for label, value in lines:
        turn.say("utter_attribute_line", attribute=label, value=value)
    return bool(wanted or asked)


def _say_whether(turn: Turn, item: CatalogItem, name: str, values: Sequence[str]) -> None:
    has = item.attributes.get(name, ())
    shown = listed([turn.value_name(v) for v in has or values], turn.language, "standard")
    response = "utter_property_unknown"
    if has:
        response = (
            "utter_property_yes"
            if {v.casefold() for v in values} & {v.casefold() for v in has}
            else "utter_property_no"
        )
    turn.say(response, name=item.title(turn.language), attribute=turn.facet_name(name), value=shown)


def _property_lines(turn: Turn, item: CatalogItem, name: str) -> list[tuple[str, str]]:
    """What the catalogue says of one property, of all variants for colour and size."""
    if name == "price":
        return [(turn.facet_name("price"), turn.money(item.price))]
    if name in ("color", "size"):
        variants = catalog.siblings(turn.session, item.sku)
        found = dict.fromkeys(getattr(other, name) for other in variants if getattr(other, name))
        values = [turn.value_name(value) for value in found]
        return [(turn.facet_name(name), listed(values, turn.language, "standard"))] if values else []
    if name == "use":
        uses = [turn.value_name(use) for use in item.uses]
        return [(turn.facet_name("use"), listed(uses, turn.language, "standard"))] if uses else []
    keys = SAME_PROPERTY.get(name, (name,))
    known = {turn.facet_name(key) for key in keys if item.attributes.get(key)}
    if name == "brand" and item.brand:
        return [(turn.facet_name("brand"), item.brand)]
    return [(label, value) for label, value in attribute_lines(turn, item) if label in known]


def _kilograms(name: str, value: str) -> str:
    """A weight as people say it: 3.1 kg, below a kilogram in grams."""
    try:
        grams = Decimal(value) * (1000 if name == "weight_kg" else 1)
    except ArithmeticError:
        return value
    return f"{grams:.0f} g" if grams < 1000 else f"{grams / 1000:.2f}".rstrip("0").rstrip(".") + " kg"
