"""`models` and `train models`: what was learned from sales, version by version."""

from __future__ import annotations

import json
import time
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING, Annotated

import typer

from bot.cli.places import prepare, registry, store
from bot.cli.progress import Tell, doing
from bot.cli.refusals import Refused
from crm_store.database import reading, writing
from crm_store.erasing.finishing import forgotten_since
from crm_store.errors import SalesError
from crm_store.home import Home

if TYPE_CHECKING:
    from models.learning import SalesModels
    from models.preparation.frames import SalesFrames


class Deed(StrEnum):
    LIST = "list"
    SHOW = "show"
    USE = "use"


def models(
    deed: Annotated[Deed, typer.Argument(help="What to do.")] = Deed.LIST,
    version: Annotated[str | None, typer.Argument(help="The version to show or use.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """List what was learned from sales, show it, or choose.

    "show" prints a version's card: the data, the period, and figures beside baselines. "use" puts a version in use.

    \b
    Example: ./salesclerk models list
    Example: ./salesclerk models use 20261125-140501
    """
    home = Home.from_environment()
    prepare(home)
    try:
        if deed is Deed.LIST:
            _list(home, as_json)
        elif deed is Deed.SHOW:
            _show(home, version)
        else:
            if not version:
                raise Refused("say which: ./salesclerk models use VERSION; ./salesclerk models list names them")
            registry(home).use(version)
            typer.echo(f"In use: {version}")
    except SalesError as error:
        raise Refused(str(error)) from error


def learn_from_sales(home: Home, tell: Tell) -> str:
    """Learn from the home's store, put the new version in use, and return its name; raises SalesError.

    Who is erased while it learns is in what was learned: then it learns again.
    """
    from models.evaluation.card import model_card

    while True:
        now = datetime.now(UTC)
        frames, learned = _learn(home, now, tell)
        with store(home) as sessions, writing(sessions) as session:  # nobody is erased between the look and the save
            if not forgotten_since(session, now):
                return registry(home).save(learned, model_card(frames, learned), now)
        tell("somebody was erased meanwhile: again")


def _learn(home: Home, now: datetime, tell: Tell) -> tuple[SalesFrames, SalesModels]:
    from models.leads.errors import NotEnoughToLearn
    from models.leads.scorer import fit_lead_scorer
    from models.learning import learn
    from models.preparation.frames import sales_frames

    with store(home) as sessions, reading(sessions) as session:
        tell("reading and cleaning")
        frames = sales_frames(session, now)
        try:
            tell("leads")
            leads = fit_lead_scorer(session, now)
        except NotEnoughToLearn:
            leads = None  # offers do not need them; `leads` says what is missing
    return frames, learn(frames, leads, tell)


def train_models(home: Home) -> None:
    """`train models`: learn, and say what came of it."""
    started = time.monotonic()
    try:
        with doing("Learning from sales") as tell:
            name = learn_from_sales(home, tell)
    except SalesError as error:
        raise Refused(str(error)) from error
    typer.echo(f"Learned in {time.monotonic() - started:.0f} s: version {name}, in use now")


def _list(home: Home, as_json: bool) -> None:
    versions = registry(home).versions()
    if as_json:
        typer.echo(json.dumps([{"version": one.name, "in_use": one.in_use, **one.card} for one in versions]))
        return
    if not versions:
        typer.echo("Nothing was learned yet; do it with: ./salesclerk train models")
    for one in versions:
        offers = (one.card.get("offers") or {}).get("next best offer") or {}
        figure = f", NDCG@10 {offers['ndcg@10']:.3f}" if offers else ""
        mark, card = "*" if one.in_use else " ", one.card
        size = f"{card.get('orders', '?')} orders, {card.get('customers', '?')} customers"
        typer.echo(f"{mark} {one.name}  {size}{figure}")


def _show(home: Home, version: str | None) -> None:
    name = version or registry(home).in_use()
    if name is None:
        raise Refused("nothing was learned yet; do it with: ./salesclerk train models")
    one = registry(home).show(name)
    typer.echo(json.dumps({"in_use": one.in_use, **one.card}, ensure_ascii=False, indent=2))
