"""Calls across time zones and countries: whose clock, and how a number is written there."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from sqlalchemy import select

from crm_store import followups
from crm_store.database import writing
from crm_store.tables import (
    Shop,
)
from tests.unit.actions.moments import THURSDAY_3PM, moment, the_follow_up


def test_the_time_zone_is_told_by_its_city(open_chat, shop):
    chat = open_chat(language="zh")
    answer = chat.says("周四下午三点给我打电话", "book_followup", mentions=THURSDAY_3PM)
    assert "伦敦时间" in answer and "Europe" not in answer


@pytest.mark.parametrize(
    ("typed", "number"),
    [("07400 123456", "+447400123456"), ("020 7946 0999", "+442079460999"), ("(212) 555-0123", "+12125550123")],
)
def test_a_number_as_written_at_home_is_understood_abroad(open_chat, shop, sessions, typed, number):
    with writing(sessions) as session:
        session.scalars(select(Shop)).one().country = "US"
    chat = open_chat(timezone="Europe/London")
    chat.says("call me on thursday 3pm", "book_followup", mentions=THURSDAY_3PM)
    answer = chat.says(typed, "give_contact_details")
    assert number in answer


def test_a_number_that_cannot_be_right_is_asked_for_with_its_country(chat):
    chat.says("call me on thursday 3pm", "book_followup", mentions=THURSDAY_3PM)
    assert "country code" in chat.says("020 7946", "give_contact_details")


def test_a_time_zone_that_is_named_counts(chat, session):
    at = {"moment": {"at": "2026-12-01T15:00:00", "grain": "hour"}}
    chat.says("call me on 1 December at 3pm beijing time", "book_followup", mentions=at)
    (promise,) = followups.planned(session, chat.conversation_id)
    assert (promise.timezone, promise.due_at.astimezone(UTC).hour) == ("Asia/Shanghai", 7)


AT_FOUR = moment("2026-11-23T16:00:00")


@pytest.mark.parametrize(
    ("language", "text", "told"),
    [
        ("en", "make it 4pm beijing time", "3 December 2026 at 16:00 (Shanghai time)"),
        ("zh", "改成北京时间下午4点", "12月3日星期四16:00（上海时间）"),
    ],
)
@pytest.mark.parametrize("intent", ["change_followup", "book_followup", "refine_need"])
def test_a_call_is_moved_in_the_time_zone_that_is_named(open_chat, shop, sessions, language, text, told, intent):
    chat = open_chat(language=language)
    chat.says("call me on thursday 3pm on 020 7946 0123", "book_followup", mentions=THURSDAY_3PM)
    assert told in chat.says(text, intent, mentions=AT_FOUR)
    promise = the_follow_up(sessions)
    assert (promise.timezone, promise.due_at) == ("Asia/Shanghai", datetime(2026, 12, 3, 8, 0, tzinfo=UTC))


def test_the_zone_of_a_moved_call_is_told_unless_it_is_the_shops(chat, sessions):
    with writing(sessions) as session:
        session.scalars(select(Shop)).one().timezone = "Europe/London"
    chat.says("call me on thursday 3pm on 020 7946 0123", "book_followup", mentions=THURSDAY_3PM)
    assert chat.says("make it 4pm", "change_followup", mentions=AT_FOUR).endswith("at 16:00 now.")
    assert "16:00 (London time)" in chat.says("make it 4pm london time", "change_followup", mentions=AT_FOUR)
    chat.says("make it 4pm beijing time", "change_followup", mentions=AT_FOUR)
    assert "at 10:00 (Shanghai time)" in chat.says("10am", "change_followup", mentions=moment("2026-11-23T10:00:00"))


def test_a_zone_that_was_named_holds_when_the_time_has_to_be_asked_for_again(booked, sessions):
    late = moment("2026-11-23T23:00:00")
    assert "8:00" in booked.says("make it 11pm beijing time", "change_followup", mentions=late)
    assert "(Shanghai time)" in booked.says("4pm then", "change_followup", mentions=AT_FOUR)
    assert the_follow_up(sessions).due_at == datetime(2026, 12, 3, 8, 0, tzinfo=UTC)
    booked.says("can we move it? I am on new york time", "change_followup")
    assert "(New York time)" in booked.says("at 4pm", "change_followup", mentions=AT_FOUR)


def test_so_does_one_that_was_named_when_the_call_was_asked_for(chat, sessions):
    night = moment("2026-12-03T23:00:00")
    assert "8:00" in chat.says("call me thursday at 11pm beijing time", "book_followup", mentions=night)
    assert "16:00 (Shanghai time)" in chat.says("at 4pm then", "book_followup", mentions=AT_FOUR)
    assert the_follow_up(sessions).due_at == datetime(2026, 12, 3, 8, 0, tzinfo=UTC)
