"""Calls: booked in the customer's own time, asked about, moved, cancelled only when the words say so."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rasa_sdk.events import SlotSet
from sqlalchemy import select

from crm_store.database import writing
from crm_store.tables import (
    Conversation,
    FollowUp,
    FollowUpStatus,
    Handoff,
    Variant,
)
from tests import factories
from tests.unit.actions.moments import THURSDAY_3PM, TUESDAY, moment, the_follow_up


def test_a_call_is_booked_in_the_customers_time_zone_and_read_back(open_chat, shop, sessions):
    chat = open_chat(timezone="America/New_York")
    answer = chat.says("can someone call me next tuesday afternoon?", "book_followup", mentions=TUESDAY)
    assert "Tuesday, 1 December 2026, in the afternoon" in answer and "Which number" in answer
    assert chat.events == [SlotSet("language", "en"), SlotSet("outcome", "follow_up_booked")]
    assert the_follow_up(sessions).due_at == datetime(2026, 12, 1, 19, 0, tzinfo=UTC)
    assert "+442079460123" in chat.says("020 7946 0123", "give_contact_details")
    assert the_follow_up(sessions).contact == "+442079460123"


def test_without_a_time_it_asks_when(chat, sessions):
    assert "Which day and time" in chat.says("call me back please", "book_followup")
    chat.says("tuesday afternoon", "book_followup", mentions=TUESDAY)
    assert the_follow_up(sessions).kind == "call"


def test_a_time_that_has_passed_is_not_promised(chat, sessions):
    moment = {"moment": {"at": "2026-11-20T14:00:00", "grain": "hour"}}
    assert "passed" in chat.says("call me last friday", "book_followup", mentions=moment)
    with sessions() as session:
        assert session.scalars(select(FollowUp)).all() == []


def test_a_promise_can_be_moved_and_taken_back(chat, sessions):
    chat.says("call me tuesday", "book_followup", mentions=TUESDAY)
    thursday = {"moment": {"at": "2026-12-03T15:00:00", "grain": "hour"}}
    assert "Thursday, 3 December 2026 at 15:00" in chat.says(
        "make it thursday 3pm", "change_followup", mentions=thursday
    )
    assert "cancelled" in chat.says("cancel the call", "change_followup")
    assert the_follow_up(sessions).status is FollowUpStatus.CANCELLED


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("When is my call?", "change_followup"),
        ("When is my call?", "book_followup"),
        ("预约的时间是什么时候", "change_followup"),
        ("我约的是几点", "book_followup"),
        ("不要取消预约", "change_followup"),
        ("don't cancel my call", "change_followup"),
        ("is my call cancelled?", "change_followup"),
        ("my call", "change_followup"),
    ],
)
def test_asking_about_a_call_tells_what_is_booked_and_cancels_nothing(booked, sessions, text, intent):
    answer = booked.says(text, intent)
    assert "3 December 2026 at 15:00 (London time)" in answer
    assert booked.titles == ["Another time", "Cancel the appointment"]
    assert the_follow_up(sessions).status is FollowUpStatus.PLANNED


@pytest.mark.parametrize(
    "text",
    [
        "cancel my call",
        "you don't have to call me",
        "please call it off",
        "取消预约",
        "不用打了",
        "别打了",
        "I no longer need it",
    ],
)
def test_a_call_is_cancelled_when_the_words_ask_for_it(booked, sessions, text):
    assert "cancelled" in booked.says(text, "change_followup")
    assert the_follow_up(sessions).status is FollowUpStatus.CANCELLED


def test_what_is_booked_can_be_cancelled_by_button_or_by_cancel_it(booked, sessions):
    booked.says("when is my call?", "change_followup")
    assert "cancelled" in booked.says("cancel it", "stop")
    booked.says("call me on thursday 3pm", "book_followup", mentions=THURSDAY_3PM)
    booked.says("when is my call?", "change_followup")
    assert "cancelled" in booked.presses("Cancel the appointment")


@pytest.mark.parametrize(
    ("text", "said", "expected"),
    [
        ("改到下周五", moment("2026-12-04T00:00:00", "day"), "4 December 2026 at 15:00"),
        ("改到下午四点", moment("2026-11-23T16:00:00"), "3 December 2026 at 16:00"),
        ("at 4pm instead", moment("2026-11-23T16:00:00"), "3 December 2026 at 16:00"),
        ("make it next week", moment("2026-12-07T00:00:00", "week"), "10 December 2026 at 15:00"),
        ("回电改到下午四点行吗", moment("2026-11-23T16:00:00"), "3 December 2026 at 16:00"),
        ("could we do friday at 10", moment("2026-12-04T10:00:00"), "4 December 2026 at 10:00"),
    ],
)
def test_moving_a_call_keeps_what_was_not_said(booked, text, said, expected):
    assert expected in booked.says(text, "change_followup", mentions=said)


@pytest.mark.parametrize("text", ["sorry i can't make it on thursday, another day?", "周四有事，换一天吧"])
def test_the_day_that_does_not_suit_is_not_the_new_one(booked, text):
    assert "Which day and time" in booked.says(text, "change_followup", mentions=moment("2026-12-10T00:00:00", "day"))


def test_moving_without_a_time_asks_for_it(booked):
    assert "Which day and time" in booked.says("can we move the call?", "change_followup")
    assert "3 December 2026 at 16:00" in booked.says("4", "out_of_scope", mentions={"amount": 4})


@pytest.mark.parametrize(
    ("text", "number"), [("换个号码 13812345678", "+8613812345678"), ("use +44 20 7946 0999 instead", "+442079460999")]
)
def test_another_number_for_a_booked_call(booked, sessions, text, number):
    assert number in booked.says(text, "change_followup")
    follow_up = the_follow_up(sessions)
    assert (follow_up.contact, follow_up.status) == (number, FollowUpStatus.PLANNED)
    assert follow_up.due_at == datetime(2026, 12, 3, 15, 0, tzinfo=UTC)


def test_a_change_of_nothing_with_a_moment_books_it(chat, sessions):
    assert "Thursday" in chat.says("thursday 3pm then", "change_followup", mentions=THURSDAY_3PM)
    assert the_follow_up(sessions).kind == "call"


@pytest.mark.parametrize(
    ("text", "read"),
    [("at 3", moment("2026-11-23T15:00:00")), ("3", {"amount": 3}), ("3点", moment("2026-11-23T15:00:00"))],
)
def test_a_day_without_a_time_is_noted_and_the_time_asked_for(chat, sessions, text, read):
    day = moment("2026-12-03T00:00:00", "day")
    assert "What time" in chat.says("call me on thursday", "book_followup", mentions=day)
    assert "at 15:00" in chat.says(text, "out_of_scope", mentions=read)
    assert the_follow_up(sessions).due_at == datetime(2026, 12, 3, 15, 0, tzinfo=UTC)


def test_next_week_asks_for_the_day_and_takes_it_in_that_week(chat, sessions):
    assert "Which day" in chat.says(
        "call me next week", "book_followup", mentions=moment("2026-11-30T00:00:00", "week")
    )
    chat.says("wednesday at 10", "book_followup", mentions=moment("2026-11-25T10:00:00"))
    assert the_follow_up(sessions).due_at == datetime(2026, 12, 2, 10, 0, tzinfo=UTC)


def test_nobody_is_called_at_night(chat, sessions):
    night = moment("2026-12-03T23:00:00")
    assert "between 8:00 and 21:00" in chat.says("call me thursday at 11pm", "book_followup", mentions=night)
    assert "Thursday, 3 December 2026 at 20:00" in chat.says(
        "at 8pm then", "book_followup", mentions=moment("2026-11-23T20:00:00")
    )


def test_a_booked_call_is_not_moved_into_the_night(booked, sessions):
    assert "8:00" in booked.says("make it 11pm", "change_followup", mentions=moment("2026-11-23T23:00:00"))
    assert the_follow_up(sessions).due_at == datetime(2026, 12, 3, 15, 0, tzinfo=UTC)


@pytest.mark.parametrize(("first", "then"), [("call me back", "now"), ("给我打电话", "现在")])
def test_now_is_for_a_person(chat, sessions, first, then):
    chat.says(first, "book_followup")
    assert "colleague" in chat.says(then, "out_of_scope")
    with sessions() as session:
        assert len(session.scalars(select(Handoff)).all()) == 1


def test_no_call_please_cancels_the_call(booked, sessions):
    booked.says("不要给我打电话", "opt_out")
    assert the_follow_up(sessions).status is FollowUpStatus.CANCELLED


@pytest.mark.parametrize("asked_first", [False, True])
@pytest.mark.parametrize(
    ("text", "kind"), [("remind me on thursday at 3pm to order chains", "message"), ("周四下午三点提醒我", "message")]
)
def test_a_reminder_beside_a_call_is_one_more_promise(booked, sessions, text, kind, asked_first):
    thursday = {"moment": {"at": "2026-12-03T15:00:00", "grain": "hour"}}
    if asked_first:
        booked.says("when is my call?", "change_followup")
    booked.says(text, "book_followup", mentions=thursday)
    with sessions() as session:
        assert sorted(one.kind for one in session.scalars(select(FollowUp))) == ["call", kind]


@pytest.mark.parametrize(
    ("text", "read", "expected"),
    [
        ("tomorrow morning would be better", moment("2026-11-24T00:00:00", "day"), "24 November 2026, in the morning"),
        ("10am", moment("2026-11-24T10:00:00"), "3 December 2026 at 10:00"),
        ("10", {"amount": 10}, "3 December 2026 at 10:00"),
        ("change it to 11", {}, "3 December 2026 at 11:00"),
        ("make it 4pm", moment("2026-11-23T16:00:00"), "3 December 2026 at 16:00"),
        ("make it 4pm", {}, "3 December 2026 at 16:00"),
        ("actually make it 15:30", moment("2026-11-23T15:30:00"), "3 December 2026 at 15:30"),
        ("can it be half past four on tuesday", moment("2026-12-01T16:30:00"), "1 December 2026 at 16:30"),
        ("call me on 04/12 at 14:00", moment("2026-12-04T14:00:00"), "4 December 2026 at 14:00"),
        ("改到11", {}, "3 December 2026 at 11:00"),
        ("明天上午更好", moment("2026-11-24T00:00:00", "day"), "24 November 2026, in the morning"),
        ("周二下午四点半行吗", moment("2026-12-01T16:30:00"), "1 December 2026 at 16:30"),
    ],
)
@pytest.mark.parametrize(
    "intent", ["out_of_scope", "refine_need", "book_followup", "change_followup", "accept_offer", "change_order"]
)
def test_another_time_right_after_booking_moves_the_call(booked, sessions, text, read, expected, intent):
    answer = booked.says(text, intent, mentions=read)
    assert expected in answer
    the_follow_up(sessions)  # still only one


def test_the_number_is_still_asked_for_after_another_time(chat):
    chat.says("call me on thursday 3pm", "book_followup", mentions=THURSDAY_3PM)
    answer = chat.says("make it 4pm", "refine_need", mentions=moment("2026-11-23T16:00:00"))
    assert "at 16:00" in answer and "Which number" in answer


@pytest.mark.parametrize(
    ("text", "intent", "read"),
    [
        ("will it be delivered on thursday?", "ask_delivery", THURSDAY_3PM),
        ("are you open on saturday?", "out_of_scope", moment("2026-11-28T00:00:00", "day")),
        ("it is my son's birthday on friday", "out_of_scope", moment("2026-11-27T00:00:00", "day")),
        ("camping on friday", "state_need", moment("2026-11-27T00:00:00", "day")),
        ("a tent for friday", "state_need", {"categories": ["Tents"], **moment("2026-11-27T00:00:00", "day")}),
    ],
)
def test_a_moment_of_something_else_moves_no_call(booked, sessions, text, intent, read):
    booked.says(text, intent, mentions=read, needs={"use": "camping"} if "camping" in text else {})
    assert the_follow_up(sessions).due_at == datetime(2026, 12, 3, 15, 0, tzinfo=UTC)


def test_a_second_booking_moves_the_first_unless_it_is_another(booked, sessions):
    booked.says("thanks", "thank")
    friday = moment("2026-12-04T10:00:00")
    assert "4 December 2026 at 10:00" in booked.says("call me on friday at 10", "book_followup", mentions=friday)
    the_follow_up(sessions)
    booked.says("also call me on thursday 3pm", "book_followup", mentions=THURSDAY_3PM)
    with sessions() as session:
        assert len(session.scalars(select(FollowUp)).all()) == 2


@pytest.mark.parametrize("text", ["cancel it", "ok cancel that please", "取消吧"])
@pytest.mark.parametrize("intent", ["stop", "cancel_order", "deny", "out_of_scope"])
def test_cancel_it_right_after_booking_cancels_the_call_and_says_which(booked, sessions, text, intent):
    assert "Thursday, 3 December 2026 at 15:00 is cancelled" in booked.says(text, intent)
    assert the_follow_up(sessions).status is FollowUpStatus.CANCELLED


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("when is it?", "3 December 2026 at 15:00"),
        ("几点来着？", "3 December 2026 at 15:00"),
        ("what number will you call?", "+442079460123"),
        ("which number do you have for me?", "+442079460123"),
        ("打哪个号码？", "+442079460123"),
        ("do I have any calls booked?", "3 December 2026 at 15:00"),
        ("did you cancel it?", "3 December 2026 at 15:00"),
    ],
)
@pytest.mark.parametrize("intent", ["out_of_scope", "change_followup", "track_order", "ask_delivery"])
def test_a_question_about_the_call_is_answered_from_the_booking(booked, sessions, text, expected, intent):
    assert expected in booked.says(text, intent)
    assert the_follow_up(sessions).status is FollowUpStatus.PLANNED


@pytest.mark.parametrize("text", ["can I change the number to 020 7946 0999", "号码改成020 7946 0999可以吗"])
@pytest.mark.parametrize("intent", ["out_of_scope", "give_contact_details", "change_order", "change_followup"])
def test_the_number_of_the_call_can_be_changed(booked, sessions, text, intent):
    assert "+442079460999" in booked.says(text, intent)
    assert the_follow_up(sessions).contact == "+442079460999"


@pytest.mark.parametrize("text", ["do I have any calls booked?", "我有预约电话吗？"])
@pytest.mark.parametrize("intent", ["out_of_scope", "change_followup", "book_followup"])
def test_no_call_is_booked(chat, text, intent):
    assert "No call is booked" in chat.says(text, intent)


@pytest.mark.parametrize("text", ["My name is Jake Owen", "我叫李明"])
def test_a_name_keeps_the_question_for_the_number_open(chat, sessions, text):
    chat.says("call me on thursday 3pm", "book_followup", mentions=THURSDAY_3PM)
    answer = chat.says(text, "give_contact_details")
    assert "Nice to meet you" in answer and "Which number" in answer
    assert "+442079460123" in chat.says("020 7946 0123", "out_of_scope")


def test_the_topic_spoken_of_last_is_cancelled(booked, sessions):
    with writing(sessions) as session:
        variant = session.scalars(select(Variant).where(Variant.sku == "LID-M")).one()
        conversation = session.get_one(Conversation, booked.conversation_id)
        factories.make_order(session, lines=[(variant, 1)], conversation=conversation, email="anna@example.org")
    booked.says("where is my order?", "track_order")
    assert "really cancel order SC-" in booked.says("cancel it", "stop")
    booked.says("no", "deny")
    booked.says("when is my call?", "change_followup")
    assert "at 15:00 is cancelled" in booked.says("cancel it", "stop")
