"""Yes and no, by intent or by the plain words."""

from __future__ import annotations

from actions.turn import Turn

YES = frozenset(
    [
        "yes",
        "y",
        "yeah",
        "yep",
        "yup",
        "sure",
        "ok",
        "okay",
        "confirm",
        "confirmed",
        "correct",
        "是",
        "是的",
        "好",
        "好的",
        "对",
        "可以",
        "确认",
        "确定",
        "行",
        "嗯",
        "没问题",
    ]
)
NO = frozenset(["no", "n", "nope", "nah", "not", "yet", "不", "不是", "不要", "不用", "不行", "没有", "先不"])


def says_yes(turn: Turn) -> bool:
    return turn.intent == "affirm" or _plain(turn.text) in YES


def says_no(turn: Turn) -> bool:
    return turn.intent == "deny" or _plain(turn.text) in NO


def _plain(text: str) -> str:
    return text.casefold().strip(" .!?,。！，？")
