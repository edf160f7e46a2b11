"""Reading a name, a contact and an address from what a customer types, in any order, labelled or not."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from actions.checkout import addresses
from actions.checkout.addresses import looks_like_address
from actions.checkout.person_names import (
    HAN,
    INTRODUCTION,
    WEAK_INTRODUCTION,
    as_name,
    name_after_introduction,
    name_said_weakly,
)
from actions.checkout.places import is_place, is_postcode, regions_in
from crm_store import contacts
from crm_store.errors import InvalidEmail, InvalidPhone

_LABELS = re.compile(
    rf"(?P<email>(?:\b(?:my|and my)\s+)?\be-?mails?(?:\s+address)?\b|(?:电子)?邮箱|电子邮件)\s*"
    r"|(?P<phone>(?:\b(?:my|and my)\s+)?\b(?:phone|mobile|cell|tel(?:ephone)?|contact)(?:\s+(?:number|no))?\b\.?"
    r"|联系电话|联系方式|电话号码|电话|手机号码?|手机)\s*"
    rf"|(?P<name>{INTRODUCTION})\s*"
    r"|(?P<address>(?:\b(?:my|the|our)\s+)?(?:\b(?:delivery|shipping|home)\s+)?(?<!mail )\baddress\b"
    r"|\b(?:please\s+)?(?:deliver|ship|send)(?:\s+(?:it|them|everything|the \w+))?\s+to\b|\bi live (?:at|in)\b"
    r"|(?:我的)?(?:收货|送货|收件|寄送|邮寄)?地址|送货到|送到|寄到|寄往)\s*"
    r"|(?P<postcode>(?:\b(?:my|the)\s+)?\b(?:post ?code|postal code|zip(?: ?code)?)\b|邮政编码|邮编)\s*",
    re.IGNORECASE,
)
_AFTER_LABEL = re.compile(r"^(?:(?:'s|is|are|was|为|是)(?=\W|[\u4e00-\u9fff0-9])|[:：=\s])+", re.IGNORECASE)
# A full stop ends a part after a word that is no abbreviation.
_SEPARATORS = re.compile(r"[\n\x00;；,，。!！?？]|(?<=[^\W\d_]{4})\.(?=\s|$)|\s/\s")
_PHONE_LABEL_BEFORE = re.compile(
    r"(?:phone|mobile|cell|tel|telephone|number|no|call me (?:on|at)|电话|电话号码|手机|手机号|手机号码|联系方式)"
    r"\.?\s*(?:is|'s|是|to|at|on|改成|改为|换成|换为)?\s*[:：=]?\s*$",
    re.IGNORECASE,
)
_CHINESE_MOBILE = re.compile(r"(?<![\d+])(?:\+86[ -]?)?1[3-9]\d{9}(?!\d)", re.ASCII)
_OF_A_BUILDING = re.compile(r"[号楼室栋单元座幢层弄#]\s?$")
_CHINESE_NAME_THEN_ADDRESS = re.compile(rf"^([{HAN}]{{2,4}})\s+(.+)$")
_LATIN_NAME_THEN_ADDRESS = re.compile(r"^([^\W\d_][^\d,]*?)\s+(\d.+)$")
# Digits of a flat, hidden from the search for phone numbers: "1号楼302 100022".
_HIDE = {ord(str(d)): 0xE000 + d for d in range(10)}
_UNHIDE = {to: chr(of) for of, to in _HIDE.items()}


@dataclass
class Details:
    """What was found; `problem` is the contact that was typed but cannot be right."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    postcode: str | None = None  # one given by itself, without an address
    problem: InvalidEmail | InvalidPhone | None = None

    @property
    def contact(self) -> str | None:
        return self.email or self.phone

    def __bool__(self) -> bool:
        return bool(self.name or self.contact or self.address or self.postcode)


@dataclass
class _Part:
    kind: str | None
    text: str


def read_details(text: str, region: str | Sequence[str]) -> Details:
    """Find every detail in a message. A name needs an introduction or the company of another detail.

    The region (ISO 3166), or the first to fit of several, is for phone numbers without a country code.
    """
    found = Details()
    parts = _parts(take_contacts(text, [region] if isinstance(region, str) else region, found))
    postcodes = [part.text for part in parts if part.kind == "postcode" and is_postcode(part.text)]
    parts = [part for part in parts if part.kind != "postcode"]
    _take_labelled_name(parts, found)
    _take_address(parts, postcodes, found)
    if found.name is None and (found.contact or found.problem or found.address):
        found.name = next((name for part in parts if part.kind is None and (name := _bare_name(part.text))), None)
    return found


def take_contacts(text: str, regions: Sequence[str], found: Details) -> str:
    """Move e-mail and phone from the text into the details; return the text with gaps in their places."""
    rest = text
    if email := contacts.find_email(text):
        try:
            found.email = contacts.valid_email(email)
        except InvalidEmail as problem:
            found.problem = problem
        rest = rest.replace(email, "\x00", 1)
    hidden = rest
    while phone := _first_phone(hidden, regions):
        start = hidden.index(phone)
        before, after = hidden[:start], hidden[start + len(phone) :]
        if _is_phone(phone, before, after, regions_in(text, regions), found):
            return f"{before}\x00{after}".translate(_UNHIDE)
        hidden = before + phone.translate(_HIDE) + after
    return rest


def _is_phone(phone: str, before: str, after: str, regions: list[str], found: Details) -> bool:
    """Take what looks like a phone number, unless it is part of an address; one that is wrong is a problem."""
    labelled = bool(_PHONE_LABEL_BEFORE.search(before))
    if not labelled and _OF_A_BUILDING.search(before):
        return False
    if "CN" in regions and _CHINESE_MOBILE.fullmatch(re.sub(r"[\s-]", "", phone)):
        regions = ["CN", *regions]  # eleven digits from 13 on would be a number in the United States, too
    for place in regions:
        try:
            found.phone = contacts.valid_phone(phone, place)
            return True
        except InvalidPhone as wrong:
            problem = wrong
    if not labelled and (found.contact or looks_like_address(f"{before} {after}".strip())):
        return False
    found.problem = found.problem or problem
    return True


def _first_phone(text: str, regions: Sequence[str]) -> str | None:
    """A Chinese mobile number is known by its shape, also right after a postcode."""
    mobile = _CHINESE_MOBILE.search(text)
    return mobile.group() if mobile else next((p for r in regions if (p := contacts.find_phone(text, r))), None)


def _parts(text: str) -> list[_Part]:
    """The message in parts, each with the label before it; an address goes on over its commas."""
    chunks: list[_Part] = []
    end, kind = 0, None
    for label in _LABELS.finditer(text):
        chunks.append(_Part(kind, text[end : label.start()]))
        end, kind = label.end(), label.lastgroup
    chunks.append(_Part(kind, text[end:]))
    parts = []
    for chunk in chunks:
        pieces = _SEPARATORS.split(_AFTER_LABEL.sub("", chunk.text) if chunk.kind else chunk.text)
        for place, piece in enumerate(pieces):
            if tidy := re.sub(r"\s+", " ", piece).strip(" .:：-"):
                parts.append(_Part(chunk.kind if place == 0 or chunk.kind == "address" else None, tidy))
    return parts


def _take_labelled_name(parts: list[_Part], found: Details) -> None:
    for part in parts:
        name = name_after_introduction(part.text) if part.kind == "name" else name_said_weakly(part.text)
        if name and part.kind in (None, "name"):
            found.name, part.text = name, ""
            return


def _take_address(parts: list[_Part], postcodes: list[str], found: Details) -> None:
    labelled = any(part.kind == "address" for part in parts)
    taken: list[str] = []
    for part in parts:
        text = part.text
        if part.kind not in ("address", None, "email", "phone") or not text or addresses.is_sentence(text):
            continue
        if not found.name and not taken:
            text = _without_leading_name(text, found)
        belongs = part.kind == "address" or (taken or not labelled) and _continues(text, taken, found, labelled)
        if belongs:
            taken.append(text)
            part.text = ""
    address = addresses.joined([*taken, *postcodes] if taken else [])
    if address and (looks_like_address(address) or labelled and _may_be_labelled(address)):
        found.address = address
    elif postcodes:
        found.postcode = postcodes[0]
    if not found.address:
        _give_back(parts, taken)


def _give_back(parts: list[_Part], taken: list[str]) -> None:
    """What made no address may still be a name."""
    for part in parts:
        if not part.text and taken and part.kind is None:
            part.text = taken.pop(0)


def _continues(text: str, taken: list[str], found: Details, labelled: bool) -> bool:
    """Whether an unlabelled part begins or continues an address."""
    if addresses.is_fragment(text) or looks_like_address(text):
        return True
    if labelled:
        return False
    if not taken:
        numbered = bool(re.search(r"\d", text)) and bool(re.search(r"[^\W\d_]{2,}", text))
        return numbered or len(addresses.CHINESE_PARTS.findall(text)) >= 1 and len(text) >= 3 and not as_name(text)
    return found.name is not None or not as_name(text) or any(re.search(r"\d", part) for part in taken)


def _without_leading_name(text: str, found: Details) -> str:
    """Take a name written right before the address: "李娜 广州市天河区体育西路1号"."""
    if match := _CHINESE_NAME_THEN_ADDRESS.match(text):
        name, rest = as_name(match[1]), match[2]
        if name and looks_like_address(rest):
            found.name = name
            return rest
    if match := _LATIN_NAME_THEN_ADDRESS.match(text):
        name, rest = as_name(match[1]), match[2]
        if name and " " in name and found.contact and looks_like_address(rest):
            found.name = name
            return rest
    return text


def _may_be_labelled(address: str) -> bool:
    return len(address) >= 4 and not is_place(address) and bool(re.search(r"\d|号", address) or len(address) >= 8)


def _bare_name(text: str) -> str | None:
    return as_name(WEAK_INTRODUCTION.sub("", text, count=1))
