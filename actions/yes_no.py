"""Yes and no, by intent or by the plain words; where a word denies, it is never a yes, whatever the intent."""

from __future__ import annotations

import re

from actions.turn import Turn

YES = frozenset(
    (
        "yes|y|yeah|yep|yup|sure|ok|okay|confirm|confirmed|correct|right|looks good|all good|go ahead|do it|perfect"
        "|that's right|yes please|ok yes|please do|sounds good|fine|great|agreed|place it|continue|proceed|go on"
        "|是|是的|好|好的|好啊|好吧|对|对的|可以|确认|确定|行|嗯|嗯嗯|没问题|没错|可以的|同意|下单吧|确认下单|继续"
    ).split("|")
)
NO = frozenset(
    (
        "no|n|nope|nah|not|not yet|no thanks|no thank you|don't|do not|not now|wait|hold on"
        "|不|不是|不要|不用|不行|没有|先不|别|算了|不了|先等等|等等|等一下|不对"
    ).split("|")
)
# Words with a "no" in them that deny nothing.
_HARMLESS = re.compile(
    r"没问题|没错|不错|不客气|好不好|行不行|是不是|可不可以|\bno (?:problem|worries)\b", re.IGNORECASE
)
_DENIES = re.compile(
    r"[不别没勿]|先等|等等|等一下|\b(?:no|not|don'?t|dont|doesn'?t|never|nope|nah|cancel|stop|wait|hold on|without)\b",
    re.IGNORECASE,
)


def says_yes(turn: Turn) -> bool:
    """Whether the message agrees; anything that denies or asks does not."""
    if _plain(turn.text) in YES:
        return True
    return turn.intent == "affirm" and not denies(turn.text) and not asks(turn.text)


def says_no(turn: Turn) -> bool:
    """Whether the message refuses: by intent, by a plain no, or by beginning with one."""
    return turn.intent == "deny" or _plain(turn.text) in NO or bool(_BEGINS_WITH_NO.match(turn.text.strip()))


def denies(text: str) -> bool:
    """Whether a text holds a denial: "don't cancel it", "先不要下单"."""
    return bool(_DENIES.search(_HARMLESS.sub(" ", text)))


def asks(text: str) -> bool:
    return text.rstrip().endswith(("?", "？", "吗", "呢"))


_BEGINS_WITH_NO = re.compile(r"(?:no\b(?! problem)|nope\b|don'?t\b|do not\b|先?不(?!错|客气)|先?别)", re.IGNORECASE)


def _plain(text: str) -> str:
    return re.sub(r"\s+", " ", text.casefold().replace("’", "'").strip(" .!?,。！，？~～"))
