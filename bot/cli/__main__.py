"""`python -m bot.cli`: run one command; whatever goes wrong is one line on stderr."""

from __future__ import annotations

import os
import signal
import sys
import traceback
import warnings
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from types import FrameType

import typer

from bot.cli import registry
from bot.cli.refusals import Refused
from crm_store.errors import SalesError
from crm_store.home import Home

UsageError = typer.BadParameter.__mro__[1]  # typer gives its root of usage errors no public name


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; 0 when done, 1 when partly done, 2 when refused, 130 when interrupted."""
    words = sys.argv[1:] if arguments is None else arguments
    try:
        return registry.run(words)
    except UsageError as error:
        return _say(f"{_command(error)}: {_sentence(error.format_message())}  See {_command(error)} --help")
    except (Refused, SalesError) as error:
        return _say(f"salesclerk: {_sentence(error)}")
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        # Who read our output has read enough; Python must not complain when it closes stdout.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    except Exception as error:  # the edge of the process
        return _say(f"salesclerk: {_sentence(_kept(error))}")


def _command(error: Exception) -> str:
    context = getattr(error, "ctx", None)
    return context.command_path if context else "./salesclerk"


def _sentence(said: object) -> str:
    """One line, whatever was said."""
    return " ".join(str(said).split())


def _say(line: str) -> int:
    print(line, file=sys.stderr)
    return 2


def _kept(error: Exception) -> str:
    """Write the traceback to the log and return the sentence that says where it is."""
    what = f"this should not have happened ({type(error).__name__}: {error})"
    try:
        log = Home.from_environment().logs / "cli.log"
        _append(log, f"{datetime.now(UTC).isoformat()}\n{''.join(traceback.format_exception(error))}\n")
    except (OSError, SalesError):
        return what
    return f"{what}; the details are in {log}"


def _append(log: Path, text: str) -> None:
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("a", encoding="utf-8") as file:
        file.write(text)


def _interrupt(_number: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    # Told to stop, a command ends what it has started, as after Ctrl-C.
    signal.signal(signal.SIGTERM, _interrupt)
    warnings.simplefilter("ignore")  # they are for who writes the program, not for who runs it
    sys.exit(main())
