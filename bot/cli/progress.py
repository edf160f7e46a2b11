"""What the user sees while something takes long: a moving line on a terminal, plain lines elsewhere."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Tell = Callable[[str], None]


def note(line: str) -> None:
    """Print one line about what is going on."""
    print(line, file=sys.stderr, flush=True)


@contextmanager
def doing(words: str) -> Iterator[Tell]:
    """Show that something is being done, and how long it took; call what is yielded with each of its steps."""
    started = time.monotonic()
    if sys.stderr.isatty():
        from rich.console import Console

        with Console(stderr=True).status(f"{words} ...") as status:
            yield lambda step: status.update(f"{words}: {step} ...")
    else:
        note(f"{words} ...")
        yield lambda step: note(f"  {step}")
    note(f"{words}: done in {time.monotonic() - started:.1f} s")
