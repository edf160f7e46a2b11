"""Writes learned objects of a component into the model, and reads them back."""

from pathlib import Path
from typing import Any

import joblib
from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage


def save_object(model_storage: ModelStorage, resource: Resource, name: str, learned: Any) -> None:
    """Writes one learned object under its name."""
    with model_storage.write_to(resource) as folder:
        joblib.dump(learned, _file(folder, name), compress=1)


def load_object(model_storage: ModelStorage, resource: Resource, name: str) -> Any:
    """Reads it; raises ValueError when the model has none of that name.

    Reading runs what the file says (pickle), as with any model of scikit-learn: models come from this machine's own
    training and lie in the home that only its owner writes.
    """
    with model_storage.read_from(resource) as folder:
        return joblib.load(_file(folder, name))


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.joblib"
