"""The store on a real PostgreSQL: tables, import, orders and messages from several writers at once."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, func, select, text
from sqlalchemy.orm import Session, sessionmaker

from crm_store import carts, conversations, inbox, orders
from crm_store.catalog import load_catalog
from crm_store.customers import customer_by_key
from crm_store.database import connect, migrate, reading, sessions, writing
from crm_store.erasing.databases import StillInUse
from crm_store.erasing.finishing import finish, pending
from crm_store.erasing.rows import erase_customer
from crm_store.errors import CustomerNotFound, OutOfStock
from crm_store.home import Home
from crm_store.importing import import_file
from crm_store.lease import lease
from crm_store.tables import Base, Customer, Delivery, DeliveryState, Direction, InboundUpdate, Message, Order
from tests.factories import NOW, make_conversation, make_customer, make_message, make_product, make_shop
from tests.postgresql import PostgresServer
from tests.unit.crm_store.store_worker import UPDATES

PRODUCTS = Path("tests/integration/furniture.csv")
ADA = orders.Delivery(name="Ada Okafor", email="ada@example.org", phone=None, address="1 Hill Road, Leeds")


@pytest.fixture
def server_engine(postgresql_url: str) -> Iterator[Engine]:
    engine = connect(postgresql_url)
    yield engine
    engine.dispose()


@pytest.fixture
def store(server_engine: Engine) -> sessionmaker[Session]:
    return sessions(server_engine)


def test_two_processes_migrate_an_empty_database_to_exactly_the_tables_of_the_models(
    postgresql: PostgresServer,
) -> None:
    url = postgresql.new_database(empty=True)
    assert url.startswith("postgresql://")  # the driver is our business
    engines = [connect(url) for _ in range(2)]
    threads = [threading.Thread(target=migrate, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engines[0].connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []
    for engine in engines:
        engine.dispose()
    postgresql.drop(url)


def test_a_catalogue_is_imported_and_the_same_file_changes_nothing(store: sessionmaker[Session]) -> None:
    with writing(store) as session:
        make_shop(session)
        first = import_file(session, "products", PRODUCTS, now=NOW)
        again = import_file(session, "products", PRODUCTS, now=NOW)
    assert (first.bad, again.created, again.updated) == ([], 0, 0)
    with reading(store) as session:
        assert len(load_catalog(session)) == first.created > 0


def test_orders_at_once_never_take_more_than_there_is_and_make_one_customer(store: sessionmaker[Session]) -> None:
    with writing(store) as session:
        make_product(session, variants=[{"sku": "LAST", "stock": 5}])
        chats = [make_conversation(session).id for _ in range(8)]
        for chat in chats:
            carts.add(session, chat, "LAST", 1, NOW)
    outcomes: list[str] = []
    start = threading.Barrier(len(chats))

    def buy(chat_id: str) -> None:
        start.wait()
        try:
            with writing(store, alone=False) as session:
                chat = conversations.locked(session, chat_id)
                orders.place_order(session, chat, ADA, idempotency_key=chat_id, now=NOW)
            outcomes.append("ordered")
        except OutOfStock:
            outcomes.append("sold out")

    threads = [threading.Thread(target=buy, args=(chat,)) for chat in chats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ordered"] * 5 + ["sold out"] * 3
    with reading(store) as session:
        assert carts.variant_on_sale(session, "LAST").stock == 0
        assert session.scalar(select(func.count(Order.id))) == 5
        assert session.scalar(select(func.count(Customer.id))) == 1


def test_two_processes_take_in_answer_and_deliver_everything_once(
    store: sessionmaker[Session], postgresql_url: str
) -> None:
    with writing(store) as session:
        make_shop(session)
        chat = make_conversation(session, channel="parrot")
        inbox.add_address(session, chat, "7", {"chat": 7})
    worker = [sys.executable, "-m", "tests.unit.crm_store.store_worker", postgresql_url, chat.id]
    workers = [subprocess.Popen(worker, stdout=subprocess.PIPE, text=True) for _ in range(2)]
    said = [line for process in workers for line in process.communicate(timeout=60)[0].splitlines()]
    assert [process.returncode for process in workers] == [0, 0]
    assert said == [f"answer to question {number}" for number in range(UPDATES)]
    with reading(store) as session:
        assert session.scalar(select(func.count(InboundUpdate.id))) == UPDATES
        replies = select(func.count(Message.id)).where(Message.direction == Direction.OUTBOUND)
        assert session.scalar(replies) == UPDATES
        assert set(session.scalars(select(Delivery.state))) == {DeliveryState.SENT}


def test_a_writer_alone_waits_for_all_others(store: sessionmaker[Session]) -> None:
    with writing(store) as session:
        make_shop(session, delivery_days_min=0)

    def count_up() -> None:
        for _ in range(10):
            with writing(store) as session:
                shop = make_shop(session)
                shop.delivery_days_min += 1

    threads = [threading.Thread(target=count_up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(store) as session:
        assert make_shop(session).delivery_days_min == 30


def test_a_view_stays_as_it_was_while_others_write(store: sessionmaker[Session]) -> None:
    with reading(store) as reader:
        before = reader.scalar(select(func.count(Customer.id)))
        with writing(store) as session:
            session.add(Customer(name="Ada", attributes={}, created_at=NOW))
        assert reader.scalar(select(func.count(Customer.id))) == before == 0


def test_a_lease_passes_on_when_its_connection_is_gone(server_engine: Engine) -> None:
    first, second = (lease(server_engine, "telegram") for _ in range(2))
    assert (first.hold(), second.hold(), first.hold()) == (True, False, True)
    with server_engine.connect() as connection:
        pid = "SELECT pid FROM pg_locks WHERE locktype = 'advisory'"
        connection.execute(text(f"SELECT pg_terminate_backend(({pid}))"))
    assert (second.hold(), first.hold()) == (True, False)
    second.release()
    deadline = time.monotonic() + 30
    while not first.hold():  # the server frees it once it has seen that the connection is closed
        assert time.monotonic() < deadline
        time.sleep(0.02)
    first.release()


def test_numbers_beyond_any_id_find_nothing(store: sessionmaker[Session]) -> None:
    with reading(store) as session:
        assert conversations.history(session, "web-x", after=2**53) == []
        assert inbox.pushed_messages(session, "web-x", 2**53) == []
        with pytest.raises(CustomerNotFound):
            customer_by_key(session, str(2**40))


def test_who_is_erased_is_in_no_table_any_more_and_tables_are_written_anew(
    store: sessionmaker[Session], server_engine: Engine, postgresql_url: str, tmp_path: Path
) -> None:
    def files_of_tables() -> list[int]:
        with server_engine.connect() as connection:
            names = ("customers", "messages", "erasures", "inbound_updates")
            return [connection.scalar(select(func.pg_relation_filenode(name))) for name in names]

    with writing(store) as session:
        ada = make_customer(session, name="Zebulon Quixworth")
        make_message(session, make_conversation(session, customer_id=ada.id), "I am Zebulon Quixworth")
    with writing(store) as session:
        erase_customer(session, ada.id, NOW)
    with reading(store) as session:
        due = pending(session)
    before = files_of_tables()
    home = Home(path=tmp_path, database_url=postgresql_url)
    with reading(store) as reader:  # who came behind us would wait as long as we do for this one
        reader.execute(text("SELECT count(*) FROM messages"))
        began = time.monotonic()
        with pytest.raises(StillInUse):
            finish(store, home, due, NOW)
        assert time.monotonic() - began < 9
    finish(store, home, due, NOW)
    assert not set(before) & set(files_of_tables())
    with reading(store) as session:
        assert pending(session) == []
        for table in ("customers", "messages", "erasures"):
            assert "Zebulon" not in str(session.execute(text(f"SELECT * FROM {table}")).all())
