"""General words of retail in both languages, from the files in nlu_data/lexicon."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

import yaml

FOLDER = Path(__file__).resolve().parents[3] / "nlu_data" / "lexicon"


@dataclass(frozen=True)
class Lexicon:
    """Each entry: a general English name and everything else people call it."""

    goods: dict[str, list[str]] = field(default_factory=dict)
    colors: dict[str, list[str]] = field(default_factory=dict)
    sizes: dict[str, list[str]] = field(default_factory=dict)
    materials: dict[str, list[str]] = field(default_factory=dict)
    values: dict[str, list[str]] = field(default_factory=dict)
    uses: dict[str, list[str]] = field(default_factory=dict)
    recipients: dict[str, list[str]] = field(default_factory=dict)
    priorities: dict[str, list[str]] = field(default_factory=dict)


def load_lexicon(folder: Path = FOLDER) -> Lexicon:
    """Read `goods.yml`, `colors.yml` ...; an absent file is an empty part."""
    parts = {}
    for name in Lexicon.__dataclass_fields__:
        path = folder / f"{name}.yml"
        entries = yaml.safe_load(path.read_text(encoding="utf-8")) if path.exists() else {}
        parts[name] = {str(key): [str(word) for word in words or ()] for key, words in entries.items()}
    return Lexicon(**parts)
