"""E-mail addresses and phone numbers: found in a message, checked, made comparable, masked."""

from __future__ import annotations

import re
from typing import Any

import phonenumbers
from email_validator import EmailNotValidError, validate_email

from crm_store.errors import InvalidEmail, InvalidPhone

# Anything around an "@" is taken for an address on purpose: a wrong one is to be told so, not overlooked.
# CJK characters end it, because Chinese is written without spaces: 我的邮箱是ada@example.org谢谢
_LIKE_AN_EMAIL = re.compile(
    r"[^\s@<>()\[\],;:\"'，。；：、（）\u2e80-\u9fff]+@[^\s<>()\[\],;:\"'，。；：、（）\u2e80-\u9fff]*"
)
_LIKE_A_PHONE = re.compile(r"(?<![\w.])\+?\(?\d[\d\s().\-/]{5,20}\d(?![\w])", re.ASCII)
_LIKE_A_DATE = re.compile(r"\d{4}-\d{1,2}-\d{1,2}|\d{1,2}[./]\d{1,2}[./]\d{2,4}")
_CHINESE_MOBILE = re.compile(r"1[3-9]\d{9}", re.ASCII)
_FEWEST_DIGITS = 7


def valid_email(text: str) -> str:
    """The address in lower case as mail systems compare it; raises InvalidEmail. Asks no name server."""
    try:
        return validate_email(text.strip(), check_deliverability=False).normalized.lower()
    except EmailNotValidError as error:
        raise InvalidEmail(text.strip(), str(error)) from error


def valid_phone(text: str, region: str) -> str:
    """The number as E.164, "+442079460001"; `region` (ISO 3166) is for numbers without a country code."""
    # A Chinese mobile number is known by its shape; its owner does not think of a country code abroad.
    regions = (region, "CN") if _CHINESE_MOBILE.fullmatch(re.sub(r"[\s-]", "", text)) else (region,)
    for place in regions:
        try:
            number = phonenumbers.parse(text, place)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number(number):
            return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    raise InvalidPhone(text.strip(), region)


def find_email(text: str) -> str | None:
    """The first part of the text meant as an e-mail address, right or wrong."""
    found = _LIKE_AN_EMAIL.search(text)
    return found.group().rstrip(".!?") if found else None


def find_phone(text: str, region: str) -> str | None:
    """The first part of the text meant as a phone number, right or wrong; order numbers and dates are not."""
    for match in phonenumbers.PhoneNumberMatcher(text, region):
        return match.raw_string
    for found in _LIKE_A_PHONE.finditer(text):
        digits = sum(character.isdigit() for character in found.group())
        if digits >= _FEWEST_DIGITS and not _LIKE_A_DATE.search(found.group()):
            return found.group().strip()
    return None


def find_contacts(text: str, region: str) -> dict[str, Any]:
    """The "email" and "phone" that a message seems to give, unchecked; a key is absent when there is none."""
    email = find_email(text)
    rest = text.replace(email, " ") if email else text
    found = {"email": email, "phone": find_phone(rest, region)}
    return {name: value for name, value in found.items() if value}


def masked(contact: str) -> str:
    """The contact so that its owner knows it and a stranger does not: "a***@example.org", "***0001"."""
    name, at, domain = contact.partition("@")
    if at:
        return f"{name[:1]}***@{domain}"
    return f"***{contact[-4:]}" if len(contact) > 4 else "***"
