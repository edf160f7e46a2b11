"""`outbox`: replies that did not get through to customers, and sending them again."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from bot.cli.places import prepare, store
from bot.cli.refusals import Refused
from crm_store import outbox as records
from crm_store.database import reading, writing
from crm_store.home import Home
from crm_store.tables import Delivery, DeliveryState, Message

BEGINNING = 60  # characters of a reply that are shown

outbox = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)
AsJson = Annotated[bool, typer.Option("--json", help="For a program to read.")]


@outbox.callback()
def unsent(context: typer.Context, as_json: AsJson = False) -> None:
    """Show replies that did not get through, or send them again.

    Given up is what a channel refused or what failed too often; resend tries it once more. Replies that wait are sent
    by the running assistant.

    \b
    Example: ./salesclerk outbox
    Example: ./salesclerk outbox --json
    Example: ./salesclerk outbox resend 12
    """
    if context.invoked_subcommand is None:
        _show(as_json)


@outbox.command("list")
def listed(as_json: AsJson = False) -> None:
    """Show the replies that were given up or wait.

    \b
    Example: ./salesclerk outbox list --json
    """
    _show(as_json)


@outbox.command()
def resend(
    numbers: Annotated[list[int] | None, typer.Argument(metavar="ID...", help="Numbers as outbox shows them.")] = None,
    every: Annotated[bool, typer.Option("--all", help="All that were given up and can still reach somebody.")] = False,
) -> None:
    """Send replies that were given up again; what of them arrived is not repeated.

    \b
    Example: ./salesclerk outbox resend 12
    Example: ./salesclerk outbox resend --all
    """
    if bool(numbers) == every:
        raise Refused("say which replies to send again: their numbers, or --all")
    home = Home.from_environment()
    prepare(home)
    with store(home) as sessions, writing(sessions) as session:
        for number in numbers or ():
            records.send_again(session, number, datetime.now(UTC))
        count = len(numbers) if numbers else records.send_all_again(session, datetime.now(UTC))
    replies = "1 reply is" if count == 1 else f"{count} replies are"
    print(f"{replies} on the way again; the running assistant sends them.")


def _show(as_json: bool) -> None:
    home = Home.from_environment()
    prepare(home)
    with store(home) as sessions, reading(sessions) as session:
        found, counts = records.unsent(session), records.counts(session)
    if as_json:
        replies = [_plain(delivery, message) for delivery, message in found]
        print(json.dumps({"counts": counts, "replies": replies}, ensure_ascii=False))
        return
    for delivery, message in found:
        print(_line(delivery, message))
    dead, waiting = counts[DeliveryState.DEAD], counts[DeliveryState.WAITING]
    print(f"{dead} given up, {waiting} waiting, {counts[DeliveryState.SENT]} sent.")
    if dead:
        print("Send one again with: ./salesclerk outbox resend ID")


def _plain(delivery: Delivery, message: Message) -> dict[str, Any]:
    return {
        "id": delivery.id,
        "state": delivery.state.value,
        "channel": delivery.channel,
        "conversation_id": delivery.conversation_id,
        "message_id": delivery.message_id,
        "text": message.text,
        "tries": delivery.tries,
        "error": delivery.error,
        "at": message.at.isoformat(),
        "next_try_at": delivery.next_at.isoformat() if delivery.state is DeliveryState.WAITING else None,
    }


def _line(delivery: Delivery, message: Message) -> str:
    text = " ".join(message.text.split())
    shown = text if len(text) <= BEGINNING else f"{text[: BEGINNING - 1]}…"
    tried = "not tried yet" if not delivery.tries else f"{delivery.tries} tries"
    state = "given up" if delivery.state is DeliveryState.DEAD else "waiting"
    why = ", ".join(part for part in (tried, delivery.error) if part)
    return f"{delivery.id:>6}  {state}  {message.at:%Y-%m-%d %H:%M}  {delivery.channel}  {shown!r} ({why})"
