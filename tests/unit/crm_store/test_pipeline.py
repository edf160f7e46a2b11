"""Leads, quotes and promises."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from crm_store import carts, followups, leads
from crm_store.customers import bought_codes, customer_summary, find_customer, find_named
from crm_store.errors import CartEmpty, LeadNotFound
from crm_store.quotes import draft_quote
from crm_store.tables import FollowUpStatus, Lead, LeadStage, OpportunityStage, OrderStatus, Touchpoint
from tests.factories import (
    NOW,
    make_conversation,
    make_customer,
    make_follow_up,
    make_lead,
    make_order,
    make_product,
)


class TestLeads:
    def test_a_conversation_has_one_lead_whose_wants_add_up(self, session: Session) -> None:
        chat = make_conversation(session, source="autumn campaign")
        leads.capture_lead(session, chat, wants={"category": "Mountain Bikes", "attributes": {"size": ["M"]}}, now=NOW)
        lead = leads.capture_lead(
            session,
            chat,
            wants={
                "attributes": {"color": ["Black"]},
                "exclude": {"brand": ["Litware"]},
                "budget": {"max": 2000.0, "currency": "USD"},
                "use": "weekend trails",
            },
            now=NOW,
        )
        assert session.scalar(select(func.count(Lead.id))) == 1
        assert lead.source == "autumn campaign"
        assert lead.wants["attributes"] == {"size": ["M"], "color": ["Black"]}
        assert lead.summary == ("Wants Mountain Bikes, M, Black, up to 2000 USD, for weekend trails; not Litware.")

    def test_without_a_source_the_channel_is_where_it_came_from(self, session: Session) -> None:
        lead = leads.capture_lead(session, make_conversation(session), wants={}, now=NOW)
        assert (lead.source, lead.summary, lead.stage) == ("web", "", LeadStage.NEW)

    def test_a_later_contact_keeps_the_earlier_ones(self, session: Session) -> None:
        chat = make_conversation(session)
        leads.add_contact(session, chat, name="Ada", email="ada@example.org", now=NOW)
        lead = leads.add_contact(session, chat, phone="+442079460001", now=NOW)
        assert (lead.name, lead.email, lead.phone) == ("Ada", "ada@example.org", "+442079460001")
        assert leads.lead_of(session, chat.id) is lead

    def test_a_contact_points_a_rep_to_the_customer_but_gives_the_chat_nothing(self, session: Session) -> None:
        customer = make_customer(session, email="ada@example.org")
        chat = make_conversation(session)
        assert leads.add_contact(session, chat, email="ada@example.org", now=NOW).customer_id == customer.id
        assert chat.customer_id is None

    def test_open_leads_are_those_not_settled(self, session: Session) -> None:
        old = make_lead(session)
        new = make_lead(session, updated_at=NOW + timedelta(hours=1))
        make_lead(session, stage=LeadStage.LOST)
        assert list(leads.open_leads(session)) == [new, old]
        leads.move_stage(session, old.id, LeadStage.CONVERTED, NOW)
        assert list(leads.open_leads(session)) == [new]

    def test_a_lead_that_does_not_exist_cannot_move(self, session: Session) -> None:
        with pytest.raises(LeadNotFound, match="no lead 7"):
            leads.move_stage(session, 7, LeadStage.LOST, NOW)

    def test_a_growing_cart_is_one_opportunity(self, session: Session) -> None:
        chat = make_conversation(session)
        first = leads.record_opportunity(session, chat, Decimal("10.00"), "USD", NOW)
        again = leads.record_opportunity(session, chat, Decimal("20.00"), "USD", NOW)
        assert (again.id, again.amount, again.stage) == (first.id, Decimal("20.00"), OpportunityStage.OPEN)

    def test_a_touchpoint_finds_its_customer_by_the_lead(self, session: Session) -> None:
        customer = make_customer(session)
        lead = make_lead(session, customer_id=customer.id)
        call = leads.log_touchpoint(session, kind="call", summary="rang", now=NOW, lead=lead, rep_name="Sam")
        assert (call.customer_id, call.rep_name) == (customer.id, "Sam")


class TestQuotes:
    def test_a_quote_promises_the_cart_for_some_days(self, session: Session) -> None:
        make_product(session, variants=[{"sku": "A", "price": Decimal("30.00")}])
        chat = make_conversation(session)
        carts.add(session, chat.id, "A", 2, NOW)
        quote = draft_quote(session, chat, NOW)
        assert quote.total == Decimal("65.90")
        assert quote.valid_until == NOW + timedelta(days=14)
        assert [(line.quantity, line.unit_price) for line in quote.lines] == [(2, Decimal("30.00"))]
        opportunity = leads.record_opportunity(session, chat, quote.total, "USD", NOW)
        assert (opportunity.stage, opportunity.quote_id) == (OpportunityStage.QUOTED, quote.id)
        assert [item.kind for item in session.scalars(select(Touchpoint))] == ["quote"]

    def test_an_empty_cart_has_no_quote(self, session: Session) -> None:
        make_product(session)
        with pytest.raises(CartEmpty):
            draft_quote(session, make_conversation(session), NOW)


class TestFollowUps:
    def test_the_same_message_books_one_call(self, session: Session) -> None:
        chat = make_conversation(session)
        promise = {
            "kind": "call",
            "due_at": NOW + timedelta(days=1),
            "grain": "afternoon",
            "timezone": "Europe/London",
            "contact": "+442079460001",
            "note": "about the bike",
            "idempotency_key": "m1",
            "now": NOW,
        }
        first = followups.book(session, chat, **promise)
        assert followups.book(session, chat, **promise).id == first.id
        assert followups.planned(session, chat.id) == [first]

    def test_a_promise_belongs_to_the_lead_of_the_chat(self, session: Session) -> None:
        chat = make_conversation(session)
        lead = make_lead(session, conversation=chat)
        promise = followups.book(
            session, chat, kind="call", due_at=NOW, grain="hour", timezone="UTC", contact=None, note="",
            idempotency_key=None, now=NOW,
        )  # fmt: skip
        assert promise.lead_id == lead.id

    def test_a_promise_is_moved_and_dropped(self, session: Session) -> None:
        chat = make_conversation(session)
        promise = make_follow_up(session, conversation=chat)
        followups.move(session, promise, NOW + timedelta(days=3), "day")
        assert (promise.due_at, promise.grain) == (NOW + timedelta(days=3), "day")
        followups.cancel(session, promise)
        assert followups.planned(session, chat.id) == []

    def test_only_what_is_planned_and_past_its_time_is_due(self, session: Session) -> None:
        due = make_follow_up(session, due_at=NOW)
        make_follow_up(session, due_at=NOW + timedelta(seconds=1))
        make_follow_up(session, due_at=NOW, status=FollowUpStatus.CANCELLED)
        assert list(followups.due_followups(session, NOW)) == [due]

    def test_a_rep_sees_what_is_theirs(self, session: Session) -> None:
        mine = make_follow_up(session, due_at=NOW, lead_id=make_lead(session, assigned_to="Sam").id)
        make_follow_up(session, due_at=NOW, lead_id=make_lead(session, assigned_to="Kim").id)
        assert list(followups.due_followups(session, NOW, rep="Sam")) == [mine]


class TestCustomers:
    def test_a_customer_is_found_by_mail_in_any_case_or_by_phone(self, session: Session) -> None:
        ada = make_customer(session, email="Ada@Example.org", phone="+442079460001")
        assert find_customer(session, email="ada@example.ORG") is ada
        assert find_customer(session, email="nobody@example.org", phone="+442079460001") is ada
        assert find_customer(session) is None
        assert find_customer(session, email="", phone="") is None

    @pytest.mark.parametrize(
        "said",
        ["summary of ada okafor please", "what about ada@example.org", "customer 11000?", "call 020 7946 0001"],
    )
    def test_a_rep_names_a_customer_as_they_like(self, session: Session, said: str) -> None:
        ada = make_customer(session, email="ada@example.org", phone="+442079460001", external_id="11000")
        make_customer(session, name="李雷")
        assert find_named(session, said, "GB") is ada

    def test_a_chinese_name_is_found_in_a_sentence(self, session: Session) -> None:
        li = make_customer(session, name="李雷")
        assert find_named(session, "请看一下李雷的订单", "CN") is li

    def test_a_name_that_two_share_names_nobody(self, session: Session) -> None:
        for _ in range(2):
            make_customer(session, name="Ada Okafor")
        assert find_named(session, "ada okafor", "GB") is None

    def test_a_summary_counts_what_was_not_cancelled(self, session: Session) -> None:
        ada = make_customer(session)
        variant = make_product(session, code="RIDGE").variants[0]
        make_order(session, customer=ada, lines=[(variant, 2)])
        make_order(session, customer=ada, status=OrderStatus.CANCELLED)
        make_lead(session, customer_id=ada.id)
        make_follow_up(session, customer_id=ada.id)
        summary = customer_summary(session, ada.id)
        assert (summary["orders"], summary["spend"], summary["last_order"]) == (1, Decimal("200.00"), NOW)
        assert (summary["open_leads"], summary["follow_ups"]) == (1, 1)
        assert bought_codes(session, ada.id) == {"RIDGE"}
