"""Proof that somebody was forgotten, and what of it is still to be done in files."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from crm_store.tables.base import Base


class Erasure(Base):
    """One request to be forgotten; once it is finished, only numbers, the ids of chats and the times are left."""

    __tablename__ = "erasures"

    id: Mapped[int] = mapped_column(primary_key=True)
    customer_id: Mapped[int | None]  # no foreign key: the row may be gone
    conversation_ids: Mapped[list[str]] = mapped_column(default=list)
    traces: Mapped[list[str]] = mapped_column(default=list)  # what files are searched for; emptied with that
    learned_from: Mapped[bool] = mapped_column(default=False)  # whether models may have learned from them
    asked_at: Mapped[datetime]
    finished_at: Mapped[datetime | None] = mapped_column(index=True)
