"""A lease is held by one process at a time and comes free when it dies."""

from __future__ import annotations

import subprocess
import sys

from sqlalchemy import Engine

from crm_store.lease import lease

HOLDER = """
import sys
from crm_store.database import connect
from crm_store.lease import lease
print(lease(connect(sys.argv[1]), "telegram").hold(), flush=True)
sys.stdin.read()
"""


def test_a_lease_has_one_holder_and_another_name_is_another_lease(engine: Engine) -> None:
    first, second, third = (lease(engine, "telegram") for _ in range(3))
    other = lease(engine, "else")
    assert (first.hold(), first.hold(), second.hold()) == (True, True, False)
    assert other.hold()
    first.release()
    assert (second.hold(), first.hold()) == (True, False)
    second.release()
    assert (second.hold(), third.hold()) == (False, True)  # given back for good
    third.release()
    other.release()


def test_a_process_that_is_killed_gives_its_lease_back(engine: Engine, database_url: str) -> None:
    command = [sys.executable, "-c", HOLDER, database_url]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout and process.stdout.readline() == "True\n"
        ours = lease(engine, "telegram")
        assert not ours.hold()
        process.kill()
        process.wait()
        assert ours.hold()
        ours.release()
