"""One pipeline for understanding messages, measured: training, start-up, accuracy, time and memory of a message.

Runs in the engine's Python, one pipeline a process, so that memory and start-up are its own:

    python benchmarks/nlu.py train --config config.yml --data FOLDER --model FILE [--lean]
    python benchmarks/nlu.py parse --model FILE --test FILE.jsonl [--lean]

Each prints one JSON object. `--lean` prepares the process as our engine does; without it Rasa runs as it comes.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import logging
import os
import resource
import shutil
import statistics
import sys
import time
import warnings
from pathlib import Path

STARTED = time.monotonic()
FALLBACK = "nlu_fallback"  # what the stock pipeline answers when it is not sure


def train(options: argparse.Namespace) -> dict[str, float]:
    """Trains on `data/nlu.yml` and writes the model."""
    import rasa.model_training

    begin = time.monotonic()
    result = rasa.model_training.train_nlu(
        str(options.config), str(options.data), output=str(options.model.parent), fixed_model_name="trained"
    )
    seconds = time.monotonic() - begin
    shutil.move(str(result), options.model)
    return {"training_s": round(seconds, 1), "training_mb": _peak()}


def parse(options: argparse.Namespace) -> dict[str, float]:
    """Loads the model and reads every message of the test set, one at a time."""
    from rasa.core.agent import Agent

    agent = Agent.load(str(options.model))
    loop = asyncio.new_event_loop()
    rows = [json.loads(line) for line in options.test.read_text(encoding="utf-8").splitlines() if line.strip()]
    loop.run_until_complete(agent.parse_message(rows[0]["text"]))
    ready = time.monotonic() - STARTED
    times, right, refused, outside, found = [], 0, 0, 0, 0
    for row in rows:
        begin = time.perf_counter()
        answer = loop.run_until_complete(agent.parse_message(row["text"]))
        times.append(time.perf_counter() - begin)
        intent = answer["intent"]["name"]
        intent = "out_of_scope" if intent in (FALLBACK, None) else intent
        right += intent == row["intent"]
        if row["intent"] == "out_of_scope":
            outside += 1
            found += intent == "out_of_scope"
        else:
            refused += intent == "out_of_scope"
    return {
        "messages": len(rows),
        "accuracy": right / len(rows),
        "out_of_scope_recall": found / outside if outside else 0.0,
        "refused_in_scope": refused / (len(rows) - outside),
        "ready_s": round(ready, 1),
        "parse_p50_ms": round(1000 * statistics.median(times), 2),
        "parse_p95_ms": round(1000 * statistics.quantiles(times, n=20)[-1], 2),
        "memory_mb": _peak(),
    }


def _peak() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", choices=["train", "parse"])
    parser.add_argument("--config", type=Path)
    parser.add_argument("--data", type=Path)
    parser.add_argument("--model", type=Path, required=True)
    parser.add_argument("--test", type=Path)
    parser.add_argument("--lean", action="store_true")
    options = parser.parse_args()
    target, sys.stdout = sys.stdout, sys.stderr  # what the libraries print is no figure
    os.environ.update({"RASA_TELEMETRY_ENABLED": "false", "TF_CPP_MIN_LOG_LEVEL": "3", "LOG_LEVEL": "WARNING"})
    warnings.simplefilter("ignore")
    if options.lean:
        from bot.engine import runtime

        runtime.prepare()
    logging.getLogger("rasa").setLevel(logging.WARNING)
    measured = train(options) if options.what == "train" else parse(options)
    print(json.dumps(measured), file=target)


if __name__ == "__main__":
    main()
