"""Whether the app is alive, whether it can sell, and its measures."""

from __future__ import annotations

import asyncio
from typing import Literal

from fastapi import APIRouter, Response
from fastapi.responses import JSONResponse
from prometheus_client import CONTENT_TYPE_LATEST
from pydantic import BaseModel
from sqlalchemy.exc import SQLAlchemyError

from bot.channels.engine import reachable
from bot.channels.services import Served, Services
from crm_store.database import reading
from crm_store.errors import ShopNotSetUp
from crm_store.shop import current_shop

routes = APIRouter(tags=["operations"])


class Alive(BaseModel):
    status: Literal["ok"] = "ok"


class Readiness(BaseModel):
    ready: bool
    database: str
    engine: str
    actions: str
    models: str


@routes.get("/healthz")
async def alive() -> Alive:
    """The process answers."""
    return Alive()


@routes.get("/readyz", response_model=Readiness, responses={503: {"model": Readiness}})
async def ready(services: Served) -> JSONResponse:
    """Everything a sale needs is there: "ok", or what is wrong, for each part."""
    engine, actions, database, models = await asyncio.gather(
        services.engine.answers(),
        reachable(services.http, f"{services.settings.actions_url}/health"),
        asyncio.to_thread(_database, services),
        asyncio.to_thread(_models, services),
    )
    parts = {
        "database": database,
        "engine": "ok" if engine else "the engine does not answer",
        "actions": "ok" if actions else "the action server does not answer",
        "models": models,
    }
    sells = all(state == "ok" for state in parts.values())
    return JSONResponse({"ready": sells} | parts, status_code=200 if sells else 503)


@routes.get("/metrics", response_class=Response, responses={200: {"content": {"text/plain": {}}}})
async def metrics(services: Served) -> Response:
    """Counters and latencies, in the format of Prometheus."""
    services.measures.streams.set(services.watch.streams)
    return Response(services.measures.exposition(), headers={"Content-Type": CONTENT_TYPE_LATEST})


def _database(services: Services) -> str:
    try:
        with reading(services.sessions) as session:
            current_shop(session)
    except ShopNotSetUp as error:
        return str(error)
    except SQLAlchemyError as error:
        return f"the database cannot be read ({type(error).__name__})"
    return "ok"


def _models(services: Services) -> str:
    return "ok" if services.settings.live_model.is_file() else "no model has been trained"
