"""What a message does not want, and what it takes back: "not red or yellow", "不要黑色的", "black, no, silver"."""

from __future__ import annotations

import re
from collections.abc import Sequence

from bot.engine.needs.matching import Found
from bot.engine.needs.words import Reading

_REFUSAL = (
    r"\b(?:not|no|without|except(?: for)?|other than|apart from|besides|anything but|everything but|any(?:thing)? \w+ but|"
    r"all but|nothing|never|neither|nor|avoid(?:ing)?|hates?|dislikes?|can'?t stand|instead of|rather than|"
    r"(?:do not|don'?t|dont|doesn'?t|does not|didn'?t|wouldn'?t|would not)(?: really| actually| even)?"
    r" (?:want|like|need|fancy|care for|wear|love|think i want)|skip|drop the|forget the|exclud(?:e|ing)|minus|ain'?t)\b"
    r"|不要|不想要|不喜欢|不想买|不买|不爱|不考虑|不需要|不用|别给我|别要|别推荐|别是|别|除了|除|不是|并非|非|讨厌|排除|拒绝|不含|不带|千万别"
)
# Between the refusal and what it refuses only such words may stand, and one word that nobody can foresee.
_FILLERS = (
    r"(?:\s|\b(?:a|an|the|any|more|in|of|too|very|that|this|those|these|it|to|be|is|for|with|from|another|same|colou?r(?:ed)?|"
    r"size|brand|type|kind|sort|stuff|ones?|something|anything|made|by|again|really|want|get|see|show me|have|"
    r"your|my|old|dark|bright|boring|plain|please|i said)\b"
    r"|太|那种|这种|这个|那个|那款|的|颜色|是|什么|任何|再|给我|推荐|看|有|很|带|用|牌子|买|了|要|尺码|材质)*"
)
_UNFORESEEN = (
    r"(?:\s(?!sure|only|problem|just|need|much|idea|bad|matter|worries|but|looking|after|yet|until|before)[a-z]+\s)?"
)
_REFUSED = re.compile(rf"(?P<refusal>{_REFUSAL}){_FILLERS}{_UNFORESEEN}$", re.IGNORECASE)
_NO_REFUSAL = re.compile(
    r"(?:要不要|是不是|不是很|why not|if not|not sure|not only|no problem|why no|还有没有|有没有)$", re.IGNORECASE
)
_AND_ALSO = re.compile(
    r"\s*(?:,|/|、|，)?\s*(?:or|nor|and(?: no(?:t)?| or)?|&|或者?|和|跟|与|还有|以及|、|/)\s*(?:a|an|any|the|in)?\s*",
    re.IGNORECASE,
)
_LIST_COMMA = re.compile(r"\s*[,，、]\s*")
# Chinese also refuses behind the word: "红色的不要", "红色除外".
_REFUSED_BEHIND = re.compile(
    r"\s*(?:的|色的|色|款|那种)?(?:我?(?:就|都|也|一律)?(?:不要|不喜欢|不行|不考虑|除外|以外|之外|就算了|免了|pass))",
    re.IGNORECASE,
)
_REFUSED_BEHIND_EN = re.compile(
    r"\s*(?:is|are|ones? (?:is|are)|won't|isn't)?\s*(?:out of the question|a no-?go|not an option|excluded|not for me)",
    re.IGNORECASE,
)
_TAKES_BACK = re.compile(
    r"(?:\bno\b(?! (?:more|less))|\bnope\b|\bactually\b|\bsorry\b|\bi mean(?:t)?\b|\brather\b|\bscratch that\b|\bwait\b|\bmake (?:it|that)\b|"
    r"\bcorrection\b|\boops\b|\binstead\b|\bon second thoughts?\b|\bcome to think\b|\bor better\b|\bmy bad\b"
    r"|哦?不对|不是|不，|不,|说错了|打错了|应该是|改成|还是要|还是|算了|更正|我是说)",
    re.IGNORECASE,
)


def refused(reading: Reading, found: Sequence[Found]) -> set[Found]:
    """Return the terms that the customer does not want."""
    out: set[Found] = set()
    for position, one in enumerate(found):
        if (
            _is_refused(reading, found, position)
            or _is_refused_behind(reading, found, position)
            or position
            and found[position - 1] in out
            and _goes_on(reading, found, position)
        ):
            out.add(one)
    return out


def taken_back(reading: Reading, found: Sequence[Found], unwanted: set[Found]) -> set[Found]:
    """Return the terms that a later one of the same kind corrects: the first of "black, no, silver"."""
    out: set[Found] = set()
    before: dict[str, list[Found]] = {}
    for later in found:
        earlier = before.setdefault(later.kind, [])
        if earlier and later not in unwanted and _TAKES_BACK.search(reading.between(earlier[-1].end - 1, later.start)):
            out.update(earlier)
            earlier.clear()
        earlier.append(later)
    return out


def _is_refused(reading: Reading, found: Sequence[Found], position: int) -> bool:
    one = found[position]
    left = _left_of(reading, found, position)
    match = _REFUSED.search(left)
    if not match or _NO_REFUSAL.search(left[: match.end("refusal")]):
        return False
    # "no, black" is an answer and then a wish; "no, not cheap" says nothing against a price.
    return one.kind not in ("priority", "recipient") or match["refusal"].casefold() not in ("no", "不是")


def _left_of(reading: Reading, found: Sequence[Found], position: int) -> str:
    """The text before a term, back to the term before it that is not a part of the same phrase."""
    start = reading.places[found[position].start][0]
    begin = 0
    for earlier in reversed(found[:position]):
        stop = reading.places[earlier.end - 1][1]
        between = reading.text[stop:start]
        # "not a black helmet": black and helmet are one phrase, which is refused as a whole.
        if between.strip(" -的色") == "":
            start = reading.places[earlier.start][0]
            continue
        begin = stop
        break
    return reading.text[max(begin, start - 60) : start]


def _goes_on(reading: Reading, found: Sequence[Found], position: int) -> bool:
    """Whether a refusal reaches this term too: "red or yellow", "red, yellow or pink"."""
    one, before = found[position], found[position - 1]
    between = reading.text[reading.places[before.end - 1][1] : reading.places[one.start][0]]
    between = re.sub(r"^的|色$|的$", "", between)
    if one.kind != before.kind:
        return False
    if _AND_ALSO.fullmatch(between):
        return True
    if not _LIST_COMMA.fullmatch(between):
        return False
    following = found[position + 1] if position + 1 < len(found) else None
    if following is None or following.kind != one.kind:
        return False
    after = reading.text[reading.places[one.end - 1][1] : reading.places[following.start][0]]
    return bool(re.fullmatch(r"(?:的|色)?\s*,?\s*(?:or|nor|and|或者?|和|还有|[,，、])\s*", after, re.IGNORECASE))


def _is_refused_behind(reading: Reading, found: Sequence[Found], position: int) -> bool:
    """ "红色的不要", "红色和黄色除外": the refusal stands after the last of a list."""
    last = position
    while last + 1 < len(found) and found[last + 1].kind == found[position].kind:
        gap = reading.text[reading.places[found[last].end - 1][1] : reading.places[found[last + 1].start][0]]
        if not re.fullmatch(r"(?:的|色)?\s*(?:和|或者?|跟|、|,|，|还有)\s*", gap):
            break
        last += 1
    rest = reading.text[reading.places[found[last].end - 1][1] :]
    behind = _REFUSED_BEHIND.match(rest)
    if behind:
        # "黑色的，不要红色": with a wish behind it, the refusal belongs to that.
        following = found[last + 1] if last + 1 < len(found) else None
        if following is None:
            return True
        gap = rest[behind.end() : max(0, reading.places[following.start][0] - reading.places[found[last].end - 1][1])]
        return bool(re.match(r"\s*[,，。;；!！]", gap)) or "除外" in behind.group() or "以外" in behind.group()
    return bool(_REFUSED_BEHIND_EN.match(rest))
