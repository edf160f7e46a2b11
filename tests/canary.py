"""Looks for a person's words in every file of a home: as they are, as other encodings write them, and packed."""

from __future__ import annotations

import gzip
import io
import json
import tarfile
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path


def found_in(home: Path, words: list[str]) -> list[tuple[str, str]]:
    """Every (file, word) of which any form stands in the file or in what is packed in it."""
    forms = [(word, form) for word in words for form in _forms(word)]
    return sorted(
        {
            (str(file.relative_to(home)), word)
            for file in home.rglob("*")
            if file.is_file()
            for content in _contents(file.read_bytes())
            for word, form in forms
            if form in content
        }
    )


def _forms(word: str) -> set[bytes]:
    written = {word, json.dumps(word)[1:-1], word.upper(), word.lower()}
    return {text.encode(encoding) for text in written for encoding in ("utf-8", "utf-16-le", "utf-16-be", "utf-32-le")}


def _contents(content: bytes) -> Iterator[bytes]:
    yield content
    if content[:2] == b"\x1f\x8b":
        yield from _contents(gzip.decompress(content))
    elif content[:4] == b"PK\x03\x04":
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            for name in archive.namelist():
                yield from _contents(archive.read(name))
    elif content[:1] == b"\x78":  # joblib packs with zlib
        try:
            yield zlib.decompress(content)
        except zlib.error:
            return
    elif content[257:262] == b"ustar":
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            for member in archive:
                if member.isfile() and (file := archive.extractfile(member)):
                    yield from _contents(file.read())
