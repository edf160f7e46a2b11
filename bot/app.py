"""The app: web channel, HTTP API, widget and demo page, served by `python -m bot.app`."""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import importlib.util
import logging
import sys
from collections.abc import AsyncIterator
from types import FrameType

import uvicorn
from fastapi import FastAPI
from fastapi.middleware.cors import CORSMiddleware
from sqlalchemy.exc import SQLAlchemyError

from bot.channels import health, pages, problems, web, web_customer
from bot.channels.delivery import end_tasks
from bot.channels.forgetting import keep_forgetting
from bot.channels.guards import BodyLimit, RequestCount, SecurityHeaders
from bot.channels.services import Services
from bot.channels.settings import Settings
from bot.channels.telegram import webhook
from bot.followups.service import FollowUps
from crm_store.database import connect, migrate
from crm_store.errors import SalesError
from crm_store.home import Home

SWITCH_SECONDS = 0.001  # what talks to people waits so long at most for a thread that computes; Python's 0.005 adds up
SHUTDOWN_SECONDS = 2  # what is under way may finish within this; then connections are cut


def create_app(settings: Settings) -> FastAPI:
    """The ASGI app over one home, whose database is up to date."""
    services = Services.of(settings)
    follow_ups = FollowUps(settings.followups_url, services.sessions, spoken=services.spoken)

    @contextlib.asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        beside = [asyncio.create_task(services.watch.run())]
        if settings.home:
            beside.append(asyncio.create_task(keep_forgetting(services.sessions, settings.home)))
        if services.telegram:
            await services.telegram.start()
        await follow_ups.start()
        yield
        await follow_ups.stop()
        if services.telegram:
            await services.telegram.stop()
        await end_tasks(beside)
        await services.close()

    app = FastAPI(
        title="Salesclerk",
        version="1",
        summary="Talk to the shop's sales assistant",
        lifespan=lifespan,
        docs_url=None,  # FastAPI's pages load scripts from elsewhere; /openapi.json is enough
        redoc_url=None,
    )
    app.state.services = services
    for part in (web, web_customer, pages, health, webhook):
        app.include_router(part.routes)
    problems.install(app)
    _guard(app, services)
    return app


def _guard(app: FastAPI, services: Services) -> None:
    """Put the guards around the app; the last one added is the outermost."""
    app.add_middleware(BodyLimit)
    if services.settings.allowed_origins:
        app.add_middleware(
            CORSMiddleware,
            allow_origins=services.settings.allowed_origins,
            allow_methods=["GET", "PATCH", "POST"],
            allow_headers=["Authorization", "Content-Type", "Last-Event-ID"],
            max_age=600,
        )
    app.add_middleware(SecurityHeaders)
    app.add_middleware(RequestCount, measures=services.measures)


def _spare_a_search() -> None:
    """For every call httpcore looks for a package that is mostly not there, which takes a millisecond each time."""
    if importlib.util.find_spec("sniffio") is None:
        sys.modules["sniffio"] = None  # type: ignore[assignment]  # known to be missing


class _Server(uvicorn.Server):
    """A server whose waiting turns and open streams end as soon as it is told to stop."""

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        services: Services = self.config.app.state.services
        services.turns.close()
        services.watch.close()
        super().handle_exit(sig, frame)


def serve(settings: Settings, host: str, port: int) -> None:
    """Bring the database up to date, then serve until told to stop."""
    _spare_a_search()
    sys.setswitchinterval(SWITCH_SECONDS)
    database = connect(settings.database_url)
    migrate(database)
    database.dispose()
    config = uvicorn.Config(
        create_app(settings),
        host=host,
        port=port,
        access_log=False,
        server_header=False,
        log_level="warning",
        timeout_graceful_shutdown=SHUTDOWN_SECONDS,
    )
    _Server(config).run()


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m bot.app", description=__doc__)
    parser.add_argument("--host", help="default: SALESCLERK_HOST or 127.0.0.1")
    parser.add_argument("--port", type=int, help="default: SALESCLERK_PORT or 8080")
    arguments = parser.parse_args()
    logging.basicConfig(level=logging.WARNING, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    try:
        home = Home.from_environment()
        settings = Settings.from_home(home)
        print(settings.telegram(), flush=True)
        serve(settings, arguments.host or home.app_host, arguments.port or home.app_port)
    except (SalesError, ValueError, OSError, SQLAlchemyError) as error:
        print(f"the app cannot start: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
