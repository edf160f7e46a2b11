"""A customer chats, orders and books a call with the running assistant, is erased, and is in no file of its home."""

from __future__ import annotations

import time
from collections.abc import Callable

from sqlalchemy import select
from sqlalchemy.orm import Session

from crm_store.tables import Customer as StoredCustomer
from crm_store.tables import Erasure, FollowUp, Order
from tests.canary import found_in
from tests.stack import Customer, Stack

ENGLISH = {
    "opening": {"language": "en", "timezone": "Europe/London"},
    "need": "a helmet under 200 in black for my niece Wilhelmina Quillfeather",
    "talk": ["i'll take the first one", "checkout"],
    "name": "Zebulon Quixworth",
    "email": "zq.canary@example.org",
    "address": "77 Marzipan Crescent, Leeds LS9 9ZZ",
    "confirm": "yes please",
    "call": "can someone call me next tuesday afternoon on +44 20 7946 0999?",
    "forget": ["delete my data", "yes, delete everything"],
    "said": ["Wilhelmina Quillfeather", "+442079460999", "+44 20 7946 0999"],
}
CHINESE = {
    "opening": {"language": "zh", "timezone": "Asia/Shanghai"},
    "need": "我想给我侄女欧阳金丝雀买一个黑色的头盔，一千五以内",
    "talk": ["要第一个", "结账"],
    "name": "司马琉璃",
    "email": "liuli.canary@example.org",
    "address": "杭州市西湖区麦芽糖路77号3栋502室",
    "confirm": "确认",
    "call": "下周二下午给我打个电话吧，我的号码是13912345678",
    "forget": ["删除我的数据", "是的，全部删除"],
    "said": ["欧阳金丝雀", "13912345678"],
}


def canaries(words: dict) -> list[str]:
    return [words["name"], words["email"], words["address"], *words["said"]]


def live(customer: Customer, store: Session, words: dict) -> Order:
    """From a wish to an order and a call; returns the order."""
    for text in (words["need"], *words["talk"], words["name"], words["email"], words["address"], words["confirm"]):
        customer.says(text)
    customer.says(words["call"])
    store.rollback()
    assert store.scalars(select(FollowUp).where(FollowUp.conversation_id == customer.id)).all()
    return store.scalars(select(Order).where(Order.conversation_id == customer.id)).one()


def test_an_erased_customer_is_in_no_file_of_the_home(stack: Stack, store: Session, words: dict = ENGLISH) -> None:
    with Customer(stack.address, **words["opening"]) as customer:
        order = live(customer, store, words)
        assert {word for _, word in found_in(stack.home, canaries(words))} >= {words["name"], words["said"][0]}
        number, placed = order.customer_id, order.number
        erased = stack.command("erase", "customer", str(number), timeout=120)
        assert erased.returncode == 0, erased.stderr
        assert placed in erased.stdout
        assert found_in(stack.home, canaries(words)) == []
        store.rollback()
        assert store.get_one(StoredCustomer, number).erased_at
        assert store.scalars(select(Order.total).where(Order.number == placed)).one() > 0
        assert customer.says("hi")  # the assistant goes on
    assert found_in(stack.home, canaries(words)) == []


def test_who_asks_in_the_chat_to_be_forgotten_is(stack: Stack, store: Session, words: dict = CHINESE) -> None:
    with Customer(stack.address, **words["opening"]) as customer:
        live(customer, store, words)
        for text in words["forget"]:
            customer.says(text)
    wait_until(lambda: all_finished(store))
    assert found_in(stack.home, canaries(words)) == []


def all_finished(store: Session) -> bool:
    store.rollback()
    finished = store.scalars(select(Erasure.finished_at)).all()
    return bool(finished) and None not in finished


def wait_until(condition: Callable[[], bool], seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "the erasure was not finished"
        time.sleep(0.2)
