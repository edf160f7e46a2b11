"""Contacts in what people type."""

from __future__ import annotations

import pytest

from crm_store.contacts import find_contacts, find_email, find_phone, masked, valid_email, valid_phone
from crm_store.errors import InvalidEmail, InvalidPhone


def test_a_valid_address_comes_back_in_lower_case() -> None:
    assert valid_email(" Ada@Example.COM ") == "ada@example.com"


@pytest.mark.parametrize("text", ["ada@", "ada@example", "@example.org", "ada example.org", "a@b..com", ""])
def test_an_address_that_cannot_be_is_refused_with_a_reason(text: str) -> None:
    with pytest.raises(InvalidEmail) as refused:
        valid_email(text)
    assert refused.value.facts["reason"]


@pytest.mark.parametrize(
    ("text", "region", "expected"),
    [
        ("020 7946 0001", "GB", "+442079460001"),
        ("+44 20 7946 0001", "US", "+442079460001"),
        ("138 0013 8000", "CN", "+8613800138000"),
        ("13800138000", "GB", "+8613800138000"),
    ],
)
def test_a_phone_number_becomes_e164(text: str, region: str, expected: str) -> None:
    assert valid_phone(text, region) == expected


@pytest.mark.parametrize("text", ["12345", "hello", "", "+44 1", "999999999999999999999"])
def test_a_number_that_cannot_be_called_is_refused(text: str) -> None:
    with pytest.raises(InvalidPhone):
        valid_phone(text, "GB")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("my mail is ada@example", "ada@example"),
        ("我的邮箱是ada@example.org谢谢", "ada@example.org"),
        ("write to ada.o@example.org.", "ada.o@example.org"),
        ("ada@", "ada@"),
        ("meet me at noon", None),
    ],
)
def test_what_is_meant_as_an_address_is_found(text: str, expected: str | None) -> None:
    assert find_email(text) == expected


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("call 07911 123456 please", "07911 123456"),
        ("我的电话是13800138000，谢谢", "13800138000"),
        ("my number is 0791 112", "0791 112"),
        ("on 2026-12-01", None),
        ("order SO45080 for 2000", None),
        ("size 42", None),
    ],
)
def test_what_is_meant_as_a_number_is_found(text: str, expected: str | None) -> None:
    assert find_phone(text, "GB") == expected


def test_both_contacts_are_found_and_absent_ones_are_not_named() -> None:
    text = "ada@example.org or +44 20 7946 0001"
    assert find_contacts(text, "GB") == {"email": "ada@example.org", "phone": "+44 20 7946 0001"}
    assert find_contacts("no thanks", "GB") == {}


def test_a_masked_contact_is_known_only_to_its_owner() -> None:
    assert masked("ada@example.org") == "a***@example.org"
    assert masked("+442079460001") == "***0001"
