"""`python -m bot.engine.train`: trains the engine for one shop's vocabulary."""

from __future__ import annotations

import argparse
import contextlib
import io
import os
import sys
import tempfile
import time
from pathlib import Path

import yaml

from bot.engine import runtime
from bot.engine.example_file import EXAMPLES_VARIABLE
from bot.engine.training_data import TrainingDataError, YamlLoader, write_training_folder


def main(arguments: list[str] | None = None) -> None:
    """Trains and writes the model; bad input ends with one line on stderr and exit status 2."""
    options = _options(arguments)
    started = time.monotonic()
    try:
        train(options.vocabulary, options.out, options.data, options.domain, options.config, options.seed, options.most)
    except TrainingDataError as error:
        runtime.refuse(error)
    except OSError as error:
        runtime.refuse(f"{options.out}: cannot be written ({error.strerror})")
    print(f"trained in {time.monotonic() - started:.0f} s: {options.out}", flush=True)


def train(vocabulary: Path, out: Path, data: Path, domain: Path, config: Path, seed: int, most: int = 0) -> None:
    """Fills the training data, trains, and puts the model in place in one step.

    `most` is how many examples of each intent are learned from, drawn by chance; 0 for all.

    Raises TrainingDataError for data, domain or configuration that cannot be used, OSError when `out` cannot be
    written.
    """
    known_intents = _intents_of(domain)
    if not config.is_file():
        raise TrainingDataError(f"{config}: not found")
    os.environ["SALESCLERK_VOCABULARY"] = str(vocabulary)  # by which the examples are outlined
    out.parent.mkdir(parents=True, exist_ok=True)
    # In the folder of the model, so that the last step is a rename within one file system.
    with tempfile.TemporaryDirectory(prefix=".training-", dir=out.parent) as folder:
        filled = Path(folder, "data")
        count = write_training_folder(data, vocabulary, filled, seed, known_intents, most)
        print(f"filled {count} examples", flush=True)
        os.environ[EXAMPLES_VARIABLE] = str(filled / "examples.jsonl")
        try:
            model = _train_rasa(filled / "rasa", _spoken_by_actions(domain, Path(folder)), config, Path(folder))
        finally:
            del os.environ[EXAMPLES_VARIABLE]  # the file goes with the folder
        model.replace(out)


def _intents_of(domain: Path) -> frozenset[str] | None:
    """Returns the intents that a domain file declares, None for a folder of them; raises TrainingDataError."""
    if domain.is_dir():
        return None
    try:
        declared = yaml.load(domain.read_text(encoding="utf-8"), Loader=YamlLoader)
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise TrainingDataError(f"{domain}: not readable as YAML ({' '.join(str(error).split())[:200]})") from None
    entries = declared.get("intents") if isinstance(declared, dict) else None
    if not isinstance(entries, list):
        raise TrainingDataError(f"{domain}: no list 'intents'")
    return frozenset(name for entry in entries for name in ([entry] if isinstance(entry, str) else entry))


def _spoken_by_actions(domain: Path, folder: Path) -> Path:
    """Returns the domain without what the assistant says, which actions utter and the engine would read at each start.

    A folder of domains stays as it is.
    """
    if domain.is_dir():
        return domain
    declared = yaml.load(domain.read_text(encoding="utf-8"), Loader=YamlLoader)
    silent = folder / "domain.yml"
    silent.write_text(yaml.safe_dump({**declared, "responses": {}}, allow_unicode=True), encoding="utf-8")
    return silent


def _train_rasa(data: Path, domain: Path, config: Path, folder: Path) -> Path:
    """Runs Rasa's training and returns the model's file; raises TrainingDataError with Rasa's reason."""
    runtime.prepare()
    print("loading the engine", flush=True)
    import rasa.model_training
    from rasa.shared.exceptions import RasaException

    runtime.quiet_rasa()
    print("training intents and rules", flush=True)
    said = io.StringIO()
    try:
        # Rasa prints its own success and, before it leaves, its reasons.
        with contextlib.redirect_stdout(said):
            result = rasa.model_training.train(
                str(domain), str(config), [str(data)], output=str(folder), force_training=True, fixed_model_name="model"
            )
    except RasaException as error:
        raise TrainingDataError(f"training failed: {error}") from error
    except SystemExit:
        raise TrainingDataError(f"training failed: {said.getvalue()}") from None
    if result.code != 0 or not result.model:
        raise TrainingDataError(f"training failed: {said.getvalue()}")
    return Path(result.model)


def _options(arguments: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bot.engine.train", description=__doc__)
    parser.add_argument("--vocabulary", type=Path, required=True, help="the store's words, JSON")
    parser.add_argument("--out", type=Path, required=True, help="the model to write, *.tar.gz")
    parser.add_argument("--data", type=Path, default=Path("nlu_data"), help="folder with nlu/ and rules/")
    parser.add_argument("--domain", type=Path, default=Path("domain.yml"))
    parser.add_argument("--config", type=Path, default=Path("config.yml"))
    parser.add_argument("--seed", type=int, default=7, help="of the fillings")
    parser.add_argument("--most", type=int, default=0, help="examples of each intent to learn from; 0 for all")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
