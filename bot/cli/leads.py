"""`leads`: which open leads are likely to buy, and why; and the same for any table of leads."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any

import typer
from sqlalchemy.orm import Session

from bot.cli.places import of_caller, prepare, registry, store
from bot.cli.progress import doing
from bot.cli.refusals import Refused
from crm_store.database import reading
from crm_store.errors import SalesError
from crm_store.home import Home
from models.evaluation.page import shown
from models.leads.scorer import LeadScorer, RankedLead, fit_lead_scorer, score_open_leads
from models.leads.table_fit import TableFit, fit_table, read_table

leads = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)


@leads.callback()
def ranked(
    context: typer.Context,
    most: Annotated[int, typer.Option("-n", "--most", min=1, help="How many leads to show.")] = 20,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """Rank the open leads by their chance to buy.

    Each comes with what speaks for it (+) and against it (-), learned from the leads that were won and lost before.
    leads fit does the same for a table of yours.

    \b
    Example: ./salesclerk leads -n 10
    Example: ./salesclerk leads --json
    Example: ./salesclerk leads fit leads.csv --target Converted --positive 1
    """
    if context.invoked_subcommand is not None:
        return
    home, now = Home.from_environment(), datetime.now(UTC)
    prepare(home)
    with store(home) as sessions, reading(sessions) as session:
        found = score_open_leads(session, _scorer(home, session, now), now, most)
    if as_json:
        print(json.dumps([_plain(one, now) for one in found], ensure_ascii=False))
    elif not found:
        print("There is no open lead.")
    else:
        for one in found:
            _show(one)


def _scorer(home: Home, session: Session, now: datetime) -> LeadScorer:
    """The one in use; one fitted for the occasion when nothing was learned yet, or there was too little then."""
    try:
        learned = registry(home).load().leads
    except SalesError:
        learned = None
    if learned is not None:
        return learned
    with doing("Learning from settled leads"):
        return fit_lead_scorer(session, now)


@leads.command()
def fit(
    file: Annotated[Path, typer.Argument(help="A CSV file, compressed or not, with a row for each lead.")],
    target: Annotated[str, typer.Option(help="The column that says how it ended.")],
    positive: Annotated[str, typer.Option(help="What stands there when it ended well.")],
    drop: Annotated[list[str] | None, typer.Option(help="A column not to learn from; may be repeated.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """Learn from any table of leads who is likely to buy.

    Three quarters of the rows are learned from, the figures are of the others. Columns that seem to have been filled in
    after the end are warned of: drop them, for they are not known of a new lead.

    \b
    Example: ./salesclerk leads fit leads.csv --target Converted --positive 1 --drop "Lead Quality"
    Example: ./salesclerk leads fit calls.csv.gz --target y --positive yes --drop duration --json
    """
    try:
        with doing(f"Learning from {file.name}"):
            table, notes = read_table(of_caller(file))
            fitted = fit_table(table, target, positive, drop or (), notes)
    except SalesError as error:
        raise Refused(str(error)) from error
    if as_json:
        print(json.dumps(fitted.as_json(), ensure_ascii=False))
    else:
        _show_fit(fitted)


def _plain(one: RankedLead, now: datetime) -> dict[str, Any]:
    lead = one.lead
    return {
        "lead_id": lead.id,
        "chance": round(one.chance, 4),
        "for": [factor.words for factor in one.reasons_for],
        "against": [factor.words for factor in one.reasons_against],
        "factors": [
            {"words": factor.words, "effect": round(factor.effect, 3)}
            for factor in (*one.reasons_for, *one.reasons_against)
        ],
        "stage": lead.stage.value,
        "source": lead.source,
        "name": lead.name,
        "summary": lead.summary,
        "assigned_to": lead.assigned_to,
        "customer_id": lead.customer_id,
        "conversation_id": lead.conversation_id,
        "created_at": lead.created_at.isoformat(),
        "age_days": round((now - lead.created_at).total_seconds() / 86400, 1),
    }


def _show(one: RankedLead) -> None:
    lead = one.lead
    who = ", ".join(text for text in (lead.name, lead.stage.value, lead.assigned_to) if text)
    print(f"{one.chance:4.0%}  lead {lead.id} ({who}): {lead.summary or 'has not said what is wanted'}")
    factors = [str(factor) for factor in (*one.reasons_for, *one.reasons_against)]
    if factors:
        print(f"      {', '.join(factors)}")


def _show_fit(fitted: TableFit) -> None:
    print(f"{fitted.rows} rows, {fitted.positives} with the outcome; figures are of {fitted.held_out} rows held out")
    for note in fitted.notes:
        print(f"Note: {note}")
    for leak in fitted.warnings:
        print(f"Warning: {leak.column}: {leak.why}")
    print(f"{'':22}" + "".join(f"{name:>12}" for name in fitted.scores))
    for figure in next(iter(fitted.scores.values())):
        print(f"{figure:22}" + "".join(f"{shown(scores[figure]):>12}" for scores in fitted.scores.values()))
    print("What counts most:")
    for column, effect in fitted.strongest_columns:
        print(f"  {column:32} {effect:.2f}")
    for example in fitted.examples:
        print(f"{example['chance']:6.1%}  row {example['row']}: {', '.join((*example['for'], *example['against']))}")
    for column, reason in fitted.dropped.items():
        print(f"Not used: {column}: {reason}")
