"""What is out, on this machine's disk before the store has it: who is killed in between reads it when it is back.

A line is written in some microseconds, where a transaction waits for its turn: what Telegram has confirmed is not said
again. Only what is still on the wire at that moment may be.
"""

from __future__ import annotations

import logging
import os
from pathlib import Path

from bot.channels.letters import Note
from crm_store.tables.base import HIGHEST_ID

log = logging.getLogger(__name__)


class SentJournal:
    """Notes that the store may not have yet; a disk that takes none costs no more than a repeated message."""

    def __init__(self, file: Path) -> None:
        self._file = file
        self._descriptor: int | None = None

    def left(self) -> list[Note]:
        """What an earlier process has left; lines that are none are passed over."""
        try:
            lines = self._file.read_text(encoding="ascii", errors="replace").splitlines()
        except FileNotFoundError:
            return []
        except OSError as error:
            self._complain(error)
            return []
        return [note for line in lines if (note := _note_of(line))]

    def add(self, note: Note) -> None:
        line = f"{note.letter_id} {note.conversation_id} {note.parts_sent} {int(note.is_last)}\n"
        try:
            if self._descriptor is None:
                self._file.parent.mkdir(parents=True, exist_ok=True)
                self._descriptor = os.open(self._file, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.write(self._descriptor, line.encode("ascii"))
        except OSError as error:
            self._complain(error)

    def clear(self) -> None:
        """The store has it all."""
        try:
            if self._descriptor is not None:
                os.ftruncate(self._descriptor, 0)
            elif self._file.exists():
                os.truncate(self._file, 0)
        except OSError as error:
            self._complain(error)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def _complain(self, error: OSError) -> None:
        log.warning("%s cannot be used (%s): a message may be sent again after a crash", self._file, error.strerror)


def _note_of(line: str) -> Note | None:
    fields = line.split(" ")
    if len(fields) != 4 or not all(field.isdecimal() and len(field) < 11 for field in (fields[0], *fields[2:])):
        return None
    if int(fields[0]) > HIGHEST_ID or int(fields[2]) > HIGHEST_ID:
        return None
    return Note(int(fields[0]), fields[1], int(fields[2]), fields[3] == "1")
