"""Postal addresses: told from other text, told whether they are complete, and put together from pieces."""

from __future__ import annotations

import re

from actions.checkout.places import POSTCODE, has_chinese_place, is_place, is_postcode

MOST_ADDRESS = 500
CHINESE_PARTS = re.compile(r"[省市区县镇乡州路街道巷弄号楼室村栋]")
_CHINESE_TOWN = re.compile(r"[省市区县镇乡州旗村]")
_CHINESE_STREET = re.compile(r"[路街道巷弄村]|大厦|小区|花园|[0-9一二三四五六七八九十]+[号栋幢]")
_STREET = re.compile(
    r"\b(?:street|str|st|road|rd|avenue|ave|lane|ln|drive|dr|boulevard|blvd|way|court|ct|place|pl|square|sq|terrace"
    r"|close|crescent|walk|row|hill|park|gardens?|parade|highway|hwy|parkway|mews|quay|rue|via|calle|avenida|plaza"
    r"|\w*(?:stra(?:ß|ss)e|weg|platz|allee|gasse))\b\.?",
    re.IGNORECASE,
)
_UNIT = re.compile(
    r"\b(?:apt|apartment|flat|unit|suite|ste|floor|fl|room|rm|building|bldg|block)\.?\s*#?\s*\w{1,5}\b"
    r"|#\s*\w{1,5}\b|\b\d+(?:st|nd|rd|th) floor\b",
    re.IGNORECASE,
)
_CHINESE_UNIT = re.compile(r"[0-9A-Za-z一二三四五六七八九十]+(?:号楼|单元|栋|幢|楼|层|室|号)?[0-9A-Za-z]*(?:室|号)?")
_INTRODUCTION = re.compile(
    r"^\s*(?:(?:please\s+)?(?:deliver|send|ship)(?: (?:it|them|everything))? to"
    r"|(?:my|the|our) (?:\w+ )?address(?:'s| is)?"
    r"|address\b:?|it's|寄到|送到|送货到|(?:我的)?(?:收货|送货)?地址(?:是|改成|改为|换成|换为)?[:：]?)\s*",
    re.IGNORECASE,
)
_ABOUT_POSTCODES = re.compile(r"\b(?:add|the|my|post ?code|code|zip|use|to)\b", re.IGNORECASE)
# Words of wishes and questions, which no address has.
_SENTENCE = re.compile(
    r"\b(?:i|i'm|i'd|i'll|you|want|wants|need|would|could|can|please|how|what|when|which|where|why|do|does|don't|is|are"
    r"|order|change|cancel|cart|buy|cheap(?:er)?|shipping|delivery|pay|card|paypal|cash|invoice|thanks|thank|checkout"
    r"|check out|people|under|about|no|not|yes|wrong)\b"
    r"|[吗呢吧我你您]|怎么|什么|多少|不要|付款|配送|谢谢|下单|结账|发票|快递|预算|推荐",
    re.IGNORECASE,
)
_LAST_POSTCODE = re.compile(rf"[\s,，]*{POSTCODE.pattern}(?=\W*(?:[^\W\d]+\W*)?$)", re.IGNORECASE | re.ASCII)


def as_address(text: str) -> str:
    """What is known to be an address, on one line and without the words that introduce it."""
    return joined(re.split(r"[\n,，]", _INTRODUCTION.sub("", text, count=1)))


def is_sentence(text: str) -> bool:
    return bool(_SENTENCE.search(text))


def looks_like_address(text: str) -> bool:
    """Whether a text is an address, or the better part of one."""
    if is_sentence(text):
        return False
    if len(CHINESE_PARTS.findall(text)) >= 2 and len(text) >= 6:
        return True
    if not re.search(r"\d", text) or len(re.findall(r"[^\W\d_]{2,}", text)) < 2:
        return False
    return bool(_STREET.search(text) or POSTCODE.search(text) or re.search(r"\d.*[,，]|[,，].*\d", text))


def is_complete(address: str) -> bool:
    """Whether street and town are there; not over-strict: addresses are written in too many ways."""
    if is_chinese(address):
        town = bool(_CHINESE_TOWN.search(address)) or has_chinese_place(address)
        return town and bool(re.search(r"\d|号", address) or len(_CHINESE_STREET.findall(address)) >= 2)
    if not re.search(r"\d", address) and "," not in address:
        return False
    if POSTCODE.search(re.sub(r"^\s*\d+", "", address)):
        return True
    beyond = _UNIT.sub("", address[_end_of_street(address) :])
    return bool(re.search(r"[^\W\d_]{2,}", beyond))


def is_fragment(text: str, asked: bool = False) -> bool:
    """Whether a text is a piece of an address: a postcode, a place; when asked for, the name of any town."""
    piece = text.strip(" .,，。")
    if is_postcode(piece) or is_place(piece):
        return True
    if _UNIT.fullmatch(piece) or (_CHINESE_UNIT.fullmatch(piece) and re.search(r"[号楼室栋层]", piece)):
        return True
    if asked and not is_sentence(piece):
        return len(piece) >= 2 and (len(piece.split()) <= 6 if piece.isascii() else len(piece) <= 30)
    town = POSTCODE.sub("", piece).strip(" ,，")
    return (
        town != piece
        and not _ABOUT_POSTCODES.search(town)
        and bool(re.fullmatch(r"[^\W\d_]+(?:[ -][^\W\d_]+){0,2}", town))
        and not is_sentence(town)
    )


def joined(parts: list[str]) -> str:
    """The parts as one line, with the comma of their language."""
    kept = [part for part in (re.sub(r"\s+", " ", p).strip(" ,，.。;；!！:：") for p in parts) if part]
    return ("，" if any(is_chinese(part) for part in kept) else ", ").join(kept)[:MOST_ADDRESS]


def completed(address: str, piece: str) -> str:
    """The address with a piece added where it belongs; a new postcode takes the place of the old one."""
    piece = piece.strip(" ,，.。")
    if piece.casefold() in address.casefold():
        return address
    if is_postcode(piece) and _LAST_POSTCODE.search(address):
        address = _LAST_POSTCODE.sub("", address)
    if is_chinese(piece) and is_chinese(address):
        lacks_town = not (_CHINESE_TOWN.search(address) or has_chinese_place(address))
        names_city = has_chinese_place(piece) and not has_chinese_place(address)
        if names_city or lacks_town and _CHINESE_TOWN.search(piece):
            return f"{piece}{address}"[:MOST_ADDRESS]
        return f"{address}{piece}"[:MOST_ADDRESS]
    if re.search(r"\d", piece) and not re.search(r"\d", address) and not is_postcode(piece):
        return joined([piece, address])
    return joined([address, piece])


def is_chinese(text: str) -> bool:
    return bool(re.search(r"[\u4e00-\u9fff]", text))


def _end_of_street(address: str) -> int:
    """Where the street ends: after the last word of a street in its part, or else at the first comma."""
    if first := _STREET.search(address):
        end_of_part = address.find(",", first.end())
        return [s.end() for s in _STREET.finditer(address, 0, end_of_part if end_of_part > 0 else len(address))][-1]
    comma = re.search(r"[^,]*\d[^,]*,|\bin (?=[A-Z])", address) or re.search(r",", address)
    return comma.end() if comma else len(address)
