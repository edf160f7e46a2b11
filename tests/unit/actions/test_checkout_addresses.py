"""An address in pieces is put together, and nothing that is none is taken for one."""

from __future__ import annotations

import pytest

from tests.unit.actions.test_checkout import fill_cart, go_to_confirmation


def test_room_and_postcode_are_kept_and_are_no_phone_number(chat):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    chat.says("张三", "give_contact_details")
    chat.says("13800138000", "give_contact_details")
    summary = chat.says("北京市朝阳区建国路88号 1号楼302 100022", "give_contact_details")
    assert "张三, 北京市朝阳区建国路88号 1号楼302 100022. Confirmation to +8613800138000." in summary


def go_to_address(chat):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    chat.says("Anna Schmidt, anna@example.org", "give_contact_details")


def test_an_incomplete_address_is_completed_piece_by_piece(chat):
    go_to_address(chat)
    assert "town and postcode" in chat.says("12 High Street", "give_contact_details")
    assert "12 High Street, London." in chat.says("London", "ask_delivery")
    assert "12 High Street, London, SW1A 1AA." in chat.says("SW1A 1AA", "out_of_scope")
    summary = chat.says("UK", "out_of_scope")
    assert "To: Anna Schmidt, 12 High Street, London, SW1A 1AA, UK." in summary


def test_a_town_that_nobody_knows_is_taken_when_it_was_asked_for(chat):
    go_to_address(chat)
    chat.says("12 High Street", "give_contact_details")
    assert "To: Anna Schmidt, 12 High Street, little snoring." in chat.says("little snoring", "out_of_scope")


def test_no_more_than_the_street_is_accepted_after_asking(chat):
    go_to_address(chat)
    chat.says("12 High Street", "give_contact_details")
    assert "To: Anna Schmidt, 12 High Street." in chat.says("no", "deny")


def test_town_and_postcode_in_one_answer_are_added(chat):
    go_to_address(chat)
    chat.says("15 Baker Street", "give_contact_details")
    assert "To: Anna Schmidt, 15 Baker Street, London NW1 6XE." in chat.says("London NW1 6XE", "give_contact_details")


def test_a_town_given_first_stays_with_the_street(chat):
    go_to_address(chat)
    chat.says("上海", "give_contact_details")
    assert "Anna Schmidt, 上海浦东新区世纪大道100号." in chat.says("浦东新区世纪大道100号", "give_contact_details")


def test_a_postcode_in_a_sentence_is_added_alone(chat):
    go_to_confirmation(chat)
    assert "14 Mill Lane, Bath, BA1 2XZ." in chat.says("add the postcode BA1 2XZ", "add_to_cart")


def test_a_name_with_a_town_behind_it_is_a_name(chat):
    fill_cart(chat)
    chat.says("checkout", "place_order")
    assert "e-mail" in chat.says("Bob Miller, Leeds", "give_contact_details")


def test_a_chinese_street_gets_its_city_in_front(chat):
    go_to_address(chat)
    assert "town and postcode" in chat.says("建国路88号", "give_contact_details")
    assert "Anna Schmidt, 北京市朝阳区建国路88号." in chat.says("北京市朝阳区", "give_contact_details")


@pytest.mark.parametrize(
    "address",
    [
        "12 High Street, London",
        "14 Mill Lane Bath BA1 2XY",
        "221 Elm Street, Apt 4B, Springfield, IL 62704",
        "Hauptstraße 5, 10115 Berlin",
        "19 rue des Lilas, Lyon",
        "flat 3, 90 Kings Parade, Brighton",
        "上海市长宁区延安西路100号",
        "深圳南山科技园路8号",
        "广东省 深圳市 南山区 科技园 1 号 518000",
    ],
)
def test_a_complete_address_is_not_asked_about(chat, address):
    go_to_address(chat)
    assert f"To: Anna Schmidt, {address}." in chat.says(address, "give_contact_details")


def test_a_question_while_the_town_is_open_is_answered(chat):
    go_to_address(chat)
    chat.says("12 High Street", "give_contact_details")
    answer = chat.says("how long does delivery take?", "ask_delivery")
    assert "working days" in answer and "town and postcode" in answer
