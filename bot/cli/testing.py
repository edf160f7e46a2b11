"""`test`: the tests of both environments."""

from __future__ import annotations

import subprocess
import sys
import tempfile
import threading
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import typer

from bot.cli import chromium
from bot.cli.places import of_caller
from bot.cli.progress import note
from bot.processes import ENGINE_PYTHON

BROWSER_TESTS = Path("tests/browser")
UNIT_TESTS = Path("tests/unit")
ENGINE_TESTS = ("-c", "bot/engine/pyproject.toml", "bot/engine/tests")
NOTHING_CHOSEN = 5  # pytest's exit status when there was no test to run


def test(context: typer.Context) -> int:
    """Run the tests of both environments.

    Further arguments are for pytest in the app's environment; when they name files, the engine's tests are left out.

    \b
    Example: ./salesclerk test
    Example: ./salesclerk test tests/unit/cli -k import
    """
    chosen = [_found(argument) for argument in context.args]
    skipped = left_out(chosen)
    files_are_named = chosen != context.args
    failed = _pytest(*chosen, *skipped.arguments).wait() != 0 if files_are_named else _run_all(chosen, skipped)
    skipped.tell()
    return 1 if failed else 0


def _run_all(options: list[str], skipped: LeftOut) -> bool:
    """Run the tests of both environments and return whether any failed.

    What speaks to the running assistant waits for it much of the time; all else runs beside it, one after the other.
    """
    passed = {0, NOTHING_CHOSEN} if options else {0}  # -k may well choose no test of a set
    note("The engine's tests (Python 3.10) and the units run beside all others; their output comes at the end.")
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output, ThreadPoolExecutor(1) as beside:
        stopping = threading.Event()
        quick = [([*ENGINE_TESTS], str(ENGINE_PYTHON)), ([str(UNIT_TESTS), *options], sys.executable)]
        others = beside.submit(_one_after_the_other, quick, output, stopping)
        try:
            failed = _pytest(f"--ignore={UNIT_TESTS}", *options, *skipped.arguments).wait() not in passed
            failed_beside = not passed.issuperset(others.result())
        finally:
            stopping.set()  # interrupted: nothing is left running
        note("The engine's tests and the units:")
        output.seek(0)
        print(output.read(), flush=True)
    if failed_beside and not failed:
        note("What ran beside failed: see above.")
    return failed or failed_beside


def _one_after_the_other(sets: list[tuple[list[str], str]], output: IO[str], stopping: threading.Event) -> list[int]:
    """Run sets of tests (arguments, Python) and return their exit statuses; ends soon when told to."""
    statuses = []
    for arguments, python in sets:
        running = _pytest(*arguments, python=python, output=output)
        while (status := _ended(running)) is None and not stopping.is_set():
            pass
        if status is None:
            running.kill()
            status = running.wait()
        statuses.append(status)
    return statuses


def _ended(running: subprocess.Popen[bytes]) -> int | None:
    """The exit status, None when it has none within half a second."""
    try:
        return running.wait(0.5)
    except subprocess.TimeoutExpired:
        return None


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Tests that cannot run on this machine: how pytest is told, and why."""

    arguments: tuple[str, ...] = ()
    reason: str = ""

    def tell(self) -> None:
        if self.reason:
            note(f"LEFT OUT: the tests of the web chat in a browser ({BROWSER_TESTS}): {self.reason}.")


def left_out(chosen: list[str]) -> LeftOut:
    """The tests in a browser, when they are among the chosen and there is no browser to be had."""
    named = [
        Path(argument.partition("::")[0]).resolve() for argument in chosen if Path(argument.partition("::")[0]).exists()
    ]
    folder = BROWSER_TESTS.resolve()
    if named and not any(path.is_relative_to(folder) or folder.is_relative_to(path) for path in named):
        return LeftOut()
    try:
        chromium.ready()
    except chromium.NoBrowser as error:
        return LeftOut((f"--ignore={BROWSER_TESTS}",), f"they need Chromium, and {error}")
    return LeftOut()


def _found(argument: str) -> str:
    """An argument that names a test file or folder as an absolute path, any other as it is."""
    file, separator, test_name = argument.partition("::")
    for path in (of_caller(Path(file)), Path.cwd() / file):
        if not argument.startswith("-") and path.exists():
            return f"{path}{separator}{test_name}"
    return argument


def _pytest(*arguments: str, python: str = sys.executable, output: IO[str] | None = None) -> subprocess.Popen[bytes]:
    errors = None if output is None else subprocess.STDOUT
    return subprocess.Popen([python, "-m", "pytest", *arguments], stdout=output, stderr=errors)
