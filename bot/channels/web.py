"""The conversation calls of the HTTP API."""

from __future__ import annotations

import asyncio
import time
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Header, HTTPException, Query
from sse_starlette import EventSourceResponse

from bot.channels.customer_text import LONGEST_TEXT
from bot.channels.events import pushed_events
from bot.channels.identity import IdentityRefused
from bot.channels.problems import described
from bot.channels.schemas import ConversationStarted, CustomerMessage, Messages, NewConversation
from bot.channels.services import Served, Services
from bot.channels.tokens import TokenInvalid
from bot.channels.turns import TurnUnanswered

routes = APIRouter(prefix="/api/v1/conversations", tags=["conversations"])

NEWEST = 2**53  # beyond any message id, and exact in JavaScript


async def opened_conversation(
    conversation_id: str, services: Served, authorization: Annotated[str | None, Header()] = None
) -> str:
    """The id of the conversation that the request's token opens; 401, 403 or 404 otherwise."""
    scheme, _, token = (authorization or "").partition(" ")
    challenge = {"WWW-Authenticate": "Bearer"}
    if scheme.lower() != "bearer" or not token.strip():
        raise HTTPException(401, "Send the conversation's token as Authorization: Bearer TOKEN.", challenge)
    try:
        opens = services.tokens.conversation_of(token.strip())
    except TokenInvalid as error:
        raise HTTPException(401, "This token is not valid here; start a new conversation.", challenge) from error
    if opens != conversation_id:
        raise HTTPException(403, "This token belongs to another conversation.")
    if await asyncio.to_thread(services.records.find, conversation_id) is None:
        raise HTTPException(404, "This conversation is no longer kept; start a new one.")
    return conversation_id


def vouched_for(services: Services, token: str) -> str:
    """The customer's key in a token that the shop signed; 401 for any other."""
    try:
        return services.identity.customer_of(token, time.time())
    except IdentityRefused as error:
        raise HTTPException(401, str(error), {"WWW-Authenticate": "Customer-Token"}) from error


Opened = Annotated[str, Depends(opened_conversation)]


@routes.post(
    "",
    status_code=201,
    response_model=ConversationStarted,
    responses=described(401, 409, 422, 503),
    summary="Start to talk",
)
async def start(services: Served, wanted: NewConversation | None = None) -> Any:
    """Start a conversation. The token opens this conversation and no other.

    With `customer_token`, which the shop's own server signs, it is that customer's; 401 and 409 say why it is not.
    """
    wanted = wanted or NewConversation()
    customer_id = None
    if wanted.customer_token is not None:
        key = vouched_for(services, wanted.customer_token)
        customer_id = await asyncio.to_thread(services.customers.customer_id, key)
    conversation = await asyncio.to_thread(
        services.records.start,
        language=wanted.language,
        timezone=wanted.timezone,
        source=wanted.source,
        customer_id=customer_id,
    )
    token = services.tokens.sign(conversation.id)
    return {"id": conversation.id, "token": token, "language": conversation.language}


@routes.post(
    "/{conversation_id}/messages",
    response_model=Messages,
    response_model_exclude_unset=True,
    responses=described(401, 403, 404, 413, 422, 503),
    summary="Say something",
    description=(
        f"Say something, in up to {LONGEST_TEXT:,} characters, or press a quick reply; the answer holds the "
        "replies. "
        "Messages of one conversation are handled one at a time, in the order in which they came. "
        "The same `client_message_id` again returns the replies to the first message under it and does "
        "nothing else. "
        "503 means that the message is kept but not answered yet: send it again with the same id."
    ),
)
async def say(message: CustomerMessage, conversation_id: Opened, services: Served) -> Any:
    measures = services.measures
    try:
        turn = await services.turns.take(
            conversation_id,
            text=message.text,
            button=message.payload,
            external_id=message.client_message_id,
        )
    except TurnUnanswered:
        measures.unanswered.inc()
        raise
    if turn.fresh:
        measures.turns.labels(turn.message.intent or "none").inc()
        measures.turn_seconds.observe(turn.seconds)
    return await _with_state(turn.replies, conversation_id, services)


@routes.get(
    "/{conversation_id}/messages",
    response_model=Messages,
    response_model_exclude_unset=True,
    responses=described(401, 403, 404, 422),
    summary="What was said",
)
async def history(
    conversation_id: Opened,
    services: Served,
    after: Annotated[int, Query(ge=0, le=NEWEST, description="Only messages with a higher id")] = 0,
    limit: Annotated[int, Query(ge=1, le=500)] = 200,
) -> Any:
    """What both sides said, oldest first, for a page that comes back."""
    messages = await asyncio.to_thread(services.records.history, conversation_id, after, limit)
    return await _with_state(messages, conversation_id, services)


async def _with_state(messages: list[dict[str, Any]], conversation_id: str, services: Services) -> dict[str, Any]:
    return {"messages": messages, "state": await asyncio.to_thread(services.customers.state, conversation_id)}


@routes.get(
    "/{conversation_id}/events",
    response_class=EventSourceResponse,
    responses={200: {"content": {"text/event-stream": {}}}} | described(401, 403, 404, 422),
    summary="What comes unasked",
)
async def events(
    conversation_id: Opened,
    services: Served,
    last_event_id: Annotated[str | None, Header(pattern=r"^\d{1,16}$")] = None,
) -> Any:
    """Server-sent events: messages that answer no request, such as follow-ups and what a rep writes.

    Each event is a message as in the history, its id the message's id. With Last-Event-ID the stream begins
    after that message, without it now.
    """
    if last_event_id is None:
        after = await asyncio.to_thread(services.records.newest_id)
    else:
        after = int(last_event_id)
    stream = await pushed_events(services.records, services.watch, conversation_id, after)
    return EventSourceResponse(stream, ping=15)
