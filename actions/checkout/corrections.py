"""What a customer wants put right in an order's details: "no, the name is wrong, it should be Peter O'Neill"."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from actions.checkout import addresses
from actions.checkout.details import Details, read_details
from actions.checkout.person_names import as_name
from actions.checkout.places import POSTCODE
from actions.yes_no import asks

FIELDS = {
    "name": re.compile(r"\b(?:name|recipient)\b|姓名|名字|收件人|收货人|联系人|抬头", re.IGNORECASE),
    "address": re.compile(
        r"(?<!mail )\baddress\b|\b(?:post ?code|zip|house number|street number)\b"
        r"|\b(?:deliver|ship|send)(?: it| them)? to\b|地址|邮编|门牌|寄到|送到",
        re.IGNORECASE,
    ),
    "email": re.compile(r"\be-?mail\b|邮箱|邮件", re.IGNORECASE),
    "phone": re.compile(r"\b(?:phone|mobile|telephone|cell)\b|电话|手机", re.IGNORECASE),
    "contact": re.compile(r"\bcontact\b|联系方式", re.IGNORECASE),
    "quantity": re.compile(r"\b(?:quantity|how many)\b|数量|件数", re.IGNORECASE),
}
_CHANGES = re.compile(
    r"\b(?:change|correct|update|fix|wrong|incorrect|misspel\w+|typo|should be|should read|must be|actually|instead"
    r"|rather|replace|switch|edit|different|another|new|moved|mistake|use)\b|[改换错]|修正|更正|更新|应该是|不对|不是|弄混|新的",
    re.IGNORECASE,
)
# What stands before the new value; taken off the beginning of each clause as long as there is any.
_LEAD_IN = re.compile(
    r"^(?:\s*(?:(?:"
    r"no|nope|yes|ok|okay|but|and|actually|sorry|oh|wait|hold|on|please|can|could|would|you|i|i'd|i'm|i've|"
    r"want|wanted|like|need|have|got|to|a|an|change|correct|update|fix|switch|set|replace|edit|make|put|use|"
    r"read|the|my|our|delivery|shipping|home|customer|full|new|different|another|typo|mistake|in|on|order|"
    r"name|address|mobile|number|contact|is|was|should|must|be|it|it's|that|that's|this|instead|rather|wrong|"
    r"incorrect|misspelled|misspelt|with|into|as|for|deliver|ship|send|moved|there|live|at|phone|"
    r"recipient(?:'s)?|post ?code|zip(?: code)?|e-?mail|not right"
    r")(?![\w'’-])|"
    r"请|麻烦|帮我|帮忙|把|将|我的|我想要?|我要|想要?|要|姓名|名字|收货人|收件人|联系人|收货地址|送货地址|"
    r"地址|联系电话|电话号码|电话|手机号码?|手机|邮箱|联系方式|邮编|改成|改为|改到|改一下|修改为?|更改为?|"
    r"更换为?|更正为?|变更为?|改|换成|换为|换到|换个|换一个|换一下|换|应该是|应该叫|应该|应为|而是|是|叫|为|"
    r"写错了?|填错了?|弄错了?|搞错了?|错了|有误|不对|给|寄到|送到|寄|送|到|新的|一下|个|了"
    r")"
    r"[\s:：=]*)+",
    re.IGNORECASE,
)
_TAIL = re.compile(r"[\s,，]*(?:instead|please|thanks|thank you|谢谢|吧|才对|才是)[.!。！\s]*$", re.IGNORECASE)
_NOT_THIS_BUT_THAT = re.compile(r"不是(?:给|寄给|送给|叫)?[^，,。]{1,12}?[，,\s]*(?:而是|应该是|是)(.+)$")
_CLAUSES = re.compile(
    r"[\n\x00;；,，。!！?？]|[:：](?!\d)|(?<=[^\W\d_]{3})\.(?=\s|$)|\s[-–—]\s"
    r"|\s(?:and|but)\s(?=(?:the|my|her|his)?\s*(?:name|address|e-?mail|phone|mobile|deliver|ship)\b)",
    re.IGNORECASE,
)
_DENIED_CLAUSE = re.compile(r"^\s*(?:不是|别|不要|not\b|instead of\b|rather than\b)", re.IGNORECASE)
_SHOULD_BE = re.compile(r"不是给|\bshould be\b|应该是", re.IGNORECASE)
_NO = re.compile(r"\s*(?:no|nope)\b|\s*不", re.IGNORECASE)


@dataclass
class Correction:
    """The details to be replaced, and the fields that are wrong without a word on what is right."""

    new: Details = field(default_factory=Details)
    wrong: list[str] = field(default_factory=list)


def read_correction(text: str, region: str | Sequence[str]) -> Correction | None:
    """What is to be put right, or None when the message puts nothing right."""
    named = [name for name, words in FIELDS.items() if words.search(text)]
    changes = bool(_CHANGES.search(text)) or bool(named and _NO.match(text) and not asks(text))
    if not changes:
        return None
    if not named:
        named = _meant_by_shape(text, region)
    return _with_values(text, region, named) if named else None


def _with_values(text: str, region: str | Sequence[str], named: list[str]) -> Correction:
    found = read_details(text, region)
    correction = Correction(Details(email=found.email, phone=found.phone, problem=found.problem))
    clauses = _clauses(text)
    if "name" in named:
        correction.new.name = _name_in(clauses)
    if "address" in named:
        rest = [clause for clause in clauses if clause != correction.new.name]
        correction.new.address, correction.new.postcode = _address_in(rest, found)
    new = correction.new
    values = {"name": new.name, "address": new.address or new.postcode, "email": new.email, "phone": new.phone}
    values["contact"] = new.contact or new.problem
    if new.problem:
        values["email" if new.problem.code == "invalid_email" else "phone"] = "to be checked"
    correction.wrong = [name for name in named if not values.get(name)]
    if any(values.values()) and "quantity" in correction.wrong:
        correction.wrong.remove("quantity")
    return correction


def _clauses(text: str) -> list[str]:
    """What each clause says once "please change the ... to" is taken off; what is denied is left out."""
    if other := _NOT_THIS_BUT_THAT.search(text):
        text = other[1]
    clauses = [clause for clause in _CLAUSES.split(text) if not _DENIED_CLAUSE.match(clause)]
    return [value for value in (_value(clause) for clause in clauses) if value]


def _value(clause: str) -> str:
    return _TAIL.sub("", _LEAD_IN.sub("", clause)).strip(" .,，。:：\"'“”")


def _name_in(clauses: list[str]) -> str | None:
    for clause in clauses:
        before_denial = re.split(r"\s+(?:and not|not|instead of|rather than)\s+|，?不是", clause, maxsplit=1)[0]
        if name := as_name(before_denial):
            return name
    return None


def _address_in(clauses: list[str], found: Details) -> tuple[str | None, str | None]:
    """The new address; or a new postcode alone, when only that was given."""
    kept = [c for c in clauses if "@" not in c and not re.fullmatch(r"\+?[\d\s().-]{7,}", c)]
    while kept and not addresses.looks_like_address(addresses.joined(kept)):
        first = kept[0]
        if addresses.is_fragment(first) or re.search(r"\d", first) or addresses.CHINESE_PARTS.search(first):
            break
        kept = kept[1:]
    address = addresses.joined([c for c in kept if not addresses.is_sentence(c)])
    if re.fullmatch(rf"\W*{POSTCODE.pattern}\W*", address, re.IGNORECASE | re.ASCII):
        return None, address
    return (address or found.address), found.postcode if not address else None


def _meant_by_shape(text: str, region: str | Sequence[str]) -> list[str]:
    """Which detail "it should be ..." speaks of without naming it, told by what follows."""
    if not _SHOULD_BE.search(text):
        return []
    if read_details(text, region).address:
        return ["address"]
    return ["name"] if _name_in(_clauses(text)) else []
