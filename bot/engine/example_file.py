"""The file that carries all examples of a training run to the pipeline."""

from __future__ import annotations

import json
import os
from pathlib import Path

# Names the file of the running training; not set where Rasa itself is given all examples.
EXAMPLES_VARIABLE = "SALESCLERK_EXAMPLES"


def write_examples(path: Path, examples: dict[str, list[str]]) -> None:
    """Writes intent -> examples as JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for intent, texts in sorted(examples.items()):
            file.writelines(json.dumps({"text": text, "intent": intent}) + "\n" for text in texts)


def read_examples_file() -> list[tuple[str, str]] | None:
    """Returns (text, intent) of every example of the running training, None when it has no such file."""
    path = os.environ.get(EXAMPLES_VARIABLE)
    if not path:
        return None
    rows = map(json.loads, Path(path).read_text(encoding="utf-8").splitlines())
    return [(row["text"], row["intent"]) for row in rows]
