"""Pipeline component for messages that are nothing but a wish: "black", "size m please", "防水的", "for commuting"."""

import re
from typing import Any

from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY
from rasa.shared.nlu.training_data.message import Message

from bot.engine.outline import OUTLINE

_KIND = r"(?P<kind>CATEGORY|PRODUCT|BRAND|COLOR|SIZE|USE|RECIPIENT|PRIORITY|ATTRIBUTE)"
_KINDS = re.compile(_KIND)
_FILLERS = re.compile(
    r"\b(?:a|an|the|in|with|for|one|ones|some|size|please|pls|thanks|just|only|maybe|something|my|or|and|made|of|from|colou?r)\b"
    r"|[的吧要款我那个色用穿和或者码号性给]|一[个件辆双顶条把]|颜色|[\s,.!?，。！？、~]",
    re.IGNORECASE,
)
_GOODS = ("CATEGORY", "PRODUCT")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class BareWishReader(GraphComponent):
    """Sets the intent of a message whose outline holds the shop's words and nothing that says more.

    The shop's words are known for certain, while a classifier has seen few messages of one word: with goods among them
    it is a need, without any it refines one.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`confidence` of the intents set here."""
        return {"confidence": 0.9}

    def __init__(self, config: dict[str, Any]) -> None:
        """Keeps the confidence."""
        self._confidence = float(config["confidence"])

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "BareWishReader":
        """Creates the component (see the parent class)."""
        return cls(config)

    def process(self, messages: list[Message]) -> list[Message]:
        """Puts the intent of a bare wish first in the ranking."""
        for message in messages:
            intent = _bare_wish(message.get(OUTLINE) or "")
            if intent is not None:
                first = {"name": intent, "confidence": self._confidence}
                others = [entry for entry in message.get(INTENT_RANKING_KEY) or () if entry["name"] != intent]
                left = 1 - self._confidence
                scaled = [{**entry, "confidence": round(entry["confidence"] * left, 4)} for entry in others]
                message.set(INTENT, dict(first), add_to_output=True)
                message.set(INTENT_RANKING_KEY, [first, *scaled], add_to_output=True)
        return messages


def _bare_wish(outline: str) -> str | None:
    kinds = _KINDS.findall(outline)
    if not kinds or _FILLERS.sub("", _KINDS.sub("", outline)):
        return None
    return "state_need" if any(kind in _GOODS for kind in kinds) else "refine_need"
