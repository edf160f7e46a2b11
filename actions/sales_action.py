"""The base of every action: one intent, one transaction, one answer, handled once."""

from __future__ import annotations

import asyncio
from abc import abstractmethod
from typing import TYPE_CHECKING, Any, ClassVar

from rasa_sdk import Action, Tracker
from rasa_sdk.events import EventType, SlotSet
from rasa_sdk.executor import CollectingDispatcher

from actions.turn import Turn, Understood

if TYPE_CHECKING:
    from actions.dialogue import Dialogue


class SalesAction(Action):
    """Answers one intent. Subclasses name the intent and write `answer`; everything around it is done here."""

    intent: ClassVar[str]

    def __init__(self, dialogue: Dialogue) -> None:
        self._dialogue = dialogue

    def name(self) -> str:
        return f"action_{self.intent}"

    @abstractmethod
    def answer(self, turn: Turn) -> None:
        """Put the answer into `turn.replies` and the outcome into `turn.outcome`."""

    async def run(self, dispatcher: CollectingDispatcher, tracker: Tracker, domain: dict[str, Any]) -> list[EventType]:
        latest = tracker.latest_message
        message_id = int((latest.get("metadata") or {}).get("message_id") or 0)
        understood = Understood.from_latest_message(latest)
        # The store is synchronous: off the event loop, so that other conversations go on.
        handled = await asyncio.to_thread(self._dialogue.handle, message_id, understood)
        for text in handled.texts:
            dispatcher.utter_message(text=text)
        return [SlotSet("language", handled.language), SlotSet("outcome", handled.outcome)]
