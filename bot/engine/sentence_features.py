"""The features of a whole message, with a fingerprint that costs little."""

import hashlib

import numpy as np
from rasa.shared.nlu.constants import FEATURE_TYPE_SENTENCE, TEXT
from rasa.shared.nlu.training_data.features import Features
from rasa.shared.nlu.training_data.message import Message
from scipy.sparse import csr_matrix


class SentenceFeatures(Features):
    """One row of numbers about a message's text; the base class prints sparse rows as text to hash them."""

    def fingerprint(self) -> str:
        """Returns a hash of origin and numbers, the same in every process."""
        if self._cached_fingerprint is None:
            row = self.features
            parts = [row] if self.is_dense() else [row.indices, row.data]
            numbers = b"".join(np.ascontiguousarray(part).tobytes() for part in parts)
            self._cached_fingerprint = hashlib.md5(self.origin.encode() + numbers, usedforsecurity=False).hexdigest()
        return self._cached_fingerprint


def add_sentence_features(message: Message, row: np.ndarray | csr_matrix, origin: str) -> None:
    """Adds one row, shape (1, width), to the message; `origin` names the featurizer."""
    message.add_features(SentenceFeatures(row, FEATURE_TYPE_SENTENCE, TEXT, origin))
