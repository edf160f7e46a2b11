"""`doctor data`: what is wrong with the shop's own data."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import UTC, datetime

import typer

from bot.cli.places import prepare, store
from bot.cli.refusals import Refused
from crm_store.database import reading
from crm_store.errors import SalesError
from crm_store.home import Home

_HEADINGS = {
    "dropped": "Left out: not learned from",
    "mended": "Mended: taken as the usual value or as unknown, and counted",
    "kept": "For you: nothing was changed",
}


def examine_data(home: Home, as_json: bool) -> int:
    """Print the data quality report of the home's store."""
    from models.preparation.frames import sales_frames  # pandas takes a second to load: the plain `doctor` needs none

    prepare(home)
    try:
        with store(home) as sessions, reading(sessions) as session:
            frames = sales_frames(session, datetime.now(UTC))
    except SalesError as error:
        raise Refused(str(error)) from error
    counts = {
        "order lines": len(frames.lines),
        "orders": frames.lines["order_id"].nunique(),
        "customers": len(frames.customers),
        "variants on sale": len(frames.products),
    }
    if as_json:
        typer.echo(json.dumps({"usable": counts, "findings": [asdict(note) for note in frames.notes]}))
        return 0
    typer.echo("Usable: " + ", ".join(f"{count:,} {name}" for name, count in counts.items()))
    for done, heading in _HEADINGS.items():
        notes = [note for note in frames.notes if note.done == done]
        if notes:
            typer.echo(f"\n{heading}")
        for note in notes:
            examples = f", as {', '.join(note.examples)}" if note.examples else ""
            typer.echo(f"  {note.rows:,} of {note.of:,} {note.table}: {note.finding}{examples}")
            if note.advice:
                typer.echo(f"    {note.advice}")
    return 0
