"""The widget, a demo shop page with it, and the products that page shows."""

from __future__ import annotations

import asyncio
import gzip
import hashlib
import mimetypes
from collections.abc import Sequence
from itertools import chain, zip_longest
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Query, Request, Response

from bot.channels.problems import described
from bot.channels.schemas import Language, Listing
from bot.channels.services import Served, Services
from crm_store.catalog import CatalogItem, category_names, load_catalog
from crm_store.database import reading
from crm_store.shop import current_shop

WIDGET = Path(__file__).resolve().parent.parent / "widget"
FRESH = {"Cache-Control": "no-cache"}  # browsers ask each time and mostly hear 304
# The widget is public and made for other sites' pages; what it asks of the API is another matter (allowed origins).
EMBEDDED = {"Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}

routes = APIRouter()


def _serve(path: str, file: Path, headers: dict[str, str]) -> None:
    @routes.get(path, include_in_schema=False)
    async def page(request: Request) -> Response:
        return _sent(request, file, headers)


def _sent(request: Request, file: Path, headers: dict[str, str]) -> Response:
    """The file as it is now: compressed for who can read that, and not at all for who has it already."""
    content = file.read_bytes()
    tag = f'W/"{hashlib.sha256(content).hexdigest()[:20]}"'
    headers = headers | {"ETag": tag, "Vary": "Accept-Encoding"}
    if tag in request.headers.get("If-None-Match", ""):
        return Response(status_code=304, headers=headers)
    if "gzip" in request.headers.get("Accept-Encoding", ""):
        content = gzip.compress(content, 9)
        headers |= {"Content-Encoding": "gzip"}
    kind = {".js": "text/javascript", ".svg": "image/svg+xml"}.get(file.suffix) or mimetypes.guess_type(file.name)[0]
    return Response(content, media_type=kind, headers=headers)


_serve("/", WIDGET / "index.html", FRESH)
for _name in ("shop.css", "shop.js", "shop-art.svg"):
    _serve(f"/{_name}", WIDGET / _name, FRESH)
for _script in (WIDGET / "widget.js", *sorted((WIDGET / "chat").glob("*.js"))):
    _serve(f"/{_script.relative_to(WIDGET).as_posix()}", _script, FRESH | EMBEDDED)


@routes.get(
    "/api/v1/products",
    response_model=Listing,
    responses=described(422, 503),
    tags=["products"],
    summary="Shop window",
)
async def products(
    services: Served,
    limit: Annotated[int, Query(ge=1, le=60)] = 12,
    language: Language = "en",
) -> Any:
    """Some of what the shop sells, the most bought of each category first."""
    return await asyncio.to_thread(_listing, services, limit, language)


def _listing(services: Services, limit: int, language: str) -> dict[str, Any]:
    with reading(services.sessions) as session:
        shop = current_shop(session)
        catalog = load_catalog(session)
        departments = [name for _, name in category_names(session, language)]
    name = shop.name_zh if language == "zh" and shop.name_zh else shop.name
    models = shop_window(catalog)[:limit]
    listed = [_listed(variants, shop.currency, language) for variants in models]
    return {"shop": name, "currency": shop.currency, "departments": departments, "products": listed}


def shop_window(catalog: Sequence[CatalogItem]) -> list[list[CatalogItem]]:
    """The variants of each model, best selling first; categories take turns, so that a page is varied."""
    models: dict[str, list[CatalogItem]] = {}
    for item in catalog:
        models.setdefault(item.code, []).append(item)
    shelves: dict[str, list[list[CatalogItem]]] = {}
    for variants in sorted(models.values(), key=lambda variants: -sum(item.units_sold for item in variants)):
        variants.sort(key=lambda item: (not item.in_stock, -item.units_sold))
        shelves.setdefault(variants[0].categories[0], []).append(variants)
    rounds = zip_longest(*shelves.values())
    return [model for model in chain.from_iterable(rounds) if model is not None]


def _listed(variants: Sequence[CatalogItem], currency: str, language: str) -> dict[str, Any]:
    item = variants[0]
    categories = item.categories_zh if language == "zh" and item.categories_zh else item.categories
    return {
        "sku": item.sku,
        "name": item.name_zh if language == "zh" and item.name_zh else item.name,
        "category": categories[0] or item.categories[0],
        "brand": item.brand,
        "price": item.price,
        "regular_price": item.regular_price,
        "currency": currency,
        "in_stock": any(variant.in_stock for variant in variants),
        "variants": len(variants),
        "image_url": item.image_url,
    }
