"""Promises, people, complaints, opting out and being forgotten."""

from __future__ import annotations

from datetime import UTC, datetime

from rasa_sdk.events import SlotSet
from sqlalchemy import select

from crm_store.tables import FollowUp, FollowUpStatus, Handoff, Lead, Message, ServiceRequest

TUESDAY = {"moment": {"at": "2026-12-01T14:00:00", "grain": "afternoon"}}


def the_follow_up(sessions):
    with sessions() as session:
        return session.scalars(select(FollowUp)).one()


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


def test_a_person_is_called_with_what_was_wanted_and_asked_for_a_contact_once(chat, sessions):
    first = chat.says("let me talk to a human", "talk_to_human")
    assert "colleague" in first and "e-mail address or a phone number" in first
    assert "e-mail address or a phone number" not in chat.says("a human please", "talk_to_human")
    with sessions() as session:
        assert len(session.scalars(select(Handoff)).all()) == 1


def test_a_complaint_is_recorded_and_handed_to_a_person(chat, sessions):
    chat.says("this is a disgrace", "complaint")
    with sessions() as session:
        assert session.scalars(select(ServiceRequest)).one().details == "this is a disgrace"
        assert session.scalars(select(Handoff)).one().reason == "complaint"


def test_contact_details_go_to_the_lead(chat, sessions):
    chat.says("I'm Ann, ann@example.org", "give_contact_details")
    with sessions() as session:
        lead = session.scalars(select(Lead)).one()
        assert (lead.name, lead.email) == ("Ann", "ann@example.org")


def test_a_contact_that_cannot_be_right_is_not_kept(chat, sessions):
    assert "doesn't look like" in chat.says("ann@@example", "give_contact_details")
    with sessions() as session:
        assert session.scalars(select(Lead)).all() == []


def test_opting_out_is_confirmed(chat):
    assert "won't send you any messages" in chat.says("stop messaging me", "opt_out")


def test_erasing_asks_once_and_then_forgets_the_words(chat, sessions):
    chat.says("I'm Ann, ann@example.org", "give_contact_details")
    assert "Are you sure" in chat.says("delete my data", "erase_my_data")
    assert "deleted" in chat.presses("Yes, delete my data")
    with sessions() as session:
        kept = " ".join(text for text in session.scalars(select(Message.text)))
        assert "ann@example.org" not in kept
        assert [lead.email for lead in session.scalars(select(Lead))] in ([None], [])


def test_erasing_can_be_taken_back(chat, sessions):
    chat.says("I'm Ann, ann@example.org", "give_contact_details")
    chat.says("delete my data", "erase_my_data")
    assert "deleted nothing" in chat.says("no", "deny")
    with sessions() as session:
        assert session.scalars(select(Lead.email)).one() == "ann@example.org"
