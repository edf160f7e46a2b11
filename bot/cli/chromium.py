"""The browser for the tests of the web chat: found on the machine, else fetched, else said why not."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

from bot.cli.progress import note

PROGRAMS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
PACKAGES = ("chromium", "chromium-browser")  # Debian's name, Ubuntu's
INSTALL_SECONDS = 300


class NoBrowser(Exception):
    """There is no Chromium here and none could be had; str() says what was tried."""


def found() -> str | None:
    """A Chromium that runs: the machine's own, or one that Playwright has downloaded."""
    for candidate in _candidates():
        if _runs(candidate):
            return candidate
    return None


def ready() -> str:
    """A Chromium that runs, installed if need be; raises NoBrowser."""
    if here := found():
        return here
    tried = ["none is installed"]
    for way in (_from_the_distribution, _from_playwright):
        tried.append(way())
        if here := found():
            return here
    raise NoBrowser("; ".join(tried))


def _candidates() -> Iterator[str]:
    for program in PROGRAMS:
        if path := shutil.which(program):
            yield path
    yield from map(str, sorted(_downloads().glob("chromium*/chrome*/*chrom*"), reverse=True))


def _downloads() -> Path:
    """Where Playwright keeps its browsers."""
    if chosen := os.environ.get("PLAYWRIGHT_BROWSERS_PATH"):
        return Path(chosen)
    caches = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return caches / "ms-playwright"


def _runs(program: str) -> bool:
    """Ubuntu's package without snap, or a download without its libraries, is there and does not run."""
    if not os.access(program, os.X_OK) or Path(program).is_dir():
        return False
    try:
        version = subprocess.run([program, "--version"], capture_output=True, text=True, timeout=30)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return version.returncode == 0 and "Chrom" in version.stdout


def _from_the_distribution() -> str:
    """Install the distribution's package; returns what came of it."""
    if not shutil.which("apt-get"):
        return "there is no apt-get"
    if os.geteuid() != 0:
        return "apt-get needs root"
    note("Getting Chromium for the browser tests with apt-get (once) ...")
    _run("apt-get", "update", "-qq")
    for package in PACKAGES:
        failure = _run("apt-get", "install", "-y", "-qq", "--no-install-recommends", package)
        if not failure and found():
            return "installed"
    return f"apt-get did not give one that runs ({failure or 'installed'})"


def _from_playwright() -> str:
    note("Getting Chromium for the browser tests with Playwright (once) ...")
    failure = _run(sys.executable, "-m", "playwright", "install", "chromium")
    return f"Playwright did not give one that runs ({failure or 'downloaded'})"


def _run(*command: str) -> str:
    """Run to the end; the last line of what it said when it failed, else nothing."""
    environment = os.environ | {"DEBIAN_FRONTEND": "noninteractive"}
    try:
        ran = subprocess.run(
            command, capture_output=True, text=True, errors="replace", timeout=INSTALL_SECONDS, env=environment
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        return f"{type(error).__name__}: {command[0]}"
    lines = (ran.stderr + ran.stdout).split("\n")
    return "" if ran.returncode == 0 else next((line.strip() for line in reversed(lines) if line.strip()), "failed")
