"""One of several processes on one store: `python -m tests.unit.crm_store.store_worker URL CONVERSATION`.

It keeps the same updates as the others, answers what waits and delivers what is due; prints what it delivered.
"""

from __future__ import annotations

import sys
import time

from sqlalchemy.orm import Session, sessionmaker

from crm_store import conversations, inbox, outbox
from crm_store.database import connect, reading, sessions, writing
from crm_store.lease import lease
from crm_store.tables import Message, MessageState
from tests.factories import NOW

UPDATES = 30


def keep(factory: sessionmaker[Session], conversation_id: str) -> None:
    """Every update is taken in by every process, some of them at the same moment."""
    for number in range(UPDATES):
        with writing(factory, alone=False) as session:
            inbox.keep_updates(session, "parrot", "1", [(number, {"text": f"question {number}"})], NOW)
            conversations.receive(
                session, conversation_id, text=f"question {number}", external_id=f"1:{number}", now=NOW
            )


def answer(factory: sessionmaker[Session], conversation_id: str) -> None:
    with reading(factory) as session:
        ids = [message.id for message in conversations.history(session, conversation_id)]
    for id in ids:
        with writing(factory, alone=False) as session:
            message = session.get_one(Message, id, with_for_update=True)
            conversations.locked(session, conversation_id)
            if message.state is MessageState.RECEIVED:
                conversations.add_reply(session, message, {"text": f"answer to {message.text}"}, NOW)
                conversations.mark_handled(session, message, intent=None, confidence=None, needs={}, mentions={})


def deliver(factory: sessionmaker[Session], conversation_id: str) -> None:
    """Only who holds the lease delivers; it is held to the end of the process."""
    ours = lease(factory.kw["bind"], "parrot")
    while outbox_counts(factory)["sent"] < UPDATES:
        if not ours.hold():
            time.sleep(0.02)  # until the process that delivers is done
            continue
        with writing(factory, alone=False) as session:
            outbox.take_up(session, NOW)
            letter = outbox.next_letter(session, conversation_id)
        if letter is not None:
            print(letter.payload["text"], flush=True)
            with writing(factory, alone=False) as session:
                outbox.part_sent(session, letter.id, 1, True, NOW)


def outbox_counts(factory: sessionmaker[Session]) -> dict[str, int]:
    with reading(factory) as session:
        return outbox.counts(session)


if __name__ == "__main__":
    store = sessions(connect(sys.argv[1]))
    for step in (keep, answer, deliver):
        step(store, sys.argv[2])
