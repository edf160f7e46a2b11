"""Customers who write: some wait for each answer, some do not, many at once."""

from __future__ import annotations

import heapq
import queue
import random
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from benchmarks.chaos_run.scripts import Press, Script
from benchmarks.chaos_run.wire import Arrival, WildTelegram
from tests.fake_telegram.people import Person

FIRST_CHAT = 10_000
HASTY = 0.3  # share of customers who write on without waiting
LONGEST_WAIT = 150.0  # seconds until a customer who waits in vain leaves
THINKS = (0.0, 0.4)  # seconds between an answer and the next message
TYPES = (0.1, 1.5)  # seconds between two messages of a hasty one


@dataclass(slots=True)
class Chat:
    """One customer with a script: what was sent, and since when an answer is awaited."""

    person: Person
    script: Script
    hasty: bool
    sent: list[int] = field(default_factory=list)  # update ids
    next_step: int = 0
    asked_at: float | None = None
    buttons: dict[str, str] = field(default_factory=dict)  # title, payload
    left: bool = False  # without having said all

    @property
    def id(self) -> int:
        return self.person.id

    @property
    def is_over(self) -> bool:
        return self.left or self.next_step >= len(self.script.steps) and self.asked_at is None


@dataclass(slots=True)
class Measured:
    """Updates sent, and how long each customer who waited did so."""

    updates: int = 0
    waits: list[float] = field(default_factory=list)


class Traffic:
    """Sends `updates` in all, with `at_once` chats under way; `progress` hears of it now and then."""

    def __init__(self, fake: WildTelegram, scripts: Sequence[Script], *, updates: int, at_once: int, seed: int) -> None:
        self._fake = fake
        self._scripts = scripts
        self._most = updates
        self._at_once = at_once
        self._chance = random.Random(seed)
        self._heard: queue.SimpleQueue[tuple[int, Arrival]] = queue.SimpleQueue()
        self._due: list[tuple[float, int]] = []
        self.chats: dict[int, Chat] = {}
        self._under_way: set[int] = set()
        self.measured = Measured()
        self.sent_in_run = 0
        fake.heard = lambda chat, arrival: self._heard.put((chat, arrival))

    def run(self, progress: Callable[[int], None]) -> None:
        """Until everybody has said all and heard something after it."""
        scripts, before = self._endless(), self.measured.updates
        while True:
            while len(self._under_way) < self._at_once and self._coming() - before < self._most:
                self._begin(next(scripts))
            if not self._under_way:
                return
            self._listen(self._act())
            self.sent_in_run = self.measured.updates - before
            progress(self.sent_in_run)

    def calm(self, scripts: Sequence[Script]) -> list[Chat]:
        """Each script once, by customers who wait."""
        begun = [self._begin(script, hasty=False) for script in scripts]
        while self._under_way:
            self._listen(self._act())
        self.measured.waits.clear()
        return begun

    def _endless(self) -> Iterator[Script]:
        """All scripts in random order, again and again."""
        while True:
            yield from self._chance.sample(self._scripts, len(self._scripts))

    def _coming(self) -> int:
        """Updates that are sent or will be by the chats under way."""
        chats = (self.chats[id] for id in self._under_way)
        return self.measured.updates + sum(len(chat.script.steps) - chat.next_step for chat in chats)

    def _begin(self, script: Script, hasty: bool | None = None) -> Chat:
        id = FIRST_CHAT + len(self.chats)
        person = Person(self._fake, id, language="zh-hans" if script.language == "zh" else "en")
        chat = Chat(person, script, self._chance.random() < HASTY if hasty is None else hasty)
        self.chats[id] = chat
        self._under_way.add(id)
        self._plan(chat, THINKS)
        return chat

    def _plan(self, chat: Chat, pause: tuple[float, float]) -> None:
        heapq.heappush(self._due, (time.monotonic() + self._chance.uniform(*pause), chat.id))

    def _act(self) -> float:
        """Do what is due; returns the seconds until there is more."""
        now = time.monotonic()
        while self._due and self._due[0][0] <= now:
            self._step(self.chats[heapq.heappop(self._due)[1]])
        for chat in [self.chats[id] for id in self._under_way]:
            if chat.asked_at is not None and now - chat.asked_at > LONGEST_WAIT:
                chat.left = True
            if chat.is_over:
                self._under_way.discard(chat.id)
        return min(0.2, self._due[0][0] - now) if self._due else 0.2

    def _step(self, chat: Chat) -> None:
        if chat.left or chat.next_step >= len(chat.script.steps):
            return
        step = chat.script.steps[chat.next_step]
        if isinstance(step, Press) and step.title not in chat.buttons:
            if chat.asked_at is None:
                chat.asked_at = time.monotonic()  # until the button is there
            return
        update = self._say(chat, step)
        chat.sent.append(update["update_id"])
        self.measured.updates += 1
        chat.next_step += 1
        chat.asked_at = time.monotonic()
        if chat.hasty and chat.next_step < len(chat.script.steps):
            self._plan(chat, TYPES)

    def _say(self, chat: Chat, step: str | Press) -> dict[str, Any]:
        if isinstance(step, Press):
            return chat.person.presses(chat.buttons[step.title])
        return chat.person.says(step.replace("{n}", str(chat.id)))

    def _listen(self, seconds: float) -> None:
        """Take note of what arrived, waiting for the first of it."""
        try:
            heard = self._heard.get(timeout=max(0.001, seconds))
            while True:
                self._hear(*heard)
                heard = self._heard.get_nowait()
        except queue.Empty:
            return

    def _hear(self, id: int, arrival: Arrival) -> None:
        chat = self.chats.get(id)
        if chat is None:
            return
        chat.buttons.update(arrival.buttons)
        if chat.asked_at is None:
            return
        if not chat.hasty:
            self.measured.waits.append(arrival.at - chat.asked_at)
        if chat.next_step >= len(chat.script.steps):
            chat.asked_at = None
        elif not chat.hasty or isinstance(chat.script.steps[chat.next_step], Press):
            chat.asked_at = None
            self._plan(chat, THINKS)
