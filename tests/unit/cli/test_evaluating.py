from __future__ import annotations

import json
from pathlib import Path

import pytest

from bot.understanding_evaluation import TestSetNotUsable, read_test_set


def test_a_test_set_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text('{"text": "hi", "intent": "greet"}\n\n{"text": "你好", "intent": "greet"}\n', encoding="utf-8")
    assert [row["text"] for row in read_test_set(file, "intent")] == ["hi", "你好"]


@pytest.mark.parametrize(
    ("line", "reason"),
    [("{", "line 2 is not JSON"), ('{"text": "x"}', "line 2 has no 'intent'"), ("[]", "line 2 has no 'text'")],
)
def test_a_bad_line_is_named(tmp_path: Path, line: str, reason: str) -> None:
    file = tmp_path / "set.jsonl"
    file.write_text(json.dumps({"text": "hi", "intent": "greet"}) + "\n" + line + "\n", encoding="utf-8")
    with pytest.raises(TestSetNotUsable, match=reason):
        read_test_set(file, "intent")


def test_the_committed_test_sets_can_be_used() -> None:
    for file in Path("tests/nlu").glob("*.jsonl"):
        keys = ("intent",) if file.stem.startswith("intents") else ("now", "needs")
        assert len(read_test_set(file, *keys)) >= 80
