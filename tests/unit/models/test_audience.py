from __future__ import annotations

import pytest

from models.audience import is_for_children, suited, wants_for_child


@pytest.fixture
def helmets(make_item):
    return [
        make_item(name="Talon Trail", categories=("Helmets",)),
        make_item(name="Pebble Junior", categories=("Helmets",), attributes={"age": "3 to 9 years"}),
        make_item(name="Skipper", categories=("Helmets",), attributes={"age": "10 to 14 years"}),
    ]


@pytest.mark.parametrize(
    ("needs", "names"),
    [
        ({}, ["Talon Trail"]),
        ({"recipient": "wife"}, ["Talon Trail"]),
        ({"recipient": "daughter", "age": 7}, ["Pebble Junior"]),
        ({"age": 12}, ["Skipper"]),
        ({"age": 35}, ["Talon Trail"]),
        ({"recipient": "孩子"}, ["Pebble Junior", "Skipper"]),
    ],
)
def test_who_it_is_for_decides_the_kind_of_head(helmets, needs, names) -> None:
    assert [item.name for item in suited(helmets, needs)] == names


def test_where_nothing_is_for_them_everything_stays(helmets) -> None:
    assert suited(helmets[:1], {"age": 5}) == helmets[:1]
    assert suited(helmets[1:], {}) == helmets[1:]


def test_children_are_known_by_kind_or_age(make_item) -> None:
    assert is_for_children(make_item(categories=("Kids' Bikes", "Bikes")))
    assert not is_for_children(make_item(name="Kidney belt", categories=("Accessories",)))
    assert wants_for_child({"age": 8}) and not wants_for_child({"recipient": "daughter"})
