"""Every action there is, one for each intent."""

from __future__ import annotations

from collections.abc import Iterator

from actions import relationship, reps, small_talk
from actions.browsing import needs, products
from actions.calls import promises
from actions.cart import ordering
from actions.checkout import contact_details
from actions.dialogue import Dialogue
from actions.orders import after_sale
from actions.sales_action import SalesAction

TOPICS = (small_talk, needs, products, ordering, after_sale, contact_details, relationship, promises, reps)


def action_classes() -> Iterator[type[SalesAction]]:
    """Yield each concrete action of the topics."""
    for topic in TOPICS:
        for found in vars(topic).values():
            is_action = isinstance(found, type) and issubclass(found, SalesAction)
            if is_action and found.__module__ == topic.__name__ and "intent" in vars(found):
                yield found


def connect_actions(dialogue: Dialogue) -> list[SalesAction]:
    """Make every action for a dialogue and tell the dialogue of them; the pressed button comes last."""
    actions = [found(dialogue) for found in action_classes()]
    dialogue.use({action.intent: action for action in actions})
    return [*actions, ActionPressButton(dialogue)]


class ActionPressButton(SalesAction):
    """A quick reply was pressed: the dialogue looks up what it means before an action is chosen."""

    intent = "press_button"

    def answer(self, turn) -> None:  # noqa: ANN001
        raise AssertionError("the dialogue puts the button's own intent in place before it answers")
