from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from bot.cli.__main__ import main
from crm_store.database import connect, migrate, sessions, writing
from crm_store.tables import LeadStage
from tests.factories import make_lead


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SALESCLERK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    monkeypatch.delenv("SALESCLERK_CALLER_CWD", raising=False)
    return tmp_path / "home"


@pytest.fixture
def shop(home: Path) -> None:
    """Leads of which those by referral were won, and three that are open."""
    engine, now = connect(f"sqlite:///{home / 'salesclerk.db'}"), datetime.now(UTC)
    migrate(engine)
    with writing(sessions(engine)) as session:
        for number in range(60):
            won = number % 3 == 0
            came = now - timedelta(days=60 + number)
            stage, source = (LeadStage.CONVERTED, "referral") if won else (LeadStage.LOST, "web")
            make_lead(session, stage=stage, source=source, created_at=came, updated_at=came + timedelta(days=9))
        for source in ("web", "referral", "web"):
            make_lead(session, source=source, name="Li Na", created_at=now - timedelta(days=2))
    engine.dispose()


@pytest.fixture
def table(tmp_path: Path) -> Path:
    file = tmp_path / "table.csv"
    rows = [f"{number % 10},{'yes' if number % 10 + number % 7 > 8 else 'no'}" for number in range(300)]
    file.write_text("\n".join(["visits,bought", *rows]), encoding="utf-8")
    return file


def test_open_leads_are_ranked(shop: None, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leads", "--json"]) == 0
    ranked = json.loads(capsys.readouterr().out)
    assert [lead["source"] for lead in ranked] == ["referral", "web", "web"]
    assert ranked[0]["chance"] > 0.8 and ranked[0]["for"] == ["came by referral"]
    assert main(["leads", "-n", "1"]) == 0
    said = capsys.readouterr().out
    assert "Li Na" in said and "came by referral (+)" in said and "web" not in said


def test_a_table_is_fitted(table: Path, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["leads", "fit", str(table), "--target", "bought", "--positive", "yes"]
    assert main([*words, "--json"]) == 0
    fitted = json.loads(capsys.readouterr().out)
    assert fitted["scores"]["ours"]["auc"] > 0.8
    assert {"auc", "brier", "calibration_error"} <= set(fitted["scores"]["base rate"])
    assert main(words) == 0
    assert "calibration_error" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (["--target", "sold", "--positive", "yes"], "no column 'sold'"),
        (["--target", "bought", "--positive", "maybe"], "no row has 'maybe'"),
        (["--target", "bought", "--positive", "yes", "--drop", "colour"], "no column 'colour'"),
        (["--target", "bought", "--positive", "yes", "--drop", "visits"], "nothing to learn from"),
    ],
)
def test_a_table_that_cannot_be_fitted_is_one_clear_line(
    table: Path, words: list[str], about: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["leads", "fit", str(table), *words]) == 2
    assert about in capsys.readouterr().err.splitlines()[-1]


def test_what_is_not_there_is_one_clear_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leads", "fit", "nowhere.csv", "--target", "x", "--positive", "1"]) == 2
    assert "nowhere.csv" in capsys.readouterr().err.splitlines()[-1]
    (tmp_path / "empty.csv").touch()
    assert main(["leads", "fit", str(tmp_path / "empty.csv"), "--target", "x", "--positive", "1"]) == 2
    assert "the file is empty" in capsys.readouterr().err.splitlines()[-1]
    assert main(["leads"]) == 2
    assert "No lead has been won or lost yet" in capsys.readouterr().err.splitlines()[-1]


def test_the_help_of_fit_has_an_example(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["leads", "fit", "--help"]) == 0
    assert "Example: ./salesclerk leads fit" in capsys.readouterr().out
