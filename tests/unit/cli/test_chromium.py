"""The browser for the tests: found, or said plainly why not."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from bot.cli import chromium, testing

BROWSER = "#!/bin/sh\necho 'Chromium 150.0'\n"
BROKEN = "#!/bin/sh\necho 'Command requires the chromium snap to be installed.'\nexit 1\n"


@pytest.fixture(autouse=True)
def machine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The programs of a machine that has none, and from which nothing can be fetched."""
    programs = tmp_path / "bin"
    programs.mkdir()
    monkeypatch.setenv("PATH", str(programs))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "downloads"))
    return programs


def install(path: Path, program: str) -> str:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(program)
    path.chmod(0o755)
    return str(path)


def test_the_machine_s_own_is_taken_if_it_runs(machine: Path) -> None:
    assert chromium.found() is None
    install(machine / "chromium-browser", BROKEN)
    assert chromium.found() is None
    chrome = install(machine / "google-chrome", BROWSER)
    assert chromium.found() == chromium.ready() == chrome


def test_one_that_was_downloaded_is_found(tmp_path: Path) -> None:
    chrome = install(tmp_path / "downloads" / "chromium-1200" / "chrome-linux" / "chrome", BROWSER)
    assert chromium.found() == chrome


def test_apt_get_is_asked_for_one(machine: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("os.geteuid", lambda: 0)
    install(machine / "apt-get", f"#!{sys.executable}\nimport pathlib, sys\n" + INSTALLS.format(folder=machine))
    assert chromium.ready() == str(machine / "chromium")


INSTALLS = """
if "install" in sys.argv:
    program = pathlib.Path("{folder}") / sys.argv[-1]
    program.write_text("#!/bin/sh\\necho Chromium 150.0\\n")
    program.chmod(0o755)
"""


def test_without_one_the_tests_are_left_out_with_the_reason(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "executable", "/nowhere/python")  # Playwright itself would try for ten seconds
    left_out = testing.left_out([])
    assert left_out.arguments == ("--ignore=tests/browser",)
    left_out.tell()
    said = capsys.readouterr().err
    assert "LEFT OUT" in said and "no apt-get" in said and "Playwright" in said


@pytest.mark.parametrize(
    ("chosen", "needed"),
    [([], True), (["tests"], True), (["tests/browser/test_looks.py::test_x"], True), (["tests/unit", "-x"], False)],
)
def test_a_browser_is_looked_for_only_when_it_is_needed(
    chosen: list[str], needed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[bool] = []
    monkeypatch.setattr(chromium, "ready", lambda: asked.append(True))
    testing.left_out(chosen)
    assert bool(asked) is needed
