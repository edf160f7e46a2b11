"""`offers`: the next best offers for a customer or a conversation."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated, Any

import typer

from bot.cli.places import prepare, registry, store
from bot.cli.refusals import Refused
from crm_store.catalog import load_catalog
from crm_store.conversations import existing_conversation
from crm_store.customers import customer_by_key
from crm_store.database import reading
from crm_store.errors import SalesError
from crm_store.home import Home
from models.offers.offering import Offer, offers_for


def offers(
    customer: Annotated[
        str | None, typer.Option("--customer", help="Number of a customer, or their key in your files.")
    ] = None,
    conversation: Annotated[
        str | None, typer.Option("--conversation", help="Id of a conversation, for its needs.")
    ] = None,
    count: Annotated[int, typer.Option("-k", "--count", min=1, max=100, help="How many.")] = 5,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """Show the next best offers for a customer.

    Ranked by how likely the customer is to buy and what it earns; what is owned, sold out or was turned down is left
    out. With --conversation the needs stated there decide what fits, and its customer is taken when there is one.

    \b
    Example: ./salesclerk offers --customer 17 -k 5 --json
    Example: ./salesclerk offers --conversation web-abc123
    """
    if not customer and not conversation:
        raise Refused("say for whom: ./salesclerk offers --customer 17, or --conversation ID")
    home = Home.from_environment()
    prepare(home)
    try:
        found = _offers(home, customer, conversation, count)
    except SalesError as error:
        raise Refused(str(error)) from error
    if as_json:
        typer.echo(json.dumps([_shown(offer) for offer in found], ensure_ascii=False))
        return
    if not found:
        typer.echo("Nothing to offer: nothing in stock fits, or it was all bought or turned down.")
    for place, offer in enumerate(found, start=1):
        worth = "" if offer.expected_margin is None else f", worth {offer.expected_margin} in margin"
        typer.echo(f"{place}. {offer.item.title('en')} ({offer.item.sku}), {offer.item.price}{worth}")
        for reason in offer.reasons:
            typer.echo(f"   {reason}")


def _offers(home: Home, customer: str | None, conversation: str | None, count: int) -> list[Offer]:
    models = registry(home).load()
    with store(home) as sessions, reading(sessions) as session:
        chat = existing_conversation(session, conversation) if conversation else None
        person = customer_by_key(session, customer).id if customer else chat and chat.customer_id
        return offers_for(
            session,
            models,
            load_catalog(session),
            customer_id=person,
            needs=chat.needs if chat else {},
            now=datetime.now(UTC),
            rejected=chat.rejected if chat else (),
            count=count,
        )


def _shown(offer: Offer) -> dict[str, Any]:
    margin = offer.expected_margin
    return {
        "sku": offer.item.sku,
        "name": offer.item.title("en"),
        "price": float(offer.item.price),
        "propensity": round(offer.ranked.propensity, 4),
        "expected_margin": None if margin is None else float(margin),
        "reasons": list(offer.reasons),
    }
