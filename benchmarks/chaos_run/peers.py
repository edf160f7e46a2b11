"""The same for the peers: Rasa's own Telegram channel, and APScheduler with its default store."""

from __future__ import annotations

import os
import queue
import random
import shutil
import subprocess
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import yaml

from benchmarks.chaos_run.promises import AHEAD
from benchmarks.chaos_run.wire import WildTelegram
from bot.processes import ENGINE_PYTHON
from tests.fake_telegram.people import Person
from tests.fake_telegram.server import BOT, TOKEN
from tests.stack import free_ports

FOLDER = Path(__file__).parent
FIRST_CHAT = 700_000
STARTED_WITHIN = 180  # seconds
AT_ONCE = 40  # calls of the webhook, as Telegram makes them unless it is told otherwise
LONGEST_PAUSE = 5.0  # seconds between the tries of one update
GIVE_UP = 600.0  # seconds after which an update is not brought again: Telegram has more patience, and nothing needs it
Tell = Callable[[str], None]


def _moments(places: Sequence[int], kills: int, chance: random.Random) -> list[int]:
    """Before which of something comes a kill: not more of them than there are places in a small run."""
    return sorted(chance.sample(places, min(kills, len(places))))


# Rasa -------------------------------------------------------------------------------------------


class RasaTelegram:
    """`rasa run` with its Telegram channel over an assistant that repeats what it is told."""

    def __init__(self, folder: Path, fake: WildTelegram) -> None:
        self._folder = folder / "rasa"
        self._fake = fake
        (self._port,) = free_ports(1)
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def _base(self) -> str:
        return f"http://127.0.0.1:{self._port}/webhooks/telegram"

    def train(self) -> None:
        shutil.copytree(FOLDER / "rasa_bot", self._folder)
        channel = {"access_token": TOKEN, "verify": BOT["username"], "webhook_url": f"{self._base}/webhook"}
        (self._folder / "credentials.yml").write_text(yaml.safe_dump({"telegram": channel}))
        done = subprocess.run(self._command("train", "--quiet"), cwd=self._folder, capture_output=True, text=True)
        if done.returncode != 0:
            raise RuntimeError(f"Rasa did not train: {done.stderr[-400:]}")

    def start(self) -> None:
        with (self._folder / "rasa.log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command("run", "--port", str(self._port)), cwd=self._folder, stdout=log, stderr=log
            )

    def kill(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.wait()

    def is_ready(self) -> bool:
        with suppress(httpx.TransportError):
            return httpx.get(f"http://127.0.0.1:{self._port}/", timeout=2.0, trust_env=False).status_code == 200
        return False

    def deliver(self, http: httpx.Client, update: dict[str, Any]) -> None:
        """Bring an update as Telegram does: again, until the server has taken it."""
        pause, deadline = 0.5, time.monotonic() + GIVE_UP
        while time.monotonic() < deadline:
            with suppress(httpx.TransportError):
                if http.post(f"{self._base}/webhook", json=update).status_code == 200:
                    return
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE)

    def _command(self, *words: str) -> list[str]:
        return [str(ENGINE_PYTHON.absolute()), str(FOLDER / "rasa_telegram.py"), self._fake.url, *words]


Posts = queue.Queue[dict[str, Any] | None]  # updates on their way to the webhook, and None at the end


def rasa_figures(
    folder: Path, fake: WildTelegram, *, updates: int, kills: int, seed: int, tell: Tell
) -> dict[str, Any]:
    """Messages lost, answered twice and out of order, of so many under so many kills."""
    tell("training the assistant of Rasa's channel")
    rasa = RasaTelegram(folder, fake)
    rasa.train()
    chance = random.Random(seed)
    when = _moments(range(updates // 20, updates), kills, chance)
    begin = time.monotonic()
    try:
        _start(rasa)
        said = _post_all(rasa, fake, updates, when, chance, tell)
        time.sleep(3.0)  # what was answered last may still be on its way
    finally:
        rasa.kill()
    figures = {"updates": updates, "kills": len(when), "seconds": round(time.monotonic() - begin, 1)}
    return figures | _judged(fake, said)


def _start(rasa: RasaTelegram) -> None:
    rasa.start()
    deadline = time.monotonic() + STARTED_WITHIN
    while not rasa.is_ready():
        if time.monotonic() > deadline:
            raise RuntimeError("Rasa does not start")
        time.sleep(0.3)


def _post_all(
    rasa: RasaTelegram, fake: WildTelegram, updates: int, when: Sequence[int], chance: random.Random, tell: Tell
) -> dict[int, list[str]]:
    """Have everything delivered, with the kills before those of `when`; returns what was said in each chat."""
    posts: Posts = queue.Queue()
    said: dict[int, list[str]] = {}
    threads = [threading.Thread(target=_post, args=(rasa, posts), daemon=True) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    people = [Person(fake, FIRST_CHAT + number) for number in range(max(4, updates // 20))]
    for number in range(updates):
        if number in when:
            time.sleep(chance.uniform(0.0, 0.3))
            rasa.kill()
            _start(rasa)
            tell(f"Rasa: {number} updates, {when.index(number) + 1} kills")
        person = people[number % len(people)]
        text = f"{person.id} says {len(said.setdefault(person.id, []))}"
        said[person.id].append(text)
        update = person.message(text=text)
        for _ in range(2 if chance.random() < fake.disturbance.resent else 1):
            posts.put(update)
        time.sleep(0.03)
    for _ in threads:
        posts.put(None)
    for thread in threads:
        thread.join()
    return said


def _post(rasa: RasaTelegram, posts: Posts) -> None:
    with httpx.Client(trust_env=False, timeout=30.0) as http:
        while (update := posts.get()) is not None:
            rasa.deliver(http, update)


def _judged(fake: WildTelegram, said: dict[int, list[str]]) -> dict[str, Any]:
    lost = doubled = disordered = 0
    for chat, texts in said.items():
        answers = [arrival.text.removeprefix("You said: ") for arrival in fake.arrived[chat]]
        times = Counter(answers)
        lost += sum(text not in times for text in texts)
        doubled += sum(count - 1 for text, count in times.items() if text in texts)
        firsts = [texts.index(text) for text in dict.fromkeys(answers) if text in texts]
        disordered += sum(one < max(firsts[:place], default=-1) for place, one in enumerate(firsts))
    return {"messages lost": lost, "effects doubled": doubled, "messages out of order": disordered}


# APScheduler ------------------------------------------------------------------------------------


PAUSE = 0.5  # seconds between two bookings


def apscheduler_figures(*, reminders: int, kills: int, seed: int) -> dict[str, Any]:
    """Reminders lost and doubled when the process that keeps them is killed now and then."""
    chance = random.Random(seed)
    fired: Counter[str] = Counter()
    when = _moments(range(1, reminders), kills, chance)
    process = _scheduler(fired)
    try:
        for number in range(reminders):
            if number in when:
                process.kill()
                process.wait()
                process = _scheduler(fired)
            assert process.stdin is not None
            process.stdin.write(f"{number} {chance.uniform(*AHEAD):.2f}\n")
            process.stdin.flush()
            time.sleep(PAUSE)
        time.sleep(AHEAD[1] + 1.0)
    finally:
        process.kill()
        process.wait()
    lost = sum(str(number) not in fired for number in range(reminders))
    doubled = sum(count - 1 for count in fired.values())
    return {"follow-ups": reminders, "kills": len(when), "follow-ups lost": lost, "follow-ups doubled": doubled}


def _scheduler(fired: Counter[str]) -> subprocess.Popen[str]:
    """The process, once it takes reminders; what fires is counted beside."""
    process = subprocess.Popen(
        [str(ENGINE_PYTHON), str(FOLDER / "memory_reminders.py")],
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONWARNINGS": "ignore"},
    )  # fmt: skip
    assert process.stdout is not None
    process.stdout.readline()

    def listen() -> None:
        for line in process.stdout or ():
            word, number = line.split()
            if word == "fired":
                fired[number] += 1

    threading.Thread(target=listen, daemon=True).start()
    return process
