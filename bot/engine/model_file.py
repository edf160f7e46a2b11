"""Checks a trained model's file before anything heavy is imported."""

from __future__ import annotations

import tarfile
from pathlib import Path


class BrokenModel(ValueError):
    """The file is not a trained model; the message is one line that says what to do."""


def check_model(path: Path) -> None:
    """Raises BrokenModel when the file is missing, cut short, or not a model of ours."""
    if not path.is_file():
        raise BrokenModel(f"{path}: no such model; train one first")
    try:
        with tarfile.open(path, "r:gz") as archive:
            # Reading all names reads the whole file: a download or a copy that stopped half-way shows here.
            names = {name.removeprefix("./") for name in archive.getnames()}
    except (tarfile.TarError, EOFError, OSError) as error:
        raise BrokenModel(f"{path}: not a readable model ({' '.join(str(error).split())}); train it again") from None
    if "metadata.json" not in names:
        raise BrokenModel(f"{path}: not a trained model; train it again")
