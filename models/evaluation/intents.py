"""Scores of intents that were predicted for messages whose intent is known."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

OUT_OF_SCOPE = "out_of_scope"
_HAN = re.compile(r"[\u3400-\u9fff]")


@dataclass(frozen=True, slots=True)
class Judged:
    """One message: the intent it has, the one that was predicted, and how sure the prediction was (0 to 1)."""

    text: str
    intent: str
    predicted: str
    confidence: float

    @property
    def is_right(self) -> bool:
        return self.intent == self.predicted

    @property
    def language(self) -> str:
        return "zh" if _HAN.search(self.text) else "en"


def intent_scores(judged: Sequence[Judged]) -> dict[str, Any]:
    """Accuracy over all, by language and by intent; refusals of what is in scope, recall of what is not.

    Every share is None where there is no message to count.
    """
    inside = [one for one in judged if one.intent != OUT_OF_SCOPE]
    outside = [one for one in judged if one.intent == OUT_OF_SCOPE]
    languages = sorted({one.language for one in judged})
    return {
        "messages": len(judged),
        "accuracy": accuracy(judged),
        "languages": {
            name: {"messages": len(said), "accuracy": accuracy(said)}
            for name in languages
            if (said := [one for one in judged if one.language == name])
        },
        "macro_f1": _macro_f1(judged),
        "refused_in_scope": _share(sum(one.predicted == OUT_OF_SCOPE for one in inside), len(inside)),
        "out_of_scope_recall": _share(sum(one.is_right for one in outside), len(outside)),
        "intents": by_intent(judged),
        "confusions": [
            {"intent": intent, "predicted": predicted, "messages": count}
            for (intent, predicted), count in confusions(judged).most_common(15)
        ],
    }


def accuracy(judged: Sequence[Judged]) -> float | None:
    """The share that is right."""
    return _share(sum(one.is_right for one in judged), len(judged))


def by_intent(judged: Sequence[Judged]) -> dict[str, dict[str, Any]]:
    """Precision, recall and F1 of every intent that occurs."""
    right = Counter(one.intent for one in judged if one.is_right)
    meant = Counter(one.intent for one in judged)
    predicted = Counter(one.predicted for one in judged)
    return {
        name: {
            "messages": meant[name],
            "precision": _share(right[name], predicted[name]),
            "recall": _share(right[name], meant[name]),
            "f1": 2 * right[name] / (meant[name] + predicted[name]),
        }
        for name in sorted({*meant, *predicted})
    }


def confusions(judged: Iterable[Judged]) -> Counter[tuple[str, str]]:
    """How often one intent was taken for another."""
    return Counter((one.intent, one.predicted) for one in judged if not one.is_right)


def _macro_f1(judged: Sequence[Judged]) -> float | None:
    scores = [entry["f1"] for entry in by_intent(judged).values() if entry["messages"]]
    return sum(scores) / len(scores) if scores else None


def _share(count: int, of: int) -> float | None:
    return count / of if of else None
