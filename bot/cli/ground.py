"""What `up` makes sure of before it starts anything: ports, shop, model, and that nobody else is at it."""

from __future__ import annotations

import fcntl
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from sqlalchemy.orm import Session, sessionmaker

from bot import live_model
from bot.cli.progress import doing
from bot.cli.refusals import Refused
from bot.processes import programs
from crm_store.catalog import load_catalog
from crm_store.database import reading, writing
from crm_store.demo import load_demo
from crm_store.errors import ShopNotSetUp
from crm_store.home import Home
from crm_store.shop import current_shop
from crm_store.vocabulary import write_vocabulary


@contextmanager
def alone(home: Home) -> Iterator[None]:
    """Hold the home for this process; raises Refused when another `up` holds it."""
    with (home.run / "up.lock").open("a") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            raise Refused(
                f"Salesclerk is running on the home {home.path} already; stop that one first, or set SALESCLERK_HOME"
            ) from error
        yield


def check_ports(home: Home) -> None:
    """Raise Refused when a port is taken, with the setting that changes it."""
    wanted = programs(home)
    ports = [program.port for program in wanted]
    for program in wanted:
        host = home.app_host if program.name == "app" else "127.0.0.1"
        setting = "--port or SALESCLERK_PORT" if program.name == "app" else program.port_setting
        if ports.count(program.port) > 1:
            raise Refused(f"port {program.port} is set for two processes; set {setting} to another")
        if reason := _why_not(host, program.port):
            raise Refused(f"port {program.port} for the {program.name} {reason}; set {setting} to another")


def _why_not(host: str, port: int) -> str | None:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        # As servers do it: a port whose connections have just been closed is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            return f"cannot be used ({error.strerror or error})"
    return None


def ensure_shop(sessions: sessionmaker[Session]) -> None:
    """Fill a store that has no shop with the demo shop."""
    with reading(sessions) as session:
        try:
            current_shop(session)
            return
        except ShopNotSetUp:
            pass
    with doing("Loading the demo shop") as tell, writing(sessions) as session:
        load_demo(session, progress=tell)


def ensure_model(home: Home, sessions: sessionmaker[Session], *, may_train: bool) -> None:
    """Write the shop's words for the engine, and train when there is no model or it is out of date."""
    with reading(sessions) as session:
        if not load_catalog(session):
            raise Refused("there are no products yet; first: ./salesclerk import products FILE")
        write_vocabulary(session, home.vocabulary)
    if not may_train:
        return
    if not home.live_model.exists():
        reason = "Training the assistant (once)"
    elif live_model.is_outdated(home):
        reason = "Training the assistant again, as its examples or its code have changed"
    else:
        return
    with doing(reason) as tell:
        live_model.train(home, tell)
