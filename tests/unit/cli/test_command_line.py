"""What the command line promises whatever the command: help with an example, one line when refused, no traceback."""

from __future__ import annotations

from pathlib import Path

import pytest

from bot.cli import registry
from bot.cli.__main__ import main
from bot.cli.registry import COMMANDS
from tests.stack import free_ports


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("SALESCLERK_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("DATABASE_URL", raising=False)
    for name, port in zip(("", "ENGINE_", "ACTIONS_"), free_ports(3), strict=True):
        monkeypatch.setenv(f"SALESCLERK_{name}PORT", str(port))
    return tmp_path / "home"


def refusal(capsys: pytest.CaptureFixture[str], *words: str) -> str:
    """The one line on stderr of a command line that must be refused with status 2."""
    assert main(words) == 2
    said = capsys.readouterr().err
    assert said.count("\n") == 1
    return said


def test_the_help_lists_every_command_without_loading_one(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(registry, "load", lambda *_: pytest.fail("a command was loaded"))
    assert main(["--help"]) == 0
    said = capsys.readouterr().out
    assert all(f"{name} " in said and entry.summary in said for name, entry in COMMANDS.items())


def test_no_words_at_all_show_the_help(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 0
    assert "Usage: ./salesclerk" in capsys.readouterr().out


@pytest.mark.parametrize("name", COMMANDS)
def test_the_help_of_a_command_has_an_example_and_begins_as_the_list_says(
    name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([name, "--help"]) == 0
    said = capsys.readouterr().out
    assert f"Example: ./salesclerk {name}" in said
    assert COMMANDS[name].summary in said


def test_a_mistyped_command_is_one_line_with_the_nearest_one(capsys: pytest.CaptureFixture[str]) -> None:
    assert "Did you mean 'train'" in refusal(capsys, "trian")


@pytest.mark.parametrize(
    ("words", "about"),
    [
        (["up", "--port", "70000"], "65535"),
        (["export", "secrets"], "secrets"),
        (["import", "products"], "file"),
        (["parse"], "message or --jsonl"),
        (["parse", "--jsonl", "hello"], "message or --jsonl"),
        (["parse", "hello"], "no trained model"),
        (["train"], "no products"),
        (["up", "--empty"], "no products"),
        (["import", "products", "x.csv", "--map", "price"], "price=Retail"),
    ],
)
def test_what_cannot_be_done_is_one_line(words: list[str], about: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert about in refusal(capsys, *words)


def test_a_setting_that_cannot_be_used_is_named(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SALESCLERK_ENGINE_PORT", "many")
    assert "SALESCLERK_ENGINE_PORT" in refusal(capsys, "train")


def test_a_database_that_cannot_be_opened_is_one_line_without_its_password(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "folder.db").mkdir()
    monkeypatch.setenv("DATABASE_URL", f"sqlite:///{tmp_path / 'folder.db'}")
    assert "cannot be opened and written" in refusal(capsys, "train")
    monkeypatch.setenv("DATABASE_URL", "nonsense://me:hunter2@localhost/shop")
    assert "hunter2" not in refusal(capsys, "train")


def test_a_home_that_cannot_be_written_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setenv("SALESCLERK_HOME", str(tmp_path / "file" / "home"))
    assert "SALESCLERK_HOME" in refusal(capsys, "train")


def test_a_fault_of_ours_is_one_line_and_its_traceback_is_in_the_log(
    home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_words: object) -> int:
        raise ZeroDivisionError("by\nzero")

    monkeypatch.setattr(registry, "run", fail)
    assert "cli.log" in refusal(capsys, "doctor")
    assert "Traceback" in (home / "logs" / "cli.log").read_text()


def test_an_interrupted_command_says_nothing(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupt(_words: object) -> int:
        raise KeyboardInterrupt

    monkeypatch.setattr(registry, "run", interrupt)
    assert main(["train"]) == 130
    assert capsys.readouterr().err == ""
