"""`test`: the tests of both environments."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

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
    engine = 0
    if chosen == context.args:
        note("Tests of the engine (Python 3.10):")
        engine = _pytest(str(ENGINE_PYTHON), "-c", "bot/engine/pyproject.toml", "bot/engine/tests")
        note("Tests of everything else:")
    app = _pytest(sys.executable, *chosen)
    if engine and not app:
        note("The app's tests passed, but the engine's failed: see above.")
    return 1 if engine or app else 0


def _found(argument: str) -> str:
    """An argument that names a test file or folder as an absolute path, any other as it is."""
    file, separator, test_name = argument.partition("::")
    for path in (of_caller(Path(file)), Path.cwd() / file):
        if not argument.startswith("-") and path.exists():
            return f"{path}{separator}{test_name}"
    return argument


def _pytest(python: str, *arguments: str) -> int:
    return subprocess.run([python, "-m", "pytest", *arguments]).returncode
