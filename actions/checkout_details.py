"""Reading a name, a contact and an address from what a customer types at the checkout."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crm_store import contacts
from crm_store.errors import InvalidEmail, InvalidPhone

NAME_INTRODUCTIONS = re.compile(
    r"^\s*(?:(?:hi|hello|hey|ok|okay|sure)[,!. ]+)?(?:my name(?:'s| is)|i am|i'm|im|it's|its|this is|name:?|"
    r"the name is|put it (?:on|under)|under|我叫|我是|我的名字是|名字是|姓名[:：]?|叫)\s*",
    re.IGNORECASE,
)
ADDRESS_INTRODUCTIONS = re.compile(
    r"^\s*(?:(?:please\s+)?(?:deliver|send|ship)(?: it)? to|my address(?:'s| is)?|the address is|address:?|it's|"
    r"寄到|送到|送货到|我的地址是|地址是?[:：]?)\s*",
    re.IGNORECASE,
)
CONTACT_WORDS = re.compile(
    r"(?:,|，|;|；|\band\b)?\s*(?:my\s+)?(?:e-?mail(?: address)?|phone(?: number)?|mobile|tel|number|contact"
    r"|邮箱|电话|手机号?)"
    r"\s*(?:is|are|:|：|是)?\s*$",
    re.IGNORECASE,
)
CHINESE_ADDRESS = re.compile(r"[省市区县镇乡路街道巷弄号楼室村]")
CHINESE_NAME = re.compile(r"^[\u4e00-\u9fff·]{2,8}$")
LATIN_NAME = re.compile(r"^[^\W\d_]+(?:[ .'’-]+[^\W\d_]+){0,4}\.?$")
NOT_A_NAME = frozenset(
    [
        "yes",
        "no",
        "ok",
        "okay",
        "sure",
        "yeah",
        "yep",
        "nope",
        "please",
        "thanks",
        "thank",
        "hello",
        "hi",
        "hey",
        "cancel",
        "stop",
        "what",
        "why",
        "how",
        "where",
        "when",
        "who",
        "checkout",
        "buy",
        "order",
        "none",
        "nothing",
        "是",
        "是的",
        "好",
        "好的",
        "不",
        "不是",
        "不要",
        "谢谢",
        "你好",
        "取消",
        "可以",
        "没有",
        "算了",
        "行",
        "嗯",
        "对",
    ]
)
MOST_ADDRESS = 500


@dataclass
class Details:
    """What was found; `problem` is the contact that was typed but cannot be right."""

    name: str | None = None
    email: str | None = None
    phone: str | None = None
    address: str | None = None
    problem: InvalidEmail | InvalidPhone | None = None


def read_details(text: str, region: str) -> Details:
    """Find every detail in a message; the parts are separated by commas, new lines or the contact itself."""
    found = Details()
    rest = _take_contacts(text, region, found)
    parts = [part for part in (_tidy(p) for p in re.split(r"[\n;；]|(?<=\w)[,，](?=\s*\S)", rest)) if part]
    if parts and (name := as_name(parts[0])):
        found.name, parts = name, parts[1:]
    address = ", ".join(parts)
    if looks_like_address(address):
        found.address = as_address(address)
    return found


def as_name(text: str) -> str | None:
    """The text as a person's name, or None when it does not look like one."""
    name = _tidy(NAME_INTRODUCTIONS.sub("", text, count=1))
    if not name or len(name) > 80 or set(name.casefold().split()) & NOT_A_NAME:
        return None
    if CHINESE_NAME.match(name) and not CHINESE_ADDRESS.search(name[1:]):
        return name
    return name if LATIN_NAME.match(name) and not CHINESE_NAME.match(name) else None


def looks_like_a_name(text: str) -> bool:
    """Whether a text is written as names are: each word with a capital, or a few Chinese characters."""
    name = as_name(text)
    if name is None:
        return False
    return bool(CHINESE_NAME.match(name)) or (len(name.split()) > 1 and all(w[0].isupper() for w in name.split()))


def as_address(text: str) -> str:
    return _tidy(ADDRESS_INTRODUCTIONS.sub("", text, count=1))[:MOST_ADDRESS]


def looks_like_address(text: str) -> bool:
    """Several words with a number among them, or Chinese with the words of an address."""
    body = as_address(text)
    if len(CHINESE_ADDRESS.findall(body)) >= 2 and len(body) >= 6:
        return True
    return bool(re.search(r"\d", body)) and len(re.findall(r"[^\W\d_]{2,}", body)) >= 2


def _take_contacts(text: str, region: str, found: Details) -> str:
    """Move e-mail and phone from the text into the details; return what is left of the text."""
    rest = text
    if email := contacts.find_email(text):
        try:
            found.email = contacts.valid_email(email)
        except InvalidEmail as problem:
            found.problem = problem
        rest = _without(rest, email)
    if phone := contacts.find_phone(rest, region):
        try:
            found.phone = contacts.valid_phone(phone, region)
        except InvalidPhone as problem:
            found.problem = found.problem or problem
        rest = _without(rest, phone)
    return rest


def _without(text: str, contact: str) -> str:
    before, _, after = text.partition(contact)
    return f"{CONTACT_WORDS.sub('', before)}, {after.lstrip(' ,，')}" if before.strip() else after


def _tidy(text: str) -> str:
    return re.sub(r"\s+", " ", text).strip(" ,，.。;；!！:：")
