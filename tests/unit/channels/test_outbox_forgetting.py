"""Who is to be forgotten hears so, and after that there is no way to reach them."""

from __future__ import annotations

from sqlalchemy.orm import Session, sessionmaker

from bot.channels.delivery import Undeliverable
from bot.channels.letters import Letters
from crm_store import inbox
from crm_store.database import reading, writing
from tests.unit.channels.outboxes import Recorder, run, say, settled, states


def forget(store: sessionmaker[Session], conversation_id: str) -> None:
    with writing(store) as session:
        assert inbox.forget_addresses(session, [conversation_id], after_reply=True) == 1
        assert inbox.find_address(session, "parrot", "7:7") is None, "who writes again is somebody new"


def test_who_is_to_be_forgotten_still_hears_that_they_are(store: sessionmaker[Session], channel: Recorder) -> None:
    conversation_id = say(store, "All your data is deleted.")
    say(store, "you stay", to="8:8")
    forget(store, conversation_id)
    run(store, channel, settled(store))
    run(store, channel, lambda: address_of(store, conversation_id) is None)
    assert sorted(channel.sent) == ["All your data is deleted.", "you stay"]
    say(store, "and this", to="8:8")
    run(store, channel, lambda: channel.sent[-1] == "and this")


def test_how_to_reach_who_is_forgotten_goes_though_they_have_blocked_us(
    store: sessionmaker[Session], channel: Recorder
) -> None:
    channel.troubles["All your data is deleted."] = [Undeliverable("blocked", gone=True)]
    conversation_id = say(store, "All your data is deleted.")
    forget(store, conversation_id)
    run(store, channel, lambda: address_of(store, conversation_id) is None)
    assert states(store) == ["dead"]


def test_how_to_reach_who_is_forgotten_goes_after_a_stop_in_between(
    store: sessionmaker[Session], channel: Recorder
) -> None:
    conversation_id = say(store, "All your data is deleted.")
    run(store, channel, settled(store))
    forget(store, conversation_id)
    run(store, channel, lambda: address_of(store, conversation_id) is None)


def test_nobody_is_let_go_before_their_last_word_is_in_the_outbox(store: sessionmaker[Session]) -> None:
    conversation_id = say(store, "All your data is deleted.")
    forget(store, conversation_id)
    Letters(store).forget("parrot")
    assert address_of(store, conversation_id) is not None


def address_of(store: sessionmaker[Session], conversation_id: str) -> object:
    with reading(store) as session:
        return inbox.address_of(session, conversation_id)
