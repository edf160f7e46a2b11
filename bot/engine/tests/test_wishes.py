from __future__ import annotations

import pytest
from bot.engine.wishes import PART_OF, MainWishChooser, WishGatherer, WishSplitter, parts_of
from rasa.shared.nlu.training_data.message import Message


def understood(text: str, intent: str, confidence: float = 0.9, **more: object) -> Message:
    message = Message({"text": text, "needs": {}, "mentions": {}, **more})
    message.set("intent", {"name": intent, "confidence": confidence}, add_to_output=True)
    message.set("intent_ranking", [{"name": intent, "confidence": confidence}], add_to_output=True)
    return message


def gathered(main: str, *parts: tuple[str, str, float], **of_parts: object) -> Message:
    messages = [understood("whole", main)]
    messages += [understood(text, intent, confidence, part_of=0, **of_parts) for text, intent, confidence in parts]
    (whole,) = WishGatherer().process(MainWishChooser().process(messages))
    return whole


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("thanks! and where's my order?", ["thanks", "where's my order"]),
        (
            "do you ship to canada and can i pay with paypal?",
            ["do you ship to canada", "can i pay with paypal"],
        ),
        ("谢谢！我的订单到哪了？", ["谢谢", "我的订单到哪了"]),
        ("运费多少，另外可以开发票吗", ["运费多少", "另外可以开发票吗"]),
        ("black and red helmets for my son", []),
        ("it costs $1,299.99 and weighs 2.5 kg", []),
        ("where is my order 10293?", []),
        ("ok :) ...", []),
        ("", []),
        ("a. " * 200, []),
    ],
)
def test_a_message_is_split_where_another_sentence_begins(text: str, parts: list[str]) -> None:
    assert parts_of(text) == parts


def test_parts_go_through_the_pipeline_behind_all_messages() -> None:
    messages = [Message({"text": "hello"}), Message({"text": "thanks! where is my order?"})]
    split = WishSplitter().process(messages)
    assert [message.get("text") for message in split[2:]] == ["thanks", "where is my order"]
    assert [message.get(PART_OF) for message in split] == [None, None, 1, 1]


def test_small_talk_gives_way_to_the_wish_beside_it() -> None:
    whole = gathered("thank", ("thanks", "thank", 0.99), ("where is my order", "track_order", 0.95))
    assert whole.get("intent")["name"] == "track_order"
    assert whole.get("wishes") == []


def test_a_second_wish_is_kept() -> None:
    parts = [("where is it", "track_order", 0.9), ("can i pay by card", "ask_payment_methods", 0.9)]
    whole = gathered("track_order", *parts)
    assert whole.get("intent")["name"] == "track_order"
    assert [(wish["text"], wish["intent"]) for wish in whole.get("wishes")] == [
        ("can i pay by card", "ask_payment_methods")
    ]


@pytest.mark.parametrize(
    ("main", "part"),
    [
        ("state_need", ("not too expensive", "refine_need", 0.99)),  # explains the main wish
        ("track_order", ("it was a tent", "ask_warranty", 0.4)),  # uncertain
        ("refine_need", ("i need a tent", "state_need", 0.9)),  # read from the whole message
    ],
)
def test_a_part_that_wants_nothing_else_is_no_wish(main: str, part: tuple[str, str, float]) -> None:
    assert gathered(main, part, needs={"category": "Tents"}).get("wishes") == []


@pytest.mark.parametrize("answer", ["affirm", "deny"])
def test_a_yes_or_a_no_stays_what_it_is_and_the_wish_is_kept(answer: str) -> None:
    whole = gathered(answer, ("ok", answer, 0.9), ("cancel my order", "cancel_order", 0.95))
    assert whole.get("intent")["name"] == answer
    assert [wish["intent"] for wish in whole.get("wishes")] == ["cancel_order"]
