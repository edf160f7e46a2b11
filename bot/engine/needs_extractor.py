"""Pipeline component that notes what a message wants and speaks of, in the words of the shop."""

import logging
from datetime import datetime, timezone
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.engine.shop_words import shop_words
from bot.engine.stateless import StatelessComponent

logger = logging.getLogger(__name__)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class NeedsComponent(StatelessComponent):
    """Sets `needs` and `mentions`; it comes after the intents, which decide whether what is named is wanted.

    The shop's words come from the file that SALESCLERK_VOCABULARY names. A newer file is read at the next message.
    """

    def process(self, messages: list[Message]) -> list[Message]:
        """Notes needs and mentions of every message with a text; the press of a button has them already."""
        extractor = shop_words().extractor()
        for message in messages:
            text = message.get(TEXT)
            if message.get("needs") is not None:
                continue
            needs: dict[str, Any] = {}
            mentions: dict[str, Any] = {}
            if text:
                intent = (message.get(INTENT) or {}).get("name", "")
                try:
                    understood = extractor.read(text, intent, _local_now(message.get(METADATA) or {}))
                    needs, mentions = understood.needs, understood.mentions
                except Exception:  # the edge of one message: a text that defeats us must not end the turn or the batch
                    logger.exception("needs could not be read from a message of %d characters", len(text))
            message.set("needs", needs, add_to_output=True)
            message.set("mentions", mentions, add_to_output=True)
        return messages


def _local_now(metadata: dict[str, Any]) -> datetime:
    """The customer's local time, naive; now in UTC where the message does not say."""
    try:
        now = datetime.fromisoformat(str(metadata["now"]).replace("Z", "+00:00"))
        now = now if now.tzinfo else now.replace(tzinfo=timezone.utc)
    except (KeyError, ValueError):
        now = datetime.now(timezone.utc)
    try:
        zone = ZoneInfo(str(metadata.get("timezone") or "UTC"))
    except (ZoneInfoNotFoundError, ValueError):
        zone = ZoneInfo("UTC")
    return now.astimezone(zone).replace(tzinfo=None)
