from __future__ import annotations

import re
from pathlib import Path

import httpx
import pytest
from sqlalchemy.orm import Session, sessionmaker

from bot.channels.pages import WIDGET
from crm_store.database import writing
from tests.factories import make_product

SCRIPTS = [WIDGET / "widget.js", *sorted((WIDGET / "chat").glob("*.js"))]
LARGEST_WIDGET = 15 * 1024  # bytes on the wire


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        ("/", "text/html"),
        ("/widget.js", "text/javascript"),
        ("/chat/element.js", "text/javascript"),
        ("/shop.css", "text/css"),
        ("/shop.js", "text/javascript"),
        ("/shop-art.svg", "image/svg+xml"),
    ],
)
def test_the_page_and_what_it_loads_are_served(client: httpx.Client, path: str, kind: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith(kind)
    assert answer.headers["Cache-Control"] == "no-cache"


def test_other_sites_may_load_the_widget(client: httpx.Client) -> None:
    for script in SCRIPTS:
        answer = client.get(f"/{script.relative_to(WIDGET).as_posix()}")
        assert answer.headers["Access-Control-Allow-Origin"] == "*"
        assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"


@pytest.mark.parametrize("path", ["/index.html", "/chat/", "/chat/%2e%2e/%2e%2e/app.py", "/desk"])
def test_nothing_else_is_served(client: httpx.Client, path: str) -> None:
    assert client.get(path).status_code == 404


def test_the_widget_is_small_on_the_wire(client: httpx.Client) -> None:
    sizes = {}
    for script in SCRIPTS:
        answer = client.get(f"/{script.relative_to(WIDGET).as_posix()}", headers={"Accept-Encoding": "gzip"})
        assert answer.headers["Content-Encoding"] == "gzip"
        sizes[script.name] = int(answer.headers["Content-Length"])
    total = sum(sizes.values())
    print(f"the widget takes {total:,} bytes, gzipped: {sizes}")
    assert total <= LARGEST_WIDGET


def test_who_has_the_newest_widget_does_not_load_it_again(client: httpx.Client) -> None:
    first = client.get("/widget.js", headers={"Accept-Encoding": "identity"})
    assert "Content-Encoding" not in first.headers
    again = client.get("/widget.js", headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.content) == (304, b"")
    assert again.headers["Access-Control-Allow-Origin"] == "*"


@pytest.mark.parametrize("file", [*SCRIPTS, WIDGET / "shop.js"], ids=lambda file: file.name)
def test_no_script_writes_markup(file: Path) -> None:
    written = file.read_text()
    assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|srcdoc", written)


def test_the_page_needs_no_inline_script_or_style() -> None:
    page = (WIDGET / "index.html").read_text()
    assert not re.search(r"<script(?![^>]*\bsrc=)|\son\w+=|\sstyle=|<style", page)


def test_the_shop_window_shows_each_model_once_and_varies_categories(
    client: httpx.Client, store: sessionmaker[Session]
) -> None:
    with writing(store) as session:
        sizes = [{"size": "S", "stock": 0}, {"size": "M", "stock": 2}]
        make_product(session, "Ridge 500", category="Mountain Bikes", variants=sizes)
        make_product(session, "Ridge 700", category="Mountain Bikes")
        make_product(session, "Torrent 2", category="Tents", name_zh="激流双人帐篷")
    listing = client.get("/api/v1/products").json()
    assert (listing["shop"], listing["currency"]) == ("Fernhill Outdoor", "GBP")
    assert listing["departments"]
    assert [product["name"] for product in listing["products"]] == ["Ridge 500", "Torrent 2", "Ridge 700"]
    ridge = listing["products"][0]
    assert (ridge["variants"], ridge["in_stock"], ridge["category"]) == (2, True, "Mountain Bikes")
    first, second = client.get("/api/v1/products", params={"limit": 2, "language": "zh"}).json()["products"]
    assert (first["name"], second["name"]) == ("Ridge 500", "激流双人帐篷")


@pytest.mark.parametrize("query", [{"limit": 0}, {"limit": "many"}, {"language": "<b>"}])
def test_a_strange_listing_is_refused(client: httpx.Client, query: dict[str, str | int]) -> None:
    assert client.get("/api/v1/products", params=query).status_code == 422
