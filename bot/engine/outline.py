"""Pipeline component that notes the outline of a message: its words with the shop's own replaced by their kind."""

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.shop_words import shop_words
from bot.engine.stateless import StatelessComponent

OUTLINE = "outline"
PLAIN = "plain"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class MessageOutliner(StatelessComponent):
    """Sets `outline` for the n-grams, "a COLOR CATEGORY" for "a red helmet", and `plain` for the encoder.

    What is learned from it is how people ask, whatever a shop sells: a product imported later, and another shop's, are
    asked for in the same sentences.
    """

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Notes the outlines of the examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Notes the outline of every message that has a text."""
        extractor = shop_words().extractor()
        for message in messages:
            if message.get(TEXT):
                message.set(OUTLINE, extractor.outline(message.get(TEXT)))
                message.set(PLAIN, extractor.without_codes(message.get(TEXT)))
        return messages
