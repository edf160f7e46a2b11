"""`bench`: ours beside a peer, on the same examples and test messages, in one run."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
from enum import StrEnum
from pathlib import Path
from typing import Annotated, Any

import typer

from bot.cli.evaluating import demo_vocabulary
from bot.cli.places import of_caller, prepare
from bot.cli.progress import doing
from bot.cli.refusals import Refused
from bot.processes import ENGINE_PYTHON, engine_command, quiet_engine
from crm_store.home import Home
from models.evaluation.page import shown

TEST_SETS = (Path("tests/nlu/intents_en.jsonl"), Path("tests/nlu/intents_zh.jsonl"))
FEWEST_EXAMPLES = 10
ROUNDS = 3
SCRIPT = Path("benchmarks/nlu.py")
PIPELINES = {"ours": (Path("config.yml"), ["--lean"]), "stock Rasa": (Path("benchmarks/stock_config.yml"), [])}


PEERS_PYTHON = Path("benchmarks/.venv/bin/python")


class Subject(StrEnum):
    NLU = "nlu"
    RECOMMEND = "recommend"
    LEADS = "leads"
    SPEND = "spend"
    LOAD = "load"


NEEDS_FILE = {
    Subject.LEADS: "a table of sales calls, such as bank marketing (UCI): --file bank-full.csv.gz",
    Subject.SPEND: "a table of customers and what they spend: --file customer_spend.csv.gz",
}


def bench(
    subject: Annotated[Subject, typer.Argument(help="What to measure.")],
    examples: Annotated[int, typer.Option(help="Training examples of each intent; 0 for all.")] = 40,
    file: Annotated[Path | None, typer.Option("--file", help="The table to measure leads or spend on.")] = None,
    seconds: Annotated[float, typer.Option(min=1, help="How long load lasts.")] = 60.0,
    conversations: Annotated[int, typer.Option(min=1, max=500, help="How many talk at once under load.")] = 32,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> int:
    """Measure ours beside a peer.

    nlu: our pipeline and the one that Rasa proposes, trained on the same examples and read the same test messages.
    The stock pipeline needs about eight minutes for 40 examples of each intent.
    recommend: next baskets of a grocer's households, beside the libraries of the field.
    load: many conversations at once with the whole assistant, beside stock `rasa run` on the same sentences, which is
    trained for it once (5-10 minutes).
    leads, spend: chances of sales calls and what customers spend, beside tuned boosted trees; each wants a --file.

    \b
    Example: ./salesclerk bench nlu --examples 100 --json
    Example: ./salesclerk bench recommend
    Example: ./salesclerk bench load --seconds 60 --conversations 32
    Example: ./salesclerk bench leads --file bank-full.csv.gz
    """
    if subject is Subject.LOAD:
        return _bench_load(seconds, conversations, as_json)
    if subject is not Subject.NLU:
        _bench_models(subject, file, as_json)
        return 0
    if 0 < examples < FEWEST_EXAMPLES:
        raise Refused(f"--examples {examples}: at least {FEWEST_EXAMPLES} are needed to train, or 0 for all")
    home = Home.from_environment()
    prepare(home)
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        _write_data(folder, examples)
        trained = {pipeline: _train(pipeline, folder) for pipeline in PIPELINES}
        parsed = _parse_in_turn(folder)
    measured = {pipeline: trained[pipeline] | parsed[pipeline] for pipeline in PIPELINES}
    if as_json:
        print(json.dumps(measured))
        return 0
    print(f"{'':22}" + "".join(f"{pipeline:>14}" for pipeline in measured))
    for figure in next(iter(measured.values())):
        print(f"{figure:22}" + "".join(f"{shown(values[figure]):>14}" for values in measured.values()))
    return 0


def _bench_load(seconds: float, conversations: int, as_json: bool) -> int:
    """Run the load in a process of its own, which starts both assistants; its exit status says whether ours held."""
    command = [sys.executable, "-m", "benchmarks.load"]
    command += ["--seconds", str(seconds), "--conversations", str(conversations)]
    return subprocess.run([*command, *(["--json"] if as_json else [])]).returncode


def _bench_models(subject: Subject, file: Path | None, as_json: bool) -> None:
    """Run a benchmark of the models in the environment that has the peers; its figures go to stdout as they are."""
    command = [str(PEERS_PYTHON), "-W", "ignore", f"benchmarks/{subject.value}.py"]
    if wanted := NEEDS_FILE.get(subject):
        if file is None:
            raise Refused(f"bench {subject.value} wants {wanted}")
        if not of_caller(file).is_file():
            raise Refused(f"there is no file {file}")
        command += ["--file", str(of_caller(file))]
    done = subprocess.run([*command, *(["--json"] if as_json else [])], env={**os.environ, "OMP_NUM_THREADS": "1"})
    if done.returncode != 0:
        raise Refused(f"benchmarks/{subject.value}.py did not finish; what it said is above")


def _write_data(folder: Path, examples: int) -> None:
    """Training examples as Rasa reads them, and one test set of both languages."""
    (folder / "vocabulary.json").write_text(json.dumps(demo_vocabulary(), ensure_ascii=False), encoding="utf-8")
    where = ["--vocabulary", str(folder / "vocabulary.json"), "--out", str(folder / "nlu.yml")]
    command = engine_command("examples", *where, "--most", str(examples))
    done = subprocess.run(command, env=quiet_engine(os.environ), capture_output=True, text=True)
    if done.returncode != 0:
        raise Refused(done.stderr.strip().splitlines()[-1])
    lines = "".join(file.read_text(encoding="utf-8") for file in TEST_SETS)
    (folder / "test.jsonl").write_text(lines, encoding="utf-8")


def _train(pipeline: str, folder: Path) -> dict[str, Any]:
    config, flags = PIPELINES[pipeline]
    with doing(f"Training {pipeline}"):
        what = ["--config", str(config), "--data", str(folder / "nlu.yml"), "--model", str(_model(pipeline, folder))]
        return _run("train", *what, *flags, vocabulary=folder / "vocabulary.json")


def _parse_in_turn(folder: Path) -> dict[str, dict[str, Any]]:
    """Read the test messages with each pipeline in turn, and so again: other work on the machine slows all alike.

    The figures are medians of the rounds; what was understood is the same in each.
    """
    rounds: dict[str, list[dict[str, Any]]] = {pipeline: [] for pipeline in PIPELINES}
    for number in range(1, ROUNDS + 1):
        for pipeline, (_, flags) in PIPELINES.items():
            with doing(f"Measuring {pipeline}, round {number} of {ROUNDS}"):
                what = ["--model", str(_model(pipeline, folder)), "--test", str(folder / "test.jsonl")]
                rounds[pipeline].append(_run("parse", *what, *flags, vocabulary=folder / "vocabulary.json"))
    return {
        pipeline: {figure: statistics.median(one[figure] for one in measured) for figure in measured[0]}
        for pipeline, measured in rounds.items()
    }


def _model(pipeline: str, folder: Path) -> Path:
    return folder / f"{PIPELINES[pipeline][0].stem}.tar.gz"


def _run(*arguments: str, vocabulary: Path) -> dict[str, Any]:
    environment = {**os.environ, "PYTHONPATH": ".", "SALESCLERK_VOCABULARY": str(vocabulary)}
    # Rasa keeps what it has trained on the same examples before: a second run would measure how fast it copies.
    environment["RASA_CACHE_DIRECTORY"] = str(vocabulary.parent / "rasa_cache")
    # The stock pipeline may use every core: only ours is faster with one thread.
    if "--lean" not in arguments:
        environment.pop("OMP_NUM_THREADS", None)
    done = subprocess.run(
        [str(ENGINE_PYTHON), str(SCRIPT), *arguments], env=environment, capture_output=True, text=True, encoding="utf-8"
    )
    if done.returncode != 0:
        raise Refused(f"{SCRIPT} failed: {(done.stderr.strip().splitlines() or ['no reason given'])[-1]}")
    return json.loads(done.stdout.strip().splitlines()[-1])
