"""`followups`: promises to customers: what is due, and what a rep does with it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from bot.cli.places import of_caller, prepare, store
from bot.cli.refusals import Refused
from bot.followups import by_rep
from crm_store import followups as records
from crm_store.contact_hours import zone_of
from crm_store.database import reading, writing
from crm_store.home import Home
from crm_store.tables import FollowUp, FollowUpStatus
from crm_store.text import one_line

BEGINNING = 60  # characters of a note that are shown

followups = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)
Number = Annotated[int, typer.Argument(metavar="ID", help="Its number, as followups shows it.")]


@followups.callback()
def show(
    context: typer.Context,
    due: Annotated[bool, typer.Option("--due", help="Only what is due now.")] = False,
    everything: Annotated[
        bool, typer.Option("--all", help="Also what is done, cancelled or dropped, and why.")
    ] = False,
    rep: Annotated[str | None, typer.Option(help="Only what this rep has to do.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """Show promises to customers; move or cancel one.

    The running assistant says what falls due in the chat; calls and e-mails are for a person, who is told.

    \b
    Example: ./salesclerk followups --due
    Example: ./salesclerk followups --all --json
    Example: ./salesclerk followups move 12 --to "2026-12-03 15:00"
    Example: ./salesclerk followups calendar --out calls.ics
    """
    if context.invoked_subcommand is not None:
        return
    if due and everything:
        raise Refused("say --due or --all, not both")
    now = datetime.now(UTC)
    home = Home.from_environment()
    prepare(home)
    with store(home) as sessions, reading(sessions) as session:
        found = records.listed(session, due_by=now if due else None, everything=everything)
        rows = [_plain(session, one, now) for one in found if rep in (None, one.assigned_to)]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        print(_line(row))
    print(f"{len(rows)} {'due' if due else 'in all' if everything else 'open'}.")


@followups.command()
def move(
    number: Number,
    to: Annotated[str, typer.Option("--to", help="Day and time where the customer lives.")],
) -> None:
    """Keep a promise at another time; the customer is told.

    \b
    Example: ./salesclerk followups move 12 --to "2026-12-03 15:00"
    """
    _change(lambda session, now: by_rep.move(session, number, to, now), "moved")


@followups.command()
def cancel(number: Number) -> None:
    """Do not keep a promise; the customer is told of a call or reminder they had asked for.

    \b
    Example: ./salesclerk followups cancel 12
    """
    _change(lambda session, now: by_rep.cancel(session, number, now), "cancelled")


@followups.command()
def done(number: Number) -> None:
    """Say that a person has kept a promise.

    \b
    Example: ./salesclerk followups done 12
    """
    _change(lambda session, now: by_rep.finish(session, number, now), "done")


@followups.command()
def assign(number: Number, to: Annotated[str, typer.Option("--to", help="The rep's name.")]) -> None:
    """Give a promise to a rep.

    \b
    Example: ./salesclerk followups assign 12 --to "Ravi"
    """
    if not one_line(to, 120):
        raise Refused("say who: --to NAME")
    _change(lambda session, _now: records.assign(session, records.open_one(session, number), to), "assigned")


@followups.command()
def calendar(
    number: Annotated[int | None, typer.Argument(metavar="[ID]", help="One promise; all calls without it.")] = None,
    out: Annotated[Path, typer.Option("--out", help="The .ics file to write.")] = Path("followups.ics"),
    rep: Annotated[str | None, typer.Option(help="Only what this rep has to do.")] = None,
) -> None:
    """Write the calls and e-mails that people have to make as an iCalendar file.

    Read into a calendar again, it moves what was moved and takes out what was cancelled.

    \b
    Example: ./salesclerk followups calendar --out calls.ics
    Example: ./salesclerk followups calendar 12 --out call.ics
    """
    from bot.followups.calendar import calendar as made  # only this command needs the library

    home = Home.from_environment()
    prepare(home)
    with store(home) as sessions, reading(sessions) as session:
        promises = records.for_people(session, number)
        entries = [(one, records.name_of(session, one)) for one in promises if rep in (None, one.assigned_to)]
        if number is not None and not entries:
            raise Refused(f"follow-up {number} is no call and no e-mail that a person has to make")
        text = made(entries, secret=home.secret(), now=datetime.now(UTC))
    path = of_caller(out)
    try:
        path.write_bytes(text)
    except OSError as error:
        raise Refused(f"{out} cannot be written ({error.strerror})") from error
    print(f"{len(entries)} in {out}.")


def _change(change: Callable[[Session, datetime], FollowUp], what: str) -> None:
    home = Home.from_environment()
    prepare(home)
    now = datetime.now(UTC)
    with store(home) as sessions, writing(sessions) as session:
        changed = change(session, now)
        row = _plain(session, changed, now)
    print(_line(row))
    print(f"Follow-up {row['id']} is {what}.")


def _plain(session: Session, one: FollowUp, now: datetime) -> dict[str, Any]:
    local = one.due_at.astimezone(zone_of(one.timezone))
    waits = one.status is FollowUpStatus.WAITING
    return {
        "id": one.id,
        "kind": one.kind,
        "status": one.status.value,
        "due_at": None if waits else one.due_at.isoformat(),
        "due_local": None if waits else f"{local:%Y-%m-%d %H:%M}",
        "timezone": one.timezone,
        "grain": one.grain,
        "is_due": one.status in (FollowUpStatus.PLANNED, FollowUpStatus.DUE) and one.due_at <= now,
        "for": what_for(one),
        "customer": records.name_of(session, one),
        "customer_id": one.customer_id,
        "contact": one.contact,
        "assigned_to": one.assigned_to,
        "reason": one.reason,
        "conversation_id": one.conversation_id,
        "message_id": one.message_id,
        "created_at": one.created_at.isoformat(),
        "settled_at": one.settled_at.isoformat() if one.settled_at else None,
    }


def what_for(one: FollowUp) -> str:
    """What it is about, in a few words."""
    named = [f"{name} {one.about[name]}" for name in ("quote", "order", "sku") if one.about.get(name)]
    return " ".join((one.note or ", ".join(named)).split())


def _line(row: dict[str, Any]) -> str:
    when = row["due_local"] or "when it happens"
    about = row["for"] if len(row["for"]) <= BEGINNING else f"{row['for'][: BEGINNING - 1]}…"
    who = row["customer"] or "a customer"
    more = [row["contact"], row["assigned_to"] and f"for {row['assigned_to']}", about, row["reason"]]
    facts = "; ".join(part for part in more if part)
    return f"{row['id']:>6}  {when:<16}  {row['status']:<9}  {row['kind']:<15}  {who}{': ' if facts else ''}{facts}"
