"""The load benchmark counts what was answered, and what was not apart from it."""

from __future__ import annotations

import argparse
import asyncio
import time
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import httpx
import pytest

from benchmarks import load

OURS = {"messages": 3, "errors": 0, "out of order": 0}


class Moody:
    """Answers every other time: at first after a while, then not at all, then with an error."""

    def __init__(self) -> None:
        self.turns = 0

    async def says(self, text: str) -> bool:
        self.turns += 1
        await asyncio.sleep(0.02)
        if self.turns % 4 == 0:
            raise httpx.ReadTimeout("too long")
        return self.turns % 2 == 1


def test_turns_without_an_answer_are_errors_and_nothing_else() -> None:
    measured, speaker = load.Measured(), Moody()
    asyncio.run(load._talk(speaker, 0, time.monotonic() + 0.4, measured))
    assert measured.errors == speaker.turns // 2 > 1
    assert len(measured.seconds) == speaker.turns - measured.errors


@pytest.mark.parametrize(
    ("said", "turns", "wrong"),
    [
        (("m0", "m1"), (1, 2), 0),
        (("m0", "m1", "m1"), (1, 2), 1),
        (("m0",), (1,), 1),
        (("m1", "m0"), (1, 2), 2),
        (("m0", "m1"), (2, 1), 1),
    ],
)
def test_messages_lost_doubled_or_out_of_order_are_seen(said: Iterable[str], turns: Iterable[int], wrong: int) -> None:
    messages = [{"id": 1, "from": "customer", "client_message_id": key, "reply_to": None} for key in said]
    messages += [{"id": 2, "from": "shop", "client_message_id": None, "reply_to": to} for to in turns]

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"messages": messages if request.url.params["after"] == "0" else []})

    async def disorder() -> int:
        async with httpx.AsyncClient(transport=httpx.MockTransport(answer), base_url="http://shop") as http:
            speaker = load.OurSpeaker(http, {"id": "c", "token": "t"})
            speaker.said = ["m0", "m1"]
            return await speaker.disorder()

    assert asyncio.run(disorder()) == wrong


@pytest.mark.parametrize(("ours", "status"), [(OURS, 2), (OURS | {"errors": 1}, 1)])
def test_ours_is_shown_when_the_peer_does_not_start(
    ours: dict[str, Any],
    status: int,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    tmp_path: Path,
) -> None:
    def broken(*_: Any) -> Any:
        raise RuntimeError("stock Rasa does not start")

    monkeypatch.setattr(load, "ours", lambda *_: ours)
    monkeypatch.setattr(load, "stock", broken)
    assert load._all(argparse.Namespace(no_peer=False, json=False), tmp_path) == status
    said = capsys.readouterr()
    assert "messages" in said.out and "ours" in said.out
    assert said.err.startswith("load: the peer could not be measured: RuntimeError: stock Rasa does not start")
