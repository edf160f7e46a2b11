"""`shop`: who sells and on which terms, shown and set."""

from __future__ import annotations

import json
from typing import Annotated, Any

import typer

from bot.cli.places import prepare, store
from bot.cli.refusals import Refused
from crm_store.database import writing
from crm_store.errors import SalesError
from crm_store.home import Home
from crm_store.shop import current_shop, ensure_shop
from crm_store.shop_terms import terms_of, valid_terms


def shop(
    name: Annotated[str | None, typer.Option(help="As customers know it.")] = None,
    name_zh: Annotated[str | None, typer.Option(help="Its Chinese name.")] = None,
    currency: Annotated[str | None, typer.Option(help="Of all prices: USD, EUR, CNY ...")] = None,
    country: Annotated[str | None, typer.Option(help="Two letters: US, GB, CN ...")] = None,
    timezone: Annotated[str | None, typer.Option(help="For example Europe/London.")] = None,
    email: Annotated[str | None, typer.Option(help="For customers who want a person.")] = None,
    phone: Annotated[str | None, typer.Option(help="For customers who want a person.")] = None,
    delivery_days: Annotated[str | None, typer.Option(help="Working days, from-to: 2-5.")] = None,
    delivery_fee: Annotated[str | None, typer.Option(help="For one order.")] = None,
    free_delivery_from: Annotated[str | None, typer.Option(help="An amount, or none.")] = None,
    return_days: Annotated[str | None, typer.Option(help="How long goods may come back.")] = None,
    warranty_months: Annotated[str | None, typer.Option(help="How long faults are mended.")] = None,
    quote_days: Annotated[str | None, typer.Option(help="How long a quote is valid.")] = None,
    payment_methods: Annotated[str | None, typer.Option(help="card,paypal,bank_transfer,alipay ...")] = None,
    contact_hours: Annotated[str | None, typer.Option(help="When customers may be written to: 9-20.")] = None,
    contact_days: Annotated[str | None, typer.Option(help="On which days: mon-sat.")] = None,
    as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False,
) -> None:
    """Show or set the shop's name and terms.

    Without options it shows them. What the assistant says of delivery, returns and payment comes from here.

    \b
    Example: ./salesclerk shop
    Example: ./salesclerk shop --name "Corner Bikes" --currency EUR --delivery-days 1-3 --delivery-fee 4.90
    """
    given = {option: value for option, value in locals().items() if option != "as_json" and value is not None}
    home = Home.from_environment()
    prepare(home)
    try:
        with store(home) as sessions, writing(sessions) as session:
            # Only looking must not make a shop: `up` fills a home that has none with the demo shop.
            terms = terms_of(ensure_shop(session, **valid_terms(given)) if given else current_shop(session))
    except SalesError as error:
        raise Refused(str(error)) from error
    _show(terms, as_json)


def _show(terms: dict[str, Any], as_json: bool) -> None:
    if as_json:
        print(json.dumps(terms, ensure_ascii=False))
        return
    for term, value in terms.items():
        shown = ", ".join(value) if isinstance(value, list) else value
        print(f"{term.replace('_', ' '):20}{'-' if shown is None else shown}")
