"""`orders`: orders of the chat that are under way, and saying that one was sent or has arrived."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Annotated

import typer

from bot.cli.places import prepare, store
from crm_store import fulfilment
from crm_store.database import reading, writing
from crm_store.home import Home
from crm_store.tables import OrderStatus

orders = typer.Typer(
    rich_markup_mode=None,
    add_completion=False,
    invoke_without_command=True,
    context_settings={"help_option_names": ["--help", "-h"]},
)
Numbers = Annotated[list[str], typer.Argument(metavar="NUMBER...", help="Order numbers.")]


@orders.callback()
def show(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="For a program to read.")] = False
) -> None:
    """Show orders of the chat; say that one was sent or delivered.

    The customer is told in the chat, and asked a week after the delivery how it was.

    \b
    Example: ./salesclerk orders
    Example: ./salesclerk orders shipped SC-7KQ2MX
    Example: ./salesclerk orders delivered SC-7KQ2MX
    """
    if context.invoked_subcommand is not None:
        return
    home = Home.from_environment()
    prepare(home)
    with store(home) as sessions, reading(sessions) as session:
        rows = [
            {
                "number": order.number,
                "status": order.status.value,
                "placed_at": order.placed_at.isoformat(),
                "total": str(order.total),
                "currency": order.currency,
                "name": order.name,
            }
            for order in fulfilment.under_way(session)
        ]
    if as_json:
        print(json.dumps(rows, ensure_ascii=False))
        return
    for row in rows:
        print(
            f"{row['number']:<12}  {row['status']:<8}  {row['placed_at'][:10]}  "
            f"{row['total']:>10} {row['currency']}  {row['name'] or ''}".rstrip()
        )
    print(f"{len(rows)} under way.")


@orders.command()
def shipped(numbers: Numbers) -> None:
    """Say that orders were sent; all of them or, when one cannot be, none.

    \b
    Example: ./salesclerk orders shipped SC-7KQ2MX SC-M2PX4T
    """
    _mark(numbers, OrderStatus.SHIPPED)


@orders.command()
def delivered(numbers: Numbers) -> None:
    """Say that orders have arrived; all of them or, when one cannot have, none.

    \b
    Example: ./salesclerk orders delivered SC-7KQ2MX
    """
    _mark(numbers, OrderStatus.DELIVERED)


def _mark(numbers: list[str], status: OrderStatus) -> None:
    home = Home.from_environment()
    prepare(home)
    with store(home) as sessions, writing(sessions) as session:
        marked = [fulfilment.mark(session, number, status, datetime.now(UTC)).number for number in numbers]
    print(f"{', '.join(marked)}: {status.value}. The running assistant tells customers who ordered in the chat.")
