from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from crm_store.lead_records import LeadRecord, Said
from crm_store.tables import LeadStage
from models.leads.features import lead_features, lead_table, seen_at, settled_at
from models.leads.words import SUBJECTS, lead_factors, strongest

DAY = timedelta(days=1)


@pytest.fixture
def make_record(now: datetime):
    def make(**columns: Any) -> LeadRecord:
        usual: dict[str, Any] = dict.fromkeys(
            ("name", "email", "phone", "assigned_to", "customer_id", "conversation_id")
        )
        usual |= {"id": 1, "stage": LeadStage.NEW, "source": "web", "wants": {}, "summary": ""}
        return LeadRecord(**{**usual, "created_at": now - 9 * DAY, "updated_at": now - 9 * DAY, **columns})

    return make


def test_a_won_lead_is_looked_at_before_it_began_to_order(make_record: Any, now: datetime) -> None:
    said = [
        Said("state_need", {"category": "Tents"}, now - 9 * DAY),
        Said("place_order", {"quantity": 2}, now - 8 * DAY),
        Said("give_contact_details", {}, now - 8 * DAY + timedelta(minutes=1)),
    ]
    ordered = now - 8 * DAY + timedelta(minutes=2)
    record = make_record(
        stage=LeadStage.CONVERTED, messages=said, own_order_at=ordered, updated_at=now, phone="+441", email="a@b.c",
        orders=[(ordered - 300 * DAY, 20.0), (ordered, 50.0)], touchpoints=[("order", ordered)], carts=[now - 9 * DAY],
    )  # fmt: skip
    assert settled_at(record) == ordered and seen_at(record, now) == now - 8 * DAY
    features = lead_features(record, seen_at(record, now))
    assert features["category"] == "Tents" and features["messages"] == 1
    assert (features["phone"], features["e-mail"], features["bought before"]) == ("no", "no", "no")
    assert (features["quantity named"], features["has a cart"]) == ("no", "yes")


def test_what_a_customer_bought_before_counts_and_the_order_of_the_lead_does_not(
    make_record: Any, now: datetime
) -> None:
    record = make_record(
        stage=LeadStage.CONVERTED, updated_at=now - DAY, orders=[(now - 99 * DAY, 30.0), (now - DAY, 80.0)]
    )
    features = lead_features(record, seen_at(record, now))
    assert (features["orders before"], features["spent before"]) == (1, 30.0)


def test_calls_after_the_moment_or_after_the_first_month_do_not_count(make_record: Any, now: datetime) -> None:
    record = make_record(created_at=now - 50 * DAY, touchpoints=[("call", now - 10 * DAY)])
    assert lead_table([record], now)["called"].tolist() == ["no"]
    assert lead_features(record, now)["called"] == "yes"
    assert lead_features(record, now - 11 * DAY)["called"] == "no"


def test_an_address_without_a_chat_is_not_known_to_have_been_given_first(make_record: Any, now: datetime) -> None:
    features = lead_features(make_record(email="a@b.c", phone="+441"), now)
    assert (features["e-mail"], features["phone"]) == (None, "yes")


def test_every_feature_has_words_of_its_own(make_record: Any, now: datetime) -> None:
    features = lead_features(make_record(), now)
    assert sorted(column for columns, _ in SUBJECTS for column in columns) == sorted(features)
    said = [factor.words for factor in lead_factors(features, dict.fromkeys(features, 1.0))]
    assert len(set(said)) == len(SUBJECTS)
    assert {"came by web", "no phone number", "no budget named", "has not bought before"} <= set(said)


def test_factors_are_told_by_strength_and_sign(make_record: Any, now: datetime) -> None:
    features = lead_features(make_record(phone="+441", wants={"budget": {"max": 500}}), now)
    effects = {"phone": 0.4, "budget": 0.3, "budget named": 0.4, "called": -0.9, "source": 0.01}
    for_it, against = strongest(lead_factors(features, effects))
    assert [str(factor) for factor in for_it] == ["named a budget of 500 (+)", "gave a phone number (+)"]
    assert [str(factor) for factor in against] == ["not called yet (-)"]
