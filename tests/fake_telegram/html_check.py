"""What Telegram takes as HTML: a few tags, well nested, everything else escaped."""

from __future__ import annotations

import re
from html.parser import HTMLParser

TAGS = frozenset("b strong i em u s code pre a tg-spoiler blockquote".split())
_ENTITY = re.compile(r"&(?!(?:lt|gt|amp|quot|#\d+|#x[0-9a-fA-F]+);)")


class NotHtml(ValueError):
    """Telegram would refuse it."""


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.text = ""
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: object) -> None:
        if tag not in TAGS:
            raise NotHtml(f"unsupported start tag {tag}")
        self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        if not self.open or self.open.pop() != tag:
            raise NotHtml(f"unexpected end tag {tag}")

    def handle_data(self, data: str) -> None:
        self.text += data


def visible_text(html: str) -> str:
    """The text without its markup; raises NotHtml for what Telegram refuses."""
    if "<" in re.sub(r"</?[a-z-]+(?: [^<>]*)?>", "", html) or _ENTITY.search(html):
        raise NotHtml("an unescaped character")
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if reader.open:
        raise NotHtml(f"{reader.open[-1]} is not closed")
    return reader.text


def visible_length(html: str) -> int:
    """In UTF-16 units, as Telegram counts."""
    return len(visible_text(html).strip().encode("utf-16-le")) // 2
