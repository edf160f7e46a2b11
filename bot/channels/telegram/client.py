"""The client of the Bot API, which lets nobody see its token."""

from __future__ import annotations

import logging
import os
from typing import Any
from urllib.parse import urlsplit

from telegram import Bot, Update
from telegram.error import TelegramError
from telegram.request import HTTPXRequest

log = logging.getLogger(__name__)

CHANNEL = "telegram"
CONNECTIONS = 10  # each is looked at for every call: more cost more than they bring
KINDS = ["message", "edited_message", "callback_query", "my_chat_member"]  # of updates that we ask for


class UpdatesRequest(HTTPXRequest):
    """Takes from a batch what can be read: one strange update must not hold up all that come after it."""

    @staticmethod
    def parse_json_payload(payload: bytes) -> Any:
        answer = HTTPXRequest.parse_json_payload(payload)
        if isinstance(answer.get("result"), list):
            numbered = [one for one in answer["result"] if isinstance(one, dict) and type(one.get("update_id")) is int]
            answer["result"] = [_readable(update) for update in numbered]
        return answer


def read_update(update: dict[str, Any]) -> Update | None:
    """The update, None when it is not what the Bot API says it should be."""
    try:
        return Update.de_json(update)
    except (TypeError, ValueError, KeyError, AttributeError, TelegramError) as error:
        log.warning("an update cannot be read: %s", type(error).__name__)
        return None


def _readable(update: dict[str, Any]) -> dict[str, Any]:
    return update if read_update(update) else {"update_id": update["update_id"]}


def make_bot(token: str, api_url: str, *, timeout: float = 10.0) -> Bot:
    """A client of the Bot API at `api_url`, which is Telegram's own or that of a server of yours."""
    silence()
    os.environ.setdefault("PTB_TIMEDELTA", "true")  # the client's new way to give durations, which it will keep
    # A proxy set for the machine is for Telegram; what stays on this machine does not go through it.
    settings = {"trust_env": urlsplit(api_url).hostname not in ("127.0.0.1", "::1", "localhost")}
    usual: dict[str, Any] = {
        "read_timeout": timeout,
        "write_timeout": timeout,
        "connect_timeout": timeout,
        "pool_timeout": timeout,
        "httpx_kwargs": settings,
    }
    return Bot(
        token,
        base_url=f"{api_url}/bot",
        base_file_url=f"{api_url}/file/bot",
        request=HTTPXRequest(connection_pool_size=CONNECTIONS, **usual),
        get_updates_request=UpdatesRequest(connection_pool_size=2, **usual),
    )


def silence() -> None:
    """These log addresses when asked for details, and the token is part of each."""
    for name in ("httpx", "httpcore"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # The client logs what it cannot read in full, with what people wrote; we log that there was something.
    for name in ("telegram", "telegram.Bot"):
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
