"""Contacts left with the shop, and the words that are no name of anybody."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from actions.checkout.addresses import completed, is_complete, looks_like_address
from actions.checkout.corrections import read_correction
from actions.checkout.details import read_details
from actions.checkout.person_names import as_name
from crm_store.tables import Lead


def the_leads(sessions):
    with sessions() as session:
        return list(session.scalars(select(Lead)))


@pytest.mark.parametrize("words", ["aluminum", "London", "Mia", "Bob Miller", "I'm tall", "我是学生", "购物车", "wait"])
def test_a_bare_word_is_not_greeted_as_a_name(chat, sessions, words):
    assert "Nice to meet you" not in chat.says(words, "give_contact_details")
    assert the_leads(sessions) == []


@pytest.mark.parametrize(
    ("words", "name"),
    [
        ("my name is ann lee", "ann lee"),
        ("I'm Ann", "Ann"),
        ("我叫林一凡", "林一凡"),
        ("name: Bob Miller", "Bob Miller"),
    ],
)
def test_a_name_introduced_is_greeted_and_kept(chat, sessions, words, name):
    assert f"Nice to meet you, {name}!" in chat.says(words, "give_contact_details")
    assert [lead.name for lead in the_leads(sessions)] == [name]


def test_a_name_beside_a_contact_is_kept_with_it(chat, sessions):
    assert "ann@example.org" in chat.says("Ann Lee, ann@example.org, 020 7946 0123", "give_contact_details")
    (lead,) = the_leads(sessions)
    assert (lead.name, lead.email, lead.phone) == ("Ann Lee", "ann@example.org", "+442079460123")


def test_an_address_with_nothing_to_deliver_waits_for_the_cart(chat, sessions):
    assert "cart is still empty" in chat.says("12 High Street, Oxford OX1 4AB", "give_contact_details")
    assert the_leads(sessions) == []


@pytest.mark.parametrize(
    "text",
    ["change the address", "确认", "购物车", "等下", "wait", "London", "北京", "what", "多少钱", "改名字", "5",
     "i want it", "继续", "谢谢", "Baker Street", "the name is wrong", "", "United Kingdom", "人民路"],
)  # fmt: skip
def test_no_name(text):
    assert as_name(text) is None


@pytest.mark.parametrize(
    "text", ["Peter O'Neill", "ann", "Jean-Luc Martin", "Dr. Helen Okonjo", "Carlos Mendoza Ruiz", "李娜", "Tom White"]
)
def test_a_name(text):
    assert as_name(text) == text


@pytest.mark.parametrize(
    "text", ["a tent for 4 people, under 300", "I want 3 tents, not 2", "2 red helmets", "SC-7K3M9Q"]
)
def test_no_address(text):
    assert not looks_like_address(text)


def test_details_in_any_order():
    details = read_details("jd@example.com John Doe 5 Main Street, Boston MA 02101", "US")
    assert (details.name, details.email) == ("John Doe", "jd@example.com")
    assert details.address == "5 Main Street, Boston MA 02101"


def test_a_name_that_ends_like_a_street_has_to_be_introduced():
    assert as_name("王小路") is None
    assert read_details("姓名：王小路", "CN").name == "王小路"


def test_details_on_lines():
    details = read_details("John Doe\n5 Main Street\nBoston MA 02101\n617 555 0100", "US")
    assert (details.name, details.address) == ("John Doe", "5 Main Street, Boston MA 02101")
    assert details.phone == "+16175550100"


def test_labels_in_a_sentence():
    details = read_details("my name is John Doe and my email is jd@example.com and I live at 5 Hill Road, Leeds", "GB")
    assert (details.name, details.email, details.address) == ("John Doe", "jd@example.com", "5 Hill Road, Leeds")


def test_a_mobile_number_after_a_postcode():
    details = read_details("张三 北京市朝阳区建国路88号 1号楼302 100022 13800138000", "US")
    assert (details.name, details.phone) == ("张三", "+8613800138000")
    assert details.address == "北京市朝阳区建国路88号 1号楼302 100022"


@pytest.mark.parametrize(
    "address", ["12 High Street", "221 Elm Street, Apt 4B", "建国路88号", "北京市朝阳区", "3 Park Road"]
)
def test_an_incomplete_address(address):
    assert not is_complete(address)


@pytest.mark.parametrize(
    ("address", "piece", "whole"),
    [
        ("12 High Street", "London", "12 High Street, London"),
        ("12 High Street, London", "SW1A 1AA", "12 High Street, London, SW1A 1AA"),
        ("12 High Street, London SW1A 1AA", "SW1A 2AA", "12 High Street, London, SW1A 2AA"),
        ("12 High Street, London", "London", "12 High Street, London"),
        ("London", "12 High Street", "12 High Street, London"),
        ("建国路88号", "北京市朝阳区", "北京市朝阳区建国路88号"),
    ],
)
def test_a_piece_goes_where_it_belongs(address, piece, whole):
    assert completed(address, piece) == whole


@pytest.mark.parametrize(
    "text",
    ["yes", "no", "不要下单", "what's the delivery address?", "is my name right?", "should be fine", "I have no email"],
)
def test_nothing_is_to_be_put_right(text):
    assert read_correction(text, "US") is None


def test_two_details_are_put_right_at_once():
    text = "change the name to John Smith and the address to 5 Hill Road, Leeds LS1 2AB"
    correction = read_correction(text, "GB")
    assert correction and correction.wrong == []
    assert (correction.new.name, correction.new.address) == ("John Smith", "5 Hill Road, Leeds LS1 2AB")


def test_a_chinese_mobile_of_a_chinese_speaker_is_none_of_the_united_states():
    assert read_details("13052223333", ("US", "GB", "CN")).phone == "+8613052223333"
    assert read_details("13052223333", ("US",)).phone == "+13052223333"
