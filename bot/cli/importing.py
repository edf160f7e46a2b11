"""`import`: the shop's own products, customers and orders from a file."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from enum import StrEnum
from pathlib import Path
from typing import Annotated

import typer
from sqlalchemy.orm import Session, sessionmaker

from bot.cli.places import of_caller, prepare, store
from bot.cli.progress import Tell, doing
from bot.cli.refusals import Refused
from crm_store.database import reading, writing
from crm_store.home import Home
from crm_store.importing import ImportReport
from crm_store.importing import import_file as import_into_store
from crm_store.vocabulary import write_vocabulary

ROWS_A_STEP = 5000


class Kind(StrEnum):
    PRODUCTS = "products"
    CUSTOMERS = "customers"
    ORDERS = "orders"


def import_file(
    kind: Annotated[Kind, typer.Argument(help="What the file holds.")],
    file: Annotated[Path, typer.Argument(help="A CSV file, also .csv.gz.")],
    map: Annotated[
        list[str] | None, typer.Option("--map", metavar="FIELD=COLUMN", help="Which column holds a field.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report, and change nothing.")] = False,
) -> int:
    """Read products, customers or orders from a CSV file.

    Column names are recognised; --map overrides. Each bad row is named on stderr and the good ones are kept; then the
    exit status is 1. Importing a file again changes nothing.

    \b
    Example: ./salesclerk import products catalogue.csv.gz --dry-run
    Example: ./salesclerk import products catalogue.csv --map sku=ItemNo --map price=Retail
    """
    home = Home.from_environment()
    mapping = columns_by_field(map or [])
    path = of_caller(file)
    prepare(home)
    with store(home) as sessions:
        with doing(f"Reading {file}") as tell:
            report = _import(sessions, kind, path, mapping, dry_run, tell)
        if kind is Kind.PRODUCTS and not dry_run:
            with reading(sessions) as session:
                write_vocabulary(session, home.vocabulary)
    _show(report, file)
    return 1 if report.bad else 0


def columns_by_field(given: list[str]) -> dict[str, str]:
    """What the --map options say; raises Refused for one that is not FIELD=COLUMN, or a field given twice."""
    mapping: dict[str, str] = {}
    for option in given:
        field, equals, column = (part.strip() for part in option.partition("="))
        if not (field and equals and column):
            raise Refused(f"--map {option!r} is not FIELD=COLUMN, such as price=Retail")
        if field in mapping:
            raise Refused(f"--map names the field {field} twice")
        mapping[field] = column
    return mapping


def _import(
    sessions: sessionmaker[Session],
    kind: Kind,
    path: Path,
    mapping: dict[str, str],
    dry_run: bool,
    tell: Tell,
) -> ImportReport:
    def progress(rows: int) -> None:
        if rows % ROWS_A_STEP == 0:
            tell(f"{rows} rows")

    with writing(sessions) as session:
        return import_into_store(
            session,
            kind.value,
            path,
            mapping=mapping or None,
            dry_run=dry_run,
            now=datetime.now(UTC),
            progress=progress,
        )


def _show(report: ImportReport, file: Path) -> None:
    for row in report.bad:
        joint = " " if row.reason.startswith(("is ", "has ", "was ")) else ": "
        print(f"{file}: row {row.row}, column {row.column}: {row.value!r}{joint}{row.reason}", file=sys.stderr)
    for line in report.notes:
        print(f"{file}: {line}", file=sys.stderr)
    counts = {
        "created": report.created,
        "updated": report.updated,
        "unchanged": report.unchanged,
        "skipped": report.skipped,
        "bad": len(report.bad),
    }
    said = ", ".join(f"{number} {outcome}" for outcome, number in counts.items() if number or outcome != "skipped")
    typer.echo(f"{report.read} rows read: {said}{' (dry run: nothing was changed)' if report.dry_run else ''}")
