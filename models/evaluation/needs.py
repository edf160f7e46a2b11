"""Scores of needs read from messages whose needs are known, value by value."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

Slot = tuple[str, Any]  # field and value, e.g. ("attributes.color", "black")


@dataclass(frozen=True, slots=True)
class ReadNeeds:
    """One message: the needs it states and those that were read."""

    text: str
    stated: Mapping[str, Any]
    read: Mapping[str, Any]

    @property
    def missed(self) -> list[Slot]:
        return sorted(slots(self.stated) - slots(self.read), key=str)

    @property
    def invented(self) -> list[Slot]:
        return sorted(slots(self.read) - slots(self.stated), key=str)


def slots(needs: Mapping[str, Any]) -> set[Slot]:
    """Every single value of the needs: each attribute value, each side of a budget with its currency."""
    found: set[Slot] = set()
    for name, value in needs.items():
        if name in ("attributes", "exclude"):
            for inner, values in value.items():
                found |= {(f"{name}.{inner}", _plain(one)) for one in _listed(values)}
        elif name == "budget":
            found |= {
                (f"budget.{side}", (float(value[side]), value.get("currency")))
                for side in ("min", "max")
                if side in value
            }
        else:
            found.add((name, _plain(value)))
    return found


def needs_scores(messages: Sequence[ReadNeeds]) -> dict[str, Any]:
    """Micro precision, recall and F1 over all values and by field, and how often something was read where nothing is.

    `over_extraction` is the share of messages without needs for which any were read.
    """
    right: Counter[str] = Counter()
    invented: Counter[str] = Counter()
    missed: Counter[str] = Counter()
    for message in messages:
        stated, read = slots(message.stated), slots(message.read)
        right.update(_fields(stated & read))
        invented.update(_fields(read - stated))
        missed.update(_fields(stated - read))
    empty = [message for message in messages if not slots(message.stated)]
    return {
        "messages": len(messages),
        "without_needs": len(empty),
        **_measures(right.total(), invented.total(), missed.total()),
        "over_extraction": sum(bool(slots(message.read)) for message in empty) / len(empty) if empty else None,
        "exact": sum(not message.missed and not message.invented for message in messages) / max(len(messages), 1),
        "fields": {
            name: {"values": right[name] + missed[name], **_measures(right[name], invented[name], missed[name])}
            for name in sorted({*right, *invented, *missed})
        },
    }


def _measures(right: int, invented: int, missed: int) -> dict[str, float | None]:
    return {
        "precision": right / (right + invented) if right + invented else None,
        "recall": right / (right + missed) if right + missed else None,
        "f1": 2 * right / (2 * right + invented + missed) if right + invented + missed else None,
    }


def _fields(found: Iterable[Slot]) -> list[str]:
    return [name.partition(".")[0] for name, _ in found]


def _listed(values: Any) -> list[Any]:
    return list(values) if isinstance(values, (list, tuple)) else [values]


def _plain(value: Any) -> Any:
    return value.casefold().strip() if isinstance(value, str) else value
