"""Writers of a SQLite file queue: first come, first served, across threads and processes."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

from crm_store.write_queue import WriteQueue, queue_of

HOLDER = """
import sys
from pathlib import Path
from crm_store.write_queue import WriteQueue
with WriteQueue(Path(sys.argv[1])).turn(5.0):
    print("mine", flush=True)
    sys.stdin.read()
"""


def wait_until_in_line(queue: WriteQueue, count: int) -> None:
    while len(queue._line) < count:
        time.sleep(0.001)


def test_threads_get_their_turn_in_the_order_they_came(tmp_path: Path) -> None:
    queue = queue_of(tmp_path / "store.db")
    assert queue_of(tmp_path / "." / "store.db") is queue
    served: list[int] = []

    def write(number: int) -> None:
        with queue.turn(5.0):
            served.append(number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(6)]
    with queue.turn(5.0):
        for place, thread in enumerate(threads, start=1):
            thread.start()
            wait_until_in_line(queue, place)
    for thread in threads:
        thread.join()
    assert served == list(range(6))


def test_who_has_waited_long_enough_goes_and_asks_the_database(tmp_path: Path) -> None:
    queue = WriteQueue(tmp_path / "store.db")
    other_process = WriteQueue(tmp_path / "store.db")
    with queue.turn(5.0):
        for impatient in (queue, other_process):
            with impatient.turn(0.05):  # and not only once the holder has let go, which would be never
                pass
    with queue.turn(5.0), other_process.turn(0.05):
        assert not queue._line


def test_a_killed_process_leaves_the_queue(tmp_path: Path) -> None:
    database = tmp_path / "store.db"
    command = [sys.executable, "-c", HOLDER, str(database)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "mine\n"
        process.kill()
        process.wait()
        begin = time.monotonic()
        with WriteQueue(database).turn(30.0):
            assert time.monotonic() - begin < 10.0


def test_the_urgent_do_not_wait_behind_the_others(tmp_path: Path) -> None:
    queue = WriteQueue(tmp_path / "store.db")
    served: list[str] = []

    def write(name: str) -> None:
        with queue.turn(5.0, urgent=name.startswith("urgent")):
            served.append(name)

    names = ("one", "two", "urgent one", "three", "urgent two")
    threads = [threading.Thread(target=write, args=(name,)) for name in names]
    with queue.turn(5.0):
        for place, thread in enumerate(threads, start=1):
            thread.start()
            while len(queue._line) + len(queue._urgent) < place:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert served == ["urgent one", "urgent two", "one", "two", "three"]
