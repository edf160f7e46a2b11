"""Moments that customers name, as the engine reads them, and the promise that is made of one."""

from __future__ import annotations

from sqlalchemy import select

from crm_store.tables import FollowUp


def moment(at: str, grain: str = "hour") -> dict:
    return {"moment": {"at": at, "grain": grain}}


TUESDAY = moment("2026-12-01T14:00:00", "afternoon")
THURSDAY_3PM = moment("2026-12-03T15:00:00")


def the_follow_up(sessions):
    with sessions() as session:
        return session.scalars(select(FollowUp)).one()
