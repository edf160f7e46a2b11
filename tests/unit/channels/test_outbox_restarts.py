"""What is sent again, and what is not, when the process that sends ends."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from pathlib import Path

from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.delivery import TryLater
from bot.channels.letters import Letters, Note
from bot.channels.sent_journal import SentJournal
from tests.unit.channels.outboxes import Recorder, deliveries, run, say, settled, states


def test_the_time_of_the_next_try_survives_a_restart(store: sessionmaker[Session], channel: Recorder) -> None:
    channel.troubles["one"] = [TryLater("slow down", after=60.0, counts=False)]
    say(store, "one")
    run(store, channel, lambda: not channel.troubles["one"])
    say(store, "other", to="8:8")
    run(store, channel, lambda: channel.sent == ["other"])
    assert states(store) == ["waiting", "sent"]


def test_a_stop_repeats_at_most_what_was_on_the_wire(store: sessionmaker[Session], channel: Recorder) -> None:
    say(store, "a\nb\nc")
    hung = False

    async def hang_once(part: str) -> None:
        nonlocal hung
        if part == "b" and not hung:
            hung = True
            await asyncio.sleep(60)  # it arrived, and we are stopped before we know

    channel.after_sending = hang_once
    run(store, channel, lambda: hung)
    assert channel.sent == ["a", "b"]
    run(store, channel, settled(store))
    assert channel.sent == ["a", "b", "b", "c"]


def test_when_another_process_delivers_this_one_stops_between_two_messages(
    store: sessionmaker[Session], channel: Recorder
) -> None:
    held = True

    looks = 0

    class Given:
        def hold(self) -> bool:
            nonlocal looks
            looks += 1
            return held

        def release(self) -> None: ...

    async def lose(part: str) -> None:
        nonlocal held
        held, before = False, looks
        while looks < before + 3:  # meanwhile the outbox looks whether it is still ours
            await asyncio.sleep(0.02)

    channel.after_sending = lose
    say(store, "a\nb\nc")
    began = time.monotonic()
    run(store, channel, lambda: not held and time.monotonic() - began > 0.8, lease=Given())
    assert channel.sent == ["a"]
    channel.after_sending = None
    run(store, channel, settled(store))
    assert channel.sent == ["a", "b", "c"]


class Busy(Letters):
    """A store that is too busy to take notes, until the process is killed."""

    def note(self, notes: Sequence[Note]) -> None:
        raise OperationalError("", {}, OSError("locked"))


def test_what_has_arrived_and_could_not_be_noted_is_not_said_again(
    store: sessionmaker[Session], channel: Recorder, tmp_path: Path
) -> None:
    file = tmp_path / "run" / "sent"
    say(store, "a\nb")
    say(store, "c", to="8:8")
    run(store, channel, lambda: sorted(channel.sent) == ["a", "c"], letters=Busy(store), journal=SentJournal(file))
    assert states(store) == ["waiting", "waiting"]
    run(store, channel, settled(store), journal=SentJournal(file))
    assert sorted(channel.sent) == ["a", "b", "c"]
    assert file.read_text() == "", "what the store has is not kept twice"


def test_what_another_process_left_in_the_journal_is_read_when_this_one_takes_over(
    store: sessionmaker[Session], channel: Recorder, tmp_path: Path
) -> None:
    held = False

    class Given:
        def hold(self) -> bool:
            return held

        def release(self) -> None: ...

    id = say(store, "a\nb")
    run(store, channel, lambda: channel.sent == ["a"], letters=Busy(store))
    number = deliveries(store)[0].id
    journal = SentJournal(tmp_path / "sent")

    def taken_over() -> bool:
        nonlocal held
        if not held:
            time.sleep(0.2)  # it has looked, and it was not its turn
            (tmp_path / "sent").write_text(f"{number} {id} 1 0\n")
            held = True
        return settled(store)()

    run(store, channel, taken_over, lease=Given(), journal=journal)
    assert channel.sent == ["a", "b"]


def test_when_nobody_can_tell_whose_turn_it_is_nothing_is_sent(store: sessionmaker[Session], channel: Recorder) -> None:
    asked = 0

    class Unknown:
        def hold(self) -> bool:
            nonlocal asked
            asked += 1
            if asked > 1:
                raise OperationalError("", {}, OSError("the server is away"))
            return True

        def release(self) -> None: ...

    async def linger(part: str) -> None:
        while asked < 3:  # meanwhile the outbox looks whether it is still ours
            await asyncio.sleep(0.02)

    channel.after_sending = linger
    say(store, "a\nb\nc")
    began = time.monotonic()
    run(store, channel, lambda: asked > 3 and time.monotonic() - began > 1.5, lease=Unknown())
    assert channel.sent == ["a"]


def test_a_journal_of_another_store_or_with_odd_lines_keeps_nothing_back(
    store: sessionmaker[Session], channel: Recorder, tmp_path: Path
) -> None:
    ours = say(store, "a\nb")
    run(store, channel, lambda: channel.sent == ["a"], letters=Busy(store))
    number = deliveries(store)[0].id
    lines = [
        f"{number} another-conversation 2 1",
        f"{number + 7} {ours} 1 1",
        f"{number} {ours}",
        "½ x y z",
        f"{10**12} {ours} 1 1",
        f"{2**31} {ours} 1 1",
        "",
    ]
    (tmp_path / "sent").write_text("\n".join(lines))
    run(store, channel, settled(store), journal=SentJournal(tmp_path / "sent"))
    assert channel.sent == ["a", "a", "b"]


def test_a_journal_that_cannot_be_written_holds_nothing_up(
    store: sessionmaker[Session], channel: Recorder, tmp_path: Path
) -> None:
    (tmp_path / "sent").mkdir()
    say(store, "a\nb")
    run(store, channel, settled(store), journal=SentJournal(tmp_path / "sent"))
    assert channel.sent == ["a", "b"]
