"""The calls about the customer of a conversation: who they are, how to speak to them, what they agreed to."""

from __future__ import annotations

import asyncio
from typing import Any

from fastapi import APIRouter

from bot.channels.problems import described
from bot.channels.schemas import ConsentGiven, Consents, ConversationState, Language, SignIn, SpokenTo
from bot.channels.services import Served
from bot.channels.web import Opened, vouched_for

routes = APIRouter(prefix="/api/v1/conversations/{conversation_id}", tags=["customer"])


@routes.post("/customer", status_code=204, responses=described(401, 403, 404, 409, 422), summary="Sign in")
async def sign_in(signing: SignIn, conversation_id: Opened, services: Served) -> None:
    """The conversation becomes that of the customer whom the shop's token names; the cart stays."""
    key = vouched_for(services, signing.customer_token)
    await asyncio.to_thread(services.customers.sign_in, conversation_id, key)


@routes.patch(
    "", response_model=ConversationState, responses=described(401, 403, 404, 422), summary="Choose a language"
)
async def speak(wanted: SpokenTo, conversation_id: Opened, services: Served) -> Any:
    await asyncio.to_thread(services.customers.speak, conversation_id, wanted.language)
    return await asyncio.to_thread(services.customers.state, conversation_id)


@routes.get("/consents", response_model=Consents, responses=described(401, 403, 404, 422), summary="What was agreed to")
async def consents(conversation_id: Opened, services: Served, language: Language = "en") -> Any:
    """Each purpose with the words to ask in; `granted` is null until the customer has said yes or no."""
    return {"consents": await asyncio.to_thread(services.customers.consents, conversation_id, language)}


@routes.post("/consents", response_model=Consents, responses=described(401, 403, 404, 422), summary="Agree or refuse")
async def consent(given: ConsentGiven, conversation_id: Opened, services: Served) -> Any:
    """The wording of that purpose and language is kept with the answer and the time."""
    record = services.customers.record_consent
    await asyncio.to_thread(record, conversation_id, given.purpose, given.granted, given.language)
    return {"consents": await asyncio.to_thread(services.customers.consents, conversation_id, given.language)}
