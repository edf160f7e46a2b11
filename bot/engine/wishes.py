"""Pipeline components for a message with two wishes: "thanks! and where's my order?"

The parts of such a message go through the pipeline beside the message itself, in one batch; at the end they are put
back into it.
"""

import re
from typing import Any

from rasa.engine.recipes.default_recipe import DefaultV1Recipe
from rasa.shared.nlu.constants import INTENT, INTENT_RANKING_KEY, METADATA, TEXT
from rasa.shared.nlu.training_data.message import Message

from bot.engine.stateless import StatelessComponent

PART_OF = "part_of"
WISHES = "wishes"

# A longer text is a letter: its parts are told apart by nobody, and each costs as much as a message.
LONGEST = 300
MOST_PARTS = 4
# A part says less than a message, so more certainty is asked of it.
CERTAIN = 0.6

# What is said beside a wish, and gives way to it.
SMALL_TALK = frozenset("greet goodbye thank affirm deny praise no_preference undecided out_of_scope".split())
# What stands by itself: a part with another intent explains the main wish ("i need a jacket. not too expensive.").
OWN_WISHES = frozenset(
    """state_need ask_promotion view_cart request_quote track_order change_order cancel_order request_refund
    track_refund ask_delivery ask_return_policy ask_payment_methods payment_issue ask_invoice ask_warranty
    book_followup change_followup talk_to_human opt_out erase_my_data account_help""".split()
)
# Beside these what is wanted is read from the whole message.
ABOUT_GOODS = frozenset(
    """state_need refine_need no_preference undecided reject_offer accept_offer ask_product_info ask_price
    ask_availability compare_products add_to_cart remove_from_cart place_order""".split()
)

_END = r"[!?;\n]+|\.+(?=\s)|[。！？；…]+"
_QUESTION = r"(?:also|when|where|what|how|who|do|does|can|could|is|are|by the way|btw)\b"
_LINK_EN = rf",?\s+(?:and|but|also|oh|plus)\s+(?={_QUESTION})"
_LINK_ZH = r"[，,]\s*(?=还有|另外|顺便|对了|再问|再帮|还想)"
_BETWEEN = re.compile(f"{_END}|{_LINK_EN}|{_LINK_ZH}", re.IGNORECASE)
_LEADING = re.compile(r"(?:(?:and|but|also|oh|plus)\b[\s,]*)+", re.IGNORECASE)
_LETTER = re.compile(r"[^\W\d_]")
_HAN = re.compile(r"[\u3400-\u9fff]")


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class WishSplitter(StatelessComponent):
    """Adds a message for each part of a message that has several."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Returns the messages, then the parts of all; a part's `part_of` is the place of its message."""
        added = []
        for place, message in enumerate(messages):
            for part in parts_of(message.get(TEXT) or ""):
                added.append(Message({TEXT: part, PART_OF: place, METADATA: message.get(METADATA)}))
        return [*messages, *added]


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class WishGatherer(StatelessComponent):
    """Sets `wishes`, what else a message wants, and lets small talk give way to a wish beside it."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Returns the messages without the parts; the wishes have `text`, `intent`, `confidence`, needs, mentions."""
        whole = [message for message in messages if message.get(PART_OF) is None]
        parts: dict[int, list[Message]] = {}
        for message in messages:
            if message.get(PART_OF) is not None:
                parts.setdefault(message.get(PART_OF), []).append(message)
        for place, told in parts.items():
            _gather(whole[place], told)
        return whole


def parts_of(text: str) -> list[str]:
    """Returns the parts of a text that has two to four of them, each with a few words; otherwise none."""
    if len(text) > LONGEST:
        return []
    parts = [_without_link(part.strip(" ,，.")) for part in _BETWEEN.split(text)]
    parts = [part for part in parts if _says_something(part)]
    return parts if 2 <= len(parts) <= MOST_PARTS else []


def _without_link(part: str) -> str:
    link = _LEADING.match(part)
    return part[link.end() :] if link else part


def _says_something(part: str) -> bool:
    return len(_HAN.findall(part)) >= 2 or len(_LETTER.findall(part)) >= 3


def _gather(message: Message, parts: list[Message]) -> None:
    wishes = [part for part in parts if _is_own_wish(part)]
    main = message.get(INTENT)["name"]
    if main in SMALL_TALK and wishes:
        first = wishes[0]
        for key in (INTENT, INTENT_RANKING_KEY, "needs", "mentions"):
            message.set(key, first.get(key), add_to_output=True)
        main = first.get(INTENT)["name"]
    others: dict[str, dict[str, Any]] = {}
    for part in wishes:
        name = part.get(INTENT)["name"]
        if name != main and not (name == "state_need" and main in ABOUT_GOODS):
            others.setdefault(name, _as_wish(part))
    message.set(WISHES, list(others.values()), add_to_output=True)


def _is_own_wish(part: Message) -> bool:
    intent = part.get(INTENT) or {}
    name = intent.get("name")
    if name not in OWN_WISHES or intent.get("confidence", 0) < CERTAIN:
        return False
    return name != "state_need" or bool(part.get("needs"))


def _as_wish(part: Message) -> dict[str, Any]:
    return {
        "text": part.get(TEXT),
        "intent": part.get(INTENT)["name"],
        "confidence": part.get(INTENT)["confidence"],
        "needs": part.get("needs"),
        "mentions": part.get("mentions"),
    }
