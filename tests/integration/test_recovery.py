"""A process that is killed comes back, the customer goes on, and no order is lost or doubled."""

from __future__ import annotations

import signal
import time
from collections.abc import Callable

import httpx
import psutil
import pytest
from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.tables import Order
from tests.stack import Customer, Stack

BACK_WITHIN = 60  # seconds
PORTS = {"engine": "SALESCLERK_ENGINE_PORT", "actions": "SALESCLERK_ACTIONS_PORT", "app": "SALESCLERK_PORT"}


@pytest.mark.parametrize("victim", PORTS)
def test_a_killed_process_comes_back_and_the_order_is_placed_once(stack: Stack, store: Session, victim: str) -> None:
    with Customer(stack.address) as customer:
        customer.says("a helmet under 200 in black")
        customer.says("i'll take the first one")
        customer.says("checkout")
        customer.says("Ann Lee, ann.lee@example.org, 3 Park Road, Leeds LS1 2AB")
        listener(int(stack.environment[PORTS[victim]])).send_signal(signal.SIGKILL)
        said = answer_after_kill(customer, "yes")
        store.rollback()  # ends the view of before, so that what the assistant wrote since is seen
        orders = store.scalars(select(Order).where(Order.conversation_id == customer.id)).all()
        assert len(orders) == 1 and orders[0].number in said
    wait_until(lambda: f"{victim} is back" in stack.said(), f"{victim} did not come back")


def listener(port: int) -> psutil.Process:
    """The process that listens on a loopback port."""
    listening = [c for c in psutil.net_connections("tcp") if c.status == psutil.CONN_LISTEN and c.laddr.port == port]
    return psutil.Process(listening[0].pid)


def answer_after_kill(customer: Customer, text: str) -> str:
    """Send the same message again until it is answered, as the widget does when the line is down."""
    body = {"text": text, "client_message_id": "after-the-kill"}
    answered: list[str] = []

    def sent() -> bool:
        try:
            got = customer.http.post(f"/api/v1/conversations/{customer.id}/messages", json=body)
        except httpx.TransportError:
            return False
        if got.status_code == 200:
            answered[:] = [reply["text"] for reply in got.json()["messages"]]
        return bool(answered)

    wait_until(sent, "no answer after the kill")
    return "\n".join(answered)


def wait_until(happened: Callable[[], bool], otherwise: str) -> None:
    deadline = time.monotonic() + BACK_WITHIN
    while not happened():
        assert time.monotonic() < deadline, otherwise
        time.sleep(0.2)
