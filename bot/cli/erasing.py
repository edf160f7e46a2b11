"""`erase`: a customer is forgotten, everywhere."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session, sessionmaker

from bot.cli.places import prepare, store
from bot.cli.refusals import Refused
from crm_store.customers import the_customer
from crm_store.database import reading, writing
from crm_store.erasing.databases import StillInUse
from crm_store.erasing.files import files_naming
from crm_store.erasing.finding import person_of
from crm_store.erasing.finishing import Cleaned, finish_quiet, pending
from crm_store.erasing.person import count_of, undelivered_orders
from crm_store.erasing.rows import erase_customer
from crm_store.erasing.traces import traces_of
from crm_store.home import Home

KEPT = ("orders", "order_lines")
PATIENCE = 30.0  # seconds until nothing happens in the customer's chats any more


class Who(StrEnum):
    CUSTOMER = "customer"


def erase(
    who: Annotated[Who, typer.Argument(help="Whom to forget.")],
    id: Annotated[str, typer.Argument(metavar="ID", help="The customer's key in your files, or our number (#17).")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """Forget a customer, everywhere.

    That is tables, chats, what the engine remembers, what the assistant writes into the home, and the free pages of
    databases. Orders stay without name, contact, address and customer, as the books need them. What was learned from
    sales is removed and learned again without the customer: by the running assistant itself, else with train models.
    The assistant may go on running. Your own files in the home are named when the customer is in them, and are yours
    to clean, as are backups and files elsewhere. A number that is one customer's key and our number of another is
    refused: "#17" is ours.

    \b
    Example: ./salesclerk erase customer 17 --dry-run
    Example: ./salesclerk erase customer 17
    """
    home = Home.from_environment()
    prepare(home)
    with store(home) as sessions:
        with reading(sessions) as session:
            customer = the_customer(session, id)
            number, person = customer.id, person_of(session, customer)
            counts, open_orders = count_of(session, person), undelivered_orders(session, person)
            traces = traces_of(session, person)
        theirs = files_naming(home, traces)
        cleaned, unfinished = (Cleaned(), None) if dry_run else _erase(home, sessions, number)
    report = {"customer": number, "dry_run": dry_run, "rows": counts, "undelivered_orders": open_orders}
    report |= {
        "trackers": cleaned.trackers,
        "files": [str(file) for file in cleaned.files],
        "your_files": [str(file) for file in theirs.files],
        "unreadable": [str(file) for file in (*theirs.unreadable, *cleaned.unreadable)],
        "versions": cleaned.versions,
    }
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _tell(report)
    if unfinished:
        raise Refused(
            f"customer {number} is out of the tables, but not yet out of the free pages ({unfinished}): "
            "start the assistant, which finishes it, or stop it and erase anybody"
        )


def _erase(home: Home, sessions: sessionmaker[Session], number: int) -> tuple[Cleaned, str | None]:
    """What was cleaned, and why not all could be."""
    with writing(sessions) as session:
        erase_customer(session, number, datetime.now(UTC))
    deadline = time.monotonic() + PATIENCE
    cleaned, why = Cleaned(), "their chat goes on"
    while True:
        try:
            cleaned += finish_quiet(sessions, home, datetime.now(UTC))
        except StillInUse as error:
            why = str(error)
        with reading(sessions) as session:
            if all(one.customer_id != number for one in pending(session)):  # the running assistant finishes them too
                return cleaned, None
        if time.monotonic() > deadline:
            return cleaned, why
        time.sleep(0.5)


def _tell(report: dict[str, Any]) -> None:
    kept = report["rows"].get("orders", 0)
    emptied = {table: count for table, count in report["rows"].items() if table not in KEPT}
    for table, count in emptied.items():
        print(f"{count:6} {table.replace('_', ' ')}")
    would = "would go or be emptied" if report["dry_run"] else "gone or emptied"
    print(
        f"Customer {report['customer']}: {sum(emptied.values())} rows {would}; orders kept without the person: {kept}."
    )
    if report["undelivered_orders"]:
        print(f"Not delivered yet, and without an address then: {', '.join(report['undelivered_orders'])}")
    for file in report["files"]:
        print(f"Cleaned: {file}")
    for file in report["your_files"]:
        print(f"Yours to look at, the customer is in it: {file}")
    for file in report["unreadable"]:
        print(f"Yours to look at, it cannot be read: {file}")
    if report["versions"]:
        print("What was learned from sales is removed; the running assistant learns again, else: train models")
