"""Reads a CSV file however a shop saved it: compressed or not, in any usual encoding, with any usual separator."""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from codecs import getincrementaldecoder
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from crm_store.errors import ImportRefused

_SEPARATORS = (",", ";", "\t", "|")
_CHUNK = 1 << 20
_LONGEST_CELL = 1 << 22
_HIGH_BYTES = re.compile(rb"[\x80-\xff]+")


@dataclass
class Sheet:
    """A table in a file: its column names, and its rows read anew, one by one, at every call of `rows`."""

    path: Path
    columns: list[str]
    encoding: str
    separator: str
    notes: list[str] = field(default_factory=list)

    @property
    def name(self) -> str:
        return self.path.name

    def rows(self) -> Iterator[tuple[int, list[str]]]:
        """(line in the file, cells) of every row that is not blank; the header is line 1."""
        with _opened(self.path) as raw, _as_text(raw, self.encoding) as text:
            reader = csv.reader(text, delimiter=self.separator)
            start, header_read = 1, False
            try:
                for cells in reader:
                    if any(cell.strip() for cell in cells):
                        if header_read:
                            yield start, cells
                        header_read = True
                    start = reader.line_num + 1
            except (csv.Error, EOFError, zlib.error, gzip.BadGzipFile) as error:
                raise ImportRefused(f"{self.name}: cannot be read beyond line {start}: {error}.") from error


def open_sheet(path: Path) -> Sheet:
    """Find out how the file is written and read its header; raises ImportRefused."""
    csv.field_size_limit(_LONGEST_CELL)
    try:
        encoding, notes = _encoding(path)
        with _opened(path) as raw, _as_text(raw, encoding) as text:
            head = text.readline(_LONGEST_CELL)
            while head and not head.strip():
                head = text.readline(_LONGEST_CELL)
    except (OSError, EOFError, zlib.error) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise ImportRefused(f"{path}: cannot be read: {reason}.") from error
    if not head:
        raise ImportRefused(f"{path.name}: the file is empty.")
    separator = max(_SEPARATORS, key=lambda mark: len(next(csv.reader([head], delimiter=mark))))
    sheet = Sheet(path, [], encoding, separator, notes)
    sheet.columns = _header(sheet)
    return sheet


def _header(sheet: Sheet) -> list[str]:
    # Read with the real reader: a column name may hold a line break.
    with _opened(sheet.path) as raw, _as_text(raw, sheet.encoding) as text:
        reader = csv.reader(text, delimiter=sheet.separator)
        cells = next(row for row in reader if any(cell.strip() for cell in row))
    return [cell.strip() for cell in cells]


def _opened(path: Path) -> BinaryIO:
    """The file's bytes, unpacked when they are packed, whatever the file is called."""
    with path.open("rb") as file:
        packed = file.read(2) == b"\x1f\x8b"
    return gzip.open(path, "rb") if packed else path.open("rb")  # type: ignore[return-value]


def _as_text(raw: BinaryIO, encoding: str) -> io.TextIOWrapper:
    return io.TextIOWrapper(raw, encoding=encoding, newline="")


def _encoding(path: Path) -> tuple[str, list[str]]:
    """The file's encoding, and a note when it had to be guessed."""
    with _opened(path) as raw:
        start = raw.read(4)
    if start.startswith(b"PK\x03\x04"):
        raise ImportRefused(f"{path.name}: is a spreadsheet or an archive; save it as CSV first.")
    if start.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16", []
    if _is_utf8(path):
        return "utf-8-sig", []
    if _looks_chinese(path):
        return "gb18030", [f"{path.name} is not UTF-8; it was read as Chinese GB 18030."]
    return "latin-1", [f"{path.name} is not UTF-8; it was read as Latin-1."]


def _is_utf8(path: Path) -> bool:
    decoder = getincrementaldecoder("utf-8")()
    try:
        with _opened(path) as raw:
            while chunk := raw.read(_CHUNK):
                decoder.decode(chunk)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


def _looks_chinese(path: Path) -> bool:
    """Chinese text comes in pairs of high bytes; the accents of Latin-1 come one by one."""
    with _opened(path) as raw:
        sample = raw.read(_CHUNK)
    runs = _HIGH_BYTES.findall(sample)
    return bool(runs) and all(len(run) % 2 == 0 for run in runs[:-1] or runs)
