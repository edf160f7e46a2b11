"""Writes learned objects of a component into the model, and reads them back."""

import gzip
import pickle
from pathlib import Path
from typing import Any

from rasa.engine.storage.resource import Resource
from rasa.engine.storage.storage import ModelStorage


def save_object(model_storage: ModelStorage, resource: Resource, name: str, learned: Any) -> None:
    """Writes one learned object under its name."""
    with model_storage.write_to(resource) as folder:
        packed = gzip.compress(pickle.dumps(learned, protocol=pickle.HIGHEST_PROTOCOL), compresslevel=1)
        _file(folder, name).write_bytes(packed)


def load_object(model_storage: ModelStorage, resource: Resource, name: str) -> Any:
    """Reads it; raises ValueError when the model has none of that name.

    Reading runs what the file says (pickle), as with any model of scikit-learn: models come from this machine's own
    training and lie in the home that only its owner writes. Plain pickle and not joblib: a vocabulary is half a million
    strings, and joblib reads each of them in Python.
    """
    with model_storage.read_from(resource) as folder:
        return pickle.loads(gzip.decompress(_file(folder, name).read_bytes()))


def _file(folder: Path, name: str) -> Path:
    return folder / f"{name}.pickle.gz"
