"""How a command says no: one sentence on stderr and exit status 2."""

from __future__ import annotations


class Refused(Exception):
    """The command cannot do what was asked; str() is the sentence that the user reads."""
