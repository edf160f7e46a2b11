"""First component of the pipeline: cleans the text and reads the press of a button."""

import json
import re

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import ENTITIES, INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.stateless import StatelessComponent
from bot.engine.text_cleaning import clean
from bot.engine.whole_training_data import whole_training_data

BUTTON_INTENT = "press_button"

_BUTTON = re.compile(r"/press_button(?P<payload>\{.*\})\s*", re.DOTALL)


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_TOKENIZER, is_trainable=False)
class MessageReader(StatelessComponent):
    """Gives the components after it a clean text, and none at all when a button was pressed.

    Rasa's own reader of "/intent{...}" runs last and builds a new message, without our language, needs and mentions. So
    the one such text that we send is read here, and every other loses its slash: typed words name no intent.
    """

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Puts the whole of the examples in the place of the few shown to Rasa, cleaned as messages are."""
        training_data = whole_training_data() or training_data
        for example in training_data.training_examples:
            if example.get(TEXT):
                example.set(TEXT, clean(example.get(TEXT)))
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets the clean text; for a button also intent, ranking and the entity `button`, with an empty text."""
        for message in messages:
            text = message.get(TEXT) or ""
            button = _pressed_button(text)
            if button is None:
                message.set(TEXT, clean(text).lstrip("/ "), add_to_output=True)
            else:
                _read_press(message, button)
        return messages


def _pressed_button(text: str) -> str | None:
    """Returns the id of the button, or None when the text is not a well-formed press."""
    match = _BUTTON.fullmatch(text.strip())
    if not match:
        return None
    try:
        payload = json.loads(match.group("payload"))
    except (ValueError, RecursionError):
        return None
    button = payload.get("button")
    return button if isinstance(button, str) and button else None


def _read_press(message: Message, button: str) -> None:
    intent = {"name": BUTTON_INTENT, "confidence": 1.0}
    message.set(TEXT, "", add_to_output=True)
    message.set(INTENT, intent, add_to_output=True)
    message.set(INTENT_RANKING_KEY, [dict(intent)], add_to_output=True)
    entity = {"entity": "button", "value": button, "start": 0, "end": 0, "extractor": "MessageReader"}
    message.set(ENTITIES, [entity], add_to_output=True)
    message.set("needs", {}, add_to_output=True)
    message.set("mentions", {}, add_to_output=True)
