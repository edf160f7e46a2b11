"""A Telegram that resends updates, mixes chats, answers 429 and 502 now and then, and remembers what arrived when."""

from __future__ import annotations

import random
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tests.fake_telegram.server import BAD_GATEWAY, TOO_MANY, Call, FakeTelegram, Trouble

SHOWN = ("sendMessage", "sendPhoto")


@dataclass(frozen=True, slots=True)
class Disturbance:
    """Shares of updates that come twice, and of messages that are refused for now."""

    resent: float = 0.10
    too_many: float = 0.001
    bad_gateway: float = 0.004


CALM = Disturbance(0.0, 0.0, 0.0)


@dataclass(frozen=True, slots=True)
class Arrival:
    """One message that Telegram showed in a chat."""

    at: float
    text: str
    buttons: tuple[tuple[str, str], ...]  # title, payload


class WildTelegram(FakeTelegram):
    """`arrived` are the messages of each chat; `heard` is told of each, in a thread of the server.

    Calls are not kept as FakeTelegram does unless `keeps_calls`: there are thousands.
    """

    def __init__(self, seed: int, disturbance: Disturbance | None = None, *, keeps_calls: bool = False) -> None:
        super().__init__()
        self.disturbance = disturbance or Disturbance()
        self._keeps_calls = keeps_calls
        self.arrived: dict[int, list[Arrival]] = defaultdict(list)
        self.heard: Callable[[int, Arrival], None] = lambda chat, arrival: None
        self.resent = 0
        self.refused = 0
        self._chance = random.Random(seed)
        self._once_more: list[dict[str, Any]] = []
        self._noting = threading.Lock()
        self.trouble_for = self._trouble

    def call(self, method: str, parameters: dict[str, Any]) -> Any:
        result = super().call(method, parameters)
        if method in SHOWN:
            self._note(Call(method, parameters, time.monotonic()))
        if not self._keeps_calls:
            self.calls.clear()
            self.attempts.clear()
        return result

    def _note(self, call: Call) -> None:
        buttons = tuple((button["text"], button["callback_data"]) for button in call.buttons)
        arrival = Arrival(call.at, call.text, buttons)
        with self._noting:
            self.arrived[call.chat].append(arrival)
        self.heard(call.chat, arrival)

    def _trouble(self, call: Call) -> Trouble | None:
        if call.method not in SHOWN:
            return None
        drawn = self._chance.random()
        refusal = None
        if drawn < self.disturbance.too_many:
            refusal = TOO_MANY
        elif drawn < self.disturbance.too_many + self.disturbance.bad_gateway:
            refusal = BAD_GATEWAY
        self.refused += refusal is not None
        return refusal

    def _get_updates(self, parameters: dict[str, Any]) -> list[dict[str, Any]]:
        """The updates that wait, in another order between chats, and some of them and of earlier ones again."""
        batch = mixed(super()._get_updates(parameters), self._chance)
        if not batch:
            return batch
        again = [update for update in batch if self._chance.random() < self.disturbance.resent]
        at_once = [update for update in again if self._chance.random() < 0.5]
        earlier, self._once_more = self._once_more, [update for update in again if update not in at_once]
        self.resent += len(again)
        for update in at_once:
            place = batch.index(update) + 1
            batch.insert(self._chance.randint(place, len(batch)), update)
        for update in earlier:
            batch.insert(self._chance.randint(0, len(batch)), update)
        return batch

    _answers = {**FakeTelegram._answers, "getUpdates": _get_updates}


def chat_of(update: dict[str, Any]) -> int:
    """The chat that an update is about."""
    query = update.get("callback_query")
    return int((query or update)["message"]["chat"]["id"])


def mixed(updates: list[dict[str, Any]], chance: random.Random) -> list[dict[str, Any]]:
    """The updates in any order in which those of each chat keep theirs."""
    queues: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for update in updates:
        queues[chat_of(update)].append(update)
    chats = [chat for chat, queue in queues.items() for _ in queue]
    chance.shuffle(chats)
    return [queues[chat].pop(0) for chat in chats]
