"""People who use Telegram: what they do becomes updates as Telegram makes them."""

from __future__ import annotations

import time
from typing import Any

from tests.fake_telegram.server import BOT, FakeTelegram


class Person:
    """Somebody in a private chat with the bot, or in a group when `group` is its id."""

    def __init__(
        self, fake: FakeTelegram, id: int = 7, *, name: str = "Ada", language: str = "en", group: int | None = None
    ) -> None:
        self.fake = fake
        self.id = id
        self.user = {"id": id, "is_bot": False, "first_name": name, "language_code": language}
        kind = {"id": group, "type": "supergroup", "title": "Riders"}
        self.chat = kind if group is not None else {"id": id, "type": "private", "first_name": name}

    @property
    def chat_id(self) -> int:
        return int(self.chat["id"])

    def says(self, text: str, **more: Any) -> dict[str, Any]:
        """A message as it is sent; returns the update."""
        update = self.message(text=text, **more)
        self.fake.happens(update)
        return update

    def shares(self, **content: Any) -> dict[str, Any]:
        update = self.message(**content)
        self.fake.happens(update)
        return update

    def message(self, **content: Any) -> dict[str, Any]:
        """An update with a message, not sent yet."""
        text = content.get("text", "")
        if text.startswith("/") and "entities" not in content:
            command = text.split()[0]
            content["entities"] = [{"type": "bot_command", "offset": 0, "length": len(command)}]
        message = {
            "message_id": self.fake.message_number(),
            "date": int(time.time()),
            "from": self.user,
            "chat": self.chat,
            **content,
        }
        return {"update_id": self.fake.number(), "message": message}

    def edits(self, update: dict[str, Any], text: str) -> dict[str, Any]:
        edited = {**update["message"], "text": text, "edit_date": int(time.time())}
        update = {"update_id": self.fake.number(), "edited_message": edited}
        self.fake.happens(update)
        return update

    def presses(self, button: str) -> dict[str, Any]:
        query = {
            "id": f"q{self.fake.number()}",
            "from": self.user,
            "chat_instance": "1",
            "message": {"message_id": 1, "date": int(time.time()), "chat": self.chat, "from": BOT, "text": "?"},
            "data": button,
        }
        update = {"update_id": self.fake.number(), "callback_query": query}
        self.fake.happens(update)
        return update

    def sets_membership(self, status: str) -> dict[str, Any]:
        """`kicked` blocks the bot in a private chat, `member` takes that back."""
        banned = {"until_date": 0} if status == "kicked" else {}
        change = {
            "chat": self.chat,
            "from": self.user,
            "date": int(time.time()),
            "old_chat_member": {"user": BOT, "status": "member"},
            "new_chat_member": {"user": BOT, "status": status, **banned},
        }
        update = {"update_id": self.fake.number(), "my_chat_member": change}
        self.fake.happens(update)
        return update


def eventually(condition: Any, seconds: float = 30.0) -> None:
    """Wait until the condition holds; the test fails when it never does."""
    deadline = time.monotonic() + seconds
    while not (found := condition()) and time.monotonic() < deadline:
        time.sleep(0.02)
    assert found, f"not within {seconds} s"
