"""A person's traces in the files of a home: overwritten where they stand, so that who writes a log can go on."""

from __future__ import annotations

import gzip
import json
import re
import zipfile
from collections.abc import Iterable, Iterator
from pathlib import Path

# Not of people: the engine's own models, the shop's words, what runs, the key. Databases have their own way.
NOT_OF_PEOPLE = {"engine", "learned", "run", "vocabulary.json", "secret.key"}
_DATABASE = re.compile(rb"SQLite format 3\0")
_BESIDE_DATABASE = re.compile(r".+-(wal|shm|journal|gate|desk)")
_PACKED = (".gz", ".tgz", ".zip", ".joblib", ".pickle", ".pkl", ".npz")
BLANK = b"x"


def overwrite_traces(home: Path, traces: Iterable[str]) -> list[Path]:
    """Overwrite the traces in every file of a home; packed files with one are removed. Returns what was changed."""
    wanted = _pattern(traces)
    if wanted is None:
        return []
    return [file for file in sorted(_files(home)) if _clean(file, wanted)]


def _pattern(traces: Iterable[str]) -> re.Pattern[bytes] | None:
    """All ways in which the traces may be written, the longest first."""
    forms = {form for trace in traces for form in _forms(trace)}
    if not forms:
        return None
    return re.compile(b"|".join(re.escape(form) for form in sorted(forms, key=len, reverse=True)))


def _forms(trace: str) -> Iterator[bytes]:
    for text in {trace, json.dumps(trace)[1:-1], json.dumps(trace, ensure_ascii=False)[1:-1], repr(trace)[1:-1]}:
        yield text.encode()
        yield text.encode("utf-16-le")
        yield text.encode("utf-16-be")


def _files(home: Path) -> Iterator[Path]:
    for entry in home.iterdir():
        if entry.name in NOT_OF_PEOPLE or entry.is_symlink():
            continue
        inside = entry.rglob("*") if entry.is_dir() else [entry]
        yield from (file for file in inside if file.is_file() and not file.is_symlink() and not _is_database(file))


def _is_database(file: Path) -> bool:
    if _BESIDE_DATABASE.fullmatch(file.name):
        return True
    with file.open("rb") as opened:
        return _DATABASE.match(opened.read(16)) is not None


def _clean(file: Path, wanted: re.Pattern[bytes]) -> bool:
    if file.suffix in _PACKED:
        if any(wanted.search(content) for content in _unpacked(file)):
            file.unlink()
            return True
        return False
    content = file.read_bytes()
    found = [match.span() for match in wanted.finditer(content)]
    if not found:
        return False
    with file.open("r+b") as opened:
        for begin, end in found:
            opened.seek(begin)
            opened.write(BLANK * (end - begin))
    return True


def _unpacked(file: Path) -> Iterator[bytes]:
    """What is in a packed file; one that cannot be read counts as it stands."""
    content = file.read_bytes()
    yield content
    try:
        if file.suffix == ".zip" or file.suffix == ".npz":
            with zipfile.ZipFile(file) as archive:
                yield from (archive.read(name) for name in archive.namelist())
        elif content[:2] == b"\x1f\x8b":
            yield gzip.decompress(content)
    except (OSError, EOFError, zipfile.BadZipFile):
        return
