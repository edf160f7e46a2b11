"""`test`: the tests of both environments."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import typer

from bot.cli import chromium
from bot.cli.places import of_caller
from bot.cli.progress import note
from bot.processes import ENGINE_PYTHON

BROWSER_TESTS = Path("tests/browser")


def test(context: typer.Context) -> int:
    """Run the tests of both environments.

    Further arguments are for pytest in the app's environment; when they name files, the engine's tests are left out.

    \b
    Example: ./salesclerk test
    Example: ./salesclerk test tests/unit/cli -k import
    """
    chosen = [_found(argument) for argument in context.args]
    left_out = _left_out(chosen)
    if chosen != context.args:
        status = _pytest(*chosen, *left_out.arguments).wait()
        left_out.tell()
        return 1 if status else 0
    note("The engine's tests (Python 3.10) run beside the app's; their output comes at the end.")
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        engine = _pytest(
            "-c", "bot/engine/pyproject.toml", "bot/engine/tests", python=str(ENGINE_PYTHON), output=output
        )
        try:
            app_failed = _pytest(*chosen, *left_out.arguments).wait()
            engine_failed = engine.wait()
        finally:
            engine.kill()  # interrupted: nothing is left running
            engine.wait()
        note("Tests of the engine:")
        output.seek(0)
        print(output.read(), flush=True)
    left_out.tell()
    if engine_failed and not app_failed:
        note("The app's tests passed, but the engine's failed: see above.")
    return 1 if engine_failed or app_failed else 0


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Tests that cannot run on this machine: how pytest is told, and why."""

    arguments: tuple[str, ...] = ()
    reason: str = ""

    def tell(self) -> None:
        if self.reason:
            note(f"LEFT OUT: the tests of the web chat in a browser ({BROWSER_TESTS}): {self.reason}.")


def _left_out(chosen: list[str]) -> LeftOut:
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
