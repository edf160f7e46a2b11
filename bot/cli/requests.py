"""`requests`: customers who wait for a person, and the person's answer to them."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from bot.cli.places import prepare, store
from crm_store import requests as records
from crm_store.database import reading, writing
from crm_store.home import Home
from crm_store.requests import Request
from crm_store.tables import Direction, Message
from crm_store.text import one_line

BEGINNING = 60  # characters of the customer's words that are shown in a list
LAST = 20  # messages of the chat that are shown
WHOLE = 10_000  # characters of a message that are shown

requests = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)
AsJson = Annotated[bool, typer.Option("--json", help="For a program to read.")]
Number = Annotated[
    str,
    typer.Argument(metavar="NUMBER", help="As requests shows it: h12, s7.", parser=lambda typed: typed.strip().lower()),
]
Reason = Annotated[str | None, typer.Option(help="How it ended, for the customer's history.")]


@requests.callback()
def show_all(
    context: typer.Context,
    everything: Annotated[bool, typer.Option("--all", help="Also those that are closed.")] = False,
    as_json: AsJson = False,
) -> None:
    """Show what waits for a person; answer or close it.

    The longest waiting first. h12 is a customer who was promised a person (asked, complaint; erasure: check who it
    is, then erase); s7 is something to be done about an order: a change, return, complaint, invoice or payment.

    \b
    Example: ./salesclerk requests
    Example: ./salesclerk requests show h12
    Example: ./salesclerk requests answer h12 "Hello, Ravi here. We send you a new pump today." --close
    Example: ./salesclerk requests close s7 --reason "sent the invoice by e-mail"
    """
    if context.invoked_subcommand is not None:
        return
    home = Home.from_environment()
    prepare(home)
    with store(home) as sessions, reading(sessions) as session:
        found = records.listed(session, everything=everything)
    if as_json:
        print(json.dumps([_plain(one) for one in found], ensure_ascii=False))
        return
    for one in found:
        print(_line(one))
    print(f"{len(found)} {'in all' if everything else 'waiting'}.")


@requests.command()
def show(number: Number, as_json: AsJson = False) -> None:
    """Show one request and the end of its chat.

    \b
    Example: ./salesclerk requests show h12
    """
    home = Home.from_environment()
    prepare(home)
    with store(home) as sessions, reading(sessions) as session:
        one = records.described(session, number)
        said = records.last_messages(session, one.conversation_id, LAST) if one.conversation_id else []
    if as_json:
        print(json.dumps({**_plain(one), "messages": [_plain_message(m) for m in said]}, ensure_ascii=False))
        return
    print(_line(one, beginning=WHOLE))
    if one.customer_id:
        print(f"Customer #{one.customer_id}, {'signed in' if one.identified else 'not proven: not signed in'}.")
    for message in said:
        print(f"{message.at:%Y-%m-%d %H:%M}  {_author(message) + ':':<10}  {one_line(message.text, WHOLE) or ''}")


@requests.command()
def answer(
    number: Number,
    text: Annotated[str, typer.Argument(help="What to say, in the customer's language.")],
    close: Annotated[bool, typer.Option("--close", help="Close it as well.")] = False,
) -> None:
    """Write into the customer's chat; the request stays open without --close.

    \b
    Example: ./salesclerk requests answer h12 "Hello, Ravi here. Which pump do you have?"
    """
    home = Home.from_environment()
    prepare(home)
    now = datetime.now(UTC)
    with store(home) as sessions, writing(sessions) as session:
        records.answer(session, number, text, now)
        if close:
            records.close(session, number, "answered in the chat", now)
    print(f"{number} is answered{' and closed' if close else ''}. The running assistant brings it to the customer.")


@requests.command()
def close(
    numbers: Annotated[list[str], typer.Argument(metavar="NUMBER...", help="As requests shows them: h12, s7.")],
    reason: Reason = None,
) -> None:
    """Say that requests have been seen to; all of them or, when one cannot be closed, none.

    \b
    Example: ./salesclerk requests close h12 s7 --reason "money sent back"
    """
    home = Home.from_environment()
    prepare(home)
    with store(home) as sessions, writing(sessions) as session:
        closed = [number.strip().lower() for number in numbers]
        for number in closed:
            records.close(session, number, reason, datetime.now(UTC))
        chats = {records.described(session, number).conversation_id for number in closed}
        others = [one.number for one in records.listed(session) if one.conversation_id in chats]
    print(f"{', '.join(closed)}: closed.")
    if others:
        print(f"Still open in the same chat: {', '.join(others)}.")


def _plain(one: Request) -> dict[str, Any]:
    return {
        "number": one.number,
        "kind": one.kind,
        "status": "open" if one.is_open else "closed",
        "since": one.since.isoformat(),
        "name": one.name,
        "contact": one.contact,
        "customer_id": one.customer_id,
        "signed_in": one.identified,
        "channel": one.channel,
        "conversation_id": one.conversation_id,
        "order": one.order,
        "about": one.about,
    }


def _plain_message(message: Message) -> dict[str, Any]:
    return {"id": message.id, "at": message.at.isoformat(), "author": _author(message), "text": message.text}


def _author(message: Message) -> str:
    if message.direction is Direction.INBOUND:
        return "customer"
    return "person" if message.payload.get(records.AUTHOR) == records.PERSON else "assistant"


def _line(one: Request, beginning: int = BEGINNING) -> str:
    about = one_line(one.about, WHOLE) or ""
    about = about if len(about) <= beginning else f"{about[: beginning - 1]}…"
    who = ", ".join(part for part in (one.name or "a customer", one.contact) if part)
    more = "; ".join(part for part in (one.order, about, None if one.is_open else "closed") if part)
    return (
        f"{one.number:>6}  {one.since:%Y-%m-%d %H:%M}  {one.kind:<9}  {one.channel or '':<8}  {who}"
        f"{': ' if more else ''}{more}"
    )
