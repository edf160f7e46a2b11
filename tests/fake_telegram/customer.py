"""A customer in Telegram who waits for each answer, as `tests.stack.Customer` does on the web."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.inbox import find_address
from crm_store.tables import Delivery, DeliveryState, Message, MessageState
from tests.fake_telegram.people import Person, eventually
from tests.fake_telegram.server import BOT, Call

ANSWERED_WITHIN = 60  # seconds


class TelegramCustomer:
    def __init__(self, person: Person, store: Session) -> None:
        self.person = person
        self.received: list[Call] = []  # what Telegram showed of the last answer
        self.cards: list[dict[str, Any]] = []
        self._store = store

    @property
    def id(self) -> str:
        """The id of the conversation that this person has in this chat."""
        self._store.rollback()  # ends the view of before, so that what the assistant wrote since is seen
        address = find_address(self._store, "telegram", f"{self.person.chat_id}:{self.person.id}")
        assert address is not None, "nothing of this person has arrived"
        return address.conversation_id

    def says(self, text: str) -> str:
        """Send words; returns the text of the answer."""
        return self._answer_to(lambda: self.person.says(text))

    def shares_number(self, phone: str) -> str:
        """Press the button that shares the phone number of the account."""
        assert self.share_button is not None, "no button offers to share the number"
        return self._answer_to(lambda: self.person.shares(contact={"phone_number": phone, "first_name": "Ann"}))

    def presses(self, title: str) -> str:
        """Press a button of the last answer."""
        buttons = {button["text"]: button["callback_data"] for call in self.received for button in call.buttons}
        return self._answer_to(lambda: self.person.presses(buttons[title]))

    @property
    def share_button(self) -> str | None:
        """The title of the button that shares the number, when the last answer has one."""
        rows = [row for call in self.received for row in call.markup.get("keyboard", ())]
        return next((key["text"] for row in rows for key in row if key.get("request_contact")), None)

    def _answer_to(self, act: Any) -> str:
        seen = len(self.person.fake.sent(self.person.chat_id))
        update = act()
        replies: list[Message] = []
        eventually(lambda: self._is_answered(f"{BOT['id']}:{update['update_id']}", replies), seconds=ANSWERED_WITHIN)
        self.received = self.person.fake.sent(self.person.chat_id)[seen:]
        self.cards = [card for reply in replies for card in reply.payload["products"]]
        shown = "\n".join(call.text for call in self.received)
        assert all(f"<b>{card['name']}</b>" in shown for card in self.cards), shown
        return shown

    def _is_answered(self, external_id: str, replies: list[Message]) -> bool:
        """Whether the answer has arrived; its replies are in `replies` then."""
        self._store.rollback()
        message = self._store.scalar(select(Message).where(Message.external_id == external_id))
        if message is None or message.state is not MessageState.HANDLED:
            return False
        rows = self._store.execute(
            select(Message, Delivery.state)
            .outerjoin(Delivery, Delivery.message_id == Message.id)
            .where(Message.reply_to == message.id)
            .order_by(Message.id)
        ).all()
        replies[:] = [reply for reply, _ in rows]
        return bool(rows) and all(state is DeliveryState.SENT for _, state in rows)
