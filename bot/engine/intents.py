"""Intent classifier: a calibrated linear support vector machine that may say "none of these"."""

import os
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from typing import Any, NamedTuple

import numpy as np
from rasa.engine.graph import ExecutionContext, GraphComponent
from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage
from rasa.nlu.classifiers.classifier import IntentClassifier
from rasa.nlu.featurizers.featurizer import Featurizer
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, TEXT
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack, vstack
from sklearn.model_selection import StratifiedKFold
from sklearn.svm import LinearSVC

from bot.engine.margins import MarginCalibration, fit_calibration
from bot.engine.storage import load_object, save_object

_FILE = "intents"
# Calibration is fitted on one of so many parts of the examples.
_PARTS = 5
# Fewer examples are learned before another process has begun.
_MANY = 2000
# With fewer examples one machine that sets all intents against each other reads better than one for each intent (with
# more it takes too long), and the encoder, which has read far more than they, deserves more weight: it is measured.
_FEW = 10_000
_WEIGHTS_OF_FEW = (1.0, 2.0, 3.0)
# What the forked processes fit.
_waiting: list[tuple] = []


class TrainedIntents(NamedTuple):
    """What training leaves: the machine (its `classes_` name the columns), its calibration, and what it was given."""

    machine: LinearSVC
    calibration: MarginCalibration
    dense_weight: float
    threshold: float


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=True)
class SvmIntentClassifier(IntentClassifier, GraphComponent):
    """Sets `intent` and `intent_ranking` from the sparse and dense sentence features of a message.

    One linear machine per intent against the rest, or with few examples one for all; the margins become probabilities
    by `MarginCalibration`. The intent `out_of_scope` is taught like any other, and is also the answer when the best
    probability is below `threshold`, or below what refuses `most_refused` of the held-out examples in scope: a machine
    that saw little is seldom sure.
    """

    @classmethod
    def required_components(cls) -> list[type]:
        """Some featurizer must come before."""
        return [Featurizer]

    @staticmethod
    def get_default_config() -> dict[str, Any]:
        """`c`: inverse strength of regularisation; `dense_weight`: weight of the encoder against the n-grams.

        Below 10,000 examples the weight is `dense_weight` times 1, 2 or 3, whichever reads held-out examples best.
        """
        return {
            "c": 1.0,
            "dense_weight": 1.0,
            "threshold": 0.3,
            "most_refused": 0.05,
            "out_of_scope": "out_of_scope",
            "ranking_length": 10,
            "random_seed": 7,
        }

    @classmethod
    def validate_config(cls, config: dict[str, Any]) -> None:
        """Raises InvalidConfigException for a threshold or a share of refusals that is no probability."""
        for setting in ("threshold", "most_refused"):
            if not 0 <= float(config.get(setting, 0)) <= 1:
                raise InvalidConfigException(f"SvmIntentClassifier: {setting} must lie between 0 and 1")

    def __init__(
        self,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        trained: TrainedIntents | None = None,
    ) -> None:
        """Keeps what was trained, if anything."""
        self.validate_config(config)
        self._config = config
        self._model_storage = model_storage
        self._resource = resource
        self._trained: TrainedIntents | None = None
        if trained is not None:
            self._keep(trained)

    def _keep(self, trained: TrainedIntents) -> None:
        self._trained = trained
        self._weights = np.ascontiguousarray(trained.machine.coef_.T)  # one row a feature, as a sparse row wants it

    @classmethod
    def create(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
    ) -> "SvmIntentClassifier":
        """Creates an untrained component."""
        return cls(config, model_storage, resource)

    def train(self, training_data: TrainingData) -> Resource:
        """Fits the machine on all examples, the calibration on held-out ones; needs two intents at least."""
        examples = [example for example in training_data.intent_examples if example.get(TEXT)]
        intents = np.array([example.get(INTENT) for example in examples])
        if len(set(intents)) < 2:
            raise InvalidConfigException("SvmIntentClassifier: training data of at least two intents is needed")
        sparse, dense = _features(examples)
        names, columns = np.unique(intents, return_inverse=True)
        # No shuffling: the fillings of one template stand together, so they mostly stay on one side. One part of five
        # is enough to fit two numbers; taking each part in turn would triple the time of training.
        seen, unseen = next(StratifiedKFold(_PARTS).split(columns, columns))
        weight = self._weight_of_encoder(sparse, dense, columns, seen, unseen)
        features = _joined(sparse, dense, weight)
        few = len(columns) < _FEW
        fits = [(self._new_machine(few), features, intents), (self._new_machine(few), features[seen], columns[seen])]
        machine, held_out = _fit_both(fits)
        named = np.flatnonzero(names == self._config["out_of_scope"])
        outside = int(named[0]) if len(named) else None
        margins = _margins_by_column(held_out, features[unseen], columns.max() + 1)
        calibration = fit_calibration(margins, columns[unseen], outside)
        in_scope = columns[unseen] != outside
        threshold = self._threshold(calibration.probabilities(margins[in_scope]))
        self._keep(TrainedIntents(machine, calibration, weight, threshold))
        self.persist()
        return self._resource

    def _weight_of_encoder(
        self,
        sparse: csr_matrix | None,
        dense: np.ndarray | None,
        columns: np.ndarray,
        seen: np.ndarray,
        unseen: np.ndarray,
    ) -> float:
        """Returns the weight that reads the unseen examples best, the configured one when there are many examples."""
        weight = float(self._config["dense_weight"])
        if len(columns) >= _FEW or sparse is None or dense is None:
            return weight

        def right(times: float) -> float:
            features = _joined(sparse, dense, times * weight)
            machine = self._new_machine(few=True).fit(features[seen], columns[seen])
            return machine.score(features[unseen], columns[unseen])

        return weight * max(_WEIGHTS_OF_FEW, key=right)

    def _threshold(self, shares: np.ndarray) -> float:
        """Returns the configured threshold, or a lower one that refuses no more than it may of these rows in scope."""
        return float(min(self._config["threshold"], np.quantile(shares.max(axis=1), self._config["most_refused"])))

    def _new_machine(self, few: bool) -> LinearSVC:
        return LinearSVC(
            C=self._config["c"],
            tol=1e-2,
            class_weight="balanced",
            multi_class="crammer_singer" if few else "ovr",
            random_state=self._config["random_seed"],
        )

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent and ranking, except where a button was pressed; a message without text is out of scope."""
        unread = [message for message in messages if not message.get(INTENT)]
        written = [message for message in unread if message.get(TEXT)]
        for message in unread:
            self._set_ranking(message, [(self._config["out_of_scope"], 0.0)])
        if self._trained is None or not written:
            return messages
        margins = self._margins(*_features(written))
        for message, shares in zip(written, self._trained.calibration.probabilities(margins), strict=True):
            self._set_ranking(message, self._ranking(shares))
        return messages

    def _margins(self, sparse: csr_matrix | None, dense: np.ndarray | None) -> np.ndarray:
        """Returns what the machine's `decision_function` does, shape (messages, intents), without its checks."""
        width = 0 if sparse is None else sparse.shape[1]
        margins = self._trained.machine.intercept_
        if sparse is not None:
            margins = margins + sparse @ self._weights[:width]
        if dense is not None:
            margins = margins + self._trained.dense_weight * (dense @ self._weights[width:])
        return np.column_stack([-margins, margins]) if margins.shape[1] == 1 else margins

    def _ranking(self, shares: np.ndarray) -> list[tuple]:
        """Returns (intent, probability), best first; below the threshold out of scope takes what is left over."""
        best_first = np.argsort(-shares, kind="stable")[: self._config["ranking_length"]]
        ranking = [(str(self._trained.machine.classes_[column]), float(shares[column])) for column in best_first]
        outside = self._config["out_of_scope"]
        if ranking[0][1] >= self._trained.threshold or ranking[0][0] == outside:
            return ranking
        doubt = max(1 - ranking[0][1], ranking[0][1])
        others = [pair for pair in ranking if pair[0] != outside]
        return [(outside, doubt), *others][: self._config["ranking_length"]]

    def _set_ranking(self, message: Message, ranking: list[tuple]) -> None:
        # Four digits: a batch and a single message differ in the seventh.
        entries = [{"name": name, "confidence": round(share, 4)} for name, share in ranking]
        message.set(INTENT, dict(entries[0]), add_to_output=True)
        message.set(INTENT_RANKING_KEY, entries, add_to_output=True)

    def persist(self) -> None:
        """Writes machine and calibration into the model."""
        save_object(self._model_storage, self._resource, _FILE, self._trained)

    @classmethod
    def load(
        cls,
        config: dict[str, Any],
        model_storage: ModelStorage,
        resource: Resource,
        execution_context: ExecutionContext,
        **kwargs: Any,
    ) -> "SvmIntentClassifier":
        """Loads the trained component; raises ValueError when the model holds none."""
        return cls(config, model_storage, resource, load_object(model_storage, resource, _FILE))


def _features(messages: list[Message]) -> tuple[csr_matrix | None, np.ndarray | None]:
    """Returns n-grams and sentence vectors, one row a message; None for what no component has made."""
    sparse = [
        features.features for _, features in (m.get_sparse_features(TEXT) for m in messages) if features is not None
    ]
    dense = [
        features.features for _, features in (m.get_dense_features(TEXT) for m in messages) if features is not None
    ]
    return vstack(sparse, format="csr") if sparse else None, np.vstack(dense) if dense else None


def _joined(sparse: csr_matrix | None, dense: np.ndarray | None, weight: float) -> csr_matrix:
    """Returns one row a message: n-grams, then the weighted sentence vector."""
    blocks = [] if sparse is None else [sparse]
    if dense is not None:
        blocks.append(csr_matrix(weight * dense))
    return hstack(blocks, format="csr")


def _fit_both(fits: list[tuple]) -> list[LinearSVC]:
    """Fits (machine, features, classes) each on a core of its own, where there are several: liblinear uses one."""
    if (os.cpu_count() or 1) == 1 or fits[0][1].shape[0] < _MANY:
        return [machine.fit(features, classes) for machine, features, classes in fits]
    # Forked, not spawned: the features are large, and a child sees those of its parent.
    _waiting[:] = fits
    try:
        with ProcessPoolExecutor(len(fits), mp_context=get_context("fork")) as workers:
            return list(workers.map(_fit_waiting, range(len(fits))))
    finally:
        _waiting.clear()


def _fit_waiting(place: int) -> LinearSVC:
    machine, features, classes = _waiting[place]
    return machine.fit(features, classes)


def _margins_by_column(machine: LinearSVC, features: csr_matrix, width: int) -> np.ndarray:
    """Returns margins with a column for every class, far below zero where a fold had no example of it."""
    margins = machine.decision_function(features)
    if margins.ndim == 1:
        margins = np.column_stack([-margins, margins])
    by_column = np.full((features.shape[0], width), -2.0)
    by_column[:, machine.classes_] = margins
    return by_column
