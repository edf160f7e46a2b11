"""The app's way to the engine: one HTTP call that hands over one message."""

from __future__ import annotations

from typing import Any

import httpx

WEBHOOK = "/webhooks/salesclerk/webhook"
HEALTH = "/webhooks/salesclerk/"


class EngineUnavailable(Exception):
    """The engine could not take the message now; it may take it a moment later."""


class EngineFailed(Exception):
    """The engine took the message and stumbled over it; it may do so again."""


class EngineRefused(Exception):
    """The engine does not accept our messages at all; trying again changes nothing."""


class Engine:
    def __init__(self, url: str, token: str, *, timeout: float = 30.0) -> None:
        # trust_env off: a proxy set for the machine must not see what stays on loopback.
        self._http = httpx.AsyncClient(
            base_url=url,
            headers={"Authorization": f"Bearer {token}"},
            timeout=httpx.Timeout(timeout, connect=2.0),
            limits=httpx.Limits(max_connections=100, max_keepalive_connections=20),
            trust_env=False,
        )

    async def hand_over(self, conversation_id: str, message: str, metadata: dict[str, Any]) -> None:
        """Have the engine handle one message; returns when its turn is over."""
        body = {"sender": conversation_id, "message": message, "metadata": metadata}
        try:
            answer = await self._http.post(WEBHOOK, json=body)
        except httpx.TransportError as error:
            raise EngineUnavailable(f"{type(error).__name__}: {error}") from error
        if answer.status_code == 500:
            raise EngineFailed("the engine stumbled over it")
        if answer.status_code >= 500 or answer.status_code in (408, 409, 429):
            raise EngineUnavailable(f"the engine answered {answer.status_code}")
        if answer.status_code >= 400:
            raise EngineRefused(f"the engine answered {answer.status_code}")

    async def answers(self) -> bool:
        return await reachable(self._http, HEALTH)

    async def close(self) -> None:
        await self._http.aclose()


async def reachable(http: httpx.AsyncClient, url: str) -> bool:
    """Whether a server of ours answers at all, within two seconds."""
    try:
        answer = await http.get(url, timeout=2.0)
    except httpx.TransportError:
        return False
    return answer.status_code < 500
