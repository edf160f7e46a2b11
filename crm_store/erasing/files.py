"""A person's traces in the files of a home: overwritten in what the assistant writes, named where they are the shop's.

What is overwritten keeps its length and place, so that who writes a log can go on. A customer's words decide what is
looked for, so nothing of the shop's own is ever changed.
"""

from __future__ import annotations

import gzip
import json
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import IO

from sqlalchemy import make_url

from crm_store.home import Home

OURS = ("logs", "reports")  # folders in which the assistant writes of people
# Of nobody, or with a way of their own: models, the shop's words, what runs, the key, the databases.
_NO_FILES_OF_PEOPLE = {"engine", "learned", "run", "vocabulary.json", "secret.key"}
_BESIDE_DATABASE = ("", "-wal", "-shm", "-journal", "-gate", "-desk")
_ZIPPED = (".zip", ".xlsx", ".docx", ".ods", ".odt", ".npz")
_GZIPPED = (".gz", ".tgz")
_AT_ONCE = 1 << 20  # bytes: few enough that other threads are not kept waiting
BLANK = b"x"


@dataclass(slots=True)
class Found:
    """Files with a trace, and those that could not be read."""

    files: list[Path] = field(default_factory=list)
    unreadable: list[Path] = field(default_factory=list)


def overwrite_traces(home: Home, traces: Iterable[str]) -> Found:
    """Overwrite the traces in every file that the assistant writes."""
    return _each(_ours(home), _forms(traces), _overwrite)


def files_naming(home: Home, traces: Iterable[str]) -> Found:
    """The files of the home that are not the assistant's own and hold a trace, packed ones included."""
    ours = set(_ours(home))
    return _each((file for file in _files(home) if file not in ours), _forms(traces), _holds)


def _each(files: Iterable[Path], forms: list[bytes], deed: Callable[[Path, list[bytes]], bool]) -> Found:
    found = Found()
    if not forms:
        return found
    for file in files:
        try:
            if deed(file, forms):
                found.files.append(file)
        except Exception:  # the edge of one file: a packed one may be broken in any way, and the others must be done
            found.unreadable.append(file)
    return found


def _forms(traces: Iterable[str]) -> list[bytes]:
    """All ways in which the traces may be written, the longest first."""
    forms = set()
    for trace in traces:
        written = {trace, json.dumps(trace)[1:-1], json.dumps(trace, ensure_ascii=False)[1:-1], repr(trace)[1:-1]}
        forms.update(text.encode(code) for text in written for code in ("utf-8", "utf-16-le", "utf-16-be"))
    return sorted(forms, key=len, reverse=True)


def _ours(home: Home) -> Iterator[Path]:
    for name in OURS:
        folder = home.path / name
        if not folder.is_symlink():
            yield from (file for file in sorted(folder.rglob("*")) if _is_plain(file))


def _is_plain(file: Path) -> bool:
    return file.is_file() and not file.is_symlink() and file.suffix not in (*_ZIPPED, *_GZIPPED)


def _files(home: Home) -> Iterator[Path]:
    urls = (make_url(url) for url in (home.database_url, home.followups_url))
    databases = {Path(url.database or "").name for url in urls}
    skipped = _NO_FILES_OF_PEOPLE | {name + end for name in databases for end in _BESIDE_DATABASE}
    for entry in sorted(home.path.iterdir()):
        if entry.name in skipped:
            continue
        inside = sorted(entry.rglob("*")) if entry.is_dir() and not entry.is_symlink() else [entry]
        yield from (file for file in inside if file.is_file() and not file.is_symlink())


def _overwrite(file: Path, forms: list[bytes]) -> bool:
    with file.open("rb") as opened:
        spans = sorted(set(_spans(opened, forms)))
    if spans:
        with file.open("r+b") as opened:
            for begin, length in spans:
                opened.seek(begin)
                opened.write(BLANK * length)
    return bool(spans)


def _holds(file: Path, forms: list[bytes]) -> bool:
    for open_part in _parts(file):
        with open_part() as opened:
            if next(_spans(opened, forms), None) is not None:
                return True
    return False


def _parts(file: Path) -> Iterator[Callable[[], IO[bytes]]]:
    """What is to be read of a file: it as it stands, and what is packed in it."""
    yield partial(file.open, "rb")
    if file.suffix in _GZIPPED:
        yield partial(gzip.open, file, "rb")
    elif file.suffix in _ZIPPED:
        with zipfile.ZipFile(file) as archive:
            for name in archive.namelist():
                yield partial(archive.open, name)


def _spans(opened: IO[bytes], forms: list[bytes]) -> Iterator[tuple[int, int]]:
    """Where the forms stand, as (begin, length), piece by piece."""
    overlap = len(forms[0]) - 1
    before, offset = b"", 0
    while piece := opened.read(_AT_ONCE):
        content = before + piece
        for form in forms:
            begin = content.find(form)
            while begin >= 0:
                yield offset + begin, len(form)
                begin = content.find(form, begin + len(form))
        kept = min(overlap, len(content))
        offset += len(content) - kept
        before = content[len(content) - kept :]
