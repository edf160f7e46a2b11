"""`./salesclerk chat`: talk to the running assistant in the terminal."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import closing, suppress
from enum import StrEnum
from typing import Annotated

import typer
from rich.console import Console

from bot.cli.chat_client import ChatClient, NotAnswered, new_message
from bot.cli.chat_view import ChatView
from bot.cli.refusals import Refused
from crm_store.home import Home

LONGEST_REP_NAME = 120


class Language(StrEnum):
    EN = "en"
    ZH = "zh"


GREETING = {
    Language.EN: "Connected. Say what you are looking for; Ctrl-D ends the chat.",
    Language.ZH: "已连接。说说您想找什么；按 Ctrl-D 结束。",
}
AGAIN = {Language.EN: "Press Enter to send it again.", Language.ZH: "按回车重新发送。"}


def chat(
    language: Annotated[Language, typer.Option(help="The language the conversation starts in.")] = Language.EN,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show what was understood of each message.")] = False,
    rep: Annotated[
        str | None, typer.Option(metavar="NAME", help="Talk as this sales rep: offers, follow-ups, leads.")
    ] = None,
    customer: Annotated[
        str | None,
        typer.Option(metavar="ID", help="Talk as this customer, signed in: by number, or key in your files."),
    ] = None,
) -> None:
    """Talk to the running assistant in the terminal.

    Type a quick reply's letter or its words to choose it. Messages may also come through a pipe, one a line.

    Example: ./salesclerk chat --verbose

    Example: echo "a tent for two" | ./salesclerk chat
    """
    if rep is not None and not 0 < len(rep.strip()) <= LONGEST_REP_NAME:
        raise Refused(f"--rep needs the rep's name, in up to {LONGEST_REP_NAME} characters")
    home = Home.from_environment()
    interactive = sys.stdin.isatty()
    console = Console()
    with closing(ChatClient.of(home)) as client:
        client.start(language.value, rep.strip() if rep else None, customer)
        talk = _Talk(client, ChatView(console, language.value), home, verbose=verbose)
        try:
            if interactive:
                console.print(GREETING[language], style="dim", highlight=False)
                talk.interactively(AGAIN[language])
            else:
                talk.through_a_pipe()
        except KeyboardInterrupt:
            console.print()


class _Talk:
    def __init__(self, client: ChatClient, view: ChatView, home: Home, *, verbose: bool) -> None:
        self._client = client
        self._view = view
        self._home = home
        self._verbose = verbose

    def interactively(self, again: str) -> None:
        """Prompt until the end; a message that was not answered is sent again with an empty line."""
        unanswered: dict[str, str] | None = None
        for typed in _prompted():
            if not typed and unanswered is None:
                continue
            message = self._message(typed) if typed else unanswered
            assert message is not None
            try:
                self._take(message)
                unanswered = None
            except NotAnswered as error:
                unanswered = message
                self._view.sorry(f"{error} {again}")

    def through_a_pipe(self) -> None:
        """One message a line, the replies as plain lines; the first one without an answer ends it."""
        for line in sys.stdin:
            typed = line.strip()
            if not typed:
                continue
            try:
                self._take(self._message(typed))
            except NotAnswered as error:
                raise Refused(str(error)) from error

    def _message(self, typed: str) -> dict[str, str]:
        payload = self._view.choices.get(typed.strip().casefold())
        if payload:
            return new_message(payload=payload)
        # Bytes that are no UTF-8 arrive as lone surrogates, which JSON in UTF-8 cannot carry.
        return new_message(text=typed.encode("utf-8", "replace").decode())

    def _take(self, message: dict[str, str]) -> None:
        replies = self._client.send(message)
        if self._verbose and replies:
            self._explain(replies[0]["reply_to"])
        self._view.show(replies)

    def _explain(self, message_id: int) -> None:
        from bot.cli.chat_store import logged  # here, because it is slow to import

        message = logged(self._home, message_id)
        if message is not None:
            self._view.understood(message)


def _prompted() -> Iterator[str]:
    """Lines typed at a prompt, with history and editing where the terminal has them."""
    with suppress(ImportError):  # a Python built without it still reads lines
        import readline  # noqa: F401  it changes what input() can do
    while True:
        try:
            yield input("> ").strip()
        except EOFError:
            print()
            return
