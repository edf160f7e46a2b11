"""Pipeline component that notes the language of a message and whether the text proves it."""

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.engine.language import detect_language
from bot.engine.stateless import StatelessComponent


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class LanguageDetector(StatelessComponent):
    """Sets `language` (ISO 639-1) and `language_certain` on each message."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Notes the language of each message; without proof it is "en" and not certain."""
        for message in messages:
            language, certain = detect_language(message.get(TEXT) or "")
            message.set("language", language, add_to_output=True)
            message.set("language_certain", certain, add_to_output=True)
        return messages
