"""`python -m bot.engine.crossvalidation`: predicts every training example with a pipeline that has not seen it."""

from __future__ import annotations

import argparse
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from bot.engine import runtime
from bot.engine.training_data import TrainingDataError, filled_templates, read_vocabulary

# Components that note what is wanted or spoken have no say in the intent of the example as a whole.
LEFT_OUT = frozenset({"LanguageDetector", "NeedsComponent", "WishSplitter", "MainWishChooser", "WishGatherer"})


class IntentPipeline:
    """The pipeline of config.yml up to the intents, trained and run without Rasa's graph.

    What learns nothing from examples (cleaning, outlines, the encoder) runs once for all folds.
    """

    def __init__(self, config: Path, folder: Path) -> None:
        """Reads the components and their settings."""
        entries = yaml.safe_load(config.read_text(encoding="utf-8"))["pipeline"]
        chosen = [entry for entry in entries if entry["name"].rpartition(".")[2] not in LEFT_OUT]
        self._folder = folder
        self._made = [(_component(entry["name"]), {k: v for k, v in entry.items() if k != "name"}) for entry in chosen]
        first_trained = next(i for i, (component, _) in enumerate(self._made) if hasattr(component, "train"))
        self._fixed, self._trained = self._made[:first_trained], self._made[first_trained:]

    def prepare(self, texts: list[str]) -> list[Any]:
        """Returns messages that every component before the first that learns has been through."""
        from rasa.shared.nlu.training_data.message import Message

        messages = [Message({"text": text}) for text in texts]
        for component, settings in self._fixed:
            messages = self._make(component, settings, "create").process(messages)
        return messages

    def predict(self, train: list[tuple[Any, str]], test: list[Any]) -> list[dict[str, Any]]:
        """Trains on (message, intent) pairs and returns `{"name", "confidence"}` for each message of `test`."""
        from rasa.shared.nlu.training_data.training_data import TrainingData

        examples = [_copy(message, intent) for message, intent in train]
        training_data = TrainingData(examples)
        messages = [_copy(message) for message in test]
        for component, settings in self._trained:
            if hasattr(component, "train"):
                self._make(component, settings, "create").train(training_data)
                made = self._make(component, settings, "load")
            else:
                made = self._make(component, settings, "create")
            if hasattr(made, "process_training_data"):
                training_data = made.process_training_data(training_data)
            messages = made.process(messages)
        return [message.get("intent") for message in messages]

    def _make(self, component: type, settings: dict[str, Any], how: str) -> Any:
        from rasa.engine.graph import ExecutionContext, GraphSchema
        from rasa.engine.storage.local_model_storage import LocalModelStorage
        from rasa.engine.storage.resource import Resource

        name = component.__name__
        config = {**component.get_default_config(), **settings}
        context = ExecutionContext(GraphSchema({}), node_name=name)
        return getattr(component, how)(config, LocalModelStorage(self._folder), Resource(name), context)


def crossvalidate(data: Path, vocabulary: Path, config: Path, folds: int, seed: int) -> Iterator[dict[str, Any]]:
    """Yields `{"text", "intent", "predicted", "confidence"}` for every example.

    The fillings of one template stay on one side of a split: otherwise the answer would have been seen.
    """
    from sklearn.model_selection import StratifiedGroupKFold

    os.environ["SALESCLERK_VOCABULARY"] = str(vocabulary)
    examples = list(filled_templates(data / "nlu", read_vocabulary(vocabulary), seed))
    texts = [text for text, _, _ in examples]
    intents = [intent for _, intent, _ in examples]
    groups = [template for _, _, template in examples]
    with tempfile.TemporaryDirectory() as folder:
        pipeline = IntentPipeline(config, Path(folder))
        messages = pipeline.prepare(texts)
        splitter = StratifiedGroupKFold(folds, shuffle=True, random_state=seed)
        for seen, unseen in splitter.split(texts, intents, groups):
            predicted = pipeline.predict([(messages[i], intents[i]) for i in seen], [messages[i] for i in unseen])
            for i, intent in zip(unseen, predicted, strict=True):
                yield {
                    "text": texts[i],
                    "intent": intents[i],
                    "predicted": intent["name"],
                    "confidence": intent["confidence"],
                }


def _component(path: str) -> type:
    from importlib import import_module

    module, _, name = path.rpartition(".")
    return getattr(import_module(module), name)


def _copy(message: Any, intent: str | None = None) -> Any:
    """A message with the same text and features, which the components of a fold may add to."""
    from rasa.shared.nlu.training_data.message import Message

    return Message({**message.data, **({"intent": intent} if intent else {})}, features=list(message.features))


def main(arguments: list[str] | None = None) -> None:
    """Writes JSON lines to stdout; bad input ends with one line on stderr and exit status 2."""
    options = _options(arguments)
    target, sys.stdout = sys.stdout, sys.stderr  # whatever a library prints is no result
    runtime.prepare()
    import rasa.engine.loader  # noqa: F401  imported before its loggers are set

    runtime.quiet_rasa()
    try:
        for row in crossvalidate(options.data, options.vocabulary, options.config, options.folds, options.seed):
            target.write(json.dumps(row, ensure_ascii=False) + "\n")
    except TrainingDataError as error:
        runtime.refuse(error)
    target.flush()


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.engine.crossvalidation", description=__doc__)
    parser.add_argument("--vocabulary", type=Path, required=True, help="the store's words, JSON")
    parser.add_argument("--data", type=Path, default=Path("nlu_data"), help="folder with nlu/")
    parser.add_argument("--config", type=Path, default=Path("config.yml"))
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--seed", type=int, default=7)
    return parser.parse_args(arguments)


if __name__ == "__main__":
    main()
