"""Homes for the tests of commands that work on what was learned."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from crm_store.home import Home


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Home:
    """A home with nothing in it."""
    monkeypatch.setenv("SALESCLERK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    return Home.from_environment()


@pytest.fixture
def shop(home: Home, tmp_path_factory: pytest.TempPathFactory) -> Home:
    """A home that has learned from the made-up history once; customer 1 is a walker, 2 a rider."""
    from tests.unit.models.sales_history import trained_home  # learns once for all tests

    shutil.copytree(trained_home(tmp_path_factory.getbasetemp()), home.path)
    return home
