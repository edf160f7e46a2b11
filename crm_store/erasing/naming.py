"""Where a person is named in what others said: whole e-mail addresses and numbers, names and postal addresses."""

from __future__ import annotations

import re
from collections.abc import Iterable

import phonenumbers
from sqlalchemy import ColumnElement, func, or_, select
from sqlalchemy.orm import Session

from crm_store.tables import Message

_IN_EMAIL = r"0-9A-Za-z\u00c0-\u1fff_%+\-"  # Chinese is written up to an address without a space
_HAN = re.compile(r"[\u3400-\u9fff]")
_BETWEEN_DIGITS = r"[\s().\-/]{0,3}"


def naming(words: Iterable[str]) -> re.Pattern[str] | None:
    """What finds any of these contacts and phrases as a whole, however it is spaced; None when there are none."""
    forms = [_form(word) for word in sorted(words)]
    return re.compile("|".join(forms), re.IGNORECASE) if forms else None


def is_contact(word: str) -> bool:
    return "@" in word or re.fullmatch(r"\+\d{6,15}", word, re.ASCII) is not None


def unmistakable(name: str) -> bool:
    """Whether this is a name of one person: "Ada" alone is not, nor are two Chinese characters."""
    return len(name.split()) > 1 or len(_HAN.findall(name)) > 2


def messages_naming(
    session: Session, words: Iterable[str], where: ColumnElement[bool], *, contacts_only: bool = False
) -> dict[int, str]:
    """The messages that hold one of these words, of those that fulfil the condition: conversation by message id."""
    wanted = {word for word in words if is_contact(word) or not contacts_only}
    pattern = naming(wanted)
    if pattern is None:
        return {}
    query = select(Message.id, Message.conversation_id, Message.text).where(where, Message.text != "")
    if contacts_only:  # the database finds the few messages that may hold one
        query = query.where(or_(*(_may_hold(word) for word in wanted)))
    return {id: conversation for id, conversation, text in session.execute(query) if pattern.search(text)}


def _may_hold(contact: str) -> ColumnElement[bool]:
    if "@" in contact:
        return func.lower(Message.text).contains(contact.lower(), autoescape=True)
    return Message.text.contains(contact[-2:])  # nobody writes the last digit of a number apart


def _form(word: str) -> str:
    if not is_contact(word):
        phrase = r"\s+".join(re.escape(part) for part in word.split())
        return phrase if _HAN.search(word) else rf"(?<!\w){phrase}(?!\w)"
    if "@" in word:
        before = rf"(?<![{_IN_EMAIL}])(?<![{_IN_EMAIL}]\.)"
        return rf"{before}{re.escape(word)}(?![{_IN_EMAIL}]|\.[{_IN_EMAIL}])"
    country, national = _parts(word)
    abroad = rf"(?:\+|00)?{_spaced(country)}{_BETWEEN_DIGITS}(?:0{_BETWEEN_DIGITS})?" if country else ""
    return rf"(?<![\d+])(?:{abroad}|0{_BETWEEN_DIGITS})?{_spaced(national)}(?!\d)"


def _parts(number: str) -> tuple[str, str]:
    """Country code and national number of "+442079460001"."""
    try:
        parsed = phonenumbers.parse(number)
    except phonenumbers.NumberParseException:
        return "", number.lstrip("+")
    return str(parsed.country_code), phonenumbers.national_significant_number(parsed)


def _spaced(digits: str) -> str:
    return _BETWEEN_DIGITS.join(digits)
