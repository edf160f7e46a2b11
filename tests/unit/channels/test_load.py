"""What `bench load` measures, on the app with an engine that echoes."""

from __future__ import annotations

import asyncio

import httpx
import pytest

from benchmarks.load import OurSpeaker, load
from tests.unit.channels.fake_engine import FakeEngine


def test_many_conversations_at_once_are_measured_without_error_and_in_order(client: httpx.Client) -> None:
    figures = asyncio.run(load(str(client.base_url), conversations=4, seconds=0.5, ours=True))
    assert figures["messages"] >= 4 and figures["messages/s"] > 0
    assert (figures["errors"], figures["out of order"]) == (0, 0)


@pytest.mark.parametrize(("thought", "wrong"), [(["m0", "m1"], 0), (["m1", "m0"], 2)])
def test_messages_that_overtook_each_other_are_counted(
    client: httpx.Client, engine: FakeEngine, thought: list[str], wrong: int
) -> None:
    async def talk() -> int:
        async with httpx.AsyncClient(base_url=client.base_url, trust_env=False) as http:
            speaker = await OurSpeaker.begin(http)
            for text in ("one", "two"):
                assert await speaker.says(text)
            speaker.said[:] = thought
            return await speaker.disorder()

    assert asyncio.run(talk()) == wrong
