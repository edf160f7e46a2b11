"""Who may import whom: the contracts are in pyproject.toml, under tool.importlinter."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

REPOSITORY = Path(__file__).parents[2]


def test_every_package_imports_only_what_the_design_allows() -> None:
    linter = Path(sys.executable).with_name("lint-imports")
    linted = subprocess.run([linter, "--no-cache"], cwd=REPOSITORY, capture_output=True, text=True)
    assert linted.returncode == 0, linted.stdout + linted.stderr
