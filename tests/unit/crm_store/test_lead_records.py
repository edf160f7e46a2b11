from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from crm_store import conversations, leads
from crm_store.lead_records import lead_records
from crm_store.tables import LeadStage, OrderStatus
from tests.factories import make_conversation, make_customer, make_follow_up, make_lead, make_message, make_order

HOUR = timedelta(hours=1)


def test_a_lead_comes_with_all_that_happened_around_it(session: Session, now: datetime) -> None:
    customer = make_customer(session)
    make_order(session, customer=customer, placed_at=now - 9 * HOUR)
    make_order(session, customer=customer, placed_at=now - 8 * HOUR, status=OrderStatus.CANCELLED)
    chat = make_conversation(session)
    lead = make_lead(session, conversation=chat, customer_id=customer.id)
    message = make_message(session, chat)
    needs = {"category": "Helmets"}
    conversations.mark_handled(session, message, intent="state_need", confidence=0.9, needs=needs, mentions={})
    leads.log_touchpoint(session, kind="call", summary="", now=now + HOUR, lead=lead)
    make_follow_up(session, conversation=chat, lead_id=lead.id)
    conversations.request_handoff(session, chat, "asked", "", now)
    order = make_order(session, conversation=chat, customer=customer, placed_at=now + 2 * HOUR)
    leads.win(session, chat, order, now + 2 * HOUR)

    (record,) = lead_records(session)
    assert record.is_won and not record.is_open
    assert record.touchpoints == [("call", now + HOUR), ("order", now + 2 * HOUR)]
    assert [(said.intent, said.needs) for said in record.messages] == [("state_need", needs)]
    assert record.handoffs == [("asked", now)]
    assert (record.carts, record.promises) == ([now + 2 * HOUR], [now])
    assert [at for at, _ in record.orders] == [now - 9 * HOUR, now + 2 * HOUR]
    assert record.own_order_at == now + 2 * HOUR


def test_only_the_open_ones_when_asked_for(session: Session) -> None:
    open_lead = make_lead(session, stage=LeadStage.QUALIFIED)
    make_lead(session, stage=LeadStage.LOST)
    assert [record.id for record in lead_records(session, only_open=True)] == [open_lead.id]
    assert len(lead_records(session)) == 2


def test_an_empty_store_has_none(session: Session) -> None:
    assert lead_records(session) == []
