"""An evaluation as a page of HTML that stands alone: figures, pictures, errors."""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from html import escape

_STYLE = """
body { font: 15px/1.5 system-ui, sans-serif; margin: 2rem auto; max-width: 72rem; padding: 0 1rem; color: #222; }
table { border-collapse: collapse; margin: 1rem 0; } th, td { padding: .25rem .75rem; text-align: left; }
th { border-bottom: 2px solid #888; } td { border-bottom: 1px solid #ddd; } img { max-width: 100%; }
"""


@dataclass
class Page:
    """A title and what stands below it; everything put in as text is escaped."""

    title: str
    _parts: list[str] = field(default_factory=list)

    def heading(self, text: str) -> None:
        self._parts.append(f"<h2>{escape(text)}</h2>")

    def paragraph(self, text: str) -> None:
        self._parts.append(f"<p>{escape(text)}</p>")

    def table(self, names: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
        head = "".join(f"<th>{escape(name)}</th>" for name in names)
        body = "".join("<tr>" + "".join(f"<td>{escape(shown(cell))}</td>" for cell in row) + "</tr>" for row in rows)
        self._parts.append(f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>")

    def figures(self, values: Mapping[str, object]) -> None:
        self.table(["figure", "value"], list(values.items()))

    def picture(self, png: bytes, words: str) -> None:
        self._parts.append(f'<img src="data:image/png;base64,{base64.b64encode(png).decode()}" alt="{escape(words)}">')

    def html(self) -> str:
        title = escape(self.title)
        head = f'<meta charset="utf-8"><title>{title}</title><style>{_STYLE}</style>'
        body = f"<h1>{title}</h1>{''.join(self._parts)}"
        return f'<!doctype html><html lang="en"><head>{head}</head><body>{body}</body></html>'


def shown(value: object) -> str:
    """A figure as a person reads it: shares to three places, nothing as a dash."""
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
