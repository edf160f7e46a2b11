"""What was spoken of last, an order or a booked call: a bare "cancel it" or "10am" means that."""

from __future__ import annotations

from typing import Literal

from actions.turn import Turn
from crm_store import carts, conversations

Topic = Literal["order", "call"]


def note_topic(turn: Turn, topic: Topic) -> None:
    turn.keep_pending("topic", {"kind": topic, "message": turn.message.id})


def last_topic(turn: Turn) -> Topic | None:
    """The one spoken of last, however many other turns ago."""
    noted = turn.conversation.pending.get("topic")
    return noted["kind"] if noted else None


def just_spoken_of(turn: Turn, topic: Topic) -> bool:
    """Whether the last answer was about it."""
    noted = turn.conversation.pending.get("topic")
    if not noted or noted["kind"] != topic:
        return False
    said = conversations.last_replies(turn.session, turn.conversation.id, before=turn.message.id)
    return any(reply.reply_to == noted["message"] for reply in said)


def goods_shown_since(turn: Turn) -> bool:
    """Whether goods were shown or looked for after the topic: "it" is one of them then."""
    noted = turn.conversation.pending.get("topic")
    said = conversations.history(turn.session, turn.conversation.id, after=noted["message"]) if noted else []
    return any((m.payload or {}).get("products") or (m.needs or {}).get("category") for m in said)


def has_cart(turn: Turn) -> bool:
    return bool(carts.cart_of(turn.session, turn.conversation.id, turn.now).lines)
