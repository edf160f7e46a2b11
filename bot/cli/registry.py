"""The list of commands, each imported only when it runs: `--help` must not wait for pandas."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import typer
from typer.core import TyperCommand, TyperGroup
from typer.main import get_command_from_info
from typer.models import CommandInfo


@dataclass(frozen=True, slots=True)
class Entry:
    """Where a command lives and what the list of commands says of it."""

    module: str
    function: str
    summary: str
    passes_on: bool = False  # takes any argument, for another program


COMMANDS: dict[str, Entry] = {
    "up": Entry("bot.cli.up", "up", "Start the assistant and keep it running."),
    "chat": Entry("bot.cli.chat", "chat", "Talk to the running assistant in the terminal."),
    "parse": Entry("bot.cli.engine", "parse", "Show what the assistant understands of a message."),
    "train": Entry("bot.cli.engine", "train", "Teach the assistant the catalogue, or learn from sales."),
    "shop": Entry("bot.cli.shop", "shop", "Show or set the shop's name and terms."),
    "import": Entry("bot.cli.importing", "import_file", "Read products, customers or orders from a CSV file."),
    "export": Entry("bot.cli.exporting", "export", "Write orders, leads, chats or all of a customer to a file."),
    "erase": Entry("bot.cli.erasing", "erase", "Forget a customer, everywhere."),
    "evaluate": Entry("bot.cli.evaluating", "evaluate", "Measure how well it understands and foresees."),
    "bench": Entry("bot.cli.benchmarking", "bench", "Measure ours beside a peer."),
    "offers": Entry("bot.cli.offers", "offers", "Show the next best offers for a customer."),
    "models": Entry("bot.cli.learned", "models", "List what was learned from sales, show it, or choose."),
    "leads": Entry("bot.cli.leads", "leads", "Rank the open leads by their chance to buy."),
    "orders": Entry("bot.cli.orders", "orders", "Show orders of the chat; say that one was sent or delivered."),
    "followups": Entry("bot.cli.followups", "followups", "Show promises to customers; move or cancel one."),
    "requests": Entry("bot.cli.requests", "requests", "Show what waits for a person; answer or close it."),
    "outbox": Entry("bot.cli.outbox", "outbox", "Show replies that did not get through, or send them again."),
    "doctor": Entry("bot.cli.doctor", "doctor", "Check everything the assistant needs."),
    "test": Entry("bot.cli.testing", "test", "Run the tests of both environments.", passes_on=True),
}


class CommandsOnDemand(TyperGroup):
    """A group that imports a command's module when the command is asked for, not when it is listed."""

    _listing = False

    def list_commands(self, ctx: typer.Context) -> list[str]:
        return list(COMMANDS)

    def get_command(self, ctx: typer.Context, cmd_name: str) -> Any:
        entry = COMMANDS.get(cmd_name)
        if entry is None:
            return None
        if self._listing:
            return TyperCommand(cmd_name, help=entry.summary)
        return load(cmd_name, entry)

    def resolve_command(self, ctx: typer.Context, args: list[str]) -> Any:
        self.commands = dict.fromkeys(COMMANDS)  # what a mistyped name is compared with
        return super().resolve_command(ctx, args)

    def format_help(self, ctx: typer.Context, formatter: Any) -> None:
        self._listing = True
        try:
            super().format_help(ctx, formatter)
        finally:
            self._listing = False


def load(name: str, entry: Entry) -> TyperCommand | TyperGroup:
    """The command itself, or the group of commands, its module imported."""
    found = getattr(import_module(entry.module), entry.function)
    if isinstance(found, typer.Typer):
        group = typer.main.get_command(found)
        group.name = name
        return group
    passing = {"allow_extra_args": True, "ignore_unknown_options": True} if entry.passes_on else {}
    known = CommandInfo(
        name=name,
        callback=found,
        context_settings={"help_option_names": ["--help", "-h"]} | passing,
    )
    return get_command_from_info(known, pretty_exceptions_short=True, rich_markup_mode=None)


def application() -> typer.Typer:
    """The program, with nothing loaded yet."""
    program = typer.Typer(
        cls=CommandsOnDemand,
        add_completion=False,
        rich_markup_mode=None,
        no_args_is_help=False,
        invoke_without_command=True,
        context_settings={"help_option_names": ["--help", "-h"]},
    )

    @program.callback()
    def salesclerk(context: typer.Context) -> None:
        """Salesclerk, a sales assistant that a shop runs itself.

        Start with: ./salesclerk up
        """
        if context.invoked_subcommand is None:
            typer.echo(context.get_help())

    return program


def run(arguments: Sequence[str]) -> int:
    """Run one command and return its exit status; what it raises is the caller's to report."""
    status = typer.main.get_command(application()).main(
        list(arguments), prog_name="./salesclerk", standalone_mode=False
    )
    return status if isinstance(status, int) else 0
