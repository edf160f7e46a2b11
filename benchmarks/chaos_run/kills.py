"""`kill -9` of engine, actions and app, spread over the run, and how long each took to come back."""

from __future__ import annotations

import math
import random
import threading
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import httpx
import psutil

from tests.stack import Stack

MODULES = {"engine": "bot.engine.serve", "actions": "actions", "app": "bot.app"}
SHARES = MappingProxyType({"engine": 0.2, "actions": 0.3, "app": 0.5})
IN_COMPANY = 0.4  # of the kills
DELAYS = (0.0, 1.5)  # seconds
BACK_WITHIN = 120.0  # seconds after the last kill of a process: they need some ten
PATHS = {"engine": "webhooks/salesclerk/", "actions": "health", "app": "healthz"}
SETTINGS = {"engine": "SALESCLERK_ENGINE_PORT", "actions": "SALESCLERK_ACTIONS_PORT", "app": "SALESCLERK_PORT"}


@dataclass(slots=True)
class Kill:
    """One kill, and when the process answered again."""

    victim: str
    at: float
    back_at: float | None = None


def deck(kills: int, shares: Mapping[str, float], chance: random.Random) -> list[str]:
    """The victims in random order, each with its share and, when there are enough kills, at least one."""
    victims = [name for name, share in shares.items() for _ in range(max(1, round(kills * share)))]
    victims += ["app"] * (kills - len(victims))
    chance.shuffle(victims)
    return victims[:kills]


def moments(count: int, updates: int, chance: random.Random) -> list[int]:
    """After how many updates each of something comes: one in each equal part of the run, anywhere in it."""
    part = updates * 0.96 / max(1, count)
    return [int(updates * 0.02 + part * (number + chance.random())) for number in range(count)]


def with_company(kills: int, updates: int, chance: random.Random) -> list[int]:
    """Moments of kills of which some hit while what was killed before is not back yet."""
    alone = moments(math.ceil(kills * (1 - IN_COMPANY)), updates, chance)
    return sorted(alone + chance.choices(alone, k=kills - len(alone)))


class Killer:
    """Kills when the traffic has come so far, at a random moment shortly after."""

    def __init__(self, stack: Stack, kills: int, updates: int, seed: int) -> None:
        chance = random.Random(seed)
        self._stack = stack
        self._victims = deck(kills, SHARES, chance)
        self._moments = with_company(kills, updates, chance)
        self._delays = [chance.uniform(*DELAYS) for _ in range(kills)]
        self._sent = 0
        self._changed = threading.Condition()
        self._ended = False
        self._missing: str | None = None
        self._threads: list[threading.Thread] = []
        self.kills: list[Kill] = []

    def start(self) -> None:
        for work in (self._kill_all, self._watch):
            thread = threading.Thread(target=work, daemon=True)
            thread.start()
            self._threads.append(thread)

    def progress(self, updates: int) -> None:
        """So many updates are sent; raises RuntimeError when somebody does not come back, as waiting is vain then."""
        self._check()
        with self._changed:
            self._sent = updates
            self._changed.notify_all()

    def stop(self) -> None:
        """The traffic is over: what is left to be killed is killed now, one after the other."""
        with self._changed:
            self._sent = 2**62
            self._changed.notify_all()
        self._threads[0].join()
        self._ended = True
        self._threads[1].join()
        self._check()
        # A thread of ours that has failed would be kills that nobody saw, or lateness that nobody counts.
        if len(self.kills) < len(self._victims) or self._down():
            raise RuntimeError(f"{len(self.kills)} of {len(self._victims)} kills, {len(self._down())} never back")

    def _check(self) -> None:
        if self._missing is not None:
            raise RuntimeError(f"the {self._missing} did not come back")

    def _kill_all(self) -> None:
        for victim, moment, delay in zip(self._victims, self._moments, self._delays, strict=True):
            with self._changed:
                self._changed.wait_for(lambda moment=moment: self._sent >= moment)
            time.sleep(delay)
            if self._missing is not None:
                return
            if not self._kill(victim):
                self._missing = victim
                return

    def _kill(self, victim: str) -> bool:
        """Whether there was something to kill within a while."""
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            for process in processes(self._stack, victim):
                with suppress(psutil.NoSuchProcess):
                    process.kill()
                    self.kills.append(Kill(victim, time.monotonic()))
                    return True
            time.sleep(0.02)
        return False

    def _watch(self) -> None:
        """Note when each killed process answers again."""
        with httpx.Client(trust_env=False, timeout=1.0) as http:
            while not self._missing and (not self._ended or self._down()):
                for victim in {kill.victim for kill in self._down()}:
                    before = [kill for kill in self._down() if kill.victim == victim]
                    is_back, now = answers(http, self._stack, victim), time.monotonic()
                    for kill in before:
                        if is_back and now - kill.at > 0.2:
                            kill.back_at = now
                    if not is_back and now - before[-1].at > BACK_WITHIN:
                        self._missing = victim
                time.sleep(0.1)

    def _down(self) -> Sequence[Kill]:
        return [kill for kill in self.kills if kill.back_at is None]


def answers(http: httpx.Client, stack: Stack, name: str) -> bool:
    """Whether a process of ours answers."""
    try:
        return http.get(f"http://127.0.0.1:{stack.environment[SETTINGS[name]]}/{PATHS[name]}").status_code == 200
    except httpx.TransportError:
        return False


def processes(stack: Stack, name: str) -> list[psutil.Process]:
    """The processes of that name below `up`: one, or none while it is being started."""
    if stack.process is None:
        return []
    found = []
    with suppress(psutil.NoSuchProcess):
        for child in psutil.Process(stack.process.pid).children(recursive=True):
            with suppress(psutil.NoSuchProcess, psutil.ZombieProcess):
                words = child.cmdline()
                # After `env -u ...` has become the program itself: a kill before that would hit nothing of ours.
                if "-m" in words and words[words.index("-m") + 1] == MODULES[name] and Path(words[0]).name != "env":
                    found.append(child)
    return found
