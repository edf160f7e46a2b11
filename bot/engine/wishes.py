"""Pipeline components for a message with two wishes: "thanks! and where's my order?"

The parts of such a message go through the pipeline beside the message itself, in one batch; at the end they are put
back into it.
"""

import re
from collections.abc import Iterator
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

# What is said beside a wish, and gives way to it. A yes or a no does not: it may answer a question of ours.
SMALL_TALK = frozenset("greet goodbye thank praise out_of_scope".split())
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


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.INTENT_CLASSIFIER, is_trainable=False)
class MainWishChooser(StatelessComponent):
    """Lets small talk give way to a wish beside it, before needs are read from the whole message."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Sets intent and ranking of messages whose parts say more than the whole was taken for."""
        for message, parts in _with_parts(messages):
            if message.get(INTENT)["name"] not in SMALL_TALK:
                continue
            wish = next(filter(_is_own_wish, parts), None)
            if wish is not None:
                for key in (INTENT, INTENT_RANKING_KEY):
                    message.set(key, wish.get(key), add_to_output=True)
        return messages


@DefaultV1Recipe.register(DefaultV1Recipe.ComponentType.ENTITY_EXTRACTOR, is_trainable=False)
class WishGatherer(StatelessComponent):
    """Sets `wishes`: what a message with several parts wants beside its intent."""

    def process(self, messages: list[Message]) -> list[Message]:
        """Returns the messages without the parts; the wishes have `text`, `intent`, `confidence`, needs, mentions."""
        for message, parts in _with_parts(messages):
            message.set(WISHES, _other_wishes(message.get(INTENT)["name"], parts), add_to_output=True)
        return [message for message in messages if message.get(PART_OF) is None]


def _with_parts(messages: list[Message]) -> Iterator[tuple[Message, list[Message]]]:
    parts: dict[int, list[Message]] = {}
    for message in messages:
        if message.get(PART_OF) is not None:
            parts.setdefault(message.get(PART_OF), []).append(message)
    for place, of_message in parts.items():
        yield messages[place], of_message


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


def _is_own_wish(part: Message) -> bool:
    intent = part.get(INTENT) or {}
    return intent.get("name") in OWN_WISHES and intent.get("confidence", 0) >= CERTAIN


def _other_wishes(main: str, parts: list[Message]) -> list[dict[str, Any]]:
    """Returns the wishes of the parts, one of an intent, without the main one and what only explains it."""
    wishes: dict[str, dict[str, Any]] = {}
    for part in filter(_is_own_wish, parts):
        name = part.get(INTENT)["name"]
        explains = name == "state_need" and (main in ABOUT_GOODS or not part.get("needs"))
        if name != main and not explains:
            wishes.setdefault(name, _as_wish(part))
    return list(wishes.values())


def _as_wish(part: Message) -> dict[str, Any]:
    return {
        "text": part.get(TEXT),
        "intent": part.get(INTENT)["name"],
        "confidence": part.get(INTENT)["confidence"],
        "needs": part.get("needs"),
        "mentions": part.get("mentions"),
    }
