"""What an update means to us: read from the Bot API's types, without a look at the store."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from telegram import Chat, ChatMember, Message, MessageEntity, Update, User

Wordless = Literal["photo", "voice", "sticker", "other"]

_COMMAND = re.compile(r"/(\w{1,32})(?:@(\w+))?(?:\s+(.*))?$", re.DOTALL)
_GROUPS = (Chat.GROUP, Chat.SUPERGROUP)


@dataclass(frozen=True, slots=True)
class Who:
    """One person in one chat: a conversation of its own."""

    chat: int
    user: int
    group: bool
    language: str
    thread: int | None = None

    @property
    def key(self) -> str:
        return f"{self.chat}:{self.user}"


@dataclass(frozen=True, slots=True)
class Said:
    who: Who
    message: int
    text: str


@dataclass(frozen=True, slots=True)
class Commanded:
    who: Who
    message: int
    name: str
    rest: str


@dataclass(frozen=True, slots=True)
class Pressed:
    who: Who
    message: int
    query: str
    button: str


@dataclass(frozen=True, slots=True)
class Edited:
    who: Who
    message: int
    text: str


@dataclass(frozen=True, slots=True)
class Shown:
    """Something without words: a picture, a voice message."""

    who: Who
    message: int
    what: Wordless


@dataclass(frozen=True, slots=True)
class Membership:
    """Whether a person, or a whole group (`user` is None), can be written to from now on."""

    chat: int
    user: int | None
    reachable: bool


@dataclass(frozen=True, slots=True)
class Moved:
    """A group has become a supergroup, with another id."""

    old: int
    new: int


Meaning = Said | Commanded | Pressed | Edited | Shown | Membership | Moved


@dataclass(frozen=True, slots=True)
class Reader:
    """Reads updates as the bot of this id and name, which knows these commands."""

    bot_id: int
    bot_name: str
    commands: frozenset[str]

    def meaning(self, update: Update) -> Meaning | None:
        """What the update means; None for all that is none of our business."""
        if update.callback_query is not None:
            return self._pressed(update)
        if update.my_chat_member is not None:
            return _membership(update)
        if update.message is not None:
            return self._message(update.message)
        if update.edited_message is not None:
            return self._edit(update.edited_message)
        return None

    def _message(self, message: Message) -> Meaning | None:
        if message.migrate_to_chat_id is not None:
            return Moved(message.chat.id, message.migrate_to_chat_id)
        who = _who(message.from_user, message)
        if who is None or message.is_automatic_forward:
            return None
        if (command := self._commanded(message)) is not None:
            return Commanded(who, message.id, *command)
        if who.group and not self._spoken_to(message):
            return None
        text = self._words(message)
        if text is not None:
            return Said(who, message.id, text)
        what = _wordless(message)
        return Shown(who, message.id, what) if what else None

    def _edit(self, message: Message) -> Edited | None:
        who = _who(message.from_user, message)
        text = message.text or message.caption
        # A location that moves is edited every few seconds, and a picture may be changed: no words, no correction.
        if who is None or not text or (who.group and not self._spoken_to(message)):
            return None
        return Edited(who, message.id, self._without_name(text))

    def _pressed(self, update: Update) -> Pressed | None:
        query = update.callback_query
        if query is None or query.message is None or query.data is None:
            return None
        chat = query.message.chat
        if query.from_user.is_bot or chat.type not in (Chat.PRIVATE, *_GROUPS):
            return None
        # Of a message that is too old for its text, Telegram tells the chat alone.
        thread = _topic(query.message) if isinstance(query.message, Message) else None
        who = _person(query.from_user, chat, thread)
        return Pressed(who, query.message.message_id, query.id, query.data)

    def _commanded(self, message: Message) -> tuple[str, str] | None:
        """A command of ours at the beginning of a message, unless it is addressed to another bot, and what follows."""
        begins = any(e.type == MessageEntity.BOT_COMMAND and e.offset == 0 for e in message.entities)
        found = _COMMAND.match(message.text or "") if begins else None
        if found is None or (found[2] or self.bot_name).lower() != self.bot_name.lower():
            return None
        name = found[1].lower()
        return (name, (found[3] or "").strip()) if name in self.commands else None

    def _spoken_to(self, message: Message) -> bool:
        """Whether a message in a group is for us: it names the bot or answers it."""
        answered = message.reply_to_message
        if answered is not None and answered.from_user is not None and answered.from_user.id == self.bot_id:
            return True
        entities = (*message.entities, *message.caption_entities)
        if any(e.type == MessageEntity.TEXT_MENTION and e.user and e.user.id == self.bot_id for e in entities):
            return True
        return bool(self._name().search(message.text or message.caption or ""))

    def _name(self) -> re.Pattern[str]:
        return re.compile(rf"@{re.escape(self.bot_name)}(?!\w)[,:]?\s*", re.IGNORECASE)

    def _without_name(self, text: str) -> str:
        return self._name().sub("", text).strip()

    def _words(self, message: Message) -> str | None:
        """The message as the customer could have typed it."""
        if message.text is not None:
            return self._without_name(message.text)
        if message.caption:
            return self._without_name(message.caption)
        if message.contact is not None:
            return _phone(message.contact.phone_number)
        if message.venue is not None:
            return ", ".join(part for part in (message.venue.title, message.venue.address) if part)
        if message.location is not None:
            return f"GPS {message.location.latitude:.5f}, {message.location.longitude:.5f}"
        return None


def _who(user: User | None, message: Message) -> Who | None:
    """The person who wrote; None for channels, bots, and whoever writes in the name of a group."""
    if user is None or user.is_bot or message.sender_chat is not None:
        return None
    if message.chat.type not in (Chat.PRIVATE, *_GROUPS):
        return None
    return _person(user, message.chat, _topic(message))


def _topic(message: Message) -> int | None:
    """The topic of a forum; a chain of replies has such an id too, and nothing can be sent there."""
    return message.message_thread_id if message.is_topic_message else None


def _person(user: User, chat: Chat, thread: int | None) -> Who:
    language = "zh" if (user.language_code or "").lower().split("-")[0] == "zh" else "en"
    return Who(chat.id, user.id, chat.type != Chat.PRIVATE, language, thread)


def _membership(update: Update) -> Membership | None:
    changed = update.my_chat_member
    if changed is None or changed.chat.type not in (Chat.PRIVATE, *_GROUPS):
        return None
    reachable = changed.new_chat_member.status not in (ChatMember.BANNED, ChatMember.LEFT)
    user = changed.from_user.id if changed.chat.type == Chat.PRIVATE else None
    return Membership(changed.chat.id, user, reachable)


def _wordless(message: Message) -> Wordless | None:
    if message.photo:
        return "photo"
    if message.voice or message.audio or message.video_note:
        return "voice"
    if message.sticker or message.animation or message.dice:
        return "sticker"
    told = (message.document, message.video, message.poll, message.story, message.game, message.paid_media)
    return "other" if any(told) else None


def _phone(number: str) -> str:
    """Telegram leaves out the plus of a number with its country code."""
    digits = re.sub(r"[^\d+]", "", number)
    return digits if digits.startswith(("+", "0")) or len(digits) < 10 else f"+{digits}"
