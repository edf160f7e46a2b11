"""All examples of a shop, brought to the pipeline past Rasa's importer, which takes longer over them than learning."""

from __future__ import annotations

import hashlib
import json

from rasa.shared.nlu.constants import INTENT, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData

from bot.engine.example_file import read_examples_file


class WholeTrainingData(TrainingData):
    """Training data that is copied and hashed once: Rasa does both for every component and every example."""

    def __init__(self, training_examples: list[Message] | None = None, **others: object) -> None:
        """Takes the examples as they are."""
        super().__init__(training_examples, **others)
        rows = [[example.get(TEXT), example.get(INTENT)] for example in self.training_examples]
        self._fingerprint = hashlib.md5(json.dumps(rows).encode(), usedforsecurity=False).hexdigest()

    @staticmethod
    def sanitize_examples(examples: list[Message]) -> list[Message]:
        """Returns the examples, which are cleaned and told apart when they are written."""
        return examples

    def fingerprint(self) -> str:
        """Returns a hash of texts and intents; what components add follows from these."""
        return self._fingerprint


def whole_training_data() -> WholeTrainingData | None:
    """Returns the examples of the running training, None when it has no such file."""
    rows = read_examples_file()
    if rows is None:
        return None
    return WholeTrainingData([Message({TEXT: text, INTENT: intent}) for text, intent in rows])
