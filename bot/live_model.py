"""The model that answers customers: whether it is there, what it was trained on, how a new one takes its place."""

from __future__ import annotations

import hashlib
import json
import os
import subprocess
import tarfile
import tempfile
from collections.abc import Callable
from pathlib import Path

import yaml

from bot.processes import engine_command, quiet_engine
from crm_store.errors import SalesError
from crm_store.home import Home

DOMAIN = Path("domain.yml")
# What a model depends on besides the vocabulary, which the engine takes anew without training. It holds objects of
# our components and of the locked packages, so it does not outlive either.
INPUTS = (
    "config.yml",
    "domain.yml",
    "nlu_data/**/*",
    "bot/engine/requirements.txt",
    "bot/engine/*.py",
    "bot/engine/needs/**/*.py",
)


class TrainingFailed(SalesError):
    """The engine could not be trained; the sentence is the engine's own reason."""

    code = "training_failed"


class ModelBroken(SalesError):
    """The live model's file cannot be used."""

    code = "model_broken"

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(f"the model {path} cannot be used ({reason}); make a new one with: ./salesclerk train")


def train(home: Home, tell: Callable[[str], None], examples: int = 0) -> None:
    """Train on the home's vocabulary and put the model in place in one step; `tell` hears what is being done.

    `examples` is how many of each intent are learned from at most; 0 for all.
    """
    fingerprint = inputs_fingerprint()
    home.engine_models.mkdir(parents=True, exist_ok=True)
    where = ["--vocabulary", str(home.vocabulary), "--out", str(home.live_model), "--most", str(examples)]
    with tempfile.TemporaryFile("w+", encoding="utf-8") as complaints:
        training = subprocess.Popen(
            engine_command("train", *where),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=complaints,
            env=quiet_engine(os.environ),
            text=True,
            encoding="utf-8",
        )
        try:
            for line in training.stdout or ():
                tell(line.strip())
            status = training.wait()
        finally:
            # Interrupted: nothing is left running, and the old model is still in place.
            training.kill()
            training.wait()
        if status != 0:
            complaints.seek(0)
            raise TrainingFailed(_last_line(complaints.read()) or f"training ended with status {status}")
    _fingerprint_file(home).write_text(fingerprint + "\n", encoding="ascii")


def check(home: Home) -> None:
    """Raise ModelBroken when the live model's file is cut short or is not a model."""
    try:
        with tarfile.open(home.live_model, "r:gz") as archive:
            names = {name.removeprefix("./") for name in archive.getnames()}
    except (tarfile.TarError, EOFError, OSError) as error:
        raise ModelBroken(home.live_model, " ".join(str(error).split())) from error
    if "metadata.json" not in names:
        raise ModelBroken(home.live_model, "it is not a trained model")


def is_outdated(home: Home) -> bool:
    """Whether the model was made from other examples, rules, settings or code than there are now."""
    file = _fingerprint_file(home)
    return not file.is_file() or file.read_text(encoding="ascii").strip() != inputs_fingerprint()


def inputs_fingerprint() -> str:
    """A digest of everything in the repository that training reads."""
    digest = hashlib.sha256()
    files = {file for pattern in INPUTS for file in Path().glob(pattern) if file.is_file()}
    for file in sorted(files):
        content = _without_responses(file) if file == DOMAIN else file.read_bytes()
        digest.update(f"{file.as_posix()}\0{len(content)}\0".encode())
        digest.update(content)
    return digest.hexdigest()


def _without_responses(domain: Path) -> bytes:
    """What training reads of the domain: other words for an answer change nothing that was learned."""
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    declared = yaml.load(domain.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506 (both are safe loaders)
    return json.dumps({name: part for name, part in declared.items() if name != "responses"}).encode()


def _fingerprint_file(home: Home) -> Path:
    return home.live_model.with_name("live.inputs")


def _last_line(text: str) -> str:
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    return lines[-1].removeprefix("salesclerk engine: ") if lines else ""
