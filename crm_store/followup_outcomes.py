"""What becomes of a follow-up that has fallen due, written down."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.conversations import push
from crm_store.followups import LONGEST_WAIT, rep_for
from crm_store.tables import Conversation, FollowUp, FollowUpStatus, Lead, Message


def said(
    session: Session, follow_up: FollowUp, conversation: Conversation, payload: dict[str, Any], now: datetime
) -> Message:
    """It has been said: the message is in the log, from which every channel brings it to the customer."""
    message = push(session, conversation.id, payload, now)
    follow_up.status = FollowUpStatus.DONE
    follow_up.settled_at = now
    follow_up.message_id = message.id
    session.flush()
    return message


def due_for_person(session: Session, follow_up: FollowUp, reason: str | None) -> None:
    """A person has to act now."""
    follow_up.status = FollowUpStatus.DUE
    if follow_up.assigned_to is None:
        follow_up.assigned_to = rep_for(session, session.get(Lead, follow_up.lead_id) if follow_up.lead_id else None)
    follow_up.reason = reason
    session.flush()


def chat_of_rep(session: Session, rep: str | None) -> Conversation | None:
    """Where a rep talks to the assistant, if they do."""
    if not rep:
        return None
    newest = select(Conversation).where(Conversation.rep_name == rep).order_by(Conversation.updated_at.desc())
    return session.scalar(newest.limit(1))


def tell_rep(session: Session, follow_up: FollowUp, chat: Conversation, payload: dict[str, Any], now: datetime) -> None:
    """The rep has been told in their own chat."""
    follow_up.message_id = push(session, chat.id, payload, now).id
    session.flush()


def wait_on(session: Session, follow_up: FollowUp, now: datetime) -> None:
    """What it waits for has not happened after all."""
    follow_up.status = FollowUpStatus.WAITING
    follow_up.due_at = follow_up.created_at + LONGEST_WAIT
    session.flush()


def drop(session: Session, follow_up: FollowUp, reason: str, now: datetime) -> None:
    """It is no longer sensible, and why."""
    follow_up.status = FollowUpStatus.DROPPED
    follow_up.reason = reason[:200]
    follow_up.settled_at = now
    session.flush()
