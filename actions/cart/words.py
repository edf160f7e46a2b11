"""What the words say about the quantities in the cart: "make it 3", "take one out", "再来两个", "清空购物车"."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

_WORDS = {
    word: number
    for number, word in enumerate("one two three four five six seven eight nine ten eleven twelve".split(), start=1)
} | {"another": 1, "a couple": 2, "half a dozen": 6, "a dozen": 12, "fifteen": 15, "twenty": 20}
_DIGITS_ZH = {digit: number for number, digit in enumerate("一二三四五六七八九", start=1)} | {"两": 2, "俩": 2}
# What a number counts when it is not how many are wanted.
_UNITS = (
    r"people|persons?|m[ae]n|women|kids?|children|seasons?|inch(?:es)?|cm|mm|km|m|miles?|days?|weeks?|months?|years?|hours?"
    r"|min(?:ute)?s?|lit(?:er|re)s?|l|kg|g|lbs?|dollars?|bucks|euros?|pounds?|usd|quid|grand|k|am|pm|o'?clock|percent|sizes?"
    r"|things?|questions?|times?|orders?|details?|speeds?"
)
_EN = rf"(?<![\w$€£.-])(?:{{}})(?![\w%]|[.,:/-]\d|-\w)(?!\s*-?(?:{_UNITS})\b)"
_COUNT_EN = r"\d{1,3}|half a dozen|a dozen|a couple|" + "|".join(w for w in _WORDS if " " not in w and w != "another")
N = _EN.format(rf"(?P<n>{_COUNT_EN})")
_OTHER_N = _EN.format(_COUNT_EN)
_COUNT_ZH = r"(?<![第\d])(?:\d{1,3}|[一二两俩三四五六七八九十]{1,3})"
Z = rf"(?P<n>{_COUNT_ZH})"
_M = r"(?:个|只|件|辆|台|双|副|顶|把|条|支|套|瓶|罐|包|盒|根|张|本|块(?!钱)|对|份|袋|款(?!式)|箱|枚|组)(?!月|人)"
_END = r"(?=\s*(?:$|[，,。.！!？?；;~～]|吧|就|好|行|可以|了|啊|呀|哦|谢|请|而|不|吗))"
_TO_ZH = r"改成|改为|改到|调成|调到|调为|调整[成为到]|设成|设为|设置[成为]|增?加到|减少?到|减[为成]|降到"

Kind = Literal["set", "less", "more", "empty"]


@dataclass(frozen=True, slots=True)
class CartWish:
    """`number` is the new quantity for "set", the difference for "less" and "more"."""

    kind: Kind
    number: int
    certain: bool  # the words alone say it; else only of what was just added or spoken of
    names_line: bool = False  # "set ... to 3" is about the cart only when it says what
    place: int | None = None  # the line that the words point at: "change the first to 3"
    counted: bool = False  # "3 pairs", "三个": the number counts things and is no size


def _patterns(*texts: str) -> tuple[re.Pattern[str], ...]:
    return tuple(re.compile(text, re.IGNORECASE) for text in texts)


_EMPTY = re.compile(
    r"\b(?:empty|clear|wipe|reset)(?: out)? (?:my |the |this |whole |entire |shopping )*(?:cart|basket|bag)\b"
    r"|\b(?:remove|delete|take out|drop) (?:all|everything|all of (?:it|them))\b"
    r"(?: (?:out of|from|in) (?:my |the )?(?:cart|basket|bag))?\W*$"
    r"|清空|(?:购物车|全部|所有)[^，。]{0,8}(?:删[除掉]|去掉|清掉|移除|清了)|(?:删[除掉]|去掉|移除)(?:购物车里?的?)?(?:全部|所有)|(?:全都?|都|全部)不要了",
    re.IGNORECASE,
)
_SET = _patterns(
    rf"\bmake (?:it|that|them|those|this|the [\w' -]{{2,30}}?) (?:to |into |be )?{N}",
    rf"\b(?:quantity|qty)\b\W{{0,3}}(?:is |to |of |should be |as )?{N}",
    rf"{N}(?! more)[^.!?]{{0,40}}?[, ]\s*(?:not|instead of|rather than) {_OTHER_N}",
    rf"\bnot {_OTHER_N}[^.!?]{{0,20}}?[, ]\s*(?:but )?{N}\W*$",
    rf"{N} (?:in total|altogether|total)\b",
    rf"(?:{_TO_ZH}|变[成为]|换[成为]|要改){Z}(?:{_M})?{_END}",
    rf"(?:{_TO_ZH})(?P<n>{_COUNT_ZH}(?<![一1])){_M}",
    rf"数量[^，。,.\d一二两三四五六七八九十]{{0,8}}{Z}",
    rf"{Z}{_M}[^，。,.]{{0,12}}[，,]?\s*(?:而?不是|不要){_COUNT_ZH}{_M}",
    rf"(?:不是|不要){_COUNT_ZH}{_M}[^，。,]{{0,6}}[，,]?\s*(?:我?要的?是?|而?是){Z}{_M}",
    rf"(?:一共|总共|合计)(?:要|来|买|是)?{Z}{_M}",
)
_SET_TO = re.compile(
    r"\b(?:set|change|adjust|update|increase|raise|reduce|lower|decrease|bump|cut|edit|modify)\b"
    rf"(?P<what>[^.!?]{{1,60}}?)\bto (?:just |only )?{N}",
    re.IGNORECASE,
)
_OF_QUANTITY = re.compile(r"\b(?:quantity|qty|amount|number of|it|that|them|those|this)\b", re.IGNORECASE)
_OF_QUANTITY_ITSELF = re.compile(r"\b(?:quantity|qty|amount|number of)\b|数量|件数", re.IGNORECASE)
_OF_SOMETHING_ELSE = re.compile(
    r"\b(?:size|budget|address|price|phone|contact|date|time|delivery|colou?r|weight|limit)\b|尺码|尺寸|码数|预算|地址|电话|时间|日期|价",
    re.IGNORECASE,
)
_LESS = _patterns(
    rf"\btake (?:out |off |away ){N}",
    rf"\btake {N}(?: of [\w' ]{{1,30}}?| [\w' ]{{1,30}}?)? (?:out|off|away|back)\b",
    rf"\b(?:remove|drop|delete|deduct|subtract) (?:out )?{N}",
    rf"{N} (?:less|fewer)\b(?! than)",
    rf"\b(?:reduce|lower|decrease|cut)\b[^.!?]{{0,40}}\bby {N}",
    rf"(?:少[要来买拿]?|减[少掉去]?|去掉|删[掉除去]?|拿[掉走出]|取[出走]|移除|扣掉)了?{Z}{_M}",
)
_MORE = _patterns(
    rf"{N} more\b(?!\s+(?:{_UNITS}|thing|options?|info)\b)",
    rf"\banother {N}",
    rf"\b(?:increase|raise|bump)\b[^.!?]{{0,40}}\bby {N}",
    rf"(?:再|多|另外|额外|另)(?:给我|帮我|给|帮)?[来要加拿买添订]?上?{Z}{_M}",
    rf"(?:增加|追加|加多){Z}{_M}",
)
_HOW_MANY = _patterns(
    r"(?:(?:ok|okay|yes|yeah|no|oh|actually|sorry|please|well|and)[,! ]+)*"
    r"(?P<verb>(?:(?:i'?ll|i will|i'?d|i would|let me|can i|could i|i) )?"
    r"(?:like |want |need |take |have |get |meant |said |buy |order )?"
    r"(?:to (?:get|have|buy|order|take) )?(?:give me |get me |only |just )*)"
    rf"{N}(?P<those> of (?:those|them|these|it|that|this)(?: one)?)?(?: please| pls| instead| actually)?\W*",
    rf"(?:好的?|那|嗯|不|对|[，,\s])*我?[只就想先]?(?:[要来买拿]的?是?)?{Z}{_M}(?:这个|那个|这种|这款)?(?:就?(?:好|够|行|可以)了?|吧|谢谢|了)?[。.!！]*",
)
_NOT_A_WISH = re.compile(
    r"\b(?:don'?t|do not|never)\s+(?:\w+ )?(?:make|set|change|take|remove|add|empty|clear|delete|increase|reduce)\b"
    r"|\b(?:what if|how much|if i|would it)\b"
    r"|(?:别|不要|不用|先不)(?:再)?(?:改|换|清空|加|减|去掉|删)|如果|多少钱|要是",
    re.IGNORECASE,
)


_PLACES = {
    "first": 1, "1st": 1, "top": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "last": -1,
}  # fmt: skip
_PLACE = re.compile(rf"\bthe ({'|'.join(_PLACES)})\b", re.IGNORECASE)
_COUNTED = re.compile(
    r"\s*(?:x\b|pairs?|pieces?|pcs|of (?:them|those|these|it|that|this)|in total|altogether)"
    r"|\s*[个只件辆台双副顶把条支套瓶罐包盒根张本对份袋箱枚组]",
    re.IGNORECASE,
)


def read_wish(text: str) -> CartWish | None:
    """The change of quantities that a message asks for, or None."""
    text = text.strip().replace("’", "'")
    if _NOT_A_WISH.search(text):
        return None
    if _EMPTY.search(text):
        return CartWish("empty", 0, certain=True)
    if (match := _SET_TO.search(text)) and not _OF_SOMETHING_ELSE.search(match["what"]):
        place = _place_in(match["what"])
        certain = bool(_OF_QUANTITY.search(match["what"])) or place is not None
        counted = bool(_OF_QUANTITY_ITSELF.search(match["what"]) or _COUNTED.match(text, match.end("n")))
        return CartWish("set", number_of(match["n"]), certain, names_line=not certain, place=place, counted=counted)
    for kind, patterns in (("set", _SET), ("less", _LESS), ("more", _MORE)):
        if kind == "set" and _OF_SOMETHING_ELSE.search(text):
            continue
        for pattern in patterns:
            if match := pattern.search(text):
                counted = bool(_COUNTED.match(text, match.end("n")) or _OF_QUANTITY_ITSELF.search(text))
                return CartWish(kind, number_of(match["n"]), certain=kind != "more", counted=counted)
    return _how_many(text)


def _place_in(what: str) -> int | None:
    match = _PLACE.search(what)
    return _PLACES[match[1].casefold()] if match else None


def number_of(text: str) -> int:
    """The number a count says: "3", "three", "十二"."""
    text = text.casefold()
    if text.isdigit():
        return int(text)
    if text in _WORDS:
        return _WORDS[text]
    tens, ten, ones = text.rpartition("十")
    if not ten:
        return _DIGITS_ZH.get(text[-1], 1)
    return 10 * _DIGITS_ZH.get(tens, 1) + _DIGITS_ZH.get(ones, 0)


def _how_many(text: str) -> CartWish | None:
    """ "two of those", "I'll take two", "要两个": how many in all, said of what was just put in the cart."""
    for pattern in _HOW_MANY:
        match = pattern.fullmatch(text)
        if match and (match.re.groups == 1 or match["verb"].strip() or match["those"]):
            counted = bool(_COUNTED.match(text, match.end("n")))
            return CartWish("set", number_of(match["n"]), certain=False, counted=counted)
    return None
