"""Orders are placed in one piece and seen only by whom they belong to."""

from __future__ import annotations

import threading
from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session, sessionmaker

from crm_store import carts, orders
from crm_store.database import reading, writing
from crm_store.errors import CartEmpty, OrderNotFound, OutOfStock
from crm_store.leads import capture_lead, record_opportunity
from crm_store.tables import (
    Conversation,
    Customer,
    LeadStage,
    Opportunity,
    OpportunityStage,
    Order,
    Touchpoint,
    Variant,
)
from tests.factories import NOW, make_conversation, make_customer, make_order, make_product, make_shop

ADA = orders.Delivery(name="Ada Okafor", email="ada@example.org", phone="+442079460001", address="1 Hill Road, Leeds")


def make_cart(session: Session, *lines: tuple[str, int]) -> Conversation:
    chat = make_conversation(session)
    for sku, quantity in lines:
        carts.add(session, chat.id, sku, quantity, NOW)
    return chat


def stock_of(session: Session, sku: str) -> int | None:
    return session.scalar(select(Variant.stock).where(Variant.sku == sku))


@pytest.fixture
def shop_with_goods(session: Session) -> None:
    make_shop(session, delivery_fee=Decimal("5.00"), free_delivery_from=Decimal("500.00"))
    make_product(session, "Ridge", variants=[{"sku": "BIKE", "price": Decimal("400.00"), "stock": 3}])
    make_product(session, "Cap", variants=[{"sku": "CAP", "price": Decimal("9.95"), "stock": None}])


@pytest.mark.usefixtures("shop_with_goods")
class TestPlacing:
    def test_an_order_has_the_lines_the_total_and_empties_the_cart(self, session: Session) -> None:
        chat = make_cart(session, ("BIKE", 1), ("CAP", 2))
        order = orders.place_order(session, chat, ADA, idempotency_key="m1", now=NOW)
        assert order.number.startswith("SC-") and len(order.number) == 9
        assert [(line.variant.sku, line.quantity, line.unit_price) for line in order.lines] == [
            ("BIKE", 1, Decimal("400.00")),
            ("CAP", 2, Decimal("9.95")),
        ]
        assert (order.subtotal, order.delivery_fee, order.total) == (
            Decimal("419.90"),
            Decimal("5.00"),
            Decimal("424.90"),
        )
        assert carts.cart_of(session, chat.id, NOW).lines == []

    def test_stock_falls_where_it_is_counted(self, session: Session) -> None:
        orders.place_order(session, make_cart(session, ("BIKE", 2), ("CAP", 1)), ADA, idempotency_key="m1", now=NOW)
        assert stock_of(session, "BIKE") == 1
        assert stock_of(session, "CAP") is None

    def test_the_same_message_places_one_order(self, session: Session) -> None:
        chat = make_cart(session, ("BIKE", 1))
        first = orders.place_order(session, chat, ADA, idempotency_key="m1", now=NOW)
        assert orders.place_order(session, chat, ADA, idempotency_key="m1", now=NOW).id == first.id
        assert stock_of(session, "BIKE") == 2

    def test_an_empty_cart_is_no_order(self, session: Session) -> None:
        with pytest.raises(CartEmpty):
            orders.place_order(session, make_conversation(session), ADA, idempotency_key="m1", now=NOW)

    def test_when_one_line_is_sold_out_nothing_changes(self, session: Session) -> None:
        make_product(session, "Glove", variants=[{"sku": "GLOVE", "stock": 1}])
        chat = make_cart(session, ("BIKE", 1), ("GLOVE", 1))
        session.execute(Variant.__table__.update().where(Variant.sku == "GLOVE").values(stock=0))
        with pytest.raises(OutOfStock, match="Glove is sold out"):
            orders.place_order(session, chat, ADA, idempotency_key="m1", now=NOW)
        assert stock_of(session, "BIKE") == 3
        assert len(carts.cart_of(session, chat.id, NOW).lines) == 2
        assert session.scalar(select(func.count(Order.id))) == 0
        assert session.scalar(select(func.count(Customer.id))) == 0

    def test_the_price_is_that_of_the_moment(self, session: Session) -> None:
        chat = make_cart(session, ("BIKE", 1))
        session.execute(Variant.__table__.update().where(Variant.sku == "BIKE").values(price=Decimal("350.00")))
        order = orders.place_order(session, chat, ADA, idempotency_key="m1", now=NOW)
        assert order.subtotal == Decimal("350.00")

    def test_the_lead_is_converted_and_the_opportunity_won(self, session: Session) -> None:
        chat = make_cart(session, ("BIKE", 1))
        lead = capture_lead(session, chat, wants={"category": "Mountain Bikes"}, now=NOW)
        record_opportunity(session, chat, Decimal("400.00"), "USD", NOW)
        order = orders.place_order(session, chat, ADA, idempotency_key="m1", now=NOW)
        opportunity = session.scalars(select(Opportunity)).one()
        assert lead.stage is LeadStage.CONVERTED
        assert (opportunity.stage, opportunity.order_id) == (OpportunityStage.WON, order.id)
        assert opportunity.amount == order.total
        assert [(item.kind, item.lead_id) for item in session.scalars(select(Touchpoint))] == [("order", lead.id)]

    def test_a_new_customer_belongs_to_the_conversation(self, session: Session) -> None:
        chat = make_cart(session, ("BIKE", 1))
        order = orders.place_order(session, chat, ADA, idempotency_key="m1", now=NOW)
        customer = session.get_one(Customer, order.customer_id)
        assert chat.customer_id == customer.id
        assert (customer.name, customer.email) == ("Ada Okafor", "ada@example.org")

    def test_typing_the_address_of_a_customer_does_not_make_one_that_customer(self, session: Session) -> None:
        known = make_customer(session, email="Ada@example.org", address="7 Secret Lane", phone=None)
        chat = make_cart(session, ("BIKE", 1))
        order = orders.place_order(session, chat, ADA, idempotency_key="m1", now=NOW)
        assert order.customer_id == known.id
        assert chat.customer_id is None
        assert known.phone is None

    def test_overlong_details_are_cut_to_their_columns(self, session: Session) -> None:
        long = orders.Delivery(name="A" * 900, email=None, phone="+442079460001", address="x\n" * 2000)
        order = orders.place_order(session, make_cart(session, ("BIKE", 1)), long, idempotency_key="k" * 300, now=NOW)
        assert order.name is not None and len(order.name) == 200
        assert order.address is not None and len(order.address) <= 500 and "\n" not in order.address


def test_two_customers_taking_the_last_one_at_once_are_one_order(sessions: sessionmaker[Session]) -> None:
    with writing(sessions) as session:
        make_product(session, variants=[{"sku": "LAST", "stock": 1}])
        chats = [make_cart(session, ("LAST", 1)).id for _ in range(4)]
    outcomes: list[str] = []
    start = threading.Barrier(len(chats))

    def buy(chat_id: str) -> None:
        start.wait()
        try:
            with writing(sessions) as session:
                chat = session.get_one(Conversation, chat_id)
                orders.place_order(session, chat, ADA, idempotency_key=chat_id, now=NOW)
            outcomes.append("ordered")
        except OutOfStock:
            outcomes.append("sold out")

    threads = [threading.Thread(target=buy, args=(chat,)) for chat in chats]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["ordered", "sold out", "sold out", "sold out"]
    with reading(sessions) as session:
        assert stock_of(session, "LAST") == 0
        assert session.scalar(select(func.count(Order.id))) == 1


class TestFinding:
    def test_without_a_number_it_is_the_newest_of_the_conversation(self, session: Session) -> None:
        chat = make_conversation(session)
        make_order(session, conversation=chat, placed_at=NOW - timedelta(days=2))
        newest = make_order(session, conversation=chat)
        make_order(session, placed_at=NOW + timedelta(days=1))
        assert orders.order_for(session, chat) is newest
        assert orders.orders_of_conversation(session, chat.id)[0] is newest

    @pytest.mark.parametrize("written", ["SC-7K3M9Q", " #sc-7k3m9q", "sc7k3m9q"])
    def test_a_number_is_known_however_it_is_written(self, session: Session, written: str) -> None:
        chat = make_conversation(session)
        order = make_order(session, conversation=chat, number="SC-7K3M9Q")
        assert orders.order_for(session, chat, written) is order

    def test_a_stranger_needs_a_contact_that_is_on_the_order(self, session: Session) -> None:
        order = make_order(session, number="SO45080", email="ada@example.org", phone="+442079460001")
        stranger = make_conversation(session)
        for contact in ("Ada@Example.org", "my mail is ada@example.org", "020 7946 0001"):
            assert orders.order_for(session, stranger, "so45080", contact) is order
        for contact in (None, "", "bob@example.org", "020 7946 0002", "ada", "@", "%"):
            with pytest.raises(OrderNotFound):
                orders.order_for(session, stranger, "SO45080", contact)

    def test_the_contacts_of_an_imported_order_are_those_of_its_customer(self, session: Session) -> None:
        order = make_order(session, number="SO1", customer=make_customer(session, email="li@example.org"))
        order.email = None
        assert orders.order_for(session, make_conversation(session), "SO1", "li@example.org") is order

    def test_an_order_without_contacts_is_found_by_nobody(self, session: Session) -> None:
        make_shop(session)
        make_order(session, number="SO1", email=None, phone=None)
        for contact in ("None", "", "null@example.org"):
            with pytest.raises(OrderNotFound):
                orders.order_for(session, make_conversation(session), "SO1", contact)

    def test_a_refusal_reads_the_same_whether_the_order_exists(self, session: Session) -> None:
        make_order(session, number="SC-AAAAAA")
        chat = make_conversation(session)
        sentences = set()
        for number in ("SC-AAAAAA", "SC-BBBBBB"):
            with pytest.raises(OrderNotFound) as refused:
                orders.order_for(session, chat, number, "bob@example.org")
            sentences.add(str(refused.value).replace(number, "N"))
        assert len(sentences) == 1

    def test_a_conversation_without_orders_has_none(self, session: Session) -> None:
        make_order(session)
        with pytest.raises(OrderNotFound):
            orders.order_for(session, make_conversation(session))


def test_delivery_is_estimated_in_the_working_days_of_the_shop(session: Session) -> None:
    shop = make_shop(session, delivery_days_min=2, delivery_days_max=4, timezone="Asia/Shanghai")
    order = make_order(session, placed_at=NOW.replace(hour=20))  # already the 24th in Shanghai
    assert [day.isoformat() for day in orders.estimated_delivery(order, shop)] == ["2026-11-26", "2026-11-30"]
