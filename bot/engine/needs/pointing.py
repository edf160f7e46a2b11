"""What a message points at: "the second one", "it", "two of those", "cheaper", an order number."""

from __future__ import annotations

import re
from typing import Any

from bot.engine.needs.numbers import value_of

_ORDINALS = {
    "first": 1, "1st": 1, "second": 2, "2nd": 2, "third": 3, "3rd": 3, "fourth": 4, "4th": 4, "fifth": 5, "5th": 5,
    "last": -1, "top": 1, "bottom": -1, "middle": 2, "former": 1, "latter": -1,
}  # fmt: skip
_THINGS = (
    "one|ones|option|item|product|bike|model|choice|pick|bag|tent|jacket|helmet|pair|thing|suggestion|recommendation|result|"
    "on the list|you showed|you mentioned"
)
_ORDINAL = re.compile(
    rf"\b(?P<word>first|1st|second|2nd|third|3rd|fourth|4th|fifth|5th|last|top|bottom|middle|former|latter)\b"
    rf"(?: (?P<count>two|2|three|3|couple)\b)?(?P<thing> (?:and |or |[a-z-]+ )?(?:{_THINGS})\b)?",
    re.IGNORECASE,
)
_NUMBERED = re.compile(
    r"(?:\b(?:number|no\.?|option|item|product|choice|nr\.?) ?#?(?P<number>[1-5]|one|two|three|four|five)|(?:#|\bthe )(?P<digit>[1-5]))\b"
    r"(?![.,]?\d|[- ]\w*(?:year|inch|person|people|man|pair|bike|helmet)| of\b)",
    re.IGNORECASE,
)
_ORDINAL_ZH = re.compile(
    r"(?P<last>最后(?:一|那|1)?[个款件辆双顶把台只条支]|最后那?款|倒数第一[个款件])"
    r"|第(?P<number>[一二两三四五1-5])(?:[个款件辆双顶把台只条支种样号]|(?=[和跟与,，、吧。！!?？\s]|$))"
    r"|(?<!\d)(?P<plain>[1-5一二三四五])号(?!码|楼|线|店|前|之前|要|\d)"
    r"|前(?P<many>[两二三2-3])[个款件辆双]"
    r"|(?P<middle>中间那?[个款件辆双])"
)
_TIME_WORDS = re.compile(
    r"\s?(?:time|name|of all|thing|week|month|year|hand|thoughts?|order|place|class|aid|step|try|email|night|floor|day|"
    r"gear|of (?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)|(?:jan|feb|mar|apr|may|jun|jul|aug|sep|oct|nov|dec)[a-z]*)\b",
    re.IGNORECASE,
)
_IT = re.compile(
    r"\b(?:it|this one|that one|this|that|these|those|them|same one|the same)\b|这个|这款|这件|这辆|这双|这顶|那个|那款|那件|那辆|那双|它|就要这|这些",
    re.IGNORECASE,
)
_NOT_POINTING = re.compile(
    r"\b(?:it'?s (?:for|a gift|my|raining|cold|ok|fine|hot|not important)|is it (?:raining|possible|true|ok)|that'?s (?:all|it|right|fine|ok|great)|"
    r"this (?:week|month|year|weekend|evening|morning|afternoon|summer|winter)|it doesn'?t matter|that (?:is|would be) all|"
    r"make it|it depends|(?:that|this|those|these) (?:brand|make|manufacturer|colou?r|size|price|kind|type|sort)s?|what (?:is|about) (?:this|it) (?:shop|about))\b|那个(?:啥|什么)",
    re.IGNORECASE,
)
_ALL = re.compile(
    r"\b(?:all(?: of (?:them|it|these|those))?|both|everything|the lot|each of (?:them|these))\b|全部|都要|全都|两个都|所有",
    re.IGNORECASE,
)

_CHANGES: tuple[tuple[str, str, str], ...] = (
    ("price", "lower", r"\bcheap(?:er|est)\b|\bless (?:expensive|pricey|costly|money)\b|\b(?:too|so|a bit|bit|little|rather|quite) (?:much|expensive|pricey|dear|steep|costly)\b|"
     r"\b(?:lower|smaller|reduced) (?:price|budget|cost)\b|\b(?:more|most) affordable\b|\bcosts? less\b|\bcan'?t afford\b|\bbeyond my budget\b|\b(?:out of|over) (?:my )?(?:budget|price range)\b|\bexpensive\b|"
     r"便宜(?:点|一点|一些|些|的|款)?|太贵|贵了|有点贵|价格(?:低|再低)|低价|实惠(?:点|一点)|再便宜|超预算|超出预算"),
    ("quality", "higher", r"\b(?:better|higher|nicer|improved) (?:quality|end|one|ones|spec|specs|model|version)\b|\bhigher[- ]end\b|\bmore (?:premium|expensive|upmarket|advanced)\b|\bstep up\b|\bpremium\b|\bupgrade\b|"
     r"(?:质量|品质|档次|配置)(?:再|更)?(?:好|高)(?:点|一点|一些|些)?|好一点的|更好的|高档(?:点|一点|一些)?|高端(?:点|一点|一些)?|贵(?:点|一点|一些)(?:也|的)"),
    ("weight", "lower", r"\blight(?:er|est)\b|\bless heavy\b|\b(?:too|so|a bit|bit) heavy\b|\bweighs? less\b|(?:再|更)?轻(?:点|一点|一些|些|便(?:点|一点|些))|太重|更轻|重了|有点重"),
    ("weight", "higher", r"\b(?:heav|sturd)ier\b|\bmore (?:solid|robust|sturdy)\b|\btoo light\b|重一点|更结实|结实(?:点|一点|一些)"),
    ("size", "higher", r"\b(?:bigg|larg|long|wid|roomi)er\b|\b(?:a|one) size (?:up|bigger|larger)\b|\bnext size up\b|\bsize up\b|\b(?:too|bit|so) (?:small|tight|short)\b|\bmore (?:room|space|roomy)\b|"
     r"(?:再|更)?大(?:点|一点|一些|些|一号|一码|号一点)|太小|小了|更大|太紧|宽松(?:点|一点|一些)"),
    ("size", "lower", r"\b(?:small|short|narrow)er\b|\b(?:a|one) size (?:down|smaller)\b|\bsize down\b|\b(?:too|bit|so) (?:big|large|long|loose|wide|bulky)\b|\bmore compact\b|"
     r"(?:再|更)?小(?:点|一点|一些|些|一号|一码|巧(?:点|一点)?)|太大|大了|更小|太松"),
    ("comfort", "higher", r"\b(?:more comfortable|comfier|softer)\b|(?:更|再)?(?:舒服|舒适|软)(?:点|一点|一些|些)|更舒服|更舒适"),
    ("warmth", "higher", r"\bwarmer\b|(?:再|更)?(?:暖和|保暖|厚)(?:点|一点|一些|些)|更保暖|更暖和"),
    ("speed", "higher", r"\bfaster\b|(?:再|更)?快(?:点|一点|一些)的"),
)  # fmt: skip
_CHANGE_PATTERNS = tuple((attribute, to, re.compile(words, re.IGNORECASE)) for attribute, to, words in _CHANGES)
_NOT_WANTED = re.compile(
    r"(?:\b(?:not|isn't|no|n't|without|nothing)\s(?:too |so |that |necessarily |be )?|(?:不要|不用|不能|别)(?:太|再)?)$",
    re.IGNORECASE,
)

_REJECTS = (
    ("brand", re.compile(r"\b(?:not|no|don'?t (?:like|want|trust)|hate|anything but|other than|different|another|other|change the|switch) (?:that |this |the |those |from )?(?:same )?(?:brand|make|manufacturer|label)s?\b|"
                         r"\b(?:that|this) brand (?:sucks|is (?:bad|rubbish|out|not))|(?:不要|不喜欢|不想要|换|别的|其他|其它|另一个|除了)(?:个|这个|那个|这|那)?(?:牌子|品牌)|(?:这个|那个|这)(?:牌子|品牌)(?:不|我不|就算了|除外)", re.IGNORECASE)),
    ("color", re.compile(r"\b(?:not|don'?t (?:like|want)|hate|different|another|other) (?:that |this |the |in )?(?:same )?colou?rs?\b|(?:不要|不喜欢|换|别的|其他)(?:个|这个|那个|这|那)?(?:颜色|色)", re.IGNORECASE)),
)  # fmt: skip

_ORDER_NUMBER = re.compile(
    r"(?<![A-Za-z0-9])(?P<own>SC-[0-9A-Z]{6}|SC\s?(?=[0-9A-Z]*\d)[0-9A-Z]{6}|SO-?\d{4,8})(?![A-Za-z0-9])"
    r"|(?:\border(?:s| number| no\.?| nr\.?| id| ref(?:erence)?)?|\bpurchase|\bref(?:erence)?(?: number| no\.?)?|\bnumber|订单号?|单号|编号)"
    r"(?: is|是|为|:|：|#|\s|number|no\.|号)*(?P<named>[A-Z]{0,4}-?\d{4,10})(?![\d.,]*\d)"
    r"|#\s?(?P<hash>[A-Z]{0,4}-?\d{4,10})\b",
    re.IGNORECASE,
)
_BARE_NUMBER = re.compile(r"\s*#?(?P<bare>[A-Z]{0,3}-?\d{5,10})\s*[.!]?\s*", re.IGNORECASE)


def find_order_number(text: str) -> tuple[str, tuple[int, int]] | None:
    """The order number and its place, as typed."""
    if match := _ORDER_NUMBER.search(text):
        name = next(name for name in ("own", "named", "hash") if match[name])
        return match[name].upper().replace(" ", ""), match.span(name)
    if match := _BARE_NUMBER.fullmatch(text):
        return match["bare"].upper(), match.span("bare")
    return None


def find_positions(text: str) -> list[tuple[int, tuple[int, int]]]:
    """Return (place in the list last shown, where the text says it), in the order said; -1 is the last place."""
    found: dict[int, tuple[int, int]] = {}
    for match in _ORDINAL.finditer(text):
        word = match["word"].casefold()
        if not match["thing"] and (_TIME_WORDS.match(text, match.end()) or not _stands_alone(text, match)):
            continue
        number = _ORDINALS[word]
        count = {"two": 2, "2": 2, "couple": 2, "three": 3, "3": 3}.get((match["count"] or "").casefold(), 1)
        for place in range(number, number + count) if number > 0 else range(-count, 0):
            found.setdefault(place, match.span())
    for match in _NUMBERED.finditer(text):
        found.setdefault(int(value_of(match["number"] or match["digit"]) or 1), match.span())
    for match in _ORDINAL_ZH.finditer(text):
        for place in _places_zh(match):
            found.setdefault(place, match.span())
    return sorted(found.items(), key=lambda pair: pair[1])


def _places_zh(match: re.Match[str]) -> list[int]:
    if match["last"]:
        return [-1]
    if match["many"]:
        return list(range(1, int(value_of(match["many"]) or 2) + 1))
    if match["middle"]:
        return [2]
    return [int(value_of(match["number"] or match["plain"]) or 1)]


def _stands_alone(text: str, match: re.Match[str]) -> bool:
    """ "the second", "first!" and "first and third" point; "first i need", "top quality" and "last week" do not."""
    word = match["word"].casefold()
    left = text[max(0, match.start() - 16) : match.start()].casefold()
    right = text[match.end() : match.end() + 12].casefold()
    if word in ("top", "bottom", "middle", "last"):
        return left.endswith("the ") and not re.match(r"\s[a-z]", right)
    ends = bool(
        re.match(
            r"\s*(?:$|[,.!?;]|and\b|or\b|in\b|please|pls|is\b|has\b|looks?\b|then\b|with\b|vs\b|versus\b|to\b|for\b|from\b|one\b)",
            right,
        )
    )
    return ends and (left.endswith(("the ", "and ", "or ", "ll take ", "this ")) or not left.strip())


def find_changes(text: str) -> list[dict[str, str]]:
    """Wishes relative to what was shown: "cheaper" is `{"attribute": "price", "to": "lower"}`."""
    found = []
    for attribute, to, pattern in _CHANGE_PATTERNS:
        for match in pattern.finditer(text):
            if (
                attribute == "price"
                and _NOT_WANTED.search(text[max(0, match.start() - 20) : match.start()])
                and "cheap" in match.group().casefold()
            ):
                continue
            found.append((match.start(), {"attribute": attribute, "to": to}))
            break
    return [change for _, change in sorted(found, key=lambda pair: pair[0])]


def find_pointers(text: str) -> dict[str, Any]:
    """Return what is set among `it`, `all` and `reject`."""
    pointers: dict[str, Any] = {}
    if _IT.search(_NOT_POINTING.sub(" ", text)):
        pointers["it"] = True
    if _ALL.search(text):
        pointers["all"] = True
    if rejected := [what for what, pattern in _REJECTS if pattern.search(text)]:
        pointers["reject"] = rejected
    return pointers
