"""The database is migrated, compiles for PostgreSQL, and lets writers queue."""

from __future__ import annotations

import sqlite3
import threading
from datetime import datetime
from decimal import Decimal

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from sqlalchemy import Engine, func, select, text
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import IntegrityError, StatementError
from sqlalchemy.orm import Session, sessionmaker
from sqlalchemy.schema import CreateIndex, CreateTable

from crm_store.database import connect, migrate, reading, writing
from crm_store.tables import Base, Customer, OrderLine, Shop
from crm_store.tables.base import to_cents
from tests.factories import make_customer, make_product, make_shop


def test_migrations_make_exactly_the_tables_of_the_models(engine: Engine) -> None:
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Base.metadata) == []


def test_migrating_again_changes_nothing(engine: Engine, session: Session) -> None:
    make_shop(session)
    session.commit()
    migrate(engine)
    assert session.scalar(select(func.count()).select_from(Shop)) == 1


def test_two_processes_may_migrate_an_empty_database_at_once(tmp_path) -> None:
    engines = [connect(f"sqlite:///{tmp_path / 'new' / 'store.db'}") for _ in range(2)]
    threads = [threading.Thread(target=migrate, args=(engine,)) for engine in engines]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with engines[0].connect() as connection:
        assert connection.scalar(text("SELECT count(*) FROM alembic_version")) == 1
    for engine in engines:
        engine.dispose()


def test_a_new_store_waits_for_whoever_holds_its_file(tmp_path) -> None:
    file = tmp_path / "store.db"
    holder = sqlite3.connect(file, isolation_level=None, check_same_thread=False)
    holder.execute("CREATE TABLE held (id INTEGER)")
    holder.execute("BEGIN IMMEDIATE")
    threading.Timer(0.5, holder.execute, ("COMMIT",)).start()
    engine = connect(f"sqlite:///{file}")
    with engine.connect() as connection:
        assert connection.scalar(text("PRAGMA journal_mode")) == "wal"
    engine.dispose()
    holder.close()


def test_every_table_compiles_for_postgresql() -> None:
    dialect = postgresql.dialect()
    for table in Base.metadata.sorted_tables:
        assert str(CreateTable(table).compile(dialect=dialect))
        for index in table.indexes:
            assert str(CreateIndex(index).compile(dialect=dialect))


def test_names_fit_into_postgresql() -> None:
    names = [str(item.name) for table in Base.metadata.sorted_tables for item in (*table.indexes, *table.constraints)]
    assert all(len(name) <= 63 for name in names)


def test_foreign_keys_are_enforced(session: Session) -> None:
    session.add(OrderLine(order_id=1, line_number=1, variant_id=1, quantity=1, unit_price=Decimal(1)))
    with pytest.raises(IntegrityError):
        session.flush()


def test_stock_below_zero_is_refused_by_the_database(session: Session) -> None:
    make_product(session, variants=[{"stock": 0}]).variants[0].stock = -1
    with pytest.raises(IntegrityError):
        session.flush()


def test_a_second_writer_waits_for_the_first(sessions: sessionmaker[Session]) -> None:
    with writing(sessions) as session:
        make_shop(session, delivery_days_min=0)

    def count_up() -> None:
        for _ in range(20):
            with writing(sessions) as session:
                shop = session.scalars(select(Shop)).one()
                shop.delivery_days_min += 1

    threads = [threading.Thread(target=count_up) for _ in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with reading(sessions) as session:
        assert session.scalars(select(Shop)).one().delivery_days_min == 60


def test_reading_goes_on_while_somebody_writes(sessions: sessionmaker[Session]) -> None:
    with writing(sessions) as writer:
        make_customer(writer)
        with reading(sessions) as reader:
            assert reader.scalars(select(Customer)).all() == []


def test_a_failed_transaction_leaves_nothing(sessions: sessionmaker[Session]) -> None:
    with pytest.raises(ZeroDivisionError), writing(sessions) as session:
        make_customer(session)
        raise ZeroDivisionError
    with reading(sessions) as session:
        assert session.scalars(select(Customer)).all() == []


def test_money_is_rounded_half_up_and_comes_back_exact(session: Session) -> None:
    variant = make_product(session, variants=[{"price": Decimal("33.645")}]).variants[0]
    session.expire(variant)
    assert variant.price == Decimal("33.65")
    assert to_cents("33.6442") == Decimal("33.64")


def test_a_time_without_a_zone_is_refused_and_one_with_a_zone_comes_back_in_utc(session: Session) -> None:
    customer = make_customer(session, created_at=datetime.fromisoformat("2026-11-23T20:00:00+08:00"))
    session.expire(customer)
    assert customer.created_at.isoformat() == "2026-11-23T12:00:00+00:00"
    with pytest.raises(StatementError, match="without a zone"):
        make_customer(session, created_at=datetime(2026, 11, 23))  # noqa: DTZ001
