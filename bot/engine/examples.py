"""`python -m bot.engine.examples`: writes filled training examples as Rasa reads them, so many of each intent."""

from __future__ import annotations

import argparse
import random
from collections import defaultdict
from pathlib import Path

from bot.engine import runtime
from bot.engine.training_data import TrainingDataError, as_yaml, filled_templates, read_vocabulary


def main(arguments: list[str] | None = None) -> None:
    """Writes the file; bad input ends with one line on stderr and exit status 2."""
    parser = argparse.ArgumentParser(prog="python -m bot.engine.examples", description=__doc__)
    parser.add_argument("--vocabulary", type=Path, required=True, help="the store's words, JSON")
    parser.add_argument("--out", type=Path, required=True, help="the YAML file to write")
    parser.add_argument("--data", type=Path, default=Path("nlu_data"), help="folder with nlu/")
    parser.add_argument("--most", type=int, default=0, help="examples of each intent, drawn by chance; 0 for all")
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args(arguments)
    examples: dict[str, list[str]] = defaultdict(list)
    try:
        for text, intent, _ in filled_templates(
            options.data / "nlu", read_vocabulary(options.vocabulary), options.seed
        ):
            examples[intent].append(text)
    except TrainingDataError as error:
        runtime.refuse(error)
    chance = random.Random(options.seed)
    drawn = {
        intent: chance.sample(texts, options.most) if 0 < options.most < len(texts) else texts
        for intent, texts in sorted(examples.items())
    }
    options.out.write_text(as_yaml(drawn), encoding="utf-8")


if __name__ == "__main__":
    main()
