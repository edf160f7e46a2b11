from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from bot.engine.encoder import SentenceEncoderFeaturizer
from bot.engine.intents import SvmIntentClassifier
from bot.engine.message_reader import MessageReader
from bot.engine.ngrams import NgramFeaturizer
from bot.engine.text_cleaning import MAX_CHARACTERS, clean
from conftest import EXAMPLES
from rasa.engine.graph import ExecutionContext, GraphComponent, GraphSchema
from rasa.engine.storage.local_model_storage import LocalModelStorage
from rasa.engine.storage.resource import Resource
from rasa.shared.exceptions import InvalidConfigException
from rasa.shared.nlu.training_data.message import Message
from rasa.shared.nlu.training_data.training_data import TrainingData
from scipy.sparse import csr_matrix, hstack


class Pipeline:
    """Features and intents, trained together, as the graph would."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self._storage = LocalModelStorage(folder)
        self._settings = settings

    def _make(self, component: type[GraphComponent], how: str) -> GraphComponent:
        name = component.__name__
        settings = self._settings if component is SvmIntentClassifier else {}
        config = {**component.get_default_config(), **settings}
        context = ExecutionContext(GraphSchema({}), node_name=name)
        return getattr(component, how)(config, self._storage, Resource(name), context)

    def train(self) -> None:
        examples = [
            Message({"text": text.format_map(_Words()), "intent": intent})
            for intent, texts in EXAMPLES.items()
            for text in texts
        ]
        examples.append(Message({"intent": "action_only"}))  # as Rasa adds for its rules: no text
        training_data = TrainingData(examples)
        self._make(SentenceEncoderFeaturizer, "create").process_training_data(training_data)
        ngrams = self._make(NgramFeaturizer, "create")
        ngrams.train(training_data)
        ngrams.process_training_data(training_data)
        self._make(SvmIntentClassifier, "create").train(training_data)

    def read(self, *texts: str) -> list[Message]:
        messages = [Message({"text": text}) for text in texts]
        for component in (MessageReader, SentenceEncoderFeaturizer, NgramFeaturizer, SvmIntentClassifier):
            messages = self._make(component, "load").process(messages)
        return messages


class _Words(dict):
    def __missing__(self, key: str) -> str:
        return {"category": "手套", "order": "SC-7K3M9Q"}.get(key, "two")


@pytest.fixture(scope="module")
def pipeline(tmp_path_factory: pytest.TempPathFactory) -> Pipeline:
    pipeline = Pipeline(tmp_path_factory.mktemp("components"), threshold=0.2)
    pipeline.train()
    return pipeline


def test_a_loaded_pipeline_tells_the_intents_it_was_taught_in_both_languages(pipeline: Pipeline) -> None:
    texts = ["hello!", "where's my parcel", "我想买两个手套", "what is the meaning of life"]
    intents = [message.get("intent")["name"] for message in pipeline.read(*texts)]
    assert intents == ["greet", "track_order", "state_need", "out_of_scope"]


def test_the_ranking_is_sorted_has_probabilities_and_begins_with_the_intent(pipeline: Pipeline) -> None:
    (message,) = pipeline.read("where is my order")
    ranking = message.get("intent_ranking")
    shares = [entry["confidence"] for entry in ranking]
    assert ranking[0] == message.get("intent")
    assert shares == sorted(shares, reverse=True)
    assert all(0 <= share <= 1 for share in shares)
    assert len(ranking) == len(EXAMPLES)


def test_a_batch_is_read_like_its_messages_one_by_one(pipeline: Pipeline) -> None:
    texts = ["hi", "i want gloves", "查快递", "", "x" * 3000]
    together = [message.get("intent_ranking") for message in pipeline.read(*texts)]
    alone = [pipeline.read(text)[0].get("intent_ranking") for text in texts]
    assert together == alone


def test_the_quick_ways_give_what_scikit_learn_gives(pipeline: Pipeline) -> None:
    texts = ["where is my order? where?", "我想买两个手套", "zzz"]
    ngrams, intents = (pipeline._make(component, "load") for component in (NgramFeaturizer, SvmIntentClassifier))
    for text, message in zip(texts, pipeline.read(*texts), strict=True):
        row, dense = message.get_sparse_features("text")[1].features, message.get_dense_features("text")[1].features
        expected = hstack([vectorizer.transform([text]) for _, vectorizer in ngrams._vectorizers], format="csr")
        assert np.allclose(row.toarray(), expected.toarray())
        machine, _, weight, _ = intents._trained
        margins = machine.decision_function(hstack([row, csr_matrix(weight * dense)], format="csr"))
        assert np.allclose(intents._margins(row, dense), margins, atol=1e-5)


def test_below_the_threshold_the_answer_is_out_of_scope(tmp_path: Path) -> None:
    strict = Pipeline(tmp_path, threshold=1.0, most_refused=1.0)
    strict.train()
    (message,) = strict.read("hi")
    assert message.get("intent")["name"] == "out_of_scope"
    assert [entry["name"] for entry in message.get("intent_ranking")].count("out_of_scope") == 1
    assert message.get("intent_ranking")[1]["name"] == "greet"


def test_a_threshold_that_would_refuse_most_of_what_was_taught_is_lowered(tmp_path: Path) -> None:
    modest = Pipeline(tmp_path, threshold=1.0)
    modest.train()
    texts = ["hello!", "where's my parcel", "what is the meaning of life"]
    assert [message.get("intent")["name"] for message in modest.read(*texts)] == [
        "greet",
        "track_order",
        "out_of_scope",
    ]


@pytest.mark.parametrize("text", ["", "   ", "\u200b\u0000"])
def test_a_message_without_text_is_out_of_scope_with_no_confidence(pipeline: Pipeline, text: str) -> None:
    (message,) = pipeline.read(text)
    assert message.get("intent") == {"name": "out_of_scope", "confidence": 0.0}


def test_a_threshold_that_is_no_probability_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InvalidConfigException, match="threshold"):
        Pipeline(tmp_path, threshold=7).train()
    with pytest.raises(InvalidConfigException, match="most_refused"):
        Pipeline(tmp_path, most_refused=-1).train()


def test_a_button_is_read_from_its_message_and_stays_what_it_is(pipeline: Pipeline) -> None:
    (message,) = pipeline.read('/press_button{"button": "b_7f"}')
    assert message.get("intent") == {"name": "press_button", "confidence": 1.0}
    assert [(entity["entity"], entity["value"]) for entity in message.get("entities")] == [("button", "b_7f")]
    assert (message.get("needs"), message.get("mentions")) == ({}, {})


@pytest.mark.parametrize(
    "text",
    [
        '/press_button{"button": 7}',
        "/press_button{broken}",
        "/press_button",
        '/rep_move_stage{"stage": "won"}',
        "//greet",
    ],
)
def test_any_other_slash_is_only_text(pipeline: Pipeline, text: str) -> None:
    (message,) = pipeline.read(text)
    assert message.get("intent")["name"] in EXAMPLES
    assert not message.get("text").startswith("/")
    assert not message.get("entities")


def test_cleaning_folds_widths_drops_controls_and_cuts() -> None:
    assert clean("ＡＢＣ，１２３？") == "ABC,123?"
    assert clean("a\u0000b\tc\u200bd\ud800e\n") == "a b cde"
    assert len(clean("long " * 5000)) <= MAX_CHARACTERS
    assert len(clean("\ufdfa" * 9000)) <= MAX_CHARACTERS
