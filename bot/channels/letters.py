"""The letters of the outbox as it uses them: each call is one transaction of the store, and blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy.orm import Session, sessionmaker

from crm_store import inbox, outbox, privacy
from crm_store.database import reading, writing
from crm_store.outbox import Letter
from crm_store.tables import Conversation

LOOK_ANYWAY_SECONDS = {"sqlite": 5.0, "postgresql": 0.3}  # there a message may appear after one with a higher id


@dataclass(frozen=True, slots=True)
class Note:
    """So many messages of a letter are out."""

    letter_id: int
    conversation_id: str
    parts_sent: int
    is_last: bool


class Letters:
    """The outbox of the store: each call is one transaction, and blocks."""

    def __init__(self, sessions: sessionmaker[Session]) -> None:
        self._sessions = sessions
        self.look_anyway = LOOK_ANYWAY_SECONDS[sessions.kw["bind"].dialect.name]

    def newest(self) -> int:
        with reading(self._sessions) as session:
            return outbox.newest_outbound_id(session)

    def take_up(self, after: int) -> None:
        with writing(self._sessions, alone=False, urgent=True) as session:
            outbox.take_up(session, _now(), after)

    def due(self, channel: str) -> list[str]:
        with reading(self._sessions) as session:
            return list(outbox.conversations_due(session, channel, _now()))

    def next(self, conversation_id: str) -> Letter | None:
        """The next reply that may be sent to this conversation now."""
        with reading(self._sessions) as session:
            if not outbox.needs_tidying(session, conversation_id):
                return _due(outbox.next_letter(session, conversation_id))
        with writing(self._sessions) as session:
            outbox.tidy(session, conversation_id, _now())
            return _due(outbox.next_letter(session, conversation_id))

    def note(self, notes: Sequence[Note]) -> None:
        """Note messages that are out; urgent, as until then they would go out again."""
        with writing(self._sessions, alone=False, urgent=True) as session:
            for note in notes:
                outbox.part_sent(session, note.letter_id, note.parts_sent, note.is_last, _now())

    def recall(self, notes: Sequence[Note]) -> None:
        """Note what an earlier process had no time for."""
        with writing(self._sessions) as session:
            for note in notes:
                outbox.recall(session, note.letter_id, note.conversation_id, note.parts_sent, note.is_last, _now())

    def put_off(self, letter: Letter, seconds: float, error: str, counts: bool) -> None:
        with writing(self._sessions, alone=False) as session:
            outbox.put_off(session, letter.id, _now() + timedelta(seconds=seconds), error, counts=counts)

    def give_up(self, letter: Letter, error: str) -> None:
        with writing(self._sessions) as session:
            outbox.give_up(session, letter.id, error, _now())

    def gone(self, letter: Letter) -> None:
        """Nothing reaches the person there any more: nothing more to them, and no follow-ups."""
        with writing(self._sessions) as session:
            outbox.give_up(session, letter.id, outbox.BLOCKED, _now())
            mark_gone(session, letter.conversation_id, _now())

    def forget(self, channel: str) -> None:
        """Of who is to be forgotten and has heard so, how to reach them goes too."""
        with reading(self._sessions) as session:
            if not outbox.last_word_is_out(session, channel):
                return
        with writing(self._sessions) as session:
            outbox.let_go(session, channel)


def _due(letter: Letter | None) -> Letter | None:
    return letter if letter and letter.next_at <= _now() else None


def mark_gone(session: Session, conversation_id: str, now: datetime) -> None:
    """Nobody is written to any more where we were blocked: what waits is given up, follow-ups there are off."""
    address = inbox.address_of(session, conversation_id)
    if address is not None and address.blocked_at is None:
        inbox.set_blocked(session, [address], now)
        privacy.block(session, session.get_one(Conversation, conversation_id), now)
    outbox.give_up_waiting(session, [conversation_id], outbox.BLOCKED, now)


def _now() -> datetime:
    return datetime.now(UTC)
