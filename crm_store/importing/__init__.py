"""Takes a shop's own files into the store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from pathlib import Path

from sqlalchemy.orm import Session

from crm_store.errors import ImportRefused
from crm_store.importing.customers import ALIASES as CUSTOMER_FIELDS
from crm_store.importing.customers import import_customers
from crm_store.importing.orders import ALIASES as ORDER_FIELDS
from crm_store.importing.orders import import_orders
from crm_store.importing.products import ALIASES as PRODUCT_FIELDS
from crm_store.importing.products import import_products
from crm_store.importing.report import BadRow, ImportReport
from crm_store.importing.sheets import open_sheet
from crm_store.importing.shop_layouts import as_one_row_per_variant

__all__ = ["FIELDS", "KINDS", "BadRow", "ImportReport", "import_file"]

_IMPORTERS = {"products": import_products, "customers": import_customers, "orders": import_orders}
KINDS = tuple(_IMPORTERS)
FIELDS = {"products": PRODUCT_FIELDS, "customers": CUSTOMER_FIELDS, "orders": ORDER_FIELDS}


def import_file(
    session: Session,
    kind: str,
    path: Path | str,
    *,
    mapping: Mapping[str, str] | None = None,
    dry_run: bool = False,
    now: datetime,
    progress: Callable[[int], None] | None = None,
) -> ImportReport:
    """Import a CSV file of products, customers or orders; `mapping` is field -> column name.

    Good rows are kept whatever the others are; the same file again changes nothing. Raises ImportRefused, and
    then nothing has changed. A dry run reports the same and writes nothing. Needs a write transaction. After
    products, and the caller's commit, the caller brings the engine's words up to date:

        with writing(sessions) as session:
            report = import_file(session, "products", path, now=now)
        with reading(sessions) as session:
            write_vocabulary(session, home.vocabulary)

    `progress` is called with the number of rows read so far, after every row.
    """
    if kind not in _IMPORTERS:
        raise ImportRefused(f"There is no import of {kind!r}; there is {', '.join(KINDS)}.")
    sheet = open_sheet(Path(path))
    if kind == "products":
        sheet = as_one_row_per_variant(sheet)
    report = ImportReport(kind=kind, path=str(path), dry_run=dry_run, notes=list(sheet.notes))
    with session.begin_nested() as step:
        _IMPORTERS[kind](session, sheet, report, mapping, now, progress or (lambda rows: None))
        if dry_run:
            step.rollback()
    return report
