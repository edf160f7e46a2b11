from __future__ import annotations

import pytest

from models.needs import drop_field, is_specific, merge_needs, stated_fields


def test_wishes_of_later_messages_are_added():
    merged = merge_needs({"category": "Bikes", "budget": {"max": 500}}, {"attributes": {"color": ["Black"]}})
    assert merged == {"category": "Bikes", "budget": {"max": 500}, "attributes": {"color": ["Black"]}}


def test_the_last_word_on_a_thing_counts():
    merged = merge_needs({"attributes": {"color": ["Black"]}}, {"attributes": {"color": ["Silver"]}})
    assert merged == {"attributes": {"color": ["Silver"]}}


def test_what_is_refused_is_no_longer_wanted_and_the_other_way_round():
    refused = merge_needs({"attributes": {"color": ["Red"]}}, {"exclude": {"color": ["Red"]}})
    assert refused == {"exclude": {"color": ["Red"]}}
    assert merge_needs(refused, {"attributes": {"color": ["Red"]}}) == {"attributes": {"color": ["Red"]}}


def test_a_new_topic_keeps_only_whom_and_when_it_is_for():
    bike = {"category": "Bikes", "budget": {"max": 900}, "recipient": "daughter", "needed_by": "2026-12-24"}
    merged = merge_needs(bike, {"category": "Tents"})
    assert merged == {"category": "Tents", "recipient": "daughter", "needed_by": "2026-12-24"}


def test_a_narrower_category_is_the_same_topic():
    merged = merge_needs({"category": "Bikes", "budget": {"max": 900}}, {"category": "Road Bikes"}, ["Road Bikes"])
    assert merged == {"category": "Road Bikes", "budget": {"max": 900}}


@pytest.mark.parametrize(
    ("known", "new", "budget"),
    [
        ({"max": 500}, {"min": 100}, {"max": 500, "min": 100}),
        ({"max": 500}, {"min": 800}, {"min": 800}),
        ({"min": 400, "max": 600}, {"max": 300}, {"max": 300}),
    ],
)
def test_budgets_are_joined_while_they_agree(known, new, budget):
    assert merge_needs({"budget": known}, {"budget": new})["budget"] == budget


def test_merging_changes_neither_side():
    known, new = {"attributes": {"color": ["Red"]}}, {"exclude": {"color": ["Red"]}}
    merge_needs(known, new)
    assert (known, new) == ({"attributes": {"color": ["Red"]}}, {"exclude": {"color": ["Red"]}})


def test_one_attribute_can_be_dropped():
    assert drop_field({"attributes": {"color": ["Red"], "size": ["M"]}}, "attributes.color") == {
        "attributes": {"size": ["M"]}
    }
    assert drop_field({"attributes": {"color": ["Red"]}}, "attributes.color") == {}


def test_a_category_alone_is_not_specific():
    assert not is_specific({"category": "Bikes"})
    assert is_specific({"category": "Bikes", "exclude": {"color": ["Red"]}})
    assert is_specific({"product": "Kestrel 500"})
    assert stated_fields({"category": "Bikes", "budget": {"max": 1}}) == ["budget"]
