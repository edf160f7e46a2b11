"""`export`: what the assistant has brought in, for other programs."""

from __future__ import annotations

import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from enum import StrEnum
from pathlib import Path
from typing import Annotated, TextIO

import typer

from bot.cli.places import of_caller, prepare, store
from bot.cli.refusals import Refused
from crm_store.customers import the_customer
from crm_store.database import reading
from crm_store.erasing.finding import person_of
from crm_store.erasing.person import held_of
from crm_store.exporting import export_rows, plain, write_rows
from crm_store.home import Home


class Kind(StrEnum):
    ORDERS = "orders"
    LEADS = "leads"
    FOLLOWUPS = "followups"
    CONVERSATIONS = "conversations"
    CUSTOMER = "customer"


class Format(StrEnum):
    JSONL = "jsonl"
    CSV = "csv"


def export(
    kind: Annotated[Kind, typer.Argument(help="What to write.")],
    id: Annotated[
        str | None, typer.Argument(metavar="[ID]", help="Of a customer: their number, or key in your files.")
    ] = None,
    format: Annotated[Format, typer.Option("--format", help="JSON lines or CSV.")] = Format.JSONL,
    out: Annotated[Path | None, typer.Option("--out", help="The file to write; stdout without it.")] = None,
) -> None:
    """Write orders, leads, chats or all of a customer to a file.

    Also follow-ups. All that is held of a customer is one JSON document, table by table.

    \b
    Example: ./salesclerk export orders --format csv --out orders.csv
    Example: ./salesclerk export leads | head
    Example: ./salesclerk export customer 17 --out customer-17.json
    """
    if (kind is Kind.CUSTOMER) != (id is not None):
        raise Refused("say which customer: ./salesclerk export customer ID" if id is None else f"{kind} take no ID")
    home = Home.from_environment()
    prepare(home)
    if id is not None:
        _export_customer(home, id, out)
        return
    with store(home) as sessions, reading(sessions) as session, _target(out) as target:
        write_rows(export_rows(session, kind.value), format.value, target)


def _export_customer(home: Home, id: str, out: Path | None) -> None:
    with store(home) as sessions, reading(sessions) as session:
        customer = the_customer(session, id)
        held = held_of(session, person_of(session, customer))
        with _target(out) as target:
            json.dump({"customer": customer.id, "held": held}, target, ensure_ascii=False, indent=1, default=plain)
            target.write("\n")


@contextmanager
def _target(out: Path | None) -> Iterator[TextIO]:
    """Standard output, or a file that appears in one step when all is written."""
    if out is None:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        yield sys.stdout
        sys.stdout.flush()
        return
    path = of_caller(out)
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    except OSError as error:
        raise Refused(f"{out} cannot be written ({error.strerror})") from error
    draft = Path(name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
            yield file
        draft.replace(path)
    except OSError as error:
        raise Refused(f"{out} cannot be written ({error.strerror})") from error
    finally:
        draft.unlink(missing_ok=True)
