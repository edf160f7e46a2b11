"""32 conversations at once for a minute, through the web: ours, and beside it stock `rasa run` on the same sentences.

    ./salesclerk bench load --seconds 60 --conversations 32

Each conversation sends its next sentence as soon as the last one is answered. Runs in the app's Python.
"""

from __future__ import annotations

import argparse
import asyncio
import itertools
import json
import os
import signal
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Protocol

import httpx

from benchmarks.chaos_run import table
from benchmarks.chaos_run.house import ready_home, running
from benchmarks.chaos_run.scripts import SCRIPTS
from benchmarks.load_peer import StockRasa
from bot.cli.places import of_caller

TURN_LIMIT = 90.0  # seconds until a turn counts as failed


class Speaker(Protocol):
    """One conversation with an assistant."""

    async def says(self, text: str) -> bool:
        """Whether there was an answer."""
        ...

    async def disorder(self) -> int:
        """How many messages were not handled once and in the order in which they were sent."""
        ...


class OurSpeaker:
    """A conversation over our HTTP API."""

    def __init__(self, http: httpx.AsyncClient, opened: dict[str, Any]) -> None:
        self._http = http
        self._path = f"/api/v1/conversations/{opened['id']}/messages"
        self._headers = {"Authorization": f"Bearer {opened['token']}"}
        self.said: list[str] = []

    @classmethod
    async def begin(cls, http: httpx.AsyncClient) -> OurSpeaker:
        return cls(http, (await http.post("/api/v1/conversations", json={})).json())

    async def says(self, text: str) -> bool:
        key = f"m{len(self.said)}"
        self.said.append(key)
        body = {"text": text, "client_message_id": key}
        answer = await self._http.post(self._path, json=body, headers=self._headers)
        return answer.status_code == 200 and bool(answer.json()["messages"])

    async def disorder(self) -> int:
        messages: list[dict[str, Any]] = []
        after = 0
        while page := await self._page(after):
            messages += page
            after = page[-1]["id"]
        said = [message["client_message_id"] for message in messages if message["from"] == "customer"]
        turns = [message["reply_to"] for message in messages if message["reply_to"] is not None]
        wrong = sum(one != other for one, other in itertools.zip_longest(said, self.said))
        return wrong + sum(one > other for one, other in itertools.pairwise(turns))

    async def _page(self, after: int) -> list[dict[str, Any]]:
        answer = await self._http.get(self._path, params={"after": after}, headers=self._headers)
        return answer.json()["messages"]


class RasaSpeaker:
    """A conversation over Rasa's REST channel, which tells nothing of what it keeps."""

    def __init__(self, http: httpx.AsyncClient, number: int) -> None:
        self._http = http
        self._sender = f"customer-{number}"

    async def says(self, text: str) -> bool:
        body = {"sender": self._sender, "message": text}
        answer = await self._http.post("/webhooks/rest/webhook", json=body)
        return answer.status_code == 200 and bool(answer.json())

    async def disorder(self) -> int:
        return 0


@dataclass(slots=True)
class Measured:
    """The seconds of each turn that was answered, and what went wrong."""

    seconds: list[float] = field(default_factory=list)
    errors: int = 0
    disorder: int = 0


def sentences(number: int) -> Iterator[str]:
    """What the scripts say, one after the other, each conversation beginning with another; no buttons."""
    ordered = SCRIPTS[number % len(SCRIPTS) :] + SCRIPTS[: number % len(SCRIPTS)]
    for script in itertools.cycle(ordered):
        for step in script.steps:
            yield step.replace("{n}", str(number)) if isinstance(step, str) else "yes"


async def load(address: str, conversations: int, seconds: float, ours: bool) -> dict[str, Any]:
    """The figures of so many conversations at once, after one sentence each to warm up."""
    limits = httpx.Limits(max_connections=conversations, max_keepalive_connections=conversations)
    async with httpx.AsyncClient(base_url=address, timeout=TURN_LIMIT, trust_env=False, limits=limits) as http:
        speakers: list[Speaker] = [
            await OurSpeaker.begin(http) if ours else RasaSpeaker(http, number) for number in range(conversations)
        ]
        await asyncio.gather(*(speaker.says("hi") for speaker in speakers))
        measured, begin = Measured(), time.monotonic()
        talks = (_talk(speaker, number, begin + seconds, measured) for number, speaker in enumerate(speakers))
        await asyncio.gather(*talks)
        took = time.monotonic() - begin
        measured.disorder = sum([await speaker.disorder() for speaker in speakers])
    times = sorted(measured.seconds)
    return {
        "messages": len(times),
        "messages/s": round(len(times) / took, 1),
        "turn p50 ms": round(1000 * statistics.median(times)) if times else "-",
        "turn p95 ms": round(1000 * statistics.quantiles(times, n=20)[-1]) if len(times) > 1 else "-",
        "errors": measured.errors,
        "out of order": measured.disorder if ours else "-",
    }


async def _talk(speaker: Speaker, number: int, until: float, measured: Measured) -> None:
    for text in sentences(number):
        begin = time.monotonic()
        if begin > until:
            return
        try:
            answered = await speaker.says(text)
        except httpx.HTTPError:
            answered = False
        if answered:
            measured.seconds.append(time.monotonic() - begin)
        else:
            measured.errors += 1


def ours(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """The whole assistant with the demo shop, in a home of its own."""
    (folder / "home").mkdir()
    stack = ready_home(folder, of_caller(options.home), f"sqlite:///{folder / 'home' / 'salesclerk.db'}")
    with running(stack):
        return asyncio.run(load(stack.address, options.conversations, options.seconds, True))


def stock(options: argparse.Namespace, folder: Path) -> dict[str, Any]:
    """`rasa run` with the pipeline and the policies that `rasa init` proposes."""
    rasa = StockRasa(of_caller(options.home) / "benchmarks" / "stock", folder)
    rasa.train(tell)
    try:
        rasa.start()
        return asyncio.run(load(rasa.address, options.conversations, options.seconds, False))
    finally:
        rasa.stop()


def tell(what: str) -> None:
    """One line of progress."""
    print(what, file=sys.stderr, flush=True)


def main() -> int:
    """Prints the table; 1 when anything of ours failed or was out of order, 2 when it or the peer was not measured."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--conversations", type=int, default=32)
    parser.add_argument("--home", type=Path, default=Path(os.environ.get("SALESCLERK_HOME") or "var"))
    parser.add_argument("--no-peer", action="store_true")
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # what was started is stopped on the way out
    try:
        with tempfile.TemporaryDirectory(prefix="salesclerk-load-") as name:
            return _all(options, Path(name))
    except Exception as error:  # whatever it is: status 1 is for what was counted, and for nothing else
        print(f"load: not measured: {table.problem(error)}", file=sys.stderr)
        return 2


def _all(options: argparse.Namespace, folder: Path) -> int:
    columns, trouble = {"ours": ours(options, folder)}, None
    try:
        if not options.no_peer:
            columns["stock Rasa"] = stock(options, folder)
    except Exception as error:  # as in `main`; ours is measured
        trouble = error
    finally:
        _show(columns, options.json)
    if trouble is not None:
        print(f"load: the peer could not be measured: {table.problem(trouble)}", file=sys.stderr)
    wrong = columns["ours"]["errors"] or columns["ours"]["out of order"]
    return 1 if wrong else 2 if trouble is not None else 0


def _show(columns: dict[str, dict[str, Any]], as_json: bool) -> None:
    if as_json:
        print(json.dumps(columns))
        return
    print(f"{'':22}" + "".join(f"{column:>14}" for column in columns))
    for figure in columns["ours"]:
        print(f"{figure:22}" + "".join(f"{figures[figure]:>14}" for figures in columns.values()))


if __name__ == "__main__":
    sys.exit(main())
