"""Chromium, and a foreign shop's page with the strictest policy under which the chat is to work."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from bot.cli import chromium
from tests.browser.widget import Widget
from tests.stack import Customer, Stack

SWITCHES = """--no-sandbox --disable-gpu --disable-quic --disable-background-networking --disable-component-update
--disable-sync --no-first-run""".split()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    program = chromium.found()
    if program is None:
        pytest.skip("no Chromium on this machine; ./salesclerk test gets one where it can")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=SWITCHES)
        yield browser
        browser.close()


class _Page(BaseHTTPRequestHandler):
    """One page, the chat embedded as its address asks: /?shop=Fernhill&theme=dark."""

    app: str

    def do_GET(self) -> None:
        wanted = urlsplit(self.path).query.split("&")
        attributes = " ".join('data-{}="{}"'.format(*one.split("=", 1)) for one in wanted if one)
        page = f"""<!doctype html><html lang="en"><head><meta charset="utf-8"><title>A shop</title>
            <meta name="viewport" content="width=device-width, initial-scale=1">
            <script src="{self.app}/widget.js" {attributes} defer></script></head>
            <body><header><nav><a href="#top">A shop</a></nav></header><main><h1>Its page</h1></main>
            <footer>Its terms</footer></body></html>""".encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(page)))
        sources = " ".join(f"{kind}-src {self.app};" for kind in ("script", "connect", "img"))
        self.send_header("Content-Security-Policy", f"default-src 'none'; {sources}")
        self.end_headers()
        self.wfile.write(page)

    def log_message(self, format: str, *arguments: Any) -> None:
        """Say nothing."""


@pytest.fixture(scope="session")
def site(stack: Stack) -> Iterator[str]:
    """The address of a page of another origin that may embed the chat."""
    with Customer(stack.address) as first:
        first.says("hello")  # the first answer of all takes longest
    address = urlsplit(stack.site)
    handler = type("Page", (_Page,), {"app": stack.address})
    server = ThreadingHTTPServer((address.hostname or "", address.port or 0), handler)
    serving = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05})
    serving.start()
    yield stack.site
    server.shutdown()
    serving.join()
    server.server_close()


@pytest.fixture
def visit(browser: Browser, site: str) -> Iterator[Callable[..., Widget]]:
    """Opens the page in a browser of its own: visit(shop="Fernhill"), with what the browser is like in `like`."""
    contexts: list[BrowserContext] = []
    complaints: list[str] = []

    def opened(like: dict[str, Any] | None = None, **attributes: str) -> Widget:
        context = browser.new_context(**{"viewport": {"width": 1280, "height": 800}, "locale": "en-GB"} | (like or {}))
        contexts.append(context)
        widget = Widget(context.new_page(), complaints)
        query = "&".join(f"{name.replace('_', '-')}={value}" for name, value in attributes.items())
        widget.load(f"{site}/?{query}")
        return widget

    yield opened
    for context in contexts:
        context.close()
    assert complaints == []
