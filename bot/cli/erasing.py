"""`erase`: a customer is forgotten, everywhere."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session, sessionmaker

from bot.cli.places import prepare, store
from bot.cli.refusals import Refused
from crm_store.customers import customer_by_key
from crm_store.database import reading, writing
from crm_store.erasing.databases import StillInUse
from crm_store.erasing.finishing import Cleaned, finish, pending
from crm_store.erasing.person import count_of, person_of, undelivered_orders
from crm_store.erasing.rows import erase_customer
from crm_store.home import Home

KEPT = ("orders", "order_lines")


class Who(StrEnum):
    CUSTOMER = "customer"


def erase(
    who: Annotated[Who, typer.Argument(help="Whom to forget.")],
    id: Annotated[str, typer.Argument(metavar="ID", help="Number of the customer, or their key in your files.")],
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say what would go.")] = False,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """Forget a customer, everywhere.

    That is tables, chats, what the engine remembers, files of the home, and the free pages of databases. Orders
    stay without name, contact, address and customer, as the books need them. What was learned from sales is removed
    and learned again without the customer: by the running assistant itself, else with train models. The assistant
    may go on running. Backups, and files outside the home, are yours to clean.

    \b
    Example: ./salesclerk erase customer 17 --dry-run
    Example: ./salesclerk erase customer 17
    """
    home = Home.from_environment()
    prepare(home)
    with store(home) as sessions:
        with reading(sessions) as session:
            customer = customer_by_key(session, id)
            number, person = customer.id, person_of(session, customer)
            counts, open_orders = count_of(session, person), undelivered_orders(session, person)
        cleaned = Cleaned() if dry_run else _erase(home, sessions, number)
    report = {"customer": number, "dry_run": dry_run, "rows": counts, "undelivered_orders": open_orders}
    report |= {
        "trackers": cleaned.trackers,
        "files": [str(file) for file in cleaned.files],
        "versions": cleaned.versions,
    }
    if as_json:
        print(json.dumps(report, ensure_ascii=False))
    else:
        _tell(report)


def _erase(home: Home, sessions: sessionmaker[Session], number: int) -> Cleaned:
    now = datetime.now(UTC)
    with writing(sessions) as session:
        erase_customer(session, number, now)
    with reading(sessions) as session:
        due = pending(session)
    try:
        return finish(sessions, home, due, now)
    except StillInUse as error:
        raise Refused(
            f"customer {number} is out of the tables, but not yet out of the free pages ({error}): "
            "start the assistant, which finishes it, or stop it and erase anybody"
        ) from error


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
    if report["versions"]:
        print("What was learned from sales is removed; the running assistant learns again, else: train models")
