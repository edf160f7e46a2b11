"""Which of the things shown is meant without a number: "the cheaper of the two", "不要第一个", "最轻的那款"."""

from __future__ import annotations

import re

_PICKS: tuple[tuple[str, str, str], ...] = (
    ("price", "lowest", r"\b(?:the )?(?:cheap(?:er|est)|least expensive|less expensive|lowest[- ]priced)\b|最便宜|更便宜的那|便宜的那"),
    ("price", "highest", r"\b(?:the )?(?:most expensive|more expensive|dear(?:er|est)|priciest|pricier)\b|最贵|更贵的那|贵的那"),
    ("weight", "lowest", r"\b(?:the )?light(?:er|est)\b|最轻|更轻的那|轻的那"),
    ("weight", "highest", r"\b(?:the )?heav(?:ier|iest)\b|最重|更重的那"),
)  # fmt: skip
_PICK_PATTERNS = tuple((attribute, to, re.compile(words, re.IGNORECASE)) for attribute, to, words in _PICKS)
# "cheaper" alone is a wish; it picks with "the ... one", "of the two" or in the superlative with a thing.
_PICKING = re.compile(
    r"\bthe (?:cheap|light|heav|dear|pric|most|least|more|less|lowest)[\w -]*?\b(?:ones?|of (?:the|them|those|these)|model|option|bike|tent|helmet|jacket)\b"
    r"|\bthe (?:cheapest|lightest|heaviest|dearest|most expensive|least expensive)\b(?! \w)"
    r"|(?:便宜|贵|轻|重)的?那[个款件辆双顶]|最(?:便宜|贵|轻|重)的?那?[个款件辆双顶]?",
    re.IGNORECASE,
)
_NOT_THIS = re.compile(
    r"(?:\bnot|\bdon'?t (?:want|like|need)|\bwithout|\bexcept|\bno,? not|\bforget|\bskip|不要|别要|不想要|不喜欢|不是|除了)\s*"
    r"(?:the )?$",
    re.IGNORECASE,
)
_NOT_THIS_BEHIND = re.compile(r"\s*(?:就|我)?(?:不要|不喜欢|不行|算了|不用)|\s*(?:is out|not|no)\b", re.IGNORECASE)


def find_pick(text: str) -> dict[str, str] | None:
    """`{"attribute": "price", "to": "lowest"}` for "the cheapest one"; None when nothing is picked so."""
    if not _PICKING.search(text):
        return None
    for attribute, to, pattern in _PICK_PATTERNS:
        if pattern.search(text):
            return {"attribute": attribute, "to": to}
    return None


def is_turned_down(text: str, place: tuple[int, int]) -> bool:
    """Whether the position that stands there is refused: "not the first one", "第一个不要"."""
    left = text[max(0, place[0] - 20) : place[0]]
    return bool(_NOT_THIS.search(left) or _NOT_THIS_BEHIND.match(text, place[1]))
