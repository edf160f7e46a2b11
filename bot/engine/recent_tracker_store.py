"""Keeps Rasa's view of a conversation in SQLite: the last turns and the slots, one row a conversation."""

import json
import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from rasa.core.brokers.broker import EventBroker
from rasa.core.tracker_store import SerializedTrackerAsText, TrackerStore
from rasa.shared.core.conversation import Dialogue
from rasa.shared.core.domain import Domain
from rasa.shared.core.events import (
    ActionExecuted,
    ActiveLoop,
    ConversationPaused,
    Event,
    SessionStarted,
    SlotSet,
    UserUttered,
)
from rasa.shared.core.trackers import DialogueStateTracker

KEPT_TURNS = 3

_TABLE = """
create table if not exists trackers (
    sender_id text primary key,
    dialogue text not null,
    updated_at text not null default current_timestamp
)
"""
_SAVE = """
insert into trackers (sender_id, dialogue) values (?, ?)
on conflict (sender_id) do update set dialogue = excluded.dialogue, updated_at = current_timestamp
"""


class RecentTrackerStore(TrackerStore, SerializedTrackerAsText):
    """Tracker store that forgets turns older than the last few.

    Rasa sends the whole tracker to the action server with every call and folds it anew for every message, so with its
    own SQL store the hundredth message costs ten times the first. Rules look at the current turn and the slots only,
    and the conversation itself is in the shop's database. So at each save a tracker is cut to its last `KEPT_TURNS`
    turns, and what the cut turns had left (slots, active form, pause) is written in front of them.
    """

    def __init__(
        self,
        domain: Domain | None,
        event_broker: EventBroker | None = None,
        path: str = ":memory:",
        host: str | None = None,
        **kwargs: Any,
    ) -> None:
        """Opens the file, making it and its folder when absent; raises sqlite3.Error when it cannot be written."""
        if path != ":memory:":
            Path(path).parent.mkdir(parents=True, exist_ok=True)
        # One event loop owns the connection; each statement takes well under a millisecond.
        self._connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
        self._connection.execute("pragma journal_mode = wal")
        self._connection.execute("pragma synchronous = normal")
        self._connection.execute(_TABLE)
        super().__init__(domain, event_broker, **kwargs)

    async def save(self, tracker: DialogueStateTracker) -> None:
        """Writes the last turns of the tracker."""
        await self.stream_events(tracker)
        dialogue = Dialogue(tracker.sender_id, recent_events(tracker))
        self._connection.execute(_SAVE, (tracker.sender_id, json.dumps(dialogue.as_dict())))

    async def retrieve(self, sender_id: str) -> DialogueStateTracker | None:
        """Returns the tracker, or None for a new conversation."""
        row = self._connection.execute("select dialogue from trackers where sender_id = ?", (sender_id,)).fetchone()
        return self.deserialise_tracker(sender_id, row[0]) if row else None

    async def keys(self) -> Iterable[str]:
        """Returns the ids of all conversations."""
        return [sender_id for (sender_id,) in self._connection.execute("select sender_id from trackers")]

    async def delete(self, sender_id: str) -> None:
        """Forgets one conversation."""
        self._connection.execute("delete from trackers where sender_id = ?", (sender_id,))


def recent_events(tracker: DialogueStateTracker) -> list[Event]:
    """Returns the events of the last turns, preceded by what the older ones had set."""
    events = list(tracker.events)
    turns = [position for position, event in enumerate(events) if isinstance(event, UserUttered)]
    if len(turns) <= KEPT_TURNS:
        return events
    start = turns[-KEPT_TURNS]
    return [*_state_before(tracker, events[:start]), *events[start:]]


def _state_before(tracker: DialogueStateTracker, older: list[Event]) -> list[Event]:
    """Returns the fewest events that lead to the state in which the older ones left the conversation."""
    past = DialogueStateTracker.from_events(tracker.sender_id, older, slots=tracker.slots.values())
    at = older[-1].timestamp
    state: list[Event] = [SessionStarted(timestamp=at)]
    state += [SlotSet(name, slot.value, timestamp=at) for name, slot in past.slots.items() if slot.has_been_set]
    if past.active_loop:
        state.append(ActiveLoop(past.active_loop.name, timestamp=at))
    if past.is_paused():
        state.append(ConversationPaused(timestamp=at))
    # Rasa expects a conversation to wait for the customer before the customer speaks.
    return [*state, ActionExecuted("action_listen", timestamp=at)]
