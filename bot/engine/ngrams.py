"""Sparse features: TF-IDF of the words and characters of a message, which spell out what the encoder blurs."""

from collections import Counter
from typing import Any

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.featurizers.sparse_featurizer.sparse_featurizer import SparseFeaturizer
from rasa.shared.nlu.constants import TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix
from sklearn.feature_extraction.text import TfidfVectorizer

from bot.engine.outline import OUTLINE, PLAIN
from bot.engine.sentence_features import add_sentence_features
from bot.engine.storage import load_object, save_object

_FILE = "ngrams"


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.MESSAGE_FEATURIZER, is_trainable=True)
class NgramFeaturizer(SparseFeaturizer, GraphComponent):
    """Adds TF-IDF of word and character n-grams; characters also serve Chinese, which has no spaces.

    They are taken from the outline, which holds for any catalogue, and from the message itself: what the outline calls
    a PRIORITY may be "cheaper" or "the best", and they are not said to the same end.
    """

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """Longest n-grams of words and of characters, and in how many examples one must occur."""
        return {
            **SparseFeaturizer.get_default_config(),
            "max_word_ngram": 2,
            "max_char_ngram": 4,
            "min_examples": 2,
        }

    def __init__(
        self,
        config: dict[str, Any],
        name: str,
        model_storage: ModelStorage,
        resource: Resource,
        vectorizers: tuple[tuple[str, TfidfVectorizer], ...] = (),
    ) -> None:
        """Keeps the trained vectorizers, if any, each with the name of the text that it reads."""
        super().__init__(name, config)
        self._model_storage = model_storage
        self._resource = resource
        self._keep(vectorizers)

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
    ) -> "NgramFeaturizer":
        """Creates an untrained component."""
        return cls(config, execution_context.node_name, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Learns the n-grams of all examples and their rarity."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        self._keep(
            tuple(
                (source, vectorizer.fit([_text(example, source) for example in examples]))
                for source in (OUTLINE, PLAIN)
                for vectorizer in self._new_vectorizers()
            )
        )
        self.persist()
        return self._resource

    def _new_vectorizers(self) -> tuple[TfidfVectorizer, TfidfVectorizer]:
        shared = {"min_df": self._config["min_examples"], "sublinear_tf": True}
        words = TfidfVectorizer(ngram_range=(1, self._config["max_word_ngram"]), token_pattern=r"\w+", **shared)
        chars = TfidfVectorizer(ngram_range=(1, self._config["max_char_ngram"]), analyzer="char_wb", **shared)
        return words, chars

    def process_training_data(self, training_data: TrainingData) -> TrainingData:
        """Adds the features of the examples."""
        self.process(training_data.training_examples)
        return training_data

    def process(self, messages: list[Message]) -> list[Message]:
        """Adds the features of the messages that have a text."""
        written = [message for message in messages if message.get(TEXT)]
        if not self._vectorizers or not written:
            return messages
        for message in written:
            add_sentence_features(message, self._row(message), self._identifier)
        return messages

    def _keep(self, vectorizers: tuple[tuple[str, TfidfVectorizer], ...]) -> None:
        self._vectorizers = vectorizers
        self._weighers = tuple((source, _Weigher(vectorizer)) for source, vectorizer in vectorizers)
        self._width = sum(weigher.width for _, weigher in self._weighers)

    def _row(self, message: Message) -> csr_matrix:
        """Returns the n-grams of one message, those of each vectorizer beside those of the one before."""
        columns, weights, start = [], [], 0
        for source, weigher in self._weighers:
            found, weighed = weigher.weigh(_text(message, source))
            columns.append(found + start)
            weights.append(weighed)
            start += weigher.width
        joined = np.concatenate(weights)
        return csr_matrix((joined, np.concatenate(columns), [0, len(joined)]), shape=(1, self._width), copy=False)

    def persist(self) -> None:
        """Writes the vectorizers into the model."""
        save_object(self._model_storage, self._resource, _FILE, self._vectorizers)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "NgramFeaturizer":
        """Loads the trained component; raises ValueError when the model holds no vectorizers."""
        vectorizers = load_object(model_storage, resource, _FILE)
        return cls(config, execution_context.node_name, model_storage, resource, vectorizers)


class _Weigher:
    """What a fitted vectorizer's `transform` does for one text: its checks take ten times as long as the text."""

    def __init__(self, vectorizer: TfidfVectorizer) -> None:
        self._analyze = vectorizer.build_analyzer()
        self._columns = vectorizer.vocabulary_
        self._rarity = vectorizer.idf_
        self.width = len(self._rarity)

    def weigh(self, text: str) -> tuple[np.ndarray, np.ndarray]:
        """Returns the columns of the n-grams that are known, in order, and their weights, a vector of length one."""
        counts = Counter(map(self._columns.get, self._analyze(text)))
        counts.pop(None, None)
        columns = np.array(sorted(counts), dtype=np.int32)
        often = np.array([counts[column] for column in columns.tolist()], dtype=np.float64)
        weights = (1 + np.log(often)) * self._rarity[columns]
        return columns, weights / (np.sqrt(weights @ weights) or 1.0)


def _text(message: Message, source: str) -> str:
    return message.get(source) or message.get(TEXT)
