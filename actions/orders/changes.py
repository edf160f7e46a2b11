"""What a customer wants changed about an order: whether the words say it, and the new address in them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from actions.checkout.addresses import looks_like_address
from actions.checkout.corrections import read_correction
from actions.checkout.details import read_details

MOST_ADDRESS = 500
_COUNT = r"(?:one|two|three|four|five|six|\d{1,2})"
_CHANGES = re.compile(
    r"\b(?:change|switch|make|update|swap|upgrade|correct|send|ship|deliver|redirect|reroute)\b.*\b(?:to|into|for|instead)\b\s+"
    r"(?!(?:my|the|an?|this) order\b|(?:an?|my|the|some)?\s?(?:different|another|new|other)\b|be\b)\S"
    r"|\badd\s+(?!something|sth|anything|items?\b|an? item|to\b|more\b)\S|\b(?:remove|drop)\s+\S"
    r"|\b(?:hold|until|postpone|earlier|later|forward|instead|leave|combine|split|gift|reduce|double|meant|pick-?up|collect|note)\b"
    r"|\bshould (?:be|go)\b|\bnot \w+ but\b|\bnext day\b|\btake .+ out\b"
    r"|备注|加急|合并|拆开|晚几天|提前|礼品|换一天|应该是|不是.{1,12}[是，]|转寄|自提|快递公司"
    r"|(?:改成|改为|改到|改送|换成|换为|换到|寄到|送到|改寄)\s*(?!别的|另|其他|新的?地址)\S|[加减]\S{0,3}[一两二三四五\d]|去掉\S",
    re.IGNORECASE,
)
# Said of goods that are ordered already: "actually just one of them", "can you swap it for a size L".
_FEWER = re.compile(
    r"\W*(?:(?:actually|sorry|oh|wait|no|ok|okay|i|i'd)\W+)*"
    r"(?:(?:need|want|would like|make it|make that)\s+)?(?:just|only|make it|make that)"
    rf"(?: need| want)?\s+{_COUNT}\b"
    r"(?: of (?:them|those|these|it)| instead| is enough| will do| please)*\W*"
    r"|\W*(?:其实|不好意思|还是|那)?我?(?:只要|只买|就要|改成)"
    r"[一两二三四五六七八九\d]+[个件双套条]?(?:就[够好行]了?|就可以了?)?(?:吧|了)?\W*",
    re.IGNORECASE,
)
_SWAPS_IT = re.compile(
    r"\b(?:swap|exchange|switch|replace|change) (?:it|them|that|this|mine|one)\b.*\b(?:for|to|into|with)\s+\S"
    r"|(?:换|改)(?:成|为|个|一[个件双]).{0,8}(?:码|号|色|尺寸|款)|(?:码|号|色|尺寸|款)换(?:成|为)?\S",
    re.IGNORECASE,
)
_CHANGES_NUMBER = re.compile(r"\b(?:change|update|correct)\b.*\bnumber\b|号码.*[改换]|[改换].*号码", re.IGNORECASE)
_BEFORE_ADDRESS = re.compile(
    r"\bto\b[:\s]+|\bis\b[:\s]+|改成|改为|改到|改送到?|换成|换到|寄到|送到|[是：:]", re.IGNORECASE
)
_TAIL = re.compile(
    r"(?:[\s,，]*(?:\b(?:instead|please|pls|thanks|thank you|rather|now)\b"
    r"|谢谢|可以吗|行吗|好吗|[吧吗]))*[\s.!?。！？]*$",
    re.IGNORECASE,
)


def change_wish(text: str, countries: Sequence[str]) -> tuple[bool, str | None]:
    """Whether a text says what to change, and the new address when it is one."""
    if address := new_address(text):
        return True, address
    correction = read_correction(text, countries)
    if correction and correction.new.address and looks_like_address(correction.new.address):
        return True, correction.new.address[:MOST_ADDRESS]
    gives_detail = bool(correction and (correction.new.name or correction.new.contact))
    return gives_detail or changes_goods(text) or bool(_CHANGES.search(text)), None


def new_address(text: str) -> str | None:
    """The address that the goods are to go to instead."""
    for found in _BEFORE_ADDRESS.finditer(text):
        rest = _TAIL.sub("", text[found.end() :]).strip()
        if looks_like_address(rest) and not re.search(r"\b(?:change|address|order)\b|地址|订单", rest, re.IGNORECASE):
            return rest.strip(" ,，.。!！")[:MOST_ADDRESS]
    return None


def corrects_details(text: str, countries: Sequence[str]) -> bool:
    """Whether a text gives a new address, name, number or e-mail address in the place of the old one."""
    if _CHANGES_NUMBER.search(text) and read_details(text, countries).phone:
        return True
    correction = read_correction(text, countries)
    if correction is None:
        return False
    new = correction.new
    return bool(new_address(text) or new.address and looks_like_address(new.address) or new.name or new.contact)


def changes_goods(text: str) -> bool:
    """Whether a text changes what was ordered without naming it."""
    return bool(_FEWER.fullmatch(text.replace("’", "'")) or _SWAPS_IT.search(text))
