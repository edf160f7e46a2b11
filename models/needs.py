"""Needs that add up over the turns of a conversation.

Needs are the JSON object that the engine reads from a message (`category`, `product`, `brand`,
`attributes`, `exclude`, `budget`, `quantity`, `priority`, `use`, `recipient`, `needed_by`); every field is optional.
A conversation keeps two more that matter for matching: `purpose`, the general name of the use, and `age`, the
recipient's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

Needs = dict[str, Any]

# What still holds when the customer turns to quite another kind of product.
LASTING_FIELDS = ("recipient", "age", "needed_by")
SINGLE_FIELDS = (
    "category", "product", "brand", "quantity", "priority", "use", "purpose", "recipient", "age", "needed_by",
)  # fmt: skip
# A wish that narrows the choice within a category; quantity and recipient do not.
NARROWING_FIELDS = ("product", "brand", "attributes", "exclude", "budget", "priority", "use")


def merge_needs(known: Needs, new: Needs, related: Sequence[str] = ()) -> Needs:
    """Return what is wanted after a message that says `new`, when `known` was wanted before.

    The last word on a thing counts. `related` are the categories above and below the known one; a
    category outside them is a new topic, and only what lasts is kept.
    """
    merged = deepcopy(known)
    category = new.get("category")
    if category and known.get("category") not in (None, category) and category not in related:
        merged = {field: merged[field] for field in LASTING_FIELDS if field in merged}
    if new.get("product") and new["product"] != known.get("product"):
        merged.pop("attributes", None)
    if "use" in new:
        merged.pop("purpose", None)  # it belonged to the use before
    if "recipient" in new and new["recipient"] != known.get("recipient"):
        merged.pop("age", None)
    for field in SINGLE_FIELDS:
        if field in new:
            merged[field] = new[field]
    _merge_budget(merged, new)
    _merge_values(merged, new)
    return merged


def drop_field(needs: Needs, field: str) -> Needs:
    """Return the needs without one wish; `attributes.color` names one attribute."""
    left = deepcopy(needs)
    outer, _, inner = field.partition(".")
    if not inner:
        left.pop(outer, None)
    elif outer in left:
        left[outer].pop(inner, None)
        if not left[outer]:
            del left[outer]
    return left


def stated_fields(needs: Needs) -> list[str]:
    """Every wish that narrows the choice, attributes one by one, as `drop_field` names them."""
    fields = [f for f in NARROWING_FIELDS if needs.get(f) and f not in ("attributes", "exclude")]
    return fields + [f"attributes.{name}" for name in needs.get("attributes", {})]


def is_specific(needs: Needs) -> bool:
    """Whether enough is known to show something: a product, or a category and one more wish."""
    if needs.get("product"):
        return True
    narrowing = stated_fields(needs) + (["exclude"] if needs.get("exclude") else [])
    return bool(needs.get("category")) and bool(narrowing) or len(narrowing) >= 3


def _merge_budget(merged: Needs, new: Needs) -> None:
    if "budget" not in new:
        return
    budget = {**merged.get("budget", {}), **new["budget"]}
    low, high = budget.get("min"), budget.get("max")
    if low is not None and high is not None and low > high:
        budget = dict(new["budget"])
    merged["budget"] = budget


def _merge_values(merged: Needs, new: Needs) -> None:
    wanted: Mapping[str, list[str]] = new.get("attributes", {})
    unwanted: Mapping[str, list[str]] = new.get("exclude", {})
    attributes, exclude = merged.get("attributes", {}), merged.get("exclude", {})
    for name, values in wanted.items():
        attributes[name] = list(values)
        exclude[name] = [v for v in exclude.get(name, []) if v not in values]
    for name, values in unwanted.items():
        exclude[name] = list(dict.fromkeys([*exclude.get(name, []), *values]))
        attributes[name] = [v for v in attributes.get(name, []) if v not in values]
    for field, found in (("attributes", attributes), ("exclude", exclude)):
        kept = {name: values for name, values in found.items() if values}
        merged[field] = kept
        if not kept:
            del merged[field]
    for field in ("category", "brand", "product"):
        if merged.get(field) in unwanted.get(field, []):
            del merged[field]
