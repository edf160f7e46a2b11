from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.cli.__main__ import main


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SALESCLERK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)


def test_terms_are_set_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["shop", "--name", "Corner Bikes", "--currency", "EUR"]) == 0
    capsys.readouterr()
    assert main(["shop", "--json"]) == 0
    terms = json.loads(capsys.readouterr().out)
    assert (terms["name"], terms["currency"]) == ("Corner Bikes", "EUR")


def test_looking_at_a_home_without_a_shop_makes_none(capsys: pytest.CaptureFixture[str]) -> None:
    for _ in range(2):
        assert main(["shop"]) == 2
        assert "no shop in this store yet" in capsys.readouterr().err


def test_one_wrong_term_sets_none(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["shop", "--name", "Corner Bikes"]) == 0
    assert main(["shop", "--name", "Other", "--currency", "shells"]) == 2
    assert "--currency is 'shells'" in capsys.readouterr().err
    assert main(["shop"]) == 0
    assert "Corner Bikes" in capsys.readouterr().out
