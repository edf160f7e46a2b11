from __future__ import annotations

import pytest
from bot.engine.action_answers import check_answers_quickly
from jsonschema import ValidationError
from rasa.core.actions.action import RemoteAction


@pytest.fixture
def action() -> RemoteAction:
    check_answers_quickly()
    return RemoteAction("action_greet", None)


def test_an_answer_of_the_action_server_is_taken(action: RemoteAction) -> None:
    answer = {"events": [{"event": "slot", "name": "outcome", "value": "ok", "timestamp": None}], "responses": []}
    assert action._validate_action_result(answer) is True


@pytest.mark.parametrize("answer", [{"events": 5}, {"events": [{"event": "slot"}]}, {"responses": "hello"}])
def test_what_is_no_answer_is_refused_by_name(action: RemoteAction, answer: dict) -> None:
    with pytest.raises(ValidationError, match="action_greet"):
        action._validate_action_result(answer)
