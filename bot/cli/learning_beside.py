"""Learning from sales while the assistant runs already: nobody has to wait for it."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import IO

from bot.cli.places import registry
from bot.cli.progress import note
from crm_store.errors import SalesError
from crm_store.home import Home


class LearningBeside:
    """Learns once in a process of its own, when nothing that can be used was learned yet."""

    def __init__(self, home: Home) -> None:
        self._home = home
        self._process: subprocess.Popen[bytes] | None = None
        self._log: IO[bytes] | None = None
        self._learned = False  # something was, when we last looked

    def start_if_wanted(self) -> None:
        """Start to learn, unless there is something learned that this code can use."""
        if self._is_learned():
            return
        note("Learning from sales in the background; offers follow it as soon as it is done.")
        self._log = self._path.open("wb")
        gently = ["nice", "-n", "10"] if shutil.which("nice") else []  # customers come first
        self._process = subprocess.Popen(
            [*gently, sys.executable, "-m", "bot.cli", "train", "models"],
            stdin=subprocess.DEVNULL,
            stdout=self._log,
            stderr=subprocess.STDOUT,
        )

    def look(self) -> None:
        """Say how it ended, when it has; learn again when what was learned had to be forgotten."""
        learned = registry(self._home).in_use() is not None
        if self._learned and not learned and self._process is None:
            self.start_if_wanted()
        self._learned = learned
        if self._process is None or self._process.poll() is None:
            return
        said = self._path.read_text(encoding="utf-8", errors="replace").strip().splitlines() or ["it said nothing"]
        note(said[-1] if self._process.returncode == 0 else f"Nothing was learned from sales: {said[-1]}")
        self._end()

    def stop(self) -> None:
        """Leave nothing running."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._end()

    @property
    def _path(self) -> Path:
        return self._home.logs / "learning.log"

    def _end(self) -> None:
        self._process = None
        if self._log is not None:
            self._log.close()

    def _is_learned(self) -> bool:
        try:
            registry(self._home).check()
        except SalesError:
            return False
        return True
