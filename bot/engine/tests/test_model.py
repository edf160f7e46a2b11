from __future__ import annotations

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from bot.engine.parse import Parser, parse_lines, run
from bot.engine.train import main as train_main


@pytest.fixture(scope="module")
def parser(model: Path, vocabulary_file: Path) -> Parser:
    os.environ["SALESCLERK_VOCABULARY"] = str(vocabulary_file)
    return Parser(model)


def parsed(parser: Parser, *lines: str) -> list[dict]:
    return [json.loads(line) for line, _ in parse_lines(lines, parser, {})]


def test_parse_keeps_order_and_other_keys(parser: Parser) -> None:
    lines = [json.dumps({"id": number, "text": text}) for number, text in enumerate(["hi", "查一下我的快递"] * 70)]
    answers = parsed(parser, *lines)
    assert [answer["id"] for answer in answers] == list(range(140))
    assert [answer["intent"]["name"] for answer in answers] == ["greet", "track_order"] * 70
    assert [answer["language"] for answer in answers[:2]] == ["en", "zh"]
    assert answers[0]["needs"] == {}


def test_a_bad_line_is_answered_in_its_place_by_its_number(parser: Parser) -> None:
    lines = ['{"text": "hi"}', "nonsense", "", '{"other": 1}', '{"text": 5}', "[1]", '{"text": "hello"}']
    answers = parsed(parser, *lines)
    assert [answer.get("error", "").partition(":")[0] for answer in answers] == [
        "",
        "line 2",
        "line 4",
        "line 5",
        "line 6",
        "",
    ]
    assert [good for _, good in parse_lines(lines, parser, {})] == [True, False, False, False, False, True]


def test_chinese_is_written_as_chinese_and_half_a_surrogate_as_an_escape(parser: Parser) -> None:
    lines = ['{"text": "你好"}', '{"text": "hi \\ud83d"}']
    written = [line for line, _ in parse_lines(lines, parser, {})]
    assert "你好" in written[0]
    assert json.loads(written[1].encode())["text"] == "hi \ud83d"


def test_a_line_that_already_has_an_error_key_is_still_parsed(parser: Parser) -> None:
    (answer,) = parsed(parser, '{"error": "mine", "text": "hi"}')
    assert answer["intent"]["name"] == "greet"


def test_typed_commands_are_words(parser: Parser) -> None:
    (answer,) = parsed(parser, json.dumps({"text": '/press_button{"button": "b_1"}'}))
    assert answer["intent"]["name"] != "press_button"


def test_the_outcome_of_a_batch_says_whether_all_lines_were_good(model: Path) -> None:
    target = io.StringIO()
    assert run(io.StringIO('{"text": "hi"}\n'), target, model, {}) is True
    assert run(io.StringIO("x\n"), target, model, {}) is False


def test_training_refuses_an_intent_that_the_domain_does_not_know(
    project: Path, vocabulary_file: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "domain.yml").write_text("intents: [greet, state_need]\n", encoding="utf-8")
    out = tmp_path / "model.tar.gz"
    arguments = ["--vocabulary", vocabulary_file, "--out", out, "--data", project, "--domain", tmp_path / "domain.yml"]
    with pytest.raises(SystemExit) as end:
        train_main([str(argument) for argument in arguments])
    assert end.value.code == 2
    assert "intent track_order is not in the domain" in capsys.readouterr().err
    assert not out.exists()


@pytest.mark.parametrize("program", ["parse", "serve"])
def test_a_missing_or_broken_model_is_one_line_and_exit_status_2(
    program: str, vocabulary_file: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "live.tar.gz"
    broken.write_bytes(b"not an archive")
    for model in (broken, tmp_path / "none.tar.gz"):
        command = [sys.executable, "-m", f"bot.engine.{program}", "--model", model, "--vocabulary", vocabulary_file]
        ended = subprocess.run(
            [str(part) for part in command],
            input="",
            capture_output=True,
            text=True,
            env={**os.environ, "SALESCLERK_ENGINE_TOKEN": "token"},
        )
        assert ended.returncode == 2
        assert ended.stdout == ""
        assert ended.stderr.count("\n") == 1
        assert str(model) in ended.stderr
