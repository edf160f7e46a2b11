"""`test`: the tests of both environments."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path
from typing import IO

import typer

from bot.cli.places import of_caller
from bot.cli.progress import note
from bot.processes import ENGINE_PYTHON


def test(context: typer.Context) -> int:
    """Run the tests of both environments.

    Further arguments are for pytest in the app's environment; when they name files, the engine's tests are left out.

    \b
    Example: ./salesclerk test
    Example: ./salesclerk test tests/unit/cli -k import
    """
    chosen = [_found(argument) for argument in context.args]
    if chosen != context.args:
        return 1 if _pytest(*chosen).wait() else 0
    note("The engine's tests (Python 3.10) run beside the app's; their output comes at the end.")
    with tempfile.TemporaryFile("w+", encoding="utf-8") as output:
        engine = _pytest(
            "-c", "bot/engine/pyproject.toml", "bot/engine/tests", python=str(ENGINE_PYTHON), output=output
        )
        try:
            app_failed = _pytest(*chosen).wait()
            engine_failed = engine.wait()
        finally:
            engine.kill()  # interrupted: nothing is left running
            engine.wait()
        note("Tests of the engine:")
        output.seek(0)
        print(output.read(), flush=True)
    if engine_failed and not app_failed:
        note("The app's tests passed, but the engine's failed: see above.")
    return 1 if engine_failed or app_failed else 0


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
