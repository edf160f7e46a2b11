from __future__ import annotations

import asyncio
from pathlib import Path

from bot.engine.recent_tracker_store import KEPT_TURNS, RecentTrackerStore
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import ActionExecuted, SlotSet, UserUttered
from rasa.shared.core.trackers import DialogueStateTracker

DOMAIN = Domain.from_yaml(
    """
    version: "3.1"
    intents: [greet]
    slots:
      outcome: {type: any, mappings: [{type: custom}]}
      step: {type: any, mappings: [{type: custom}]}
    """
)


def store_at(path: Path) -> RecentTrackerStore:
    return RecentTrackerStore(DOMAIN, path=str(path))


def say(tracker: DialogueStateTracker, text: str, *events: object) -> None:
    for event in (UserUttered(text, {"name": "greet"}), *events, ActionExecuted("action_listen")):
        tracker.update(event)


async def have_conversation(store: RecentTrackerStore, turns: int) -> DialogueStateTracker:
    for number in range(turns):
        tracker = await store.get_or_create_tracker("c_1")
        say(tracker, f"message {number}", *([SlotSet("outcome", "ok")] if number == 0 else []), SlotSet("step", number))
        await store.save(tracker)
    return await store.get_or_create_tracker("c_1")


def test_a_long_conversation_keeps_its_last_turns_and_all_its_slots(tmp_path: Path) -> None:
    tracker = asyncio.run(have_conversation(store_at(tmp_path / "tracker.db"), turns=20))
    said = [event.text for event in tracker.events if isinstance(event, UserUttered)]
    assert said == [f"message {number}" for number in range(20 - KEPT_TURNS, 20)]
    assert tracker.get_slot("outcome") == "ok"
    assert tracker.get_slot("step") == 19


def test_the_size_of_a_tracker_does_not_grow_with_the_conversation(tmp_path: Path) -> None:
    short = asyncio.run(have_conversation(store_at(tmp_path / "a.db"), turns=10))
    long = asyncio.run(have_conversation(store_at(tmp_path / "b.db"), turns=60))
    assert len(long.events) == len(short.events)


def test_a_conversation_survives_a_restart(tmp_path: Path) -> None:
    asyncio.run(have_conversation(store_at(tmp_path / "tracker.db"), turns=2))
    tracker = asyncio.run(store_at(tmp_path / "tracker.db").retrieve("c_1"))
    assert tracker is not None
    assert tracker.latest_message.text == "message 1"


def test_an_unknown_conversation_has_no_tracker(tmp_path: Path) -> None:
    assert asyncio.run(store_at(tmp_path / "tracker.db").retrieve("c_none")) is None
