"""Stock Rasa as the peer under load: what `rasa init` proposes, trained on a few of our examples, simple answers."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import httpx
import yaml

from bot.cli.evaluating import demo_vocabulary
from bot.processes import ENGINE_PYTHON, engine_command, quiet_engine
from tests.stack import free_ports

STOCK_CONFIG = Path("benchmarks/stock_config.yml")
EXAMPLES = 10  # of each intent: how fast it answers does not depend on how much it was taught
STARTED_WITHIN = 240  # seconds
# As `rasa init` of Rasa 3.6 writes them, commented out, as the defaults.
POLICIES = [
    {"name": "MemoizationPolicy"},
    {"name": "RulePolicy"},
    {"name": "UnexpecTEDIntentPolicy", "max_history": 5, "epochs": 100},
    {"name": "TEDPolicy", "max_history": 5, "epochs": 100, "constrain_similarities": True},
]


class StockRasa:
    """An assistant that answers each intent with a sentence, over Rasa's REST channel."""

    def __init__(self, kept: Path, folder: Path) -> None:
        """`kept` is where the trained model stays for the next time."""
        self._kept = kept
        self._folder = folder / "stock"
        (self._port,) = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._port}"

    def train(self, tell: Callable[[str], None]) -> None:
        """Train, unless the same was trained before."""
        self._folder.mkdir()
        write_project(self._folder)
        self._kept.mkdir(parents=True, exist_ok=True)
        model = self._kept / f"{_digest(self._folder)}.tar.gz"
        if not model.is_file():
            tell("training stock Rasa (5-10 minutes, once)")
            words = ["train", "--quiet", "--fixed-model-name", "model", "--out", str(self._folder)]
            done = subprocess.run(
                ["nice", "-n", "10", *_rasa(*words)],
                cwd=self._folder, env=_environment(), capture_output=True, text=True,
            )  # fmt: skip
            if done.returncode != 0:
                raise RuntimeError(f"stock Rasa could not be trained: {done.stderr.strip()[-400:]}")
            shutil.move(self._folder / "model.tar.gz", model)
        shutil.copy2(model, self._folder / "model.tar.gz")

    def start(self) -> None:
        """Start and wait until it answers."""
        with (self._folder / "rasa.log").open("ab") as log:
            self._process = subprocess.Popen(
                _rasa("run", "--model", "model.tar.gz", "--port", str(self._port)),
                cwd=self._folder, env=_environment(), stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + STARTED_WITHIN
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"stock Rasa does not start: {(self._folder / 'rasa.log').read_text()[-400:]}")
            time.sleep(0.5)

    def stop(self) -> None:
        if self._process is not None:
            self._process.send_signal(signal.SIGINT)
            try:
                self._process.wait(timeout=15)
            except subprocess.TimeoutExpired:
                self._process.kill()

    def _answers(self) -> bool:
        body = {"sender": "first", "message": "hi"}
        try:
            address = f"{self.address}/webhooks/rest/webhook"
            return httpx.post(address, json=body, timeout=30, trust_env=False).status_code == 200
        except httpx.TransportError:
            return False


def write_project(folder: Path) -> None:
    """The files of the assistant: our examples, one answer and one story an intent."""
    (folder / "vocabulary.json").write_text(json.dumps(demo_vocabulary(), ensure_ascii=False), encoding="utf-8")
    (folder / "data").mkdir()
    where = ["--vocabulary", str(folder / "vocabulary.json"), "--out", str(folder / "data" / "nlu.yml")]
    command = engine_command("examples", *where, "--most", str(EXAMPLES))
    subprocess.run(command, env=quiet_engine(os.environ), capture_output=True, check=True)
    nlu = yaml.safe_load((folder / "data" / "nlu.yml").read_text(encoding="utf-8"))
    intents = sorted({block["intent"].partition("/")[0] for block in nlu["nlu"] if "intent" in block})
    pipeline = yaml.safe_load(STOCK_CONFIG.read_text(encoding="utf-8"))
    _write(folder / "config.yml", pipeline | {"policies": POLICIES, "assistant_id": "stock"})
    _write(folder / "credentials.yml", {"rest": {}})
    _write(folder / "domain.yml", _domain(intents))
    _write(folder / "data" / "stories.yml", _stories(intents))


def _domain(intents: list[str]) -> dict[str, Any]:
    answers = {f"utter_{intent}": [{"text": f"This is about {intent.replace('_', ' ')}."}] for intent in intents}
    return {"version": "3.1", "intents": intents, "responses": answers}


def _stories(intents: list[str]) -> dict[str, Any]:
    """Each intent alone, and each after another one, so that there is something to learn."""
    pairs = [(intent,) for intent in intents] + list(zip(intents, intents[1:], strict=False))
    stories = [
        {
            "story": " and then ".join(pair),
            "steps": [step for intent in pair for step in ({"intent": intent}, {"action": f"utter_{intent}"})],
        }
        for pair in pairs
    ]
    fallback = {
        "rule": "not understood",
        "steps": [{"intent": "nlu_fallback"}, {"action": "utter_out_of_scope"}],
    }
    return {"version": "3.1", "stories": stories, "rules": [fallback]}


def _write(file: Path, content: dict[str, Any]) -> None:
    file.write_text(yaml.safe_dump(content, allow_unicode=True, sort_keys=False), encoding="utf-8")


def _digest(folder: Path) -> str:
    digest = hashlib.sha256()
    for file in sorted(folder.rglob("*.yml")):
        digest.update(file.read_bytes())
    return digest.hexdigest()[:16]


def _rasa(*words: str) -> list[str]:
    return [str(ENGINE_PYTHON.absolute()), "-m", "rasa", *words]


def _environment() -> dict[str, str]:
    """As it comes: it may use every core."""
    environment = {**os.environ, "RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3"}
    environment.pop("OMP_NUM_THREADS", None)
    return environment
