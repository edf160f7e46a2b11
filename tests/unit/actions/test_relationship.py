"""Promises, people, complaints, opting out and being forgotten."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from crm_store.tables import (
    Handoff,
    Lead,
    Message,
    ServiceRequest,
)


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


@pytest.mark.parametrize("intent", ["erase_my_data", "affirm", "out_of_scope", "deny"])
@pytest.mark.parametrize("text", ["别删", "不要删", "不删", "确定不删", "don't delete it", "no, keep it"])
def test_a_denial_never_erases(chat, text, intent):
    chat.says("delete my data", "erase_my_data")
    assert "deleted nothing" in chat.says(text, intent)


@pytest.mark.parametrize("intent", ["erase_my_data", "affirm", "out_of_scope"])
@pytest.mark.parametrize("text", ["你们保存了我什么信息", "what do you know about me", "is my data safe"])
def test_a_question_about_data_is_answered_and_erases_nothing(chat, text, intent):
    chat.says("delete my data", "erase_my_data")
    answer = chat.says(text, intent)
    assert "We keep" in answer and "Are you sure" in answer
    assert "has been deleted" in chat.says("yes", "affirm")


@pytest.mark.parametrize("text", ["yes, delete everything", "确定删除", "是的，全部删除", "delete it"])
def test_a_yes_in_full_erases(chat, text):
    chat.says("delete my data", "erase_my_data")
    assert "has been deleted" in chat.says(text, "erase_my_data")


def test_what_is_kept_is_told_without_offering_to_erase(chat):
    answer = chat.says("what do you know about me?", "erase_my_data")
    assert "We keep" in answer and "Are you sure" not in answer
    assert "deleted nothing" in chat.says("别删我的资料", "erase_my_data")


@pytest.mark.parametrize("text", ["不要退订", "我没要退订", "don't unsubscribe me"])
def test_who_stays_subscribed_is_not_opted_out(chat, text):
    assert "you stay subscribed" in chat.says(text, "opt_out")


@pytest.mark.parametrize("intent", ["opt_out", "change_followup"])
def test_no_call_please_unsubscribes_nobody(chat, intent):
    assert "No call is booked" in chat.says("不要给我打电话", intent)
    assert chat.outcome == "answered"
    assert "won't send you any messages" in chat.presses("Unsubscribe")


def test_no_person_please(chat, sessions):
    chat.says("不用转人工，你来就行", "talk_to_human")
    with sessions() as session:
        assert session.scalars(select(Handoff)).all() == []


@pytest.mark.parametrize(("text", "intent"), [("hello? anyone there?", "greet"), ("有人吗", "talk_to_human")])
def test_who_waits_for_a_person_hears_that_one_was_asked(chat, text, intent):
    chat.says("a human please", "talk_to_human")
    assert "a colleague has been asked" in chat.says(text, intent)


def test_more_words_belong_to_the_complaint(chat, sessions):
    assert "sorry" in chat.says("this is a disgrace", "complaint")
    assert "added" in chat.says("three weeks late and nobody answers", "out_of_scope")
    with sessions() as session:
        assert "nobody answers" in session.scalars(select(ServiceRequest)).one().details


@pytest.mark.parametrize("text", ["my bike arrived broken", "上个月买的帐篷漏水"])
def test_something_broken_gets_sympathy_and_a_person(chat, sessions, text):
    assert "very sorry" in chat.says(text, "state_need")
    with sessions() as session:
        assert session.scalars(select(Handoff)).one().reason == "complaint"


@pytest.mark.parametrize(
    ("text", "intent"),
    [
        ("I want to speak to a human", "talk_to_human"),
        ("I want to speak to a human", "complaint"),
        ("转人工", "complaint"),
    ],
)
def test_who_complains_and_wants_a_person_gets_one(chat, text, intent):
    chat.says("this is a disgrace", "complaint")
    answer = chat.says(text, intent)
    assert "asked a colleague to take over" in answer and "added" not in answer


def test_asking_for_the_data_is_no_wish_to_lose_it(chat):
    answer = chat.says("把我的数据导出来", "erase_my_data", language="zh", language_certain=True)
    assert "确定吗" not in answer and "无法撤销" not in answer
