"""What a customer wants, over several messages: merged, and said in one sentence for a rep."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_LONGEST_SENTENCE = 500  # as long as the column


def merged_wants(before: Mapping[str, Any], new: Mapping[str, Any]) -> dict[str, Any]:
    """Both together: the newer value of a field counts, attributes are merged by name."""
    merged = dict(before)
    for name, value in new.items():
        old = merged.get(name)
        if name in ("attributes", "exclude") and isinstance(old, Mapping) and isinstance(value, Mapping):
            merged[name] = {**old, **value}
        elif value not in (None, "", [], {}):
            merged[name] = value
    return merged


def wants_sentence(wants: Mapping[str, Any]) -> str:
    """One readable sentence: "Wants Mountain Bikes, Black, M, up to 2000 USD, for weekend trails; not Red."""
    if not wants:
        return ""
    what = [str(wants[name]) for name in ("product", "brand", "category") if wants.get(name)]
    if (quantity := wants.get("quantity")) and quantity != 1:
        what.insert(0, f"{quantity} ×")
    parts = [" ".join(what) or "something", *_listed(wants.get("attributes"))]
    parts += [text for text in (_budget(wants.get("budget")), *_circumstances(wants)) if text]
    sentence = "Wants " + ", ".join(parts)
    if unwanted := _listed(wants.get("exclude")):
        sentence += "; not " + ", ".join(unwanted)
    return sentence[: _LONGEST_SENTENCE - 1] + "."


def _listed(values: Any) -> list[str]:
    if not isinstance(values, Mapping):
        return []
    texts = []
    for value in values.values():
        texts += [str(item) for item in value] if isinstance(value, list) else [str(value)]
    return texts


def _budget(budget: Any) -> str | None:
    if not isinstance(budget, Mapping):
        return None
    low, high, currency = budget.get("min"), budget.get("max"), budget.get("currency", "")
    if low is not None and high is not None:
        said = f"{low:g} to {high:g}"
    elif high is not None:
        said = f"up to {high:g}"
    elif low is not None:
        said = f"from {low:g}"
    else:
        return None
    return f"{said} {currency}".strip()


def _circumstances(wants: Mapping[str, Any]) -> list[str]:
    said = []
    if wants.get("use"):
        said.append(f"for {wants['use']}")
    if wants.get("recipient"):
        said.append(f"for {wants['recipient']}")
    if wants.get("priority"):
        said.append(f"{wants['priority']} matters most")
    if wants.get("needed_by"):
        said.append(f"needed by {wants['needed_by']}")
    return said
