"""Where Telegram brings updates when it is told to: each is stored before it is acknowledged."""

from __future__ import annotations

from json import JSONDecodeError
from typing import Annotated

from fastapi import APIRouter, Header, HTTPException, Request, Response

from bot.channels.services import Served

PATH = "/telegram/webhook"

routes = APIRouter()


@routes.post(PATH, include_in_schema=False)
async def take(
    request: Request,
    services: Served,
    x_telegram_bot_api_secret_token: Annotated[str, Header()] = "",
) -> Response:
    channel = services.telegram
    if channel is None or not services.settings.telegram_webhook:
        raise HTTPException(404)
    if not channel.listener.is_from_telegram(x_telegram_bot_api_secret_token):
        raise HTTPException(401, "Only Telegram may call this.")
    try:
        update = await request.json()
    except (JSONDecodeError, UnicodeDecodeError, RecursionError) as error:
        raise HTTPException(400, "This is not JSON.") from error
    if not isinstance(update, dict) or type(update.get("update_id")) is not int:
        raise HTTPException(400, "This is not an update.")
    await channel.listener.take([update])
    return Response()
